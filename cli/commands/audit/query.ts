import { Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { from, periodOf, to, withIndex } from "./shared.ts";

const KINDS = ["decision", "outcome", "rejected", "admin", "policy", "checkpoint"] as const;
const MAX_LIMIT = 10_000;

export default class AuditQuery extends PhiwardCommand<typeof AuditQuery> {
  static override summary =
    "What was done, denied or changed: records of the audit log, newest first.";
  static override description =
    "Every record that is shown was read from the log itself and fits its hash. An allowed call carries what became of it. Exit code 3: the log is not what was written.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --principal agent:lookup-bot-3 --from 2026-10-01 --to 2026-10-31",
    "<%= config.bin %> <%= command.id %> --verdict deny --tool fhir_search --format csv --output denied.csv",
    "<%= config.bin %> <%= command.id %> --kind rejected --limit 100 --format jsonl",
  ];
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "jsonl", "csv"),
    principal: Flags.string({ description: "only of this principal", helpValue: "ID" }),
    grant: Flags.string({ description: "only of this grant", helpValue: "ID" }),
    server: Flags.string({ description: "only to this server", helpValue: "ID" }),
    tool: Flags.string({ description: "only of this tool", helpValue: "NAME" }),
    verdict: Flags.option({
      description: "only calls that were",
      options: ["allow", "deny"] as const,
    })(),
    rule: Flags.string({
      description:
        "only decided by this rule, such as (expired), or by rules of this code, such as deny_if",
      helpValue: "RULE",
    }),
    kind: Flags.option({ description: "only records of this kind", options: KINDS })(),
    from,
    to,
    limit: Flags.integer({ description: "records in a page", default: 50, min: 1, max: MAX_LIMIT }),
    after: Flags.string({
      description: "the page after this one: `next` of the answer before",
      helpValue: "CURSOR",
    }),
    state,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const { principal, grant, server, tool, verdict, rule, kind, limit } = flags;
    const { log } = engine.auditState(flags.state);
    const period = periodOf(engine, flags, this.host);
    const filter = { principal, grant, server, tool, verdict, rule, kind, ...period };
    const after = cursorOf(engine, flags.after);
    return withIndex(engine, log, (index, report) => {
      const page = engine.query(log, index, filter, { limit, after });
      return {
        exit: page.problems.length === 0 ? EXIT.YES : EXIT.UNTRUSTED,
        text: (paint) => {
          if (flags.format === "csv") return engine.queryCsv(page);
          return flags.format === "jsonl"
            ? engine.queryJsonLines(page)
            : engine.queryText(page, paint);
        },
        json: engine.queryJson(page, report),
      };
    });
  }
}

function cursorOf(engine: typeof Engine, text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9][0-9]{0,15}$/.test(text)) {
    return text === undefined ? undefined : Number(text);
  }
  throw new engine.PhiwardError("USAGE", `\`${text.slice(0, 60)}\` is no cursor`, {
    help: "take `next` of the answer before",
  });
}
