import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Args, Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { now, readText, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { lifeOf, passedTests, textOf, trustOf } from "../../release.ts";

export default class BundleBuild extends PhiwardCommand<typeof BundleBuild> {
  static override summary = "Make the bundle of a commit, and the release that people then sign.";
  static override description =
    "The same commit gives the same bytes on every machine: the bundle is made of Git's objects, and the work tree is not looked at. With --release its tests are run, the change against the release before is proved, the origin of each grant and rule is looked up in the history, and the release is written, unsigned, with the next version. Pull requests and approvals come from the gate's reports about the changes since the release before.";
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
    "lift-halts": Flags.integer({
      description: "lift the emergency stops up to this one",
      helpValue: "N",
      min: 1,
      dependsOn: ["release"],
    }),
    "gate-report": Flags.string({
      description: "a report of the gate about a change since the release before",
      helpValue: "FILE",
      multiple: true,
      default: [],
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
      haltFile,
      lastSigned,
      readFolder,
      readSource,
      rootFile,
      takeHalts,
      writeFolder,
    } = engine.bundle;
    const at = timeOf(engine, flags.now, host);
    const trust = await trustOf(engine, join(folder, "trust.json"));
    const mine = readFolder(folder);
    const published = flags.from === undefined ? mine : await readSource(flags.from);
    // A new root is signed in the folder, and goes live with the next release.
    const files = { ...published, roots: new Map([...mine.roots, ...published.roots]) };
    const tests = passedTests(engine, await engine.load(tree), at);
    const reports = await this.#gateReports();
    const path = (await tree.guards?.())?.at ?? "";
    const { draft, last, before } = await believing(async (demand) => {
      const store = takeHalts(followRoots(files, { trust, now: at }, demand), files, demand);
      const last = lastSigned(store, files);
      const before = last === files.release ? files.provenance : files.previousProvenance;
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
          ...(flags["lift-halts"] === undefined ? {} : { haltsCleared: flags["lift-halts"] }),
          past: { history: (name, since) => host.history(args.dir, name, since), before },
          reports,
        },
        demand,
      );
      return { draft, last, before };
    });
    // All of it after the last thing that can fail: the folder holds one release or the other.
    writeFolder(folder, {
      ...Object.fromEntries(
        [...files.roots].map(([version, bytes]) => [rootFile(version), textOf(bytes)]),
      ),
      ...Object.fromEntries(
        [...(files.halts ?? [])].map(([sequence, bytes]) => [haltFile(sequence), textOf(bytes)]),
      ),
      ...(last === undefined ? {} : { [engine.bundle.PREVIOUS]: textOf(last) }),
      ...(before === undefined ? {} : { [engine.bundle.PREVIOUS_PROVENANCE]: textOf(before) }),
      [engine.bundle.PROVENANCE]: engine.bundle.writeProvenance(draft.provenance!).text,
      [engine.bundle.BUNDLE]: draft.bundle.text,
      [engine.bundle.RELEASE]: engine.bundle.writeEnvelope(draft.envelope),
    });
    return { bundle: draft.bundle, commit, draft };
  }

  async #gateReports(): Promise<readonly Engine.bundle.GateReview[]> {
    const { engine, flags } = this;
    const read = async (path: string): Promise<Engine.bundle.GateReview> =>
      engine.bundle.readGateReport(path, await readText(engine, path));
    return await Promise.all(flags["gate-report"].map(read));
  }

  #approver(text: string): { readonly name: string; readonly commit: string } {
    const [, name, commit] = /^(.+)@([0-9a-f]{40}|[0-9a-f]{64})$/.exec(text) ?? [];
    if (commit !== undefined) return { name: name!, commit };
    throw new this.engine.PhiwardError("USAGE", `\`${text.slice(0, 100)}\` names no approver`, {
      help: "write NAME@COMMIT, with the commit in full",
    });
  }
}
