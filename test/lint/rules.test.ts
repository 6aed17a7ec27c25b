/** Every rule finds exactly what its own examples say, and nothing in the ones that are well. */
import { describe, expect, it } from "vitest";
import { RULES } from "../../engine/lint/rules/index.ts";
import { findingsOf, lineOf } from "../support/lint.ts";

describe.each(RULES.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  const { given = {}, bad, ok, findings } = rule.examples;

  it("finds in the bad example exactly what the example says", async () => {
    const found = await findingsOf({ ...given, ...bad }, { rule: id });
    expect(found.map(lineOf)).toEqual(findings);
    expect(found.length).toBeGreaterThan(0);
  });

  it("finds nothing in the good example", async () => {
    expect((await findingsOf({ ...given, ...ok }, { rule: id })).map(lineOf)).toEqual([]);
  });
});
