/** The diff of `lint --fix --dry-run` is one that Git applies. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { unifiedDiff } from "../../engine/render/patch.ts";

const folder = mkdtempSync(join(tmpdir(), "phiward-patch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("of two equal texts there is none", () => {
  expect(unifiedDiff("a", "x\n", "x\n")).toBe("");
});

test("a change far from another one is a hunk of its own", () => {
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}\n`);
  const after = lines.with(2, "changed\n").with(25, "");
  expect(unifiedDiff("a.yaml", lines.join(""), after.join("")).match(/^@@.*$/gm)).toEqual([
    "@@ -1,6 +1,6 @@",
    "@@ -23,7 +23,6 @@",
  ]);
});

const text = fc
  .array(fc.constantFrom("a\n", "b\n", "c\n", "\n", "- x\n", "\\ y\n"), { maxLength: 25 })
  .chain((lines) => fc.constantFrom("", "end").map((end) => lines.join("") + end));

test("whatever changes, Git makes of the one text the other", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      // A file that is created or removed is a diff of another form, and no fix makes one.
      fc.pre(before !== after && before !== "" && after !== "");
      const file = join(folder, "a.yaml");
      writeFileSync(file, before);
      const { status, stderr } = spawnSync("git", ["apply", "--whitespace=nowarn", "-"], {
        cwd: folder,
        input: `${unifiedDiff("a.yaml", before, after)}\n`,
        encoding: "utf8",
        timeout: 5_000,
      });
      expect([status, stderr]).toEqual([0, ""]);
      expect(readFileSync(file, "utf8")).toBe(after);
    }),
    { numRuns: 60 },
  );
});
