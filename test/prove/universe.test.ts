/**
 * A universe that is small enough to look at all of it: every call over a few values. There a proof
 * leaves nothing to chance, and "broader" is found by looking whenever the universe has an example.
 */
import { expect, test } from "vitest";
import type { Received, ReceivedObject } from "../../engine/json/value.ts";
import { proveTool } from "../../engine/prove/prove.ts";
import { Generator } from "./generate.ts";
import { Random } from "./random.ts";
import { allows, factsOf, sideOf } from "./sides.ts";

const ABSENT = Symbol("absent");
type Option = Received | typeof ABSENT;

const OPTIONS: Readonly<Record<string, readonly Option[]>> = {
  a: [ABSENT, null, true, 0, 1.5, 3, "", "a", "ab", []],
  b: [ABSENT, "b", 1],
  l: [ABSENT, "a", [], ["a"], ["b", "a"], [1, "a"], [null], [1, 2, 3], [["a"]]],
  o: [ABSENT, 5, {}, { x: "a" }, { y: { z: 1 } }, { l: ["a", 2] }],
};

function universe(): readonly ReceivedObject[] {
  let calls: ReceivedObject[] = [{}];
  for (const [name, values] of Object.entries(OPTIONS)) {
    calls = calls.flatMap((call) =>
      values.map((value) => (value === ABSENT ? call : { ...call, [name]: value })),
    );
  }
  return calls;
}

const GRANT = { id: "g", purpose: "other", principal: { kind: "agent", id: "a" } };

test("in a universe of 1,620 calls no verdict is wrong", () => {
  const calls = universe();
  expect(calls.length).toBe(1_620);
  const wrong: string[] = [];
  let proofs = 0;
  let outside = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const { base, head } = new Generator(new Random(seed + 500_000)).pair();
    const [baseAllows, headAllows] = [allows(base), allows(head)];
    const verdict = proveTool(sideOf(base), sideOf(head));
    const judged = calls.map((args) => [baseAllows(args, GRANT), headAllows(args, GRANT)] as const);
    const gains = judged.some(([before, after]) => after && !before);
    const losses = judged.some(([before, after]) => before && !after);
    if (verdict.verdict === "broader") {
      const { witness } = verdict;
      const facts = factsOf(witness, undefined);
      if (!headAllows(witness.args, facts) || baseAllows(witness.args, facts))
        wrong.push(`${seed}: spurious`);
      if (!gains) outside++;
      continue;
    }
    proofs++;
    if (gains) wrong.push(`${seed}: ${verdict.verdict}, but a call is gained`);
    if (losses && verdict.verdict === "same") wrong.push(`${seed}: same, but a call is lost`);
  }
  expect(wrong).toEqual([]);
  expect(proofs).toBeGreaterThan(100);
  // What sampling, however thorough, would have missed.
  expect(outside).toBeGreaterThan(0);
}, 120_000);
