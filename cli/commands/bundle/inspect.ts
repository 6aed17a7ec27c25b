import { Args } from "@oclif/core";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";

export default class BundleInspect extends PhiwardCommand<typeof BundleInspect> {
  static override summary = "Show what a release says of itself. Nothing is verified.";
  static override description =
    "For reading a draft, or for finding out why a release is refused. `phiward bundle verify` says whether to believe it.";
  static override examples = ["<%= config.bin %> <%= command.id %> ./release"];
  static override args = {
    source: Args.string({ description: "a Git repository, or a release's folder", required: true }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, args } = this;
    const { believing, readEnvelope, readRelease, readSource, releaseBytes } = engine.bundle;
    const files = await readSource(args.source);
    const { said, keyids } = await believing((demand) => {
      const envelope = readEnvelope("release", "the release", releaseBytes(files, demand), demand);
      const keyids = envelope.signatures.map(({ keyid }) => keyid);
      return { said: readRelease(envelope, demand), keyids };
    });
    return {
      exit: EXIT.YES,
      text: (paint) => engine.releaseText(said, keyids, paint),
      json: engine.releaseJson(said, keyids),
    };
  }
}
