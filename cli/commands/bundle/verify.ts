import { Args, Flags } from "@oclif/core";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { trustOf } from "../../release.ts";

export default class BundleVerify extends PhiwardCommand<typeof BundleVerify> {
  static override summary = "Is this release to be believed? Every check, and who signed.";
  static override description =
    "Makes the checks that an engine makes before it runs a release. Exit code 3: untrusted, with the check that failed and the attack that it stops.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> https://git.example.org/policies.git --trust trust.json",
    "<%= config.bin %> <%= command.id %> ./release --trust trust.json --format json",
  ];
  static override args = {
    source: Args.string({ description: "a Git repository, or a release's folder", required: true }),
  };
  static override flags = {
    trust: Flags.string({ description: "what is trusted", helpValue: "FILE", required: true }),
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
    return {
      exit: verification.verdict === "trusted" ? EXIT.YES : EXIT.UNTRUSTED,
      text: (paint) => engine.releaseVerifyText(verification, paint),
      json: engine.releaseVerifyJson(verification),
    };
  }
}
