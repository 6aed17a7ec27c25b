/** Quotas: windows, whom they count for, what they count, and that a denied call costs nothing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Call } from "../../engine/decide/call.ts";
import { decide } from "../../engine/decide/decide.ts";
import { InexactNumber } from "../../engine/json/value.ts";
import type { Limit, Scope, Window } from "../../engine/policy/ir.ts";
import {
  fits,
  limitKey,
  MemoryUsage,
  UNUSED,
  type Usage,
  windowStart,
} from "../../engine/quota/quota.ts";
import { type Parts, repositoryOf } from "../support/compile.ts";
import {
  type CallFields,
  callOf,
  type Fields,
  grantFile,
  NOW,
  partsOf,
  policyFile,
  rulesOf,
  serverFile,
  type World,
} from "../support/world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LENGTH: Record<Window, number> = { minute: MINUTE, hour: HOUR, day: DAY };

/** A call after another, each allowed one charged; the answer is their rules. */
function replay(parts: Parts, calls: readonly CallFields[], usage = new MemoryUsage()): string[] {
  const repository = repositoryOf(parts);
  return calls.map((fields) => {
    const { decision, charges } = decide(repository, callOf(fields), { usage });
    usage.charge(charges);
    return decision.rule;
  });
}

const limited = (limit: Fields, more: World = {}): Parts =>
  partsOf({ policy: rulesOf({ limits: [{ counter: "c", window: "hour", ...limit }] }), ...more });
const DENIED = "/tools/t/limits/0";

describe("a window starts on the full minute, hour or day of UTC", () => {
  test.each<[window: Window, at: string, start: string]>([
    ["minute", "2026-10-01T12:34:56.789Z", "2026-10-01T12:34:00.000Z"],
    ["hour", "2026-10-01T12:34:56.789Z", "2026-10-01T12:00:00.000Z"],
    ["day", "2026-10-01T12:34:56.789Z", "2026-10-01T00:00:00.000Z"],
    ["day", "2026-10-01T23:59:59.999Z", "2026-10-01T00:00:00.000Z"],
    ["day", "2026-10-02T00:00:00.000Z", "2026-10-02T00:00:00.000Z"],
    // A place with half an hour's difference, on a day when its clocks change, is in UTC too.
    ["hour", "2026-04-05T02:15:00+10:30", "2026-04-04T15:00:00.000Z"],
    ["day", "2026-10-01T23:30:00-05:00", "2026-10-02T00:00:00.000Z"],
    // Before 1970 as after it.
    ["minute", "1969-12-31T23:59:30.000Z", "1969-12-31T23:59:00.000Z"],
    ["day", "1969-12-31T23:59:30.000Z", "1969-12-31T00:00:00.000Z"],
  ])("%s of %s", (window, at, start) => {
    expect(new Date(windowStart(window, Date.parse(at))).toISOString()).toBe(start);
  });

  test("every moment is in exactly one window, of the window's length", () => {
    const moments = fc.integer({ min: -8e14, max: 8e14 });
    fc.assert(
      fc.property(moments, fc.constantFrom("minute", "hour", "day"), (at, window) => {
        const start = windowStart(window, at);
        expect(start).toBeLessThanOrEqual(at);
        expect(at - start).toBeLessThan(LENGTH[window]);
        expect(Math.abs(start % LENGTH[window])).toBe(0);
        expect(windowStart(window, start)).toBe(start);
      }),
    );
  });

  test("what was used in one is free again in the next, not before", () => {
    const at = Date.UTC(2026, 9, 1, 12);
    const calls = [at + 1, at + HOUR - 1, at + HOUR, at + 2 * HOUR - 1, at - 1];
    expect(
      replay(
        limited({ max: 1 }),
        calls.map((at) => ({ at })),
      ),
    ).toEqual(["", DENIED, "", DENIED, ""]);
  });

  test.each(["minute", "hour", "day"] as const)("a window of a %s is as long as that", (window) => {
    const start = windowStart(window, NOW);
    const calls = [start, start + LENGTH[window] - 1, start + LENGTH[window]];
    expect(
      replay(
        limited({ window, max: 1 }),
        calls.map((at) => ({ at })),
      ),
    ).toEqual(["", DENIED, ""]);
  });
});

describe("what makes two limits the same one", () => {
  const limit: Limit = { counter: "c", window: "hour", max: 5, scope: "grant" };
  const holder = { server: "s1", tool: "t", grant: "g1", principal: "agent:bot-1" };
  const key = (more: Partial<Limit> = {}, who: Partial<typeof holder> = {}, at = NOW): string =>
    limitKey({ ...limit, ...more }, { ...holder, ...who }, at);

  test.each<[what: string, key: string]>([
    ["another server", key({}, { server: "s2" })],
    ["another tool", key({}, { tool: "u" })],
    ["all tools", limitKey(limit, { ...holder, tool: undefined }, NOW)],
    ["another counter", key({ counter: "d" })],
    ["another window", key({ window: "day" })],
    // At noon a minute and an hour begin together.
    ["another window that begins with it", key({ window: "minute" })],
    ["another scope", key({ scope: "principal" })],
    ["another grant", key({}, { grant: "g2" })],
    ["a later window", key({}, {}, NOW + HOUR)],
  ])("%s: another limit", (_, other) => {
    expect(other).not.toBe(key());
  });

  // Nobody gets quota back by editing a policy.
  test.each<[what: string, key: string]>([
    ["a higher maximum", key({ max: 50 })],
    ["counting patients", key({ distinct: "subject" })],
    ["counting a sum", key({ incrementFrom: { root: "args", steps: ["n"] } })],
    ["another principal of the grant", key({}, { principal: "agent:bot-2" })],
    ["a moment of the same window", key({}, {}, NOW + HOUR - 1)],
  ])("%s: the same limit", (_, other) => {
    expect(other).toBe(key());
  });

  test("a scope counts for its own holder only", () => {
    const principal = (who: Partial<typeof holder>) => key({ scope: "principal" }, who);
    expect(principal({ grant: "g2" })).toBe(principal({}));
    expect(principal({ principal: "agent:bot-2" })).not.toBe(principal({}));
    const server = (who: Partial<typeof holder>) => key({ scope: "server" }, who);
    expect(server({ grant: "g2", principal: "agent:bot-2" })).toBe(server({}));
    expect(server({ server: "s2" })).not.toBe(server({}));
  });

  test("no name can be written so that it runs into the next part of the key", () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('"', '","', "\\", "null", "a,b", "hour"));
    const part = fc.tuple(name, fc.option(name, { nil: undefined }), name, name);
    const keyOf = ([server, tool, counter, grant]: [string, string | undefined, string, string]) =>
      limitKey({ ...limit, counter }, { server, tool, grant, principal: "p" }, NOW);
    fc.assert(
      fc.property(part, part, (a, b) => {
        expect(keyOf(a) === keyOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});

describe("whom a limit counts for", () => {
  /** Two agents of one person, and one of another; all use the same two servers. */
  const world = (scope: Scope | undefined): Parts => {
    const agent = (id: string) =>
      grantFile({
        principal: { kind: "agent", id },
        access: [
          { server: "s1", policy: "p1" },
          { server: "s2", policy: "p1" },
        ],
      });
    const limit = { counter: "c", window: "hour", max: 1, ...(scope ? { scope } : {}) };
    return {
      policies: { p1: policyFile({ tools: { t: { limits: [limit] }, u: { limits: [limit] } } }) },
      grants: { g1: agent("agent:a"), g2: agent("agent:a"), g3: agent("agent:b") },
      servers: { s1: serverFile(), s2: serverFile({ id: "s2" }) },
    };
  };
  const calls: CallFields[] = [
    { grant: "g1" },
    { grant: "g1" },
    { grant: "g2" },
    { grant: "g3" },
    { grant: "g1", server: "s2" },
    { grant: "g1", tool: "u" },
  ];

  test.each<[scope: Scope | undefined, denied: boolean[]]>([
    ["grant", [false, true, false, false, false, false]],
    [undefined, [false, true, false, false, false, false]],
    ["principal", [false, true, true, false, false, false]],
    ["server", [false, true, true, true, false, false]],
  ])("scope %s", (scope, denied) => {
    expect(replay(world(scope), calls).map((rule) => rule !== "")).toEqual(denied);
  });

  test("a limit of all_tools counts the calls of all of them together", () => {
    const limits = [{ counter: "c", window: "hour", max: 2 }];
    const policy = policyFile({ tools: { t: {}, u: {} }, all_tools: { limits } });
    const calls = ["t", "u", "t", "u"].map((tool) => ({ tool }));
    const all = "/all_tools/limits/0";
    expect(replay(partsOf({ policy }), calls)).toEqual(["", "", all, all]);
  });

  test("two counters of one tool count apart", () => {
    const limits = [
      { counter: "calls", window: "hour", max: 3 },
      { counter: "sum", window: "hour", max: 5, increment_from: "args.n" },
    ];
    const calls = [5, 0, 1, 0, 0].map((n) => ({ args: { n } }));
    expect(replay(partsOf({ policy: rulesOf({ limits }) }), calls)).toEqual([
      "",
      "",
      "/tools/t/limits/1",
      "",
      "/tools/t/limits/0",
    ]);
  });

  test("a policy that is asked alone has quotas of its own", () => {
    const parts = limited({ max: 1 });
    const calls: CallFields[] = [{ policy: "p1" }, { policy: "p1" }, {}];
    expect(replay(parts, calls)).toEqual(["", DENIED, ""]);
  });
});

describe("a sum of an argument", () => {
  const sum = (max: number) => limited({ max, increment_from: "args.n" });
  const whole = "limit `c` counts an argument that is not a whole number of 0 or more";

  test("fills the limit exactly, and a call that would go beyond takes nothing", () => {
    const calls = [4, 7, 6, 1, 0].map((n) => ({ args: { n } }));
    expect(replay(sum(10), calls)).toEqual(["", DENIED, "", DENIED, ""]);
  });

  test.each<[title: string, args: Fields]>([
    ["absent", {}],
    // It would give quota back.
    ["negative", { n: -1 }],
    ["a fraction", { n: 0.5 }],
    ["beyond the safe integers", { n: 2 ** 53 }],
    ["a text", { n: "1" }],
    ["null", { n: null }],
    ["true", { n: true }],
    ["a list", { n: [1] }],
    ["a number that does not survive being read", { n: new InexactNumber("1e400") }],
    ["inherited", { constructor: 1 }],
  ])("%s is denied, whatever the limit", (_, args) => {
    const repository = repositoryOf(sum(Number.MAX_SAFE_INTEGER));
    const { decision, charges } = decide(repository, callOf({ args }));
    expect(decision).toMatchObject({ rule: DENIED, reason: whole });
    expect(charges).toEqual([]);
  });

  test.each([0, -0, 1.0, Number.MAX_SAFE_INTEGER])("%d is a whole number", (n) => {
    expect(replay(sum(Number.MAX_SAFE_INTEGER), [{ args: { n } }])).toEqual([""]);
  });

  test("a sum beyond the safe integers is denied before it stops counting", () => {
    const n = Number.MAX_SAFE_INTEGER;
    const usage = new MemoryUsage();
    const parts = sum(n);
    expect(replay(parts, [{ args: { n } }, { args: { n: 0 } }], usage)).toEqual(["", ""]);
    const call = callOf({ args: { n: 1 } });
    expect(decide(repositoryOf(parts), call, { usage }).decision).toMatchObject({
      rule: DENIED,
      reason: "limit `c` would count beyond what can be counted",
    });
  });

  test("an argument further down is found", () => {
    const parts = limited({ max: 5, increment_from: 'args.page["size"]' });
    const calls = [{ page: { size: 5 } }, { page: { size: 1 } }, { size: 0 }, { page: 0 }];
    expect(
      replay(
        parts,
        calls.map((args) => ({ args })),
      ),
    ).toEqual(["", DENIED, DENIED, DENIED]);
  });
});

describe("different patients", () => {
  const patients = (max: number, subject: unknown = "args.patient") =>
    limited(
      { max, distinct: "subject" },
      { server: serverFile({ tools: { t: { effect: "read", ephi: true, subject } } }) },
    );
  const of = (...list: unknown[]): CallFields[] => list.map((patient) => ({ args: { patient } }));

  test("the same patient again costs nothing, however the patient is written", () => {
    const calls = of(
      "p-1",
      "Patient/p-1",
      "p-1",
      "https://x.example/Patient/p-1",
      "p-2",
      "p-3",
      "p-2",
    );
    expect(replay(patients(2), calls)).toEqual(["", "", "", "", "", DENIED, ""]);
  });

  test("a call that names several takes one for each that is new, all or none", () => {
    const calls = of("p-1,p-2", "p-2,p-3", "p-4,p-5", "p-1,p-2,p-3,p-4", "p-4", "p-5");
    expect(replay(patients(4), calls)).toEqual(["", "", DENIED, "", "", DENIED]);
  });

  test("a call that names more than the limit is denied though nothing is used", () => {
    expect(replay(patients(2), of("p-1,p-2,p-3", "p-1,p-1,p-2"))).toEqual([DENIED, ""]);
  });

  test("a list of ids", () => {
    const calls = [["p-1", "Patient/p-2"], ["p-3"], ["p-1"], []].map((ids) => ({ args: { ids } }));
    expect(replay(patients(2, "args.ids[*]"), calls)).toEqual(["", DENIED, "", DENIED]);
  });

  test.each<[title: string, patient: unknown]>([
    ["no patient", undefined],
    ["an empty id", ""],
    ["a group", "Group/g-1"],
    ["null", null],
  ])("whose patient is not determined is denied: %s", (_, patient) => {
    const args = patient === undefined ? {} : { patient };
    const { decision } = decide(repositoryOf(patients(100)), callOf({ args }));
    expect(decision).toMatchObject({
      rule: DENIED,
      reason: "limit `c` counts patients, and the call does not say which",
    });
  });

  test("a tool that names nobody takes nothing; one of which that is not known is denied", () => {
    expect(replay(patients(0, "none"), of("p-1", "p-2"))).toEqual(["", ""]);
    expect(replay(patients(9, "unknown"), of("p-1"))).toEqual([DENIED]);
  });

  test("what an agent reads says how many, of what, in which time", () => {
    const reason = (parts: Parts, args: Fields): string =>
      decide(repositoryOf(parts), callOf({ args })).decision.reason;
    expect(reason(patients(1), { patient: "p-1,p-2" })).toBe(
      "limit `c`: at most 1 different patients an hour",
    );
    expect(reason(limited({ max: 0, window: "day" }), {})).toBe("limit `c`: at most 0 calls a day");
    expect(reason(limited({ max: 3, window: "minute", increment_from: "args.n" }), { n: 4 })).toBe(
      "limit `c`: at most 3 in total a minute",
    );
  });
});

describe("usage", () => {
  test("nothing used: each patient counts once", () => {
    expect(UNUSED.used("k")).toBe(0);
    expect(UNUSED.distinct("k", ["a", "b", "a"])).toBe(2);
  });

  test("asking takes nothing; charging takes everything that is charged", () => {
    const usage = new MemoryUsage();
    const seen = () => [usage.used("n"), usage.used("m"), usage.distinct("s", ["a"])];
    expect(seen()).toEqual([0, 0, 1]);
    expect(seen()).toEqual([0, 0, 1]);
    usage.charge([
      { key: "n", amount: 2 },
      { key: "m", amount: 5 },
      { key: "s", subjects: ["b", "c", "b"] },
    ]);
    expect(seen()).toEqual([2, 5, 3]);
    usage.charge([
      { key: "n", amount: 1 },
      { key: "s", subjects: ["a"] },
    ]);
    expect(seen()).toEqual([3, 5, 3]);
    expect(usage.distinct("s", [])).toBe(3);
    expect(usage.distinct("other", [])).toBe(0);
  });

  test("fits: up to the maximum, and no further", () => {
    const usage: Usage = { used: () => 3, distinct: (_, subjects) => 2 + subjects.length };
    const limit = (max: number): Limit => ({ counter: "c", window: "day", max, scope: "grant" });
    expect(fits(limit(4), { key: "k", amount: 1 }, usage)).toBe(true);
    expect(fits(limit(4), { key: "k", amount: 2 }, usage)).toBe(false);
    expect(fits(limit(3), { key: "k", amount: 0 }, usage)).toBe(true);
    expect(fits(limit(4), { key: "k", subjects: ["a", "b"] }, usage)).toBe(true);
    expect(fits(limit(3), { key: "k", subjects: ["a", "b"] }, usage)).toBe(false);
  });
});

// ---------------------------------------------------------------- against a naive model

interface Step {
  grant: string;
  server: string;
  tool: string;
  at: number;
  n: unknown;
  patients: string[];
}

interface ModelLimit {
  counter: string;
  window: Window;
  max: number;
  scope: Scope;
  counts: "calls" | "sum" | "patients";
}

interface Limits {
  readonly tools: Record<string, ModelLimit[]>;
  readonly all: ModelLimit[];
}

const PRINCIPALS: Record<string, string> = { g1: "agent:a", g2: "agent:a", g3: "agent:b" };
const NAMES: Record<Window, number> = { minute: 16, hour: 13, day: 10 };

/** The text of a moment up to the minute, the hour or the day: two moments of one window share it. */
const windowName = (window: Window, at: number): string =>
  new Date(at).toISOString().slice(0, NAMES[window]);

/** Looks through everything that was ever allowed, for every limit of every call. */
class Model {
  readonly #limits: Limits;
  readonly #allowed: Step[] = [];

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  ask(step: Step): string {
    const own = this.#limits.tools[step.tool]!;
    for (const [i, limit] of own.entries()) {
      if (!this.#fits(limit, step, true)) return `/tools/${step.tool}/limits/${i}`;
    }
    for (const [i, limit] of this.#limits.all.entries()) {
      if (!this.#fits(limit, step, false)) return `/all_tools/limits/${i}`;
    }
    this.#allowed.push(step);
    return "";
  }

  #fits({ window, max, scope, counts }: ModelLimit, step: Step, oneTool: boolean): boolean {
    const together = [...this.#allowed, step].filter(
      (other) =>
        other.server === step.server &&
        (!oneTool || other.tool === step.tool) &&
        windowName(window, other.at) === windowName(window, step.at) &&
        (scope === "server" ||
          (scope === "grant"
            ? other.grant === step.grant
            : PRINCIPALS[other.grant] === PRINCIPALS[step.grant])),
    );
    if (counts === "calls") return together.length <= max;
    if (counts === "patients") {
      if (step.patients.length === 0) return false;
      return new Set(together.flatMap(({ patients }) => patients)).size <= max;
    }
    if (typeof step.n !== "number" || !(step.n >= 0) || step.n % 1 !== 0) return false;
    // Every other call that counts here was judged by this limit, so its number is one.
    return together.reduce((sum, { n }) => sum + Number(n), 0) <= max;
  }
}

const limitOf = (counter: string): fc.Arbitrary<ModelLimit> =>
  fc.record({
    counter: fc.constant(counter),
    window: fc.constantFrom("minute" as const, "hour" as const, "day" as const),
    max: fc.nat(6),
    scope: fc.constantFrom("grant" as const, "principal" as const, "server" as const),
    counts: fc.constantFrom(
      "calls" as const,
      "calls" as const,
      "sum" as const,
      "patients" as const,
    ),
  });
const limitsOf = fc
  .tuple(limitOf("a"), limitOf("b"), limitOf("c"))
  .chain((all) => fc.subarray(all));
const stepOf: fc.Arbitrary<Step> = fc.record({
  grant: fc.constantFrom("g1", "g2", "g3"),
  server: fc.constantFrom("s1", "s1", "s2"),
  tool: fc.constantFrom("t", "u"),
  // Around the end of a day, so that minutes, hours and days all end.
  at: fc
    .tuple(fc.constantFrom(0, 0, 0, MINUTE, HOUR, DAY), fc.integer({ min: -40_000, max: 40_000 }))
    .map(([late, jitter]) => Date.UTC(2026, 9, 2) + late + jitter),
  n: fc.constantFrom<unknown>(0, 1, 1, 2, 3, -1, 0.5, "1"),
  patients: fc.array(fc.constantFrom("p-1", "p-2", "p-3", "p-4"), { maxLength: 3 }),
});

const limitFile = ({ counts, ...limit }: ModelLimit): Fields => ({
  ...limit,
  ...(counts === "sum" ? { increment_from: "args.n" } : {}),
  ...(counts === "patients" ? { distinct: "subject" } : {}),
});

function modelParts(limits: Limits): Parts {
  const label = { effect: "read", ephi: true, subject: "args.patients[*]" };
  const rules = (list: ModelLimit[]) => ({ limits: list.map(limitFile) });
  const access = ["s1", "s2"].map((server) => ({ server, policy: "p1" }));
  return {
    policies: {
      p1: policyFile({
        tools: { t: rules(limits.tools.t!), u: rules(limits.tools.u!) },
        all_tools: rules(limits.all),
      }),
    },
    grants: Object.fromEntries(
      Object.entries(PRINCIPALS).map(([id, principal]) => [
        id,
        grantFile({ principal: { kind: "agent", id: principal }, access }),
      ]),
    ),
    servers: Object.fromEntries(
      ["s1", "s2"].map((id) => [id, serverFile({ id, tools: { t: label, u: label } })]),
    ),
  };
}

test("quotas agree with a model that recounts everything that was ever allowed", () => {
  const seen = { allowed: 0, tool: 0, all: 0 };
  const tools = fc.record({ t: limitsOf, u: limitsOf });
  fc.assert(
    fc.property(
      fc.record({ tools, all: limitsOf }),
      fc.array(stepOf, { minLength: 1, maxLength: 25 }),
      (limits, steps) => {
        const model = new Model(limits);
        const usage = new MemoryUsage();
        const repository = repositoryOf(modelParts(limits));
        for (const step of steps) {
          const { n, patients, ...call } = step;
          const args = { n, patients } as Call["args"];
          const { decision, charges } = decide(repository, callOf({ ...call, args }), { usage });
          usage.charge(charges);
          expect(decision.rule).toBe(model.ask(step));
          if (decision.rule === "") seen.allowed++;
          else seen[decision.rule.startsWith("/tools/") ? "tool" : "all"]++;
        }
      },
    ),
    { numRuns: 600 },
  );
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(300);
});
