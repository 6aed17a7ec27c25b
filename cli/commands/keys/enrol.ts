import { Flags } from "@oclif/core";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";

export default class KeysEnrol extends PhiwardCommand<typeof KeysEnrol> {
  static override summary = "Show the id of a key that is to sign, or make one for a machine.";
  static override description =
    "A person signs with the SSH key that they have. Its id is compared with its owner before it goes into a root: by telephone, say, and not by the mail that brought the key.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --key ~/.ssh/id_ed25519.pub",
    "<%= config.bin %> <%= command.id %> --new builder.key",
  ];
  static override flags = {
    key: Flags.string({ description: "public key of a person", helpValue: "FILE" }),
    new: Flags.string({
      description: "make a machine's key here, and its public key beside it",
      helpValue: "FILE",
      exclusive: ["key"],
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const { newMachineKey, readPublicKey } = engine.bundle;
    if (flags.key === undefined && flags.new === undefined) {
      throw new engine.PhiwardError("USAGE", "which key is meant?", {
        help: "name one with --key FILE, or make one with --new FILE",
      });
    }
    const key = flags.new === undefined ? readPublicKey(flags.key!) : newMachineKey(flags.new);
    return { exit: EXIT.YES, text: () => engine.keyText(key), json: engine.keyJson(key) };
  }
}
