import { join } from "node:path";
import { now, repository, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { keyFile, passedTests, releaseFolder, trustFile, trustOf } from "../../release.ts";

export default class BundleSign extends PhiwardCommand<typeof BundleSign> {
  static override summary = "Sign a release, after making it again on this machine.";
  static override description =
    "Builds the bundle from the commit once more, runs its tests, proves once more what changes against the release before, and looks up in this history where each grant and rule comes from. Only when all of it comes out as the release says, the key signs. What is broader needs the extra people that the root names.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --key ~/.ssh/id_ed25519",
    "<%= config.bin %> <%= command.id %> --release ./release --dir policies --key builder.key",
  ];
  static override flags = {
    key: keyFile,
    release: releaseFolder,
    trust: trustFile,
    dir: repository,
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const {
      addSignature,
      believing,
      followRoots,
      openSigner,
      readFolder,
      redoDraft,
      RELEASE,
      releaseBytes,
      releaseConditions,
      writeFolder,
    } = engine.bundle;
    const trust = await trustOf(engine, flags.trust ?? join(flags.release, "trust.json"));
    const files = readFolder(flags.release);
    const at = timeOf(engine, flags.now, host);
    const { signed, diff, tests, provenance, lifted } = await believing(async (demand) => {
      const { root, ...store } = followRoots(files, { trust, now: at }, demand);
      const { envelope, predicate, diff, bundle, provenance } = await redoDraft(
        { ...store, root },
        releaseBytes(files, demand),
        files.previous,
        (commit) => host.revision(flags.dir, commit),
        demand,
        {
          past: {
            history: (name, since) => host.history(flags.dir, name, since),
            before: files.previousProvenance,
          },
          said: files.provenance,
        },
      );
      const tests = passedTests(engine, bundle.loaded, at);
      const conditions = releaseConditions(root, predicate.change.verdict);
      const signer = openSigner(flags.key);
      return {
        diff,
        tests,
        lifted: predicate.haltsCleared,
        provenance: provenance!,
        signed: await addSignature(envelope, signer, [root], predicate, conditions, demand),
      };
    });
    writeFolder(flags.release, { [RELEASE]: signed.text });
    return {
      exit: EXIT.YES,
      text: (paint) =>
        [
          engine.diffText(diff, 0, paint),
          "",
          ...engine.changesText(provenance, paint),
          ...(lifted === undefined
            ? []
            : [paint("yellow", `lifts the emergency stops up to number ${lifted}`)]),
          "",
          `${engine.plural(tests.passed, "test")} passed on this machine`,
          engine.signedText(signed, paint),
        ].join("\n"),
      json: engine.signedJson(signed),
    };
  }
}
