import { writeFile } from "node:fs/promises";
import { Args, Flags } from "@oclif/core";
import { now, timeOf } from "../../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../../base-command.ts";
import { EXIT } from "../../../exit.ts";
import { trustOf } from "../../../release.ts";

export default class BundleCarryExport extends PhiwardCommand<typeof BundleCarryExport> {
  static override summary =
    "Write a release to one file, to carry it to a machine without network.";
  static override description =
    "The file holds the bundle, its signatures, every root, the newest heartbeat and the emergency stops. It is verified before it is written, and again where it arrives: whoever carries it need not be trusted.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> https://git.example.org/policies.git --trust trust.json --output ehr-12.carry.json",
  ];
  static override args = {
    source: Args.string({ description: "a Git repository, or a release's folder", required: true }),
  };
  static override flags = {
    trust: Flags.string({ description: "what is trusted", helpValue: "FILE", required: true }),
    output: Flags.string({ description: "the file to write", helpValue: "FILE", required: true }),
    release: Flags.integer({
      description: "an older release, by its version",
      helpValue: "VERSION",
      min: 1,
    }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, args, host } = this;
    const trust = await trustOf(engine, flags.trust);
    const files = await engine.bundle.readSource(args.source, flags.release);
    const at = timeOf(engine, flags.now, host);
    const verification = await engine.bundle.verifyRelease(files, { trust, now: at });
    const { release } = verification;
    if (release === undefined) {
      return {
        exit: EXIT.UNTRUSTED,
        wrote: true,
        text: (paint) => engine.releaseVerifyText(verification, paint),
        json: engine.releaseVerifyJson(verification),
      };
    }
    const text = engine.bundle.writeCarry(files);
    await writeFile(flags.output, text).catch((error) => {
      throw engine.unreadable(flags.output, error);
    });
    const { version } = release.predicate;
    const carried = { version, file: flags.output, bytes: Buffer.byteLength(text) };
    return {
      exit: EXIT.YES,
      wrote: true,
      text: (paint) => engine.carriedText(carried, paint),
      json: engine.carriedJson(carried),
    };
  }
}
