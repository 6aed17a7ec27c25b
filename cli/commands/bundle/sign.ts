import { join } from "node:path";
import { now, repository, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { keyFile, releaseFolder, trustFile, trustOf } from "../../release.ts";

export default class BundleSign extends PhiwardCommand<typeof BundleSign> {
  static override summary = "Sign a release, after making it again on this machine.";
  static override description =
    "Builds the bundle from the commit once more, and proves once more what changes against the release before. Only when both come out as the release says, the key signs. What is broader needs the extra people that the root names.";
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
    const { signed, diff } = await believing(async (demand) => {
      const { root, ...store } = followRoots(files, { trust, now: at }, demand);
      const { envelope, predicate, diff } = await redoDraft(
        { ...store, root },
        releaseBytes(files, demand),
        files.previous,
        (commit) => host.revision(flags.dir, commit),
        demand,
      );
      const conditions = releaseConditions(root, predicate.change.verdict);
      const signer = openSigner(flags.key);
      return {
        diff,
        signed: await addSignature(envelope, signer, [root], predicate.version, conditions, demand),
      };
    });
    writeFolder(flags.release, { [RELEASE]: signed.text });
    return {
      exit: EXIT.YES,
      text: (paint) => `${engine.diffText(diff, 0, paint)}\n\n${engine.signedText(signed, paint)}`,
      json: engine.signedJson(signed),
    };
  }
}
