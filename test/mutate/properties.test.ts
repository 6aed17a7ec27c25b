/** What is called equivalent is so for every call that is tried. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "../../engine/decide/decide.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import type { ReceivedObject } from "../../engine/json/value.ts";
import { withMutant } from "../../engine/mutate/apply.ts";
import { differ } from "../../engine/mutate/differ.ts";
import { mutantsOf } from "../../engine/mutate/mutants.ts";
import { sees } from "../../engine/mutate/see.ts";
import { load } from "../../engine/policy/load.ts";
import { callArguments } from "../support/arbitrary.ts";
import { callOfPair, type Pair, pairs } from "../support/pairs.ts";
import { memoryTree } from "../support/tree.ts";

const CALLS = 40;
/** Of each policy; so that many small policies are tried instead of one large one. */
const MUTANTS = 12;

function filesOf({ policy, grant, server }: Pair): Record<string, string> {
  return {
    "policies/p1.json": JSON.stringify(policy),
    ...(grant === undefined ? {} : { [`grants/${grant.id}.json`]: JSON.stringify(grant) }),
    ...(server === undefined ? {} : { "servers/s1.json": JSON.stringify(server) }),
  };
}

test("a mutant that is called equivalent decides like the original", async () => {
  let [equivalent, shown] = [0, 0];
  const calls = fc.array(callArguments, { minLength: CALLS, maxLength: CALLS });
  await fc.assert(
    fc.asyncProperty(pairs, calls, async (pair, others) => {
      const loaded = await load(memoryTree(filesOf(pair)));
      const original = prepare(loaded.repository);
      const call = callOfPair(pair);
      const mutants = mutantsOf(loaded);
      const stride = Math.max(1, Math.floor(mutants.length / MUTANTS));
      for (const { edit, mutation } of mutants.filter((_, index) => index % stride === 0)) {
        const mutated = withMutant(original, edit);
        const difference = differ(original, mutated, edit, call.at);
        if (difference.is === "shown") shown++;
        if (difference.is !== "none") continue;
        equivalent++;
        for (const args of [call.args, ...others.map((one) => one as ReceivedObject)]) {
          const asked = { ...call, args };
          const [o, m] = [original, mutated].map((side) => decide(side, asked).decision);
          expect([mutation, sees(o!, m!)]).toEqual([mutation, false]);
        }
      }
    }),
    { numRuns: 60, interruptAfterTimeLimit: 20_000 },
  );
  // The property is about something.
  expect(equivalent).toBeGreaterThan(20);
  expect(shown).toBeGreaterThan(20);
});
