import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Args, Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { lifeOf, trustOf } from "../../release.ts";

export default class BundleBuild extends PhiwardCommand<typeof BundleBuild> {
  static override summary = "Make the bundle of a commit, and the release that people then sign.";
  static override description =
    "The same commit gives the same bytes on every machine: the bundle is made of Git's objects, and the work tree is not looked at. With --release its tests are run, the change against the release before is proved, and the release is written, unsigned, with the next version.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --commit HEAD --output bundle.json",
    "<%= config.bin %> <%= command.id %> . --commit HEAD --release ./release",
    "<%= config.bin %> <%= command.id %> . --commit HEAD --release ./release --from https://git.example.org/policies.git",
  ];
  static override args = {
    dir: Args.string({ description: "folder of the policy repository", default: "." }),
  };
  static override flags = {
    commit: Flags.string({ description: "the reviewed commit", helpValue: "REV", required: true }),
    output: Flags.string({ description: "write the bundle to this file", helpValue: "FILE" }),
    release: Flags.string({ description: "write the release to this folder", helpValue: "DIR" }),
    from: Flags.string({
      description: "where the release before is published",
      helpValue: "SOURCE",
      dependsOn: ["release"],
    }),
    expires: Flags.string({
      description: "how long it is valid",
      helpValue: "DURATION",
      default: "90d",
    }),
    grace: Flags.string({
      description: "how long engines go on when nothing new reaches them",
      helpValue: "DURATION",
      default: "7d",
    }),
    "pull-request": Flags.integer({ description: "its number", helpValue: "N", min: 1 }),
    approver: Flags.string({
      description: "who approved, and the commit that they reviewed",
      helpValue: "NAME@COMMIT",
      multiple: true,
      default: [],
    }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, args, host } = this;
    const tree = await host.revision(args.dir, flags.commit);
    if (tree.commit === undefined) {
      throw new engine.PhiwardError(
        "UNKNOWN_REVISION",
        `\`${flags.commit.slice(0, 100)}\` is no commit`,
        {
          help: "a release is made of a commit, not of a folder that may change",
        },
      );
    }
    const built =
      flags.release === undefined
        ? { bundle: await engine.bundle.buildBundle(tree), commit: tree.commit }
        : await this.#release(flags.release, tree, tree.commit);
    if (flags.output !== undefined) {
      await writeFile(flags.output, built.bundle.text).catch((error) => {
        throw engine.unreadable(flags.output!, error);
      });
    }
    return {
      exit: EXIT.YES,
      wrote: true,
      text: (paint) => engine.buildText(built, paint),
      json: engine.buildJson(built),
    };
  }

  async #release(folder: string, tree: Engine.Tree, commit: string) {
    const { engine, flags, args, host } = this;
    const {
      believing,
      draftRelease,
      followRoots,
      lastSigned,
      readFolder,
      readSource,
      rootFile,
      writeFolder,
    } = engine.bundle;
    const at = timeOf(engine, flags.now, host);
    const trust = await trustOf(engine, join(folder, "trust.json"));
    const files = flags.from === undefined ? readFolder(folder) : await readSource(flags.from);
    const tests = this.#tests(await engine.load(tree), at);
    const path = (await tree.guards?.())?.at ?? "";
    const { draft, last } = await believing(async (demand) => {
      const store = followRoots(files, { trust, now: at }, demand);
      const last = lastSigned(store, files);
      const draft = await draftRelease(
        store,
        last,
        (name) => host.revision(args.dir, name),
        {
          commit,
          path,
          lifeMs: lifeOf(engine, flags.expires),
          graceSeconds: lifeOf(engine, flags.grace) / 1000,
          ...(flags["pull-request"] === undefined ? {} : { pullRequest: flags["pull-request"] }),
          approvers: flags.approver.map((text) => this.#approver(text)),
          tests,
        },
        demand,
      );
      return { draft, last };
    });
    // All of it after the last thing that can fail: the folder holds one release or the other.
    writeFolder(folder, {
      ...Object.fromEntries(
        [...files.roots].map(([version, bytes]) => [rootFile(version), textOf(bytes)]),
      ),
      ...(last === undefined ? {} : { [engine.bundle.PREVIOUS]: textOf(last) }),
      [engine.bundle.BUNDLE]: draft.bundle.text,
      [engine.bundle.RELEASE]: engine.bundle.writeEnvelope(draft.envelope),
    });
    return { bundle: draft.bundle, commit, draft };
  }

  /** A release whose own tests fail is none. */
  #tests(loaded: Engine.LoadedRepository, at: number) {
    const { engine } = this;
    const repository = engine.prepare(engine.sound(loaded, { tests: true }));
    const report = engine.runTests(repository, loaded.tests, { now: at });
    if (report.failed + report.errors > 0 || report.passed === 0) {
      throw new engine.PhiwardError("INVALID_REPOSITORY", "the tests of the commit do not pass", {
        help: "run `phiward test` on it",
      });
    }
    const text = JSON.stringify(engine.testJson(report));
    const report256 = createHash("sha256").update(text).digest("hex");
    return { passed: report.passed, failed: 0 as const, report: `sha256:${report256}` };
  }

  #approver(text: string): { readonly name: string; readonly commit: string } {
    const [, name, commit] = /^(.+)@([0-9a-f]{40}|[0-9a-f]{64})$/.exec(text) ?? [];
    if (commit !== undefined) return { name: name!, commit };
    throw new this.engine.PhiwardError("USAGE", `\`${text.slice(0, 100)}\` names no approver`, {
      help: "write NAME@COMMIT, with the commit in full",
    });
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
