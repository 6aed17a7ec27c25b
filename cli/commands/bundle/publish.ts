import { join } from "node:path";
import { Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { issueHeartbeat } from "../../published.ts";
import { releaseFolder, textOf, trustFile, trustOf } from "../../release.ts";

export default class BundlePublish extends PhiwardCommand<typeof BundlePublish> {
  static override summary = "Publish a signed release to a Git repository.";
  static override description =
    "First makes every check that an engine makes, and publishes nothing that an engine would refuse. The tip of the branch policy-current is then this release, the tag policy/vN names it, and with --key a heartbeat says so on the branch policy-heartbeat: all of it in one push. Protect the branch and the tags on your Git server.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --to https://git.example.org/policies.git",
  ];
  static override flags = {
    to: Flags.string({ description: "the Git repository", helpValue: "URL", required: true }),
    release: releaseFolder,
    trust: trustFile,
    key: Flags.string({
      description: "issue a heartbeat for it with this key, so that engines see both at once",
      helpValue: "FILE",
    }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const { publishGit, readFolder, releaseContents, releaseTag, verifyRelease } = engine.bundle;
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
    const { version } = release.predicate;
    const { key } = flags;
    const there = key === undefined ? undefined : await this.#withStops(files);
    const beat =
      key === undefined || there === undefined
        ? undefined
        : await issueHeartbeat(engine, there, { trust, now: at, key, lifeMs: DAY });
    const commit = await publishGit(flags.to, {
      version,
      files: Object.fromEntries(
        [...releaseContents(files)].map(([path, bytes]) => [path, textOf(bytes)]),
      ),
      ...(beat === undefined ? {} : { heartbeat: beat.text }),
    });
    const published = { version, commit, tag: releaseTag(version) };
    return {
      exit: EXIT.YES,
      text: (paint) => engine.publishText(published, paint),
      json: engine.publishJson(published),
    };
  }

  /** The emergency stops that were pushed meanwhile stay beside the release, and the heartbeat counts them. */
  async #withStops(files: Engine.bundle.ReleaseFiles): Promise<Engine.bundle.ReleaseFiles> {
    const { halts } = await this.engine.bundle
      .readSource(this.flags.to)
      .catch(() => ({ halts: undefined }));
    return { ...files, halts: new Map([...(files.halts ?? []), ...(halts ?? [])]) };
  }
}

/** How long a heartbeat holds, in milliseconds. */
const DAY = 86_400_000;
