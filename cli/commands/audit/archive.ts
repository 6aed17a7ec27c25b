import { randomBytes } from "node:crypto";
import { Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { state, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { by } from "../token/flags.ts";

export default class AuditArchive extends PhiwardCommand<typeof AuditArchive> {
  static override summary = "Copy the oldest part of the log to an archive that is verified alone.";
  static override description =
    "Copies whole segments with the checkpoints that speak of them, the public key, and a signed manifest, and verifies the copy. With --remove they leave the log, after a record in the chain says which ones and where they are; `audit verify` then knows a beginning that was archived from one that was taken away. A gateway may be running. How long raw logs are kept is the deployment's decision: 45 CFR 164.316(b)(2)(i) asks six years of required documentation, and does not name raw logs.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --to /mnt/archive/2026 --before 2026-01-01",
    "<%= config.bin %> <%= command.id %> --to /mnt/archive/2020 --keep 6y --remove --by person:m.chen",
    "<%= config.bin %> audit verify /mnt/archive/2020 --public-key gw-1.pub",
  ];
  static override flags = {
    to: Flags.string({ description: "a new folder", helpValue: "DIR", required: true }),
    before: Flags.string({
      description: "only what is older than this day or time",
      helpValue: "TIME",
      exclusive: ["keep"],
    }),
    keep: Flags.string({
      description: "only what is older than so many years; 6y when neither is given",
      helpValue: "YEARS",
    }),
    remove: Flags.boolean({ description: "remove from the log what was archived" }),
    "checkpoint-key": Flags.string({
      description: "the log's checkpoint key, where it is not in the state folder",
      helpValue: "FILE",
    }),
    by,
    state,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const report = await engine.archiveLog({
      state: flags.state,
      to: flags.to,
      before: cutoff(engine, flags, host),
      remove: flags.remove,
      by: flags.by,
      checkpointKey: flags["checkpoint-key"],
      now: host.now,
      random: randomBytes,
    });
    return {
      exit: EXIT.YES,
      text: (paint) => engine.archiveText(report, paint),
      json: engine.archiveJson(report),
    };
  }
}

function cutoff(
  engine: typeof Engine,
  {
    before,
    keep = "6y",
  }: { readonly before?: string | undefined; readonly keep?: string | undefined },
  host: Engine.Host,
): number {
  if (before !== undefined) return timeOf(engine, before, host);
  const years = /^([1-9][0-9]?)y$/.exec(keep)?.[1];
  if (years === undefined) {
    throw new engine.PhiwardError("USAGE", `\`${keep.slice(0, 60)}\` is no number of years`, {
      help: "write it like 6y, or name a day with --before",
    });
  }
  const day = new Date(host.now());
  return day.setUTCFullYear(day.getUTCFullYear() - Number(years));
}
