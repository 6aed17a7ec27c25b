import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readToolsList, scan } from "../../engine/catalog/scan.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import { lint } from "../../engine/lint/lint.ts";
import { load } from "../../engine/policy/load.ts";
import { runTests } from "../../engine/testing/run.ts";
import { lineOf } from "../support/lint.ts";
import { memoryTree } from "../support/tree.ts";

const NOW = Date.UTC(2026, 9, 1);
const PAGE = readFileSync(join(import.meta.dirname, "../../docs/cookbook.md"), "utf8");

/** Heading → the files below it. */
const sections = PAGE.split(/^## /m)
  .slice(1)
  .map((text) => ({
    title: text.slice(0, text.indexOf("\n")),
    files: Object.fromEntries(
      [...text.matchAll(/^```\w+ title="([^"]+)"\n([\s\S]*?)^```$/gm)].map(([, path, file]) => [
        path!,
        file!,
      ]),
    ),
  }));
const [server, ...recipes] = sections;

/** What `phiward scan` would write. */
const lock = scan(
  "ehr",
  readToolsList("tools-list.json", server!.files["tools-list.json"]!),
  {},
).lock;

describe("a recipe of the cookbook", () => {
  test.for(recipes)("$title: lints without a word, and its tests are green", async ({ files }) => {
    const loaded = await load(
      memoryTree({ ...server!.files, "servers/ehr.lock.json": JSON.stringify(lock), ...files }),
    );
    expect(lint(loaded, NOW).findings.map(lineOf)).toEqual([]);
    const ran = runTests(prepare(loaded.repository), loaded.tests, { now: NOW });
    expect(ran.cases.filter(({ status }) => status !== "passed")).toEqual([]);
    expect(ran.passed).toBeGreaterThan(3);
  });

  test("has a policy, a grant and tests, and stands in the list", () => {
    expect(recipes.length).toBeGreaterThanOrEqual(6);
    for (const { title, files } of recipes) {
      const folders = new Set(Object.keys(files).map((path) => path.split("/")[0]));
      // One that lint would warn about says why it is right.
      folders.delete("phiward.yaml");
      expect(folders).toEqual(new Set(["policies", "grants", "tests"]));
      expect(PAGE).toContain(`- [${title}](#`);
    }
  });
});
