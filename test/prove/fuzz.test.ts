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

  // How a patient is read out of an argument is not interpreted, so some questions stay open.
  test("that count patients, whom an argument decides about: every verdict stands", () => {
    const report = fuzz({ from: 300_000, count: 800, samples: 60, options: { subjects: true } });
    expect(report.problems).toEqual([]);
    expect(report.verdicts.broader).toBeGreaterThan(80);
    expect(report.verdicts.narrower).toBeGreaterThan(80);
    expect(report.verdicts.unknown).toBeLessThan(80);
  }, 120_000);
});
