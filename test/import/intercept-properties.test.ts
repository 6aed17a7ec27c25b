// Random policies and calls, decided by the import and by the oracle of Intercept's semantics.
import fc from "fast-check";
import { expect, test } from "vitest";
import { imported, verdicts } from "./imported.ts";
import { type Condition, interceptAllows, type Policy, type Rule } from "./intercept-oracle.ts";

const SCALARS = ["a", "ab", "", "5", "true", "<nil>", "[a]", 5, 0, -1, 1.5, true, false] as const;
const VALUES = [...SCALARS, null, [], ["a"], [5, "a"], {}, { b: "a" }, { b: null }, { b: 5 }];
const TOOLS = ["t", "u", "v"] as const;

const path = fc.constantFrom("args.x", "args.x", "args.x", "args.y", "args.y.b", "args.y.b.c");
const scalar = fc.constantFrom(...SCALARS);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    path,
    op: fc.constantFrom("eq", "neq", "contains"),
    value: scalar as fc.Arbitrary<unknown>,
  }),
  fc.record({
    path,
    op: fc.constantFrom("in", "not_in"),
    value: fc.array(scalar as fc.Arbitrary<unknown>, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    path,
    op: fc.constantFrom("lt", "lte", "gt", "gte"),
    value: fc.constantFrom(0, 1.5, 5),
  }),
  fc.record({
    path,
    op: fc.constant("regex"),
    value: fc.constantFrom("a", "^a$", "^[a-z]*$", "[0-9]"),
  }),
  fc.record({ path, op: fc.constant("exists"), value: fc.boolean() }),
);

const evaluate: fc.Arbitrary<Rule> = fc.record({
  name: fc.constantFrom("r", "s"),
  // One, mostly: several at random contradict one another, and everything is denied.
  conditions: fc.oneof(
    { weight: 3, arbitrary: condition.map((one) => [one]) },
    { weight: 1, arbitrary: fc.array(condition, { minLength: 2, maxLength: 3 }) },
  ),
});

const limited = (scope: string, index: number): fc.Arbitrary<Rule> =>
  fc
    .record({
      op: fc.constantFrom("lt", "lte"),
      value: fc.constantFrom(0, 1, 2.5, 3),
      window: fc.constantFrom("minute", "hour", "day"),
      amount: fc.constantFrom({}, { increment: 2 }, { increment_from: "args.x" }),
      also: fc.array(condition, { maxLength: 1 }),
    })
    .map(({ op, value, window, amount, also }) => ({
      name: `l${index}`,
      conditions: [{ path: `state.${scope}.c${index}`, op, value }, ...also],
      state: { counter: `c${index}`, window, ...amount },
    }));

/** There in one of so many. */
const oneIn = <T>(count: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: count - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const rulesOf = (tool: string): fc.Arbitrary<Rule[]> =>
  fc
    .tuple(
      oneIn(2, evaluate),
      oneIn(4, evaluate),
      oneIn(3, limited(tool === "*" ? "_global" : tool, 0)),
      oneIn(4, fc.constant<Rule>({ name: "n", rate_limit: "2/hour" })),
      oneIn(20, fc.constant<Rule>({ name: "d", action: "deny" })),
    )
    .map((rules) => rules.filter((rule) => rule !== undefined));

const toolsOf = fc
  .tuple(rulesOf("t"), oneIn(2, rulesOf("u")), oneIn(3, rulesOf("*")))
  .map(([t, u, every]) =>
    Object.fromEntries(
      Object.entries({ t, u, "*": every }).flatMap(([tool, rules]) =>
        rules === undefined ? [] : [[tool, { rules }]],
      ),
    ),
  );

const policy: fc.Arbitrary<Policy & { default: string; tools: object }> = fc.record({
  version: fc.constant("1"),
  default: fc.constantFrom("allow", "deny"),
  hide: fc.oneof(
    { weight: 6, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.constantFrom<string[]>(["u"], ["*"]) },
  ),
  tools: toolsOf,
});

const call = fc.record({
  tool: fc.constantFrom("t", "t", ...TOOLS),
  args: fc.dictionary(fc.constantFrom("x", "y"), fc.constantFrom(...VALUES), {
    minKeys: 1,
    maxKeys: 2,
  }),
});

/** A real store answers zero for a counter that never counted. */
function emptyStore({ tools }: Policy): Map<string, number> {
  const store = new Map<string, number>();
  for (const [tool, written] of Object.entries(tools ?? {})) {
    const scope = tool === "*" ? "_global" : tool;
    for (const { state, rate_limit: rate } of written?.rules ?? []) {
      if (state !== undefined) store.set(`${scope}.${state.counter}`, 0);
      if (rate !== undefined) store.set(`${scope}._rate_${rate.split("/")[1]}`, 0);
    }
  }
  return store;
}

const RUNS = { numRuns: 1_500, seed: 20_261_124 };

test("what the import allows, Intercept allows; and a tool that is exact is the same", async () => {
  const seen = { allowed: 0, denied: 0, exact: 0, exactAllowed: 0, stricter: 0 };
  await fc.assert(
    fc.asyncProperty(
      policy,
      fc.array(call, { minLength: 1, maxLength: 8 }),
      async (from, calls) => {
        const { ready, imported: report } = await imported(from, TOOLS);
        const ours = verdicts(ready, calls);
        const fates = new Map(report.policies[0]!.tools.map(({ name, fate }) => [name, fate]));
        const isWhole = [...fates.values()].every((fate) => fate === "exact");
        // A call that ours denies takes nothing from a quota, so theirs is not asked about it; where
        // nothing differs, it is asked about all of them.
        const store = emptyStore(from);
        for (const [i, { tool, args }] of calls.entries()) {
          if (!ours[i] && !isWhole) continue;
          const theirs = interceptAllows(from, tool, args, store);
          if (ours[i]) expect(theirs).toBe(true);
          if (isWhole) expect(ours[i]).toBe(theirs);
          seen[ours[i] ? "allowed" : "denied"]++;
          if (isWhole) seen.exact++;
          if (isWhole && ours[i]) seen.exactAllowed++;
        }
        // By itself, the first call of a tool that is exact is the same.
        for (const { tool, args } of calls) {
          const fate = fates.get(tool);
          const theirs = interceptAllows(from, tool, args, emptyStore(from));
          const [ours] = verdicts(ready, [{ tool, args }]);
          if (fate === "exact") expect(ours).toBe(theirs);
          else if (ours !== theirs) seen.stricter++;
        }
      },
    ),
    RUNS,
  );
  // A property that never meets an allowed call, or an exact one, would say nothing.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50);
});
