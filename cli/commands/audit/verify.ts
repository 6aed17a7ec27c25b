import { Flags } from "@oclif/core";
import { readText, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { progressOn } from "./shared.ts";

export default class AuditVerify extends PhiwardCommand<typeof AuditVerify> {
  static override summary =
    "Is the audit log whole? Every record, the chain, and the signed checkpoints.";
  static override description =
    "Reads the log once and says where it was edited, cut, reordered or spliced. What is needed to trust the answer does not come from the machine that wrote the log: its public key, and checkpoints that were kept elsewhere. Exit code 3: broken.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --public-key gw-1.pub --checkpoint kept/checkpoints.notes",
  ];
  static override flags = {
    "public-key": Flags.string({
      description: "Ed25519 public key (PEM) of the checkpoints; may be given several times",
      helpValue: "FILE",
      multiple: true,
    }),
    checkpoint: Flags.string({
      description: "checkpoints that were kept elsewhere; may be given several times",
      helpValue: "FILE",
      multiple: true,
    }),
    state,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const folders = engine.auditState(flags.state);
    const given = await this.#read(flags["public-key"] ?? []);
    const own = given.length === 0 ? engine.ownPublicKey(folders) : undefined;
    const keys =
      own === undefined ? given.map(({ name, text }) => engine.publicKey(name, text)) : [own];
    const source = given.length > 0 ? "given" : own === undefined ? "none" : "own";
    const kept = (await this.#read(flags.checkpoint ?? [])).map(({ name, text }) => ({
      name,
      notes: engine.splitNotes(text),
    }));
    const progress = progressOn("verifying");
    const verification = engine.verifyLog(folders.log, { keys, kept, onProgress: progress.tell });
    progress.done();
    return {
      exit: verification.verdict === "whole" ? EXIT.YES : EXIT.UNTRUSTED,
      text: (paint) => engine.verifyText(verification, source, paint),
      json: engine.verifyJson(verification, source),
    };
  }

  async #read(
    paths: readonly string[],
  ): Promise<{ readonly name: string; readonly text: string }[]> {
    return await Promise.all(
      paths.map(async (name) => ({ name, text: await readText(this.engine, name) })),
    );
  }
}
