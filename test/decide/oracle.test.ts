import fc from "fast-check";
import { expect, test } from "vitest";
import { agreement } from "./agreement.ts";

const RUNS = 100_000;

test(`decide and an independent oracle agree on ${RUNS} random policies and calls`, () => {
  const rules = new Map<string, number>();
  const watched = new Set<string>();
  fc.assert(
    agreement(
      (rule) => rules.set(rule, (rules.get(rule) ?? 0) + 1),
      (rule) => watched.add(rule),
    ),
    { numRuns: RUNS },
  );
  // Agreement says little unless both sides were asked about every kind of outcome.
  const allowed = rules.get("") ?? 0;
  expect(allowed).toBeGreaterThan(RUNS * 0.2);
  expect(allowed).toBeLessThan(RUNS * 0.8);
  const kinds = [
    "(default deny)",
    "(hidden)",
    "(method)",
    "(expired)",
    "(not yet valid)",
    "/tools/t1/require/0",
    "/tools/t1/deny_if/0",
    "/all_tools/require/0",
  ];
  for (const rule of kinds) expect(rules.get(rule) ?? 0, rule).toBeGreaterThan(10);
  // In monitor mode rules of every kind let calls pass, and who may come in is never only watched.
  expect(watched).toContain("(hidden)");
  expect(watched).toContain("/tools/t1/require/0");
  expect([...watched].filter((rule) => /^\((?!hidden|default deny)/.test(rule))).toEqual([]);
}, 300_000);
