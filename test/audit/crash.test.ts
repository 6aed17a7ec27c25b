import { expect, test } from "vitest";
import { killWriters } from "./crash.ts";
import { temporaryFolder } from "./folder.ts";

test("ten times killed under load: no record that was told to be on disk is lost, and the chain is whole", async () => {
  const { told, lost, untold, problems } = await killWriters(temporaryFolder(), 10, {
    writers: 64,
    afterMs: (round) => 20 + 17 * round,
  });
  expect({ lost, problems }).toEqual({ lost: [], problems: [] });
  // Every round came to write, and was killed with records on the way.
  expect(told).toBeGreaterThan(640);
  expect(untold).toBeGreaterThan(0);
});
