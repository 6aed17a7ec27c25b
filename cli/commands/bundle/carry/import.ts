import { Args, Flags } from "@oclif/core";
import { now, timeOf } from "../../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../../base-command.ts";
import { EXIT } from "../../../exit.ts";
import { textOf, trustOf } from "../../../release.ts";

export default class BundleCarryImport extends PhiwardCommand<typeof BundleCarryImport> {
  static override summary = "Verify a release that was carried here, and unpack it to a folder.";
  static override description =
    "Makes every check that an engine makes; what does not pass is not unpacked. An engine takes the folder as one of its sources.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> ehr-12.carry.json --trust trust.json --to /var/lib/phiward/inbox",
  ];
  static override args = {
    file: Args.string({ description: "the carried file", required: true }),
  };
  static override flags = {
    trust: Flags.string({ description: "what is trusted", helpValue: "FILE", required: true }),
    to: Flags.string({ description: "the folder to write", helpValue: "DIR", required: true }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, args, host } = this;
    const { readCarried, releaseContents, verifyRead, writeFolder } = engine.bundle;
    const trust = await trustOf(engine, flags.trust);
    const at = timeOf(engine, flags.now, host);
    const read = () => readCarried(args.file);
    const { verification, files } = await verifyRead(read, { trust, now: at });
    if (verification.release !== undefined && files !== undefined) {
      const contents = [...releaseContents(files)];
      writeFolder(
        flags.to,
        Object.fromEntries(contents.map(([path, bytes]) => [path, textOf(bytes)])),
      );
    }
    return {
      exit: verification.verdict === "trusted" ? EXIT.YES : EXIT.UNTRUSTED,
      text: (paint) => engine.releaseVerifyText(verification, paint),
      json: engine.releaseVerifyJson(verification),
    };
  }
}
