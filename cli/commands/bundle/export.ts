import { join } from "node:path";
import { Args, Flags } from "@oclif/core";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { believed, textOf, trustOf } from "../../release.ts";

export default class BundleExport extends PhiwardCommand<typeof BundleExport> {
  static override summary = "Write the signatures of a release for other tools.";
  static override description =
    "With --sigstore: a Sigstore bundle for each machine that signed, and the bundle.json that they are about. cosign checks them with `cosign verify-blob-attestation --key KEY.pub --bundle ci.sigstore.json --type https://phiward.dev/policy-release/v1 --insecure-ignore-tlog bundle.json`. People sign by SSH, which those tools do not know; whether everybody signed who must is what `phiward bundle verify` says.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> https://git.example.org/policies.git --sigstore --trust trust.json --to evidence",
  ];
  static override args = {
    source: Args.string({
      description: "a Git repository, a release's folder, or a file that was carried",
      required: true,
    }),
  };
  static override flags = {
    sigstore: Flags.boolean({ description: "as Sigstore bundles v0.3", required: true }),
    trust: Flags.string({ description: "what is trusted", helpValue: "FILE", required: true }),
    to: Flags.string({ description: "the folder to write", helpValue: "DIR", required: true }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, args, host } = this;
    const {
      BUNDLE,
      believing,
      followRoots,
      readEnvelope,
      readSource,
      releaseBytes,
      sigstoreBundles,
      writeFolder,
    } = engine.bundle;
    const trust = await trustOf(engine, flags.trust);
    const files = await readSource(args.source);
    const at = timeOf(engine, flags.now, host);
    await believed(engine, files, trust, at);
    const bundles = await believing((demand) => {
      const { root } = followRoots(files, { trust, now: at }, demand);
      const bytes = releaseBytes(files, demand);
      return sigstoreBundles(readEnvelope("release", "the release", bytes, demand), root);
    });
    const written = bundles.map(({ person, keyid, bundle }) => ({
      person,
      keyid,
      file: `${person}.sigstore.json`,
      text: `${JSON.stringify(bundle)}\n`,
    }));
    writeFolder(flags.to, {
      [BUNDLE]: textOf(files.bundle!),
      ...Object.fromEntries(written.map(({ file, text }) => [file, text])),
    });
    const exported = written.map(({ person, keyid, file }) => {
      return { person, keyid, file: join(flags.to, file) };
    });
    return {
      exit: EXIT.YES,
      text: (paint) => engine.exportedText(exported, paint),
      json: engine.exportedJson(exported),
    };
  }
}
