/** What every tree promises, wherever its files stand. */
import { describe, expect, test } from "vitest";
import type { Tree } from "../../engine/host/tree.ts";

export type Content = string | Uint8Array | { readonly link: string };
export type Files = Readonly<Record<string, Content>>;

/** `make` gives a tree of a repository that holds these files. */
export function treeContract(
  name: string,
  make: (files: Files) => Promise<Tree>,
  can: { readonly links: boolean; readonly anyName: boolean },
): void {
  const paths = async (tree: Tree): Promise<string[]> =>
    (await tree.list()).map(({ path }) => path);

  describe(`${name}, as every tree,`, () => {
    test("has a label", async () => {
      expect((await make({ "policies/p.yaml": "" })).label).not.toBe("");
    });

    test("lists what belongs to a policy repository, all of it and nothing else", async () => {
      const tree = await make({
        "phiward.yaml": "",
        "phiward.json": "",
        "servers/s.yaml": "",
        "servers/s.lock.json": "",
        "policies/p.yaml": "",
        "policies/deep/er/p.yaml": "",
        "policies/.hidden": "",
        "policies/README.md": "",
        "policies/no-ending": "",
        "grants/g.yaml": "",
        "fixtures/a/b/c.jsonl": "",
        "tests/t.test.yaml": "",
        "tests/node_modules/x.yaml": "",
        "README.md": "",
        "phiward.yml": "",
        "phiward.yaml.bak": "",
        "sub/phiward.yaml": "",
        "sub/policies/p.yaml": "",
        "policies.yaml": "",
        "policies2/p.yaml": "",
        "Policies2/p.yaml": "",
        "test/t.test.yaml": "",
        ".github/policies/p.yaml": "",
      });
      expect(await paths(tree)).toEqual([
        "fixtures/a/b/c.jsonl",
        "grants/g.yaml",
        "phiward.json",
        "phiward.yaml",
        "policies/.hidden",
        "policies/README.md",
        "policies/deep/er/p.yaml",
        "policies/no-ending",
        "policies/p.yaml",
        "servers/s.lock.json",
        "servers/s.yaml",
        "tests/node_modules/x.yaml",
        "tests/t.test.yaml",
      ]);
    });

    test("lists nothing of a repository that has none of the folders", async () => {
      expect(await paths(await make({ "README.md": "x" }))).toEqual([]);
    });

    test("sorts by UTF-16 code unit, as every machine does", async () => {
      const names = ["a", "B", "_", "a.b", "a/b", "a0", "é", "z", "\uFB33", "\u{1F600}"];
      const tree = await make(Object.fromEntries(names.map((n) => [`policies/${n}.yaml`, n])));
      const listed = await paths(tree);
      expect(listed).toEqual(names.map((n) => `policies/${n}.yaml`).sort());
      expect(listed.indexOf("policies/\u{1F600}.yaml")).toBeLessThan(
        listed.indexOf("policies/\uFB33.yaml"),
      );
    });

    test("lists the same again", async () => {
      const tree = await make({ "policies/b.yaml": "b", "policies/a.yaml": "a" });
      expect(await tree.list()).toEqual(await tree.list());
    });

    test("says how large files are, and reads exactly these bytes", async () => {
      const contents: Record<string, Uint8Array> = {
        "policies/empty.yaml": new Uint8Array(0),
        "policies/every-byte.yaml": Uint8Array.from({ length: 256 }, (_, i) => i),
        "policies/crlf.yaml": Buffer.from("a\r\nb\r\n"),
        "policies/lf.yaml": Buffer.from("a\nb\n"),
        "policies/no-end.yaml": Buffer.from("a"),
        "policies/mark.yaml": Buffer.from("\uFEFFa"),
        "policies/utf16.yaml": Buffer.from("\uFEFFa", "utf16le"),
        "policies/looks-like-git.yaml": Buffer.from("0123456789abcdef missing\n\n\0 blob 3\n"),
        "policies/keywords.yaml": Buffer.from("$Id$ $Format:%H$\n"),
        "policies/same.yaml": Buffer.from("a\nb\n"),
      };
      const tree = await make(contents);
      const files = await tree.list();
      expect(files).toHaveLength(Object.keys(contents).length);
      for (const { path, bytes, link } of files) {
        expect(link).toBe(false);
        expect([path, bytes]).toEqual([path, contents[path]!.length]);
        expect(Buffer.from(await tree.read(path)).equals(contents[path]!)).toBe(true);
      }
    });

    test("reads files of any name", async () => {
      const names = [
        "été",
        "患者",
        "\u{1F468}\u200D\u{1F469}",
        "a b",
        "-rf",
        "--help",
        "'quoted'",
        '"quoted"',
        "*",
        "[a]",
        "$(id)",
        ";",
        "%41",
        "#",
        // Two names, though they look like one.
        "e\u0301",
        "\u00e9",
        ...(can.anyName ? ["a\\b", "a\tb", "a\nb", ":(top)x"] : []),
      ];
      const tree = await make(Object.fromEntries(names.map((n) => [`policies/${n}.yaml`, n])));
      expect(await paths(tree)).toEqual(names.map((n) => `policies/${n}.yaml`).sort());
      for (const n of names)
        expect(Buffer.from(await tree.read(`policies/${n}.yaml`)).toString()).toBe(n);
    });

    test("reads a large file beside small ones", { timeout: 20_000 }, async () => {
      const large = Buffer.alloc(9 * 1024 * 1024, "0123456789\n");
      const tree = await make({ "fixtures/large.jsonl": large, "policies/p.yaml": "small" });
      expect((await tree.list())[0]).toMatchObject({
        path: "fixtures/large.jsonl",
        bytes: large.length,
        link: false,
      });
      expect(Buffer.from(await tree.read("policies/p.yaml")).toString()).toBe("small");
      expect(Buffer.from(await tree.read("fixtures/large.jsonl")).equals(large)).toBe(true);
    });

    test("lists a file that stands where a folder should", async () => {
      const tree = await make({ grants: "x", "policies/p.yaml": "" });
      expect(await paths(tree)).toEqual(["grants", "policies/p.yaml"]);
    });

    test("does not read what it does not list", async () => {
      const tree = await make({ "policies/p.yaml": "x" });
      await expect(tree.read("policies/q.yaml")).rejects.toThrow("policies/q.yaml");
    });

    // A tree that can hold no link has none to list.
    if (!can.links) return;
    test("lists links as links, wherever they lead", async () => {
      const tree = await make({
        "policies/p.yaml": "x",
        "policies/file.yaml": { link: "p.yaml" },
        "policies/folder": { link: "../servers" },
        "policies/nowhere.yaml": { link: "no-such-file" },
        "policies/outside.yaml": { link: "/etc/hostname" },
        "phiward.yaml": { link: "policies/p.yaml" },
        tests: { link: "policies" },
      });
      const files = await tree.list();
      expect(files.filter(({ link }) => link).map(({ path }) => path)).toEqual([
        "phiward.yaml",
        "policies/file.yaml",
        "policies/folder",
        "policies/nowhere.yaml",
        "policies/outside.yaml",
        "tests",
      ]);
      expect(files.filter(({ link }) => !link).map(({ path }) => path)).toEqual([
        "policies/p.yaml",
      ]);
    });
  });
}
