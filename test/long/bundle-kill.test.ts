import { expect, test } from "vitest";
import { releaseHistory } from "../support/release-history.ts";
import { killWhileTaking } from "../support/release-kill.ts";

test.each([
  ["folder", 180],
  ["git", 40],
] as const)(
  "an engine killed while it takes releases from a %s, %i times, keeps every promise",
  async (form, kills) => {
    const report = await killWhileTaking(await releaseHistory(), {
      kills,
      form,
      random: Math.random,
    });
    process.stdout.write(`${JSON.stringify({ form, ...report })}\n`);
    expect(report.problems).toEqual([]);
    expect(report.promises).toBeGreaterThan(kills);
  },
  1_200_000,
);
