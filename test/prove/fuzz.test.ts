import { describe, expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";

describe("random pairs of policies", () => {
  test.each([
    { name: "of arguments alone", from: 1, count: 2_500, options: {} },
    { name: "with grants", from: 100_000, count: 2_200, options: { grants: true } },
    {
      name: "with grants and schemas",
      from: 200_000,
      count: 400,
      options: { grants: true, schemas: true },
    },
  ])(
    "$name: every verdict stands",
    ({ from, count, options }) => {
      const report = fuzz({ from, count, samples: 60, options });
      expect(report.problems).toEqual([]);
      // Both kinds of answers have to occur, or nothing was tested.
      expect(report.verdicts.broader).toBeGreaterThan(count / 10);
      expect(report.verdicts.narrower).toBeGreaterThan(count / 10);
      expect(report.unknown / count).toBeLessThanOrEqual(0.001);
    },
    120_000,
  );
});
