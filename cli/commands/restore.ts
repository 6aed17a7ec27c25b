import { randomBytes } from "node:crypto";
import { Flags } from "@oclif/core";
import { readText, state } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";
import { by } from "./token/flags.ts";

export default class Restore extends PhiwardCommand<typeof Restore> {
  static override summary = "Make a state folder of a backup.";
  static override description =
    "Checks the backup's signature, every file and the log before anything is written, and refuses a state folder that is in use. What happened after the backup is not in it, so all tokens are revoked and all emergency openings closed, and a gateway on it denies patient data until a source of releases has answered. The log goes on only where checkpoints that were kept elsewhere (--checkpoint) show that nothing is lost; otherwise the old one is put away whole, and a new chain begins.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --from /mnt/backup/2026-11-24 --state /var/lib/phiward --public-key gw-1.pub --checkpoint kept/checkpoints.notes --by person:s.hale",
  ];
  static override flags = {
    from: Flags.string({
      description: "the folder that `backup` made",
      helpValue: "DIR",
      required: true,
    }),
    "public-key": Flags.string({
      description: "Ed25519 public key (PEM) of the log; may be given several times",
      helpValue: "FILE",
      multiple: true,
    }),
    checkpoint: Flags.string({
      description: "checkpoints that were kept elsewhere; may be given several times",
      helpValue: "FILE",
      multiple: true,
    }),
    "trust-tokens": Flags.boolean({
      description: "keep tokens that the backup does not know to be revoked",
      dependsOn: ["public-key"],
    }),
    by,
    state,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const read = (paths: readonly string[]) =>
      Promise.all(paths.map(async (name) => ({ name, text: await readText(engine, name) })));
    const given = await read(flags["public-key"] ?? []);
    const notes = await read(flags.checkpoint ?? []);
    const report = await engine.restoreState({
      from: flags.from,
      state: flags.state,
      keys: given.map(({ name, text }) => engine.publicKey(name, text)),
      kept: notes.map(({ name, text }) => ({ name, notes: engine.splitNotes(text) })),
      trustTokens: flags["trust-tokens"],
      by: flags.by,
      now: host.now,
      random: randomBytes,
    });
    return {
      exit: EXIT.YES,
      text: (paint) => engine.restoreText(report, paint),
      json: engine.restoreJson(report),
    };
  }
}
