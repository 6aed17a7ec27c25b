/** The bundle is a function of the commit: the same bytes, whatever stands around Git's objects. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildBundle, openBundle } from "../../engine/bundle/bundle.ts";
import { initialFiles } from "../../engine/catalog/init.ts";
import { gitTree } from "../../engine/host/git.ts";
import { commit, emptyFolder, git, repository, write } from "../host/repository.ts";
import { memoryTree } from "../support/tree.ts";
import { demand, NOW } from "./world.ts";

const SOURCES = initialFiles({ name: "ehr", now: NOW, approvers: [] });
const ATTRIBUTES = { ".gitattributes": "*.yaml text eol=crlf ident\n" };

describe("the same commit gives the same bytes", () => {
  const original = repository({ ...SOURCES, ...ATTRIBUTES });
  const name = git(original, "rev-parse", "HEAD");
  const digestIn = async (folder: string) =>
    (await buildBundle(await gitTree(folder, name))).digest;
  const clone = (...args: string[]): string => {
    const folder = emptyFolder();
    git(folder, "clone", "--quiet", ...args, `file://${original}`, "copy");
    return join(folder, "copy");
  };

  test.each([
    [
      "a clone that turns line ends",
      () => clone("-c", "core.autocrlf=true", "-c", "core.eol=crlf"),
    ],
    ["a shallow clone", () => clone("--depth=1")],
    ["a bare clone", () => clone("--bare")],
    [
      "a work tree with changes",
      () => {
        const folder = clone();
        write(folder, { "policies/lookup.yaml": "changed", "policies/new.yaml": "new" });
        return folder;
      },
    ],
    [
      "a commit that is replaced by another",
      () => {
        const folder = clone();
        write(folder, {
          "policies/lookup.yaml": SOURCES["policies/lookup.yaml"]!.replace("20", "99"),
        });
        git(folder, "replace", name, commit(folder));
        return folder;
      },
    ],
  ])("%s", async (_, folder) => {
    expect(await digestIn(folder())).toBe(await digestIn(original));
  });
});

test("what was built is opened, and is the same repository", async () => {
  const built = await buildBundle(memoryTree(SOURCES));
  const opened = await openBundle(Buffer.from(built.text), built.digest, "v1", demand);
  expect(opened.repository.digest).toBe(built.loaded.repository.digest);
});

test("recorded calls are not in it", async () => {
  const recorded = await buildBundle(memoryTree({ ...SOURCES, "fixtures/calls.jsonl": "{}\n" }));
  expect(recorded.digest).toBe((await buildBundle(memoryTree(SOURCES))).digest);
});

test.each([
  ["a file with a name that a shell would read", "tests/a b;c.test.yaml"],
  ["a hidden file", "tests/.x.test.yaml"],
  ["a name that differs only in case", "tests/LOOKUP.test.yaml"],
])("%s cannot be released", async (_, path) => {
  const files = { ...SOURCES, [path]: SOURCES["tests/lookup.test.yaml"]! };
  await expect(buildBundle(memoryTree(files))).rejects.toThrow(
    /cannot be in a release|is not read/,
  );
});
