import { Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import type { StoreSettings } from "../../../engine/postgres/index.ts";
import { state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { placeOf, storeFlags } from "../../store.ts";
import { archive, filters, periodOf, withIndex } from "./shared.ts";

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
    ...filters,
    limit: Flags.integer({ description: "records in a page", default: 50, min: 1, max: MAX_LIMIT }),
    after: Flags.string({
      description: "the page after this one: `next` of the answer before",
      helpValue: "CURSOR",
    }),
    archive,
    state,
    ...storeFlags,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const { principal, grant, server, tool, verdict, rule, kind, limit } = flags;
    const period = periodOf(engine, flags, this.host);
    const filter = { principal, grant, server, tool, verdict, rule, kind, ...period };
    const { state, store } = await placeOf(flags, this.host);
    if (store !== undefined) return await this.#onAll(store, filter);
    const { log } = engine.auditState(flags.archive ?? state);
    const after = cursorOf(engine, flags.after);
    return withIndex(engine, log, (index, report) =>
      this.#told(engine.query(log, index, filter, { limit, after }), report),
    );
  }

  async #onAll(store: StoreSettings, filter: Engine.Filter): Promise<Answer> {
    const { limit, after } = this.flags;
    const { queryAll, recordsIn, withClient } = await import("../../../engine/postgres/index.ts");
    return await withClient(store, async (client) => {
      const page = await queryAll(client, filter, { limit, after });
      return this.#told(page, { records: await recordsIn(client), lag: 0 });
    });
  }

  #told(page: Engine.AnyPage, report: Engine.IndexReport): Answer {
    const { engine, flags } = this;
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
