/** A minute's worth of the long soak, in seconds: the load itself is right, and nothing is left over. */
import { expect, test } from "vitest";
import { soak } from "../support/soak.ts";

test("a steady load leaves no descriptor behind, and a whole chain", async () => {
  const run = await soak({ ms: 6_000, perSecond: 150, clients: 8, samples: 3 });
  expect(run.wrong).toEqual([]);
  expect(run.messages).toBeGreaterThan(500);
  expect(run.problems).toBe(0);
  // A decision and an outcome of most.
  expect(run.records).toBeGreaterThan(run.messages);
  expect(run.exit).toBe(0);
  expect(run.errors).not.toMatch(/error/i);
  const [first, , last] = run.samples;
  expect(last!.descriptors).toBeLessThanOrEqual(first!.descriptors + 10);
}, 60_000);
