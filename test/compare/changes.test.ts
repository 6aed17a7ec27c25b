/**
 * Real changes of managed policies, translated to the language: the direction of each, and which
 * tools became reachable, by proof for every tool that either version names.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { proveTool } from "../../engine/prove/prove.ts";
import { policyOf } from "../support/compile.ts";

interface Row {
  readonly policy: string;
  readonly commit: string;
  readonly expected: "broadening" | "narrowing" | "mixed" | "equal";
  readonly addedTools: readonly string[];
  readonly removedTools: readonly string[];
  readonly before: { readonly tools: Readonly<Record<string, object>> };
  readonly after: { readonly tools: Readonly<Record<string, object>> };
}

const file = new URL("../fixtures/changes/aws-translated-to-seed-policy.dev.json", import.meta.url);
const rows = JSON.parse(readFileSync(file, "utf8")) as readonly Row[];

test("eighty real changes: direction, added and removed tools", () => {
  expect(rows.length).toBe(80);
  for (const { policy, commit, expected, addedTools, removedTools, before, after } of rows) {
    const base = policyOf(before);
    const head = policyOf(after);
    const tools = [...new Set([...Object.keys(before.tools), ...Object.keys(after.tools)])].sort();
    const gained: string[] = [];
    const lost: string[] = [];
    for (const tool of tools) {
      const side = (p: typeof base) => ({ policy: p, target: { tool }, grant: "free" }) as const;
      const { verdict } = proveTool(side(base), side(head));
      if (verdict === "broader") gained.push(tool);
      if (verdict === "narrower") lost.push(tool);
    }
    const direction =
      gained.length === 0
        ? lost.length === 0
          ? "equal"
          : "narrowing"
        : lost.length === 0
          ? "broadening"
          : "mixed";
    const where = `${policy} ${commit.slice(0, 7)}`;
    expect([where, direction, gained, lost]).toEqual([
      where,
      expected,
      [...addedTools].sort(),
      [...removedTools].sort(),
    ]);
  }
});
