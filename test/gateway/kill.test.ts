/** Record before forward, shown by killing the gateway under load. The long run does it 100 times. */
import { expect, test } from "vitest";
import { killAgainAndAgain } from "../support/kill.ts";

test("a gateway killed 10 times under load forwarded nothing that is not on record, and its chain is whole", async () => {
  let turn = 0;
  const report = await killAgainAndAgain(10, () => 3 + ((turn++ * 37) % 60));
  expect(report.unrecorded).toEqual([]);
  expect(report.problems).toEqual([]);
  expect(report.arrived).toBeGreaterThanOrEqual(report.answered);
}, 120_000);
