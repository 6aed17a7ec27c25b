import { Args, Flags } from "@oclif/core";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { lifeOf, trustOf } from "../../release.ts";

export default class BundleVerify extends PhiwardCommand<typeof BundleVerify> {
  static override summary = "Is this release to be believed? Every check, and who signed.";
  static override description =
    "Makes the checks that an engine makes before it runs a release. Exit code 3: untrusted, with the check that failed and the attack that it stops.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> https://git.example.org/policies.git --trust trust.json",
    "<%= config.bin %> <%= command.id %> ./release --trust trust.json --format json",
  ];
  static override args = {
    source: Args.string({
      description: "a Git repository, a release's folder, or a file that was carried",
      required: true,
    }),
  };
  static override flags = {
    trust: Flags.string({ description: "what is trusted", helpValue: "FILE", required: true }),
    release: Flags.integer({
      description: "an older release, by its version",
      helpValue: "VERSION",
      min: 1,
    }),
    "valid-for": Flags.string({
      description: "exit code 1 when it, or the list of signers, runs out before that",
      helpValue: "DURATION",
    }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, args, host } = this;
    const trust = await trustOf(engine, flags.trust);
    const { readSource, verifyRead } = engine.bundle;
    const at = timeOf(engine, flags.now, host);
    const read = () => readSource(args.source, flags.release);
    const { verification, files } = await verifyRead(read, { trust, now: at });
    const trusted = verification.verdict === "trusted" && files !== undefined;
    const short = trusted ? await this.#runsOut(files, trust, at) : undefined;
    return {
      exit:
        verification.verdict === "untrusted"
          ? EXIT.UNTRUSTED
          : short === undefined
            ? EXIT.YES
            : EXIT.NO,
      text: (paint) =>
        [
          engine.releaseVerifyText(verification, paint),
          ...(short === undefined ? [] : [paint("yellow", `  will not be valid then: ${short}`)]),
        ].join("\n"),
      json: engine.releaseVerifyJson(verification),
    };
  }

  /** Why what is trusted now will be refused after `--valid-for`. */
  async #runsOut(
    { heartbeat: _, ...files }: Parameters<typeof this.engine.bundle.verifyRelease>[0],
    trust: Awaited<ReturnType<typeof trustOf>>,
    at: number,
  ): Promise<string | undefined> {
    const wanted = this.flags["valid-for"];
    if (wanted === undefined) return undefined;
    // Without the heartbeat: it lives for a day, and is followed by another.
    const now = at + lifeOf(this.engine, wanted);
    return (await this.engine.bundle.verifyRelease(files, { trust, now })).refused?.says;
  }
}
