/** Files that decide about policies without being any: found alike on disk and in a revision. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diskTree } from "../../engine/host/disk.ts";
import { gitTree } from "../../engine/host/git.ts";
import type { Guards } from "../../engine/host/guards.ts";
import { commit, emptyFolder, git, repository, write } from "./repository.ts";
import type { Files } from "./tree.contract.ts";

const GUARDS: Files = {
  "trust.json": "{}",
  "trust/keys.json": "{}",
  "root.json": "{}",
  "root/1.root.json": "{}",
  "engine.yaml": "version: 1",
  "officer.pub": "ssh-ed25519 AAAA",
  ".github/workflows/gate.yml": "uses: example/phiward@1",
  ".github/workflows/deep/x.yaml": "",
  ".github/actions/gate/action.yml": "",
  ".github/CODEOWNERS": "* @somebody",
  CODEOWNERS: "",
  "docs/CODEOWNERS": "",
  "action.yml": "",
  "action/dist/index.js": "",
};
const OTHERS: Files = {
  "policies/p.yaml": "x",
  "policies/officer.pub": "not at the top",
  "sub/trust.json": "elsewhere",
  ".github/dependabot.yml": "x",
  "trust.json.bak": "x",
  "docs/README.md": "x",
  "action/node_modules/left-pad/index.js": "x",
};
const EXPECTED = [
  "/.github/CODEOWNERS owners",
  "/.github/actions/gate/action.yml workflow",
  "/.github/workflows/deep/x.yaml workflow",
  "/.github/workflows/gate.yml workflow",
  "/CODEOWNERS owners",
  "/action.yml workflow",
  "/action/dist/index.js workflow",
  "/docs/CODEOWNERS owners",
  "engine.yaml trust",
  "officer.pub trust",
  "root.json trust",
  "root/1.root.json trust",
  "trust.json trust",
  "trust/keys.json trust",
];

const listed = ({ files }: Guards): string[] => files.map(({ path, kind }) => `${path} ${kind}`);

/** What the work tree and the revision say of the same folder; they must agree to the byte. */
async function both(folder: string): Promise<Guards> {
  const disk = await diskTree(folder).guards!();
  expect(await (await gitTree(folder, "HEAD")).guards!()).toEqual(disk);
  return disk;
}

describe("guards", () => {
  test("are all files of trust and of workflows, and no others", async () => {
    const guards = await both(repository({ ...GUARDS, ...OTHERS }));
    expect(listed(guards)).toEqual(EXPECTED);
    expect(guards.at).toBe("");
    expect(guards.files.filter(({ namesPhiward }) => namesPhiward).map(({ path }) => path)).toEqual(
      ["/.github/workflows/gate.yml"],
    );
  });

  test("stand at the root of the Git repository and in the folder of the policies", async () => {
    const folder = repository({
      ".github/workflows/gate.yml": "",
      "trust.json": "the root's own",
      "a/b c/trust.json": "{}",
      "a/b c/key.pub": "",
      // Only GitHub's own places count, wherever the policies stand.
      "a/b c/.github/workflows/x.yml": "",
      "a/b c/policies/p.yaml": "x",
    });
    const guards = await both(join(folder, "a/b c"));
    expect(guards.at).toBe("a/b c");
    expect(listed(guards)).toEqual([
      "/.github/workflows/gate.yml workflow",
      "key.pub trust",
      "trust.json trust",
    ]);
  });

  test("outside of a Git repository stand in the folder", async () => {
    const folder = emptyFolder();
    write(folder, { ".github/workflows/gate.yml": "", "trust.json": "{}" });
    const guards = await diskTree(folder).guards!();
    expect(guards.at).toBe("");
    expect(listed(guards)).toEqual(["/.github/workflows/gate.yml workflow", "trust.json trust"]);
  });

  test("that are links are compared by what they name", async () => {
    const one = await both(repository({ "trust.json": { link: "a.json" } }));
    const two = await both(repository({ "trust.json": { link: "b.json" } }));
    const file = await both(repository({ "trust.json": "a.json!" }));
    const digests = [one, two, file].map(({ files }) => files[0]!.digest);
    expect(new Set(digests).size).toBe(3);
  });

  test("are those of the revision, whatever the work tree has become", async () => {
    const folder = repository({ "trust.json": "then", "policies/p.yaml": "x" });
    const then = await gitTree(folder, "HEAD");
    const before = await then.guards!();
    rmSync(join(folder, "trust.json"));
    mkdirSync(join(folder, ".github/workflows"), { recursive: true });
    write(folder, { ".github/workflows/new.yml": "" });
    commit(folder);
    expect(await then.guards!()).toEqual(before);
    expect(listed(await both(folder))).toEqual(["/.github/workflows/new.yml workflow"]);
  });

  test("of a folder that has none are none", async () => {
    expect((await both(repository({ "policies/p.yaml": "x" }))).files).toEqual([]);
  });
});

test("a revision knows its commit, and a folder has none", async () => {
  const folder = repository({ "policies/p.yaml": "x" });
  expect((await gitTree(folder, "main")).commit).toBe(git(folder, "rev-parse", "HEAD"));
  expect(diskTree(folder).commit).toBeUndefined();
});

test("a file that Git cannot give is no empty file", async () => {
  const folder = repository({ "fixtures/calls.jsonl": "one\n" });
  const tree = await gitTree(folder, "HEAD");
  const object = git(folder, "rev-parse", "HEAD:fixtures/calls.jsonl");
  rmSync(join(folder, ".git/objects", object.slice(0, 2), object.slice(2)));
  const pieces = tree.stream!("fixtures/calls.jsonl")[Symbol.asyncIterator]();
  await expect(pieces.next()).rejects.toMatchObject({ code: "GIT" });
});

test("a large file is read in pieces, the same bytes from disk and from Git", async () => {
  const line = `${"x".repeat(99)}\n`;
  const folder = repository({ "fixtures/large.jsonl": line.repeat(30_000) });
  for (const tree of [diskTree(folder), await gitTree(folder, "HEAD")]) {
    const pieces: Uint8Array[] = [];
    for await (const piece of tree.stream!("fixtures/large.jsonl")) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    const whole = await tree.read("fixtures/large.jsonl");
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
    const missing = tree.stream!("fixtures/none.jsonl")[Symbol.asyncIterator]();
    await expect(missing.next()).rejects.toMatchObject({ code: "UNREADABLE" });
  }
});
