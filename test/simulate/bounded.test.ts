/** A simulation holds no more for a million calls than for a thousand, and says what it left out. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RecordedCall, readFixture } from "../../engine/calls/calls.ts";
import { DAY, HOUR } from "../../engine/policy/time.ts";
import { limitKey, MemoryUsage } from "../../engine/quota/quota.ts";
import { simulate, startSimulation } from "../../engine/simulate/simulate.ts";
import { MAX_EXAMPLES, MAX_NAMES, OTHERS } from "../../engine/simulate/tally.ts";
import { boundedUsage } from "../../engine/simulate/usage.ts";
import { repositoryOf } from "../support/compile.ts";
import { type Fields, partsOf, rulesOf } from "../support/world.ts";

const START = Date.UTC(2026, 9, 1);
const open = repositoryOf(partsOf({ policy: rulesOf({}) }));
const shut = repositoryOf(partsOf({ policy: rulesOf({ args: ["never"] }) }));

function* calls(count: number, of: (n: number) => Fields): Generator<RecordedCall> {
  for (let n = 0; n < count; n++) {
    const call = { v: 1, id: `c${n}`, grant: "g1", server: "s1", tool: "t", args: { a: 1 } };
    const at = new Date(START + n * 1_000).toISOString();
    yield readFixture("fixtures/a.jsonl", n + 1, JSON.stringify({ ...call, at, ...of(n) }));
  }
}

test("all gained calls are counted, and a bounded number is kept", () => {
  const report = simulate(
    calls(MAX_EXAMPLES + 500, () => ({})),
    open,
    shut,
  );
  expect(report.gainedTotal).toBe(MAX_EXAMPLES + 500);
  expect(report.gained).toHaveLength(MAX_EXAMPLES);
  expect(report.gained[0]!.id).toBe("c0");
  expect(report.ephiGained).toBe(MAX_EXAMPLES + 500);
  expect(report.gainedCells).toMatchObject([
    { grant: "g1", tool: "t", calls: MAX_EXAMPLES + 500, first: { id: "c0", line: 1 } },
  ]);
});

// The one call that matters must not drown in a thousand of another tool.
test("the first of every grant and tool is kept, however late it comes", () => {
  const policy = (rules: Fields) =>
    repositoryOf(
      partsOf({ policy: { version: "1", default: "deny", tools: { t: rules, late: rules } } }),
    );
  const report = simulate(
    calls(MAX_EXAMPLES + 100, (n) => (n === MAX_EXAMPLES + 50 ? { tool: "late" } : {})),
    policy({}),
    policy({ args: ["never"] }),
  );
  expect(report.gained.at(-1)).toMatchObject({ tool: "late", id: `c${MAX_EXAMPLES + 50}` });
  expect(report.gainedCells.map(({ tool, calls: count }) => [tool, count])).toEqual([
    ["t", MAX_EXAMPLES + 99],
    ["late", 1],
  ]);
});

test("names that a recording makes up are counted together after the first thousand", () => {
  const report = simulate(
    calls(MAX_NAMES + 300, (n) => ({ tool: `t${n}` })),
    shut,
    shut,
  );
  expect(report.head.byTool).toHaveLength(MAX_NAMES + 1);
  expect(report.head.byTool.find(({ tool }) => tool === OTHERS)).toMatchObject({ denied: 300 });
  expect(report.head.denied).toBe(MAX_NAMES + 300);
});

test("in blocks or at once, the report is the same", () => {
  const all = [...calls(50, (n) => (n % 3 === 0 ? { args: {} } : {}))];
  const running = startSimulation(open, shut);
  for (let at = 0; at < all.length; at += 7) running.judge(all.slice(at, at + 7));
  expect(running.report()).toEqual(simulate(all, open, shut));
});

test("people are counted by who calls and who answers for it, those who gain most first", () => {
  const report = simulate(
    calls(9, (n) => (n < 3 ? { grant: "nobody" } : {})),
    open,
    shut,
  );
  expect(report.byPerson).toMatchObject([
    { principal: expect.any(String), calls: 6, gained: 6, ephiGained: 6 },
    { principal: null, responsible: null, calls: 3, gained: 0, denied: 3 },
  ]);
  expect(report.ephi).toMatchObject({ calls: 9, gained: 6 });
});

describe("what was used", () => {
  const limit = {
    counter: "c",
    window: "hour",
    max: 3,
    scope: "grant",
  } as const;
  const holder = { server: "s", tool: "t", grant: "g", principal: "p" };

  test("is the same as when everything is kept, for calls in their order", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            step: fc.integer({ min: 0, max: 5 * HOUR }),
            who: fc.nat(3),
            patient: fc.nat(5),
          }),
          { maxLength: 60 },
        ),
        (steps) => {
          const bounded = boundedUsage(4);
          const whole = new MemoryUsage();
          let at = START;
          for (const { step, who, patient } of steps) {
            at += step;
            bounded.at(at);
            const key = limitKey(limit, { ...holder, grant: `g${who}` }, at);
            const subjects = [`p-${patient}`, `p-${patient + 1}`];
            expect(bounded.used(key)).toBe(whole.used(key));
            expect(bounded.distinct(key, subjects)).toBe(whole.distinct(key, subjects));
            for (const usage of [bounded, whole]) {
              usage.charge([
                { key, amount: 1 },
                { key, subjects },
              ]);
            }
          }
          expect(bounded.late()).toBe(0);
        },
      ),
    );
  });

  test("is let go of when its window is long over, and a call that comes later still is counted", () => {
    const usage = boundedUsage(2);
    const key = (at: number): string => limitKey(limit, holder, at);
    for (let day = 0; day < 10; day++) {
      usage.at(START + day * DAY);
      usage.charge([{ key: key(START + day * DAY), amount: 1 }]);
    }
    expect(usage.used(key(START))).toBe(0);
    expect(usage.used(key(START + 9 * DAY))).toBe(1);
    expect(usage.late()).toBe(0);
    usage.at(START);
    expect(usage.late()).toBe(1);
  });
});
