import { expect, test } from "vitest";
import { killWriters } from "../audit/crash.ts";
import { temporaryFolder } from "../audit/folder.ts";

test.each([1, 16, 64, 256])(
  "fifty times killed under the load of %i writers: nothing that was told is lost, and the chain is whole",
  async (writers) => {
    const { told, lost, untold, problems } = await killWriters(temporaryFolder(), 50, {
      writers,
      afterMs: (round) => (round * 37) % 400,
    });
    console.log(`${writers} writers: ${told} told, ${untold} on disk and not told`);
    expect({ lost, problems }).toEqual({ lost: [], problems: [] });
    expect(told).toBeGreaterThan(50);
  },
);
