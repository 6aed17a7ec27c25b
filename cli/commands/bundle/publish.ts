import { join } from "node:path";
import { Flags } from "@oclif/core";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { releaseFolder, trustFile, trustOf } from "../../release.ts";

export default class BundlePublish extends PhiwardCommand<typeof BundlePublish> {
  static override summary = "Publish a signed release to a Git repository.";
  static override description =
    "First makes every check that an engine makes, and publishes nothing that an engine would refuse. The tip of the branch policy-current is then this release, and the tag policy/vN names it: protect both on your Git server.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --to https://git.example.org/policies.git",
  ];
  static override flags = {
    to: Flags.string({ description: "the Git repository", helpValue: "URL", required: true }),
    release: releaseFolder,
    trust: trustFile,
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const {
      BUNDLE,
      PREVIOUS,
      RELEASE,
      publishGit,
      readFolder,
      releaseTag,
      rootFile,
      verifyRelease,
    } = engine.bundle;
    const trust = await trustOf(engine, flags.trust ?? join(flags.release, "trust.json"));
    const files = readFolder(flags.release);
    const at = timeOf(engine, flags.now, host);
    const verification = await verifyRelease(files, { trust, now: at });
    const { release } = verification;
    if (release === undefined) {
      return {
        exit: EXIT.UNTRUSTED,
        text: (paint) => engine.releaseVerifyText(verification, paint),
        json: engine.releaseVerifyJson(verification),
      };
    }
    const contents = [
      [BUNDLE, files.bundle],
      [RELEASE, files.release],
      [PREVIOUS, files.previous],
      ...[...files.roots].map(([version, bytes]) => [rootFile(version), bytes] as const),
    ] as const;
    const { version } = release.predicate;
    const commit = await publishGit(flags.to, {
      version,
      files: Object.fromEntries(
        contents.flatMap(([path, bytes]) =>
          bytes === undefined ? [] : [[path, Buffer.from(bytes).toString("utf8")]],
        ),
      ),
    });
    const published = { version, commit, tag: releaseTag(version) };
    return {
      exit: EXIT.YES,
      text: (paint) => engine.publishText(published, paint),
      json: engine.publishJson(published),
    };
  }
}
