import { expect, test } from "vitest";
import { killAgainAndAgain } from "../support/kill.ts";

test("a gateway killed 100 times under load forwarded nothing that is not on record", async () => {
  const report = await killAgainAndAgain(100, () => 1 + Math.floor(Math.random() * 200));
  process.stdout.write(`${JSON.stringify(report)}\n`);
  expect(report.unrecorded).toEqual([]);
  expect(report.problems).toEqual([]);
  expect(report.answered).toBeGreaterThan(1_000);
}, 1_200_000);
