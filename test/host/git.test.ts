import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gitTree } from "../../engine/host/git.ts";
import type { Tree } from "../../engine/host/tree.ts";
import { commit, emptyFolder, git, repository, write } from "./repository.ts";
import { treeContract } from "./tree.contract.ts";

treeContract(
  "a revision of Git",
  async (files) => {
    const folder = repository(files);
    // What is read is the commit, whatever has become of the work tree.
    rmSync(join(folder, "policies"), { recursive: true, force: true });
    return await gitTree(folder, "HEAD");
  },
  { links: true, anyName: true },
);

treeContract(
  "a subfolder of a revision of Git",
  async (files) => {
    const inside = Object.entries(files).map(([path, content]) => [
      `a/policies/b c/${path}`,
      content,
    ]);
    const folder = repository({
      ...(Object.fromEntries(inside) as typeof files),
      // Beside and above it there are others.
      "a/policies/p.yaml": "another",
      "policies/p.yaml": "another",
      "a/policies/b c2/policies/p.yaml": "another",
    });
    return await gitTree(join(folder, "a/policies/b c"), "main");
  },
  { links: true, anyName: true },
);

const read = async (tree: Tree, path = "policies/p.yaml"): Promise<string> =>
  Buffer.from(await tree.read(path)).toString();
const paths = async (tree: Tree): Promise<string[]> => (await tree.list()).map(({ path }) => path);

describe("a revision", () => {
  test("is named in any way that Git knows", async () => {
    const folder = repository({ "policies/p.yaml": "one" });
    const first = git(folder, "rev-parse", "HEAD");
    git(folder, "tag", "light");
    git(folder, "tag", "--annotate", "-m", "A tag", "annotated");
    write(folder, { "policies/p.yaml": "two" });
    commit(folder, "The second");
    for (const name of [
      "light",
      "annotated",
      "HEAD~1",
      "main^",
      first,
      first.slice(0, 10),
      "main@{1}",
    ])
      expect(await read(await gitTree(folder, name))).toBe("one");
    for (const name of ["HEAD", "main", "refs/heads/main", "@", "HEAD^{/second}"])
      expect(await read(await gitTree(folder, name))).toBe("two");
    expect((await gitTree(folder, "light")).label).toBe("light");
  });

  test("stays what it was when its branch moves on", async () => {
    const folder = repository({ "policies/p.yaml": "one" });
    const tree = await gitTree(folder, "main");
    write(folder, { "policies/p.yaml": "two", "policies/q.yaml": "" });
    commit(folder);
    expect(await paths(tree)).toEqual(["policies/p.yaml"]);
    expect(await read(tree)).toBe("one");
  });

  test("holds what was committed: nothing new, and what was deleted since", async () => {
    const folder = repository({ "policies/p.yaml": "one", "policies/gone.yaml": "then" });
    const before = git(folder, "rev-parse", "HEAD");
    rmSync(join(folder, "policies/gone.yaml"));
    commit(folder);
    write(folder, { "policies/p.yaml": "changed", "policies/untracked.yaml": "new" });
    git(folder, "add", "policies/p.yaml");
    const now = await gitTree(folder, "HEAD");
    expect(await paths(now)).toEqual(["policies/p.yaml"]);
    expect(await read(now)).toBe("one");
    await expect(now.read("policies/gone.yaml")).rejects.toMatchObject({ code: "UNREADABLE" });
    expect(await read(await gitTree(folder, before), "policies/gone.yaml")).toBe("then");
  });

  test.each([
    ["a name that nobody knows", "no-such-branch"],
    ["an option", "--help"],
    ["an option that writes", "--output=x"],
    ["a short option", "-x"],
    ["a dash", "-"],
    ["nothing", ""],
    ["white space", "  "],
    ["a commit that is not there", "0123456789012345678901234567890123456789"],
    ["before the first commit", "HEAD~9"],
    ["a file", "HEAD:policies/p.yaml"],
    ["a folder", "HEAD:policies"],
    ["a range", "HEAD..HEAD"],
    ["two names", "HEAD HEAD"],
    ["a null byte", "HEAD\0"],
    ["a line break", "HEAD\nHEAD"],
    ["a very long name", "x".repeat(5000)],
    ["a command", "$(touch x)"],
  ])("that is %s is unknown", async (_, revision) => {
    const folder = repository({ "policies/p.yaml": "one" });
    const error = await gitTree(folder, revision).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "UNKNOWN_REVISION" });
    expect((error as Error).message.length).toBeLessThan(200);
    expect(git(folder, "status", "--porcelain")).toBe("");
  });

  test("needs a Git repository, and a folder that exists", async () => {
    const folder = emptyFolder();
    for (const where of [folder, join(folder, "none")]) {
      await expect(gitTree(where, "HEAD")).rejects.toMatchObject({
        code: "UNKNOWN_REVISION",
        message: `\`${where}\` is not in a Git repository`,
      });
    }
  });

  test("needs a commit", async () => {
    const folder = emptyFolder();
    git(folder, "init", "--quiet");
    await expect(gitTree(folder, "HEAD")).rejects.toMatchObject({ code: "UNKNOWN_REVISION" });
  });
});

describe("the folder of a repository", () => {
  test.each([":odd", ":(top)x", "*", "[a]", " leading", "a b", "-x", "é", "policies"])(
    "may be called %j",
    async (name) => {
      const folder = repository({
        [`x/${name}/policies/p.yaml`]: "inside",
        "x/a/policies/p.yaml": "another",
        "policies/p.yaml": "another",
      });
      const tree = await gitTree(join(folder, "x", name), "HEAD");
      expect(await paths(tree)).toEqual(["policies/p.yaml"]);
      expect(await read(tree)).toBe("inside");
    },
  );

  test("may be reached through a link", async () => {
    const folder = repository({ "sub/policies/p.yaml": "inside" });
    const link = join(emptyFolder(), "link");
    symlinkSync(folder, link);
    expect(await read(await gitTree(join(link, "sub"), "HEAD"))).toBe("inside");
  });

  test("may be younger than the revision", async () => {
    const folder = repository({ "policies/p.yaml": "one" });
    mkdirSync(join(folder, "new"));
    expect(await paths(await gitTree(join(folder, "new"), "HEAD"))).toEqual([]);
  });
});

describe("what a checkout would do is not done", () => {
  test("line ends and keywords stay as they were committed", async () => {
    const content = "a\nb $Id$\n";
    const folder = repository({ "policies/p.yaml": content });
    write(folder, {
      ".gitattributes": "policies/* text eol=crlf ident working-tree-encoding=UTF-16\n",
    });
    git(folder, "config", "core.autocrlf", "true");
    git(folder, "add", ".gitattributes");
    git(folder, "commit", "--quiet", "-m", "Attributes");
    expect(await read(await gitTree(folder, "HEAD"))).toBe(content);
  });

  test("no filter of the repository runs", async () => {
    const folder = repository({ "policies/p.yaml": "as committed" });
    const ran = join(emptyFolder(), "ran");
    write(folder, { ".gitattributes": "* filter=evil diff=evil\n" });
    git(folder, "config", "filter.evil.smudge", `touch ${ran}; cat`);
    git(folder, "config", "filter.evil.clean", "cat");
    git(folder, "config", "diff.evil.textconv", `touch ${ran}; cat`);
    git(folder, "add", ".gitattributes");
    git(folder, "commit", "--quiet", "-m", "A filter");
    expect(await read(await gitTree(folder, "HEAD"))).toBe("as committed");
    expect(() => git(folder, "hash-object", ran)).toThrow();
  });

  test("a replacement is not followed: neither of a file nor of a commit", async () => {
    const folder = repository({ "policies/p.yaml": "default: deny" });
    const honest = git(folder, "rev-parse", "HEAD");
    const blob = git(folder, "rev-parse", "HEAD:policies/p.yaml");
    write(folder, { "policies/p.yaml": "default: allow" });
    const other = commit(folder);
    git(folder, "replace", blob, git(folder, "rev-parse", `${other}:policies/p.yaml`));
    git(folder, "replace", honest, other);
    // Git itself is deceived.
    expect(git(folder, "show", `${honest}:policies/p.yaml`)).toBe("default: allow");
    expect(await read(await gitTree(folder, honest))).toBe("default: deny");
  });

  test("a submodule is listed, and not entered", async () => {
    const inner = repository({ "p.yaml": "inner" });
    const folder = repository({ "policies/p.yaml": "outer" });
    git(
      folder,
      "-c",
      "protocol.file.allow=always",
      "submodule",
      "--quiet",
      "add",
      inner,
      "policies/sub",
    );
    commit(folder);
    expect(await (await gitTree(folder, "HEAD")).list()).toEqual([
      { path: "policies/p.yaml", bytes: 5, link: false },
      { path: "policies/sub", bytes: 0, link: true },
    ]);
  });
});

test("many files are read through one process, in any order", { timeout: 20_000 }, async () => {
  const files = Object.fromEntries(
    Array.from({ length: 500 }, (_, i) => [`policies/p${i}.yaml`, `content ${i % 250}`]),
  );
  const tree = await gitTree(repository(files), "HEAD");
  const listed = await paths(tree);
  expect(listed).toHaveLength(500);
  const got = await Promise.all(
    listed.toReversed().map(async (path) => [path, await read(tree, path)]),
  );
  expect(Object.fromEntries(got)).toEqual(files);
});
