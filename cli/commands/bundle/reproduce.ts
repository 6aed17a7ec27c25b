import { Args, Flags } from "@oclif/core";
import { repository } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";

export default class BundleReproduce extends PhiwardCommand<typeof BundleReproduce> {
  static override summary = "Make a published release again from its commit, and compare.";
  static override description =
    "For whoever wants to know that what engines run is what was reviewed, and trusts no builder. Exit code 3 when it comes out different.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> 12 --from https://git.example.org/policies.git --dir policies",
  ];
  static override args = {
    version: Args.integer({ description: "the release's version", required: true, min: 1 }),
  };
  static override flags = {
    from: Flags.string({
      description: "where it is published",
      helpValue: "SOURCE",
      required: true,
    }),
    dir: repository,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, args, host } = this;
    const { believing, buildBundle, readEnvelope, readRelease, readSource, releaseBytes } =
      engine.bundle;
    const files = await readSource(flags.from, args.version);
    const said = await believing((demand) => {
      return readRelease(
        readEnvelope("release", "the release", releaseBytes(files, demand), demand),
        demand,
      );
    });
    const { commit } = said.predicate.source;
    const { digest } = await buildBundle(await host.revision(flags.dir, commit));
    const reproduced = { version: args.version, commit, released: said.digest, rebuilt: digest };
    return {
      exit: said.digest === digest ? EXIT.YES : EXIT.UNTRUSTED,
      text: (paint) => engine.reproduceText(reproduced, paint),
      json: engine.reproduceJson(reproduced),
    };
  }
}
