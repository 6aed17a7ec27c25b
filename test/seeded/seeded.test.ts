import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BUGS, type Bug } from "./bugs.ts";
import { type Found, find } from "./find.ts";
import { page } from "./page.ts";

const all: [Bug, Found][] = [];

describe("a mistake is found", () => {
  test.for(BUGS)("$kind: $slip", async (bug) => {
    const found = await find(bug);
    all.push([bug, found]);
    expect(Object.keys(found)).not.toEqual([]);
  });

  /** `UPDATE_SEEDED=1 npx vitest run test/seeded` writes it; read the difference. */
  test("by what the page says", () => {
    const path = join(import.meta.dirname, "../../docs/seeded-bugs.md");
    if (process.env.UPDATE_SEEDED === "1") writeFileSync(path, page(all));
    expect(readFileSync(path, "utf8")).toBe(page(all));
  });
});

test("there are at least fifty, no two alike", () => {
  const texts = BUGS.map(({ part, file, edits }) => JSON.stringify([part, file, edits]));
  expect(new Set(texts).size).toBe(BUGS.length);
  expect(BUGS.length).toBeGreaterThanOrEqual(50);
});
