import { randomBytes } from "node:crypto";
import { Flags } from "@oclif/core";
import { state } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";
import { by } from "./token/flags.ts";

export default class Backup extends PhiwardCommand<typeof Backup> {
  static override summary = "Copy the state folder of a gateway, while it runs.";
  static override description =
    "The audit log with its checkpoints, tokens (their hashes), bars, emergency openings, and the releases that ran, each as it is at one moment, with a signed manifest. The copy of the log is verified. Keys stay out of it unless --keys is given: with them whoever has the backup can sign checkpoints, and find out which patient a pseudonym is. Tokens and openings of several gateways are in their database, which has backups of its own.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --state /var/lib/phiward --to /mnt/backup/2026-11-24",
  ];
  static override flags = {
    to: Flags.string({ description: "a new folder", helpValue: "DIR", required: true }),
    keys: Flags.boolean({ description: "copy the keys too" }),
    "checkpoint-key": Flags.string({
      description: "the log's checkpoint key, where it is not in the state folder",
      helpValue: "FILE",
    }),
    by,
    state,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const report = await engine.backUp({
      state: flags.state,
      to: flags.to,
      keys: flags.keys,
      by: flags.by,
      checkpointKey: flags["checkpoint-key"],
      now: host.now,
      random: randomBytes,
    });
    return {
      exit: EXIT.YES,
      text: (paint) => engine.backupText(report, paint),
      json: engine.backupJson(report),
    };
  }
}
