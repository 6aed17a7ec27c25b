import { randomBytes } from "node:crypto";
import { Flags } from "@oclif/core";
import type * as Engine from "../../engine/index.ts";
import { now, state, timeOf } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";
import { progressOn } from "./audit/shared.ts";

export default class Evidence extends PhiwardCommand<typeof Evidence> {
  static override summary = "Everything that an auditor asks, in one folder.";
  static override description =
    "Pages that open in any browser, the records of the period as they stand in the chain, tables for spreadsheets, the grant registry, the history of access and policies, and a verifier that needs nothing but Node.js. For 45 CFR §164.312, §164.308 and §164.502(b), each with what the rule requires, what this deployment did, and what the evidence does not show. The export is recorded in the log. Exit code 3: the log is not what was written; the folder says where.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --from 2026-10-01 --to 2026-12-31 --config engine.yaml --output evidence-2026-Q4",
    "<%= config.bin %> <%= command.id %> --period 2026-Q4 --state ./state --dir . --no-records --output evidence",
  ];
  static override flags = {
    output: Flags.string({
      description: "the folder to write; it must not be there yet",
      helpValue: "FOLDER",
      required: true,
      helpGroup: "OUTPUT",
    }),
    period: Flags.string({
      description: "a month or a quarter",
      helpValue: "2026-10|2026-Q4",
      exclusive: ["from", "to"],
    }),
    from: Flags.string({ description: "the first day", helpValue: "DAY", dependsOn: ["to"] }),
    to: Flags.string({ description: "the last day", helpValue: "DAY", dependsOn: ["from"] }),
    config: Flags.string({
      description:
        "the gateway's engine.yaml: names the state folder, the settings in force, and whom to trust for releases",
      helpValue: "FILE",
    }),
    state,
    dir: Flags.string({
      description: "policies from this folder, instead of the release that runs",
      helpValue: "DIR",
    }),
    records: Flags.boolean({
      description: "put the records themselves into the folder",
      default: true,
      allowNo: true,
    }),
    by: Flags.string({
      description: "who makes it, for the audit log, such as person:m.chen",
      helpValue: "WHO",
    }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const config = flags.config === undefined ? undefined : engine.readHostConfig(flags.config);
    const folder = config?.state ?? flags.state;
    const period = periodOf(engine, flags);
    const { log } = engine.auditState(folder);
    const indexing = progressOn("indexing the log");
    const index = engine.freshIndex(log, indexing.tell);
    indexing.done();
    const reading = progressOn("reading the period");
    const evidence = await engine
      .writeEvidence({
        state: folder,
        index,
        period,
        now: timeOf(engine, flags.now, host),
        output: flags.output,
        tree: flags.dir === undefined ? undefined : host.folder(flags.dir),
        config,
        records: flags.records,
        onProgress: reading.tell,
      })
      .finally(() => index.close());
    reading.done();
    const recorded = await engine.recordExport(folder, evidence, {
      by: flags.by,
      now: () => host.now(),
      random: (bytes) => randomBytes(bytes),
      checkpointKey: config?.checkpointKey,
    });
    const whole = evidence.facts.chain.verification.verdict === "whole";
    return {
      exit: whole ? EXIT.YES : EXIT.UNTRUSTED,
      wrote: true,
      text: (paint) => engine.evidenceText(evidence, recorded, paint),
      json: engine.evidenceJson(evidence, recorded),
    };
  }
}

function periodOf(
  engine: typeof Engine,
  flags: {
    readonly period?: string | undefined;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
  },
): Engine.review.Period {
  if (flags.period !== undefined) return engine.review.parsePeriod(flags.period);
  if (flags.from !== undefined && flags.to !== undefined) {
    return engine.review.periodBetween(flags.from, flags.to);
  }
  throw new engine.PhiwardError("USAGE", "for which period?", {
    help: "write --period 2026-Q4, or --from and --to with the first and the last day",
  });
}
