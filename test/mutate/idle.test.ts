/** Limits that another one always stops first, and those that only look so. */
import { expect, test } from "vitest";
import type { PlacedLimit } from "../../engine/compare/quota.ts";
import { neverStops } from "../../engine/mutate/idle.ts";
import type { Limit } from "../../engine/policy/ir.ts";

const limit = (fields: Partial<Limit>, at: PlacedLimit["at"] = "own"): PlacedLimit => ({
  limit: { counter: "c", window: "hour", max: 5, scope: "grant", ...fields },
  at,
  index: 0,
});
const DAILY = limit({ window: "day", max: 120 });
const AMOUNT = { root: "args", steps: ["n"] } as const;

test.each<[what: string, other: PlacedLimit, of: PlacedLimit, idle: boolean]>([
  ["five an hour make no more than 120 a day", limit({}), DAILY, true],
  ["and they may make 120", limit({}), limit({ window: "day", max: 119 }), false],
  ["a day's five are within an hour's five", limit({ window: "day" }), limit({}), true],
  ["another holder", limit({ scope: "server" }), DAILY, false],
  ["patients are no calls", limit({ distinct: "subject" }), DAILY, false],
  ["a sum is no number of calls", limit({ incrementFrom: AMOUNT }), DAILY, false],
  ["what counts all tools counts one of them", limit({}, "all"), DAILY, true],
  ["and not the other way round", limit({}), { ...DAILY, at: "all" }, false],
])("%s", (_, other, of, idle) => {
  expect(neverStops(of, [[other, of]])).toBe(idle);
});

test("it has to be so wherever the limit stands", () => {
  const [hourly, daily] = [limit({}), DAILY];
  expect(neverStops(daily, [[hourly, daily], [daily]])).toBe(false);
  expect(neverStops(daily, [[hourly, daily], []])).toBe(true);
});
