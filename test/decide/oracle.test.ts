/** The decision against an independent one that shares no code with it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, TOOLS_CALL } from "../../engine/decide/decide.ts";
import { InexactNumber } from "../../engine/json/value.ts";
import { decide as oracle } from "../oracle/decide.ts";
import { type Pair, pairWith } from "../support/arbitrary.ts";
import { repositoryOf } from "../support/compile.ts";

const RUNS = 100_000;
const pairs = pairWith({ inexact: (text) => new InexactNumber(text) });

function ask({ policy, grant, server, call }: Pair) {
  const repository = repositoryOf({
    policies: { p1: policy },
    ...(grant === undefined ? {} : { grants: { [grant.id as string]: grant } }),
    ...(server === undefined ? {} : { servers: { s1: server } }),
  });
  const who =
    grant === undefined || server === undefined ? { policy: "p1" } : { grant: grant.id as string };
  return decide(repository, {
    ...who,
    ...(server === undefined ? {} : { server: "s1" }),
    method: call.method ?? TOOLS_CALL,
    tool: call.tool,
    args: (call.args ?? {}) as never,
    at: call.at ?? 0,
  }).decision;
}

test(`decide and the oracle agree on ${RUNS} random policies and calls`, () => {
  const rules = new Map<string, number>();
  fc.assert(
    fc.property(pairs, (pair) => {
      const grant = pair.server === undefined ? undefined : pair.grant;
      const expected = oracle({ ...pair, grant, policyName: "p1" });
      const got = ask(pair);
      rules.set(got.rule, (rules.get(got.rule) ?? 0) + 1);
      const same =
        got.verdict === expected.verdict &&
        got.rule === expected.rule &&
        got.ephi === expected.ephi &&
        got.effect === expected.effect;
      // `expect` on each of them would take longer than deciding them.
      if (!same) expect(got).toMatchObject(expected);
    }),
    { numRuns: RUNS },
  );
  // Agreement says little unless both sides were asked about every kind of outcome.
  const allowed = rules.get("") ?? 0;
  expect(allowed).toBeGreaterThan(RUNS * 0.2);
  expect(allowed).toBeLessThan(RUNS * 0.8);
  for (const rule of [
    "(default deny)",
    "(hidden)",
    "(method)",
    "(expired)",
    "/tools/t1/require/0",
    "/tools/t1/deny_if/0",
    "/all_tools/require/0",
  ]) {
    expect(rules.get(rule) ?? 0, rule).toBeGreaterThan(10);
  }
}, 300_000);
