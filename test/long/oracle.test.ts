/** The decision against the independent oracle, on a million pairs. */
import fc from "fast-check";
import { test } from "vitest";
import { agreement } from "../decide/agreement.ts";

test("decide and the oracle agree on 1,000,000 random policies and calls", () => {
  fc.assert(
    agreement(() => undefined),
    { numRuns: 1_000_000 },
  );
});
