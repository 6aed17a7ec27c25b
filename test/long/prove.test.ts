import { expect, test } from "vitest";
import { fuzz } from "../prove/fuzz.ts";

const BATCH = 5_000;

test.each([
  { name: "of arguments alone", from: 1_000_000, count: 95_000, options: {} },
  { name: "with grants", from: 2_000_000, count: 95_000, options: { grants: true } },
  { name: "with schemas", from: 3_000_000, count: 5_000, options: { schemas: true } },
  { name: "with both", from: 4_000_000, count: 5_000, options: { grants: true, schemas: true } },
])(
  "$count random pairs $name: every verdict stands",
  ({ name, from, count, options }) => {
    let unknown = 0;
    const verdicts: Record<string, number> = {};
    for (let done = 0; done < count; done += BATCH) {
      const report = fuzz({ from: from + done, count: BATCH, samples: 100, options });
      expect(report.problems).toEqual([]);
      unknown += report.unknown;
      for (const [verdict, n] of Object.entries(report.verdicts)) {
        verdicts[verdict] = (verdicts[verdict] ?? 0) + n;
      }
    }
    console.info(name, verdicts, `unknown with constants: ${unknown}`);
    expect(unknown / count).toBeLessThan(0.001);
  },
  3_600_000,
);
