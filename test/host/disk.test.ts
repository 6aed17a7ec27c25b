import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diskTree } from "../../engine/host/disk.ts";
import { nodeHost } from "../../engine/host/host.ts";
import { load } from "../../engine/policy/load.ts";
import { commit, emptyFolder, repository, write } from "./repository.ts";
import { treeContract } from "./tree.contract.ts";

treeContract(
  "a folder on disk",
  async (files) => {
    const folder = emptyFolder();
    write(folder, files);
    return diskTree(folder);
  },
  { links: true, anyName: true },
);

const POLICY = 'version: "1"\ndefault: deny\n';

describe("a folder on disk", () => {
  test("may itself be a link", async () => {
    const folder = emptyFolder();
    write(folder, { "policies/p.yaml": "x" });
    const link = join(emptyFolder(), "link");
    symlinkSync(folder, link);
    expect(await diskTree(link).list()).toMatchObject([
      { path: "policies/p.yaml", bytes: 1, link: false },
    ]);
  });

  test("that does not exist, or is a file, is no repository", async () => {
    const folder = emptyFolder();
    write(folder, { file: "x" });
    await expect(diskTree(join(folder, "none")).list()).rejects.toMatchObject({
      code: "UNREADABLE",
      message: expect.stringContaining("does not exist"),
    });
    await expect(diskTree(join(folder, "file")).list()).rejects.toMatchObject({
      code: "UNREADABLE",
      message: expect.stringContaining("is not a folder"),
    });
  });

  test("sees a file that is gone after it was listed", async () => {
    const folder = emptyFolder();
    write(folder, { "policies/p.yaml": "x" });
    const tree = diskTree(folder);
    await tree.list();
    rmSync(join(folder, "policies/p.yaml"));
    await expect(tree.read("policies/p.yaml")).rejects.toMatchObject({
      code: "UNREADABLE",
      message: "`policies/p.yaml` does not exist",
    });
  });

  test("says so where a folder is read as a file", async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, "policies"));
    await expect(diskTree(folder).read("policies")).rejects.toMatchObject({
      message: "`policies` is a folder",
    });
  });

  test("never opens what is no file, which could hold the reader forever", async () => {
    const folder = emptyFolder();
    write(folder, { "policies/q.yaml": POLICY });
    execFileSync("mkfifo", [join(folder, "policies/p.yaml")]);
    const { findings } = await load(diskTree(folder));
    expect(findings.map(({ rule, place }) => [rule, place.file])).toEqual([
      ["misplaced-file", "policies/p.yaml"],
    ]);
  });

  test("lists a file whose name is no UTF-8, which would otherwise go unnoticed", async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, "policies"));
    writeFileSync(
      Buffer.concat([
        Buffer.from(join(folder, "policies/caf")),
        Buffer.from([0xe9]),
        Buffer.from(".yaml"),
      ]),
      POLICY,
    );
    const { findings } = await load(diskTree(folder));
    expect(findings.map(({ rule, place }) => [rule, place.file])).toEqual([
      ["misplaced-file", "policies/caf\uFFFD.yaml"],
    ]);
  });
});

describe("the host", () => {
  test("takes a revision that starts with a dot or a slash for a folder", async () => {
    const folder = repository({ "policies/p.yaml": "committed" });
    const other = emptyFolder();
    write(other, { "policies/p.yaml": "other" });
    const read = async (revision: string): Promise<string> =>
      Buffer.from(
        await (await nodeHost.revision(folder, revision)).read("policies/p.yaml"),
      ).toString();
    expect(await read("HEAD")).toBe("committed");
    expect(await read("main")).toBe("committed");
    expect(await read(other)).toBe("other");
    expect(await read(`${other}/../${other.split("/").at(-1)}`)).toBe("other");
    // A branch of such a name is no folder.
    await expect(nodeHost.revision(folder, "policies")).rejects.toMatchObject({
      code: "UNKNOWN_REVISION",
    });
    expect((await nodeHost.revision(folder, "./")).label).not.toBe("./");
    expect((await nodeHost.revision(folder, "..")).label).not.toBe("..");
  });

  test("reads the folder as it is now, and a revision as it was", async () => {
    const folder = repository({ "policies/p.yaml": "then" });
    commit(folder);
    write(folder, { "policies/p.yaml": "now" });
    expect(Buffer.from(await nodeHost.folder(folder).read("policies/p.yaml")).toString()).toBe(
      "now",
    );
    expect(Math.abs(nodeHost.now() - Date.now())).toBeLessThan(1000);
  });
});
