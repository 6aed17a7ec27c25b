/**
 * An hour at a steady load (SOAK_MINUTES for another time): memory flat, no descriptor lost, latency as
 * at the beginning, the chain whole. Each look at the process is a line of the output.
 */
import { expect, test } from "vitest";
import { type Sample, soak } from "../support/soak.ts";

const MINUTES = Number(process.env.SOAK_MINUTES ?? 60);

test(
  "an hour at a steady load changes nothing but the log",
  async () => {
    const run = await soak({
      ms: MINUTES * 60_000,
      perSecond: 150,
      clients: 16,
      samples: 60,
      onSample: (sample) => process.stdout.write(`${JSON.stringify(sample)}\n`),
    });
    process.stdout.write(`${run.messages} messages, ${run.records} records\n`);
    expect(run.wrong).toEqual([]);
    expect(run.problems).toBe(0);
    expect(run.exit).toBe(0);
    // The first quarter warms up; the others are compared.
    const quarter = (index: number): readonly Sample[] =>
      run.samples.slice(index * 15, index * 15 + 15);
    const [second, last] = [quarter(1), quarter(3)];
    expect(median(last, "memory")).toBeLessThan(median(second, "memory") * 1.15 + 16);
    expect(median(last, "descriptors")).toBeLessThanOrEqual(median(second, "descriptors") + 4);
    expect(median(last, "threads")).toBe(median(second, "threads"));
    expect(median(last, "p99")).toBeLessThan(median(second, "p99") * 2 + 5);
  },
  (MINUTES + 10) * 60_000,
);

function median(samples: readonly Sample[], name: keyof Sample): number {
  return samples.map((sample) => sample[name]).sort((a, b) => a - b)[samples.length >> 1]!;
}
