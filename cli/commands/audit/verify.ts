import { Args, Flags } from "@oclif/core";
import type { StoreSettings } from "../../../engine/postgres/index.ts";
import { readText, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { placeOf, storeFlags } from "../../store.ts";
import { progressOn } from "./shared.ts";

export default class AuditVerify extends PhiwardCommand<typeof AuditVerify> {
  static override summary =
    "Is the audit log whole? Every record, the chain, and the signed checkpoints.";
  static override description =
    "Reads the log once and says where it was edited, cut, reordered or spliced. What is needed to trust the answer does not come from the machine that wrote the log: its public key, and checkpoints that were kept elsewhere. Exit code 3: broken.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --public-key gw-1.pub --checkpoint kept/checkpoints.notes",
    "<%= config.bin %> <%= command.id %> /mnt/archive/2026 --public-key gw-1.pub",
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
    ...storeFlags,
  };
  static override args = {
    archive: Args.string({
      description: "an archive that `audit archive` made, in place of --state",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const { state, store } = await placeOf(flags, this.host);
    if (store !== undefined) return await this.#store(store);
    const folder = this.args.archive ?? state;
    const folders = engine.auditState(folder);
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
    const options = { keys, kept, onProgress: progress.tell };
    const verification = engine.isArchive(folder)
      ? await engine.verifyArchive(folder, options)
      : engine.verifyLog(folders.log, options);
    progress.done();
    return {
      exit: verification.verdict === "whole" ? EXIT.YES : EXIT.UNTRUSTED,
      text: (paint) => engine.verifyText(verification, source, paint),
      json: engine.verifyJson(verification, source),
    };
  }

  /** The chains of all nodes, and what they say of one another. */
  async #store(store: StoreSettings): Promise<Answer> {
    const { engine, flags } = this;
    const { checkVersion, verifyStore, withClient } = await import(
      "../../../engine/postgres/index.ts"
    );
    const given = await this.#read(flags["public-key"] ?? []);
    const keys = given.map(({ name, text }) => engine.publicKey(name, text));
    const progress = progressOn("verifying");
    const found = await withClient(store, async (client) => {
      await checkVersion(client);
      return await verifyStore(client, { keys, onProgress: progress.tell });
    });
    progress.done();
    const source = keys.length > 0 ? "given" : "stored";
    return {
      exit: found.verdict === "whole" ? EXIT.YES : EXIT.UNTRUSTED,
      text: (paint) => engine.storeVerifyText(found, source, paint),
      json: engine.storeVerifyJson(found, source),
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
