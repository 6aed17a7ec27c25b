import { describe, expect, test } from "vitest";
import { compare } from "../../engine/compare/compare.ts";
import type { Change, Diff } from "../../engine/compare/report.ts";
import { broken } from "./laws.ts";
import { compared, filesOf, options, repository } from "./repository.ts";
import { ROWS } from "./rows.ts";

function line({ verdict, kind, by, tool, method, grant }: Change): string {
  const target = tool !== null && tool !== "" ? tool : (method ?? "-");
  return [verdict, kind, by, target, grant ?? "-"].join(" ");
}

function said({ verdict, blocks, changes }: Diff): object {
  return { says: `${verdict} ${blocks ? "blocks" : "passes"}`, changes: changes.map(line).sort() };
}

describe.each([...new Set(ROWS.map(({ category }) => category))])("%s", (category) => {
  test.each(ROWS.filter((row) => row.category === category))(
    "$name: $says",
    async ({ base, head, says, changes, scope }) => {
      const result = await compared(base, head, scope);
      expect(said(result.diff)).toEqual({ says, changes: [...changes].sort() });
      expect(broken(result)).toEqual([]);
    },
  );
});

test("the table is as large as it claims to be, and no row stands twice", () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(140);
  expect(new Set(ROWS.map(({ category, name }) => `${category}: ${name}`)).size).toBe(ROWS.length);
});

test("the order in which files are read changes nothing", async () => {
  for (const { base, head, scope } of ROWS) {
    const turned = (document: typeof base) =>
      repository(Object.fromEntries(Object.entries(filesOf(document)).reverse()));
    const { diff } = await compared(base, head, scope);
    expect(compare(await turned(base), await turned(head), options(scope))).toEqual(diff);
  }
});
