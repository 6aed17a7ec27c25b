/** What a test file may expect, and what the runner makes of it. */
import { describe, expect, test } from "vitest";
import { type CaseResult, runTests } from "../../engine/testing/run.ts";
import { repositoryOf } from "../support/compile.ts";
import { runSuite, suiteOf } from "../support/suites.ts";
import { grantFile, NOW, rulesOf, serverFile } from "../support/world.ts";

/** A condition that says nothing of a call without the argument. */
const whenThere = (condition: { path: string; op: string; value: unknown }) => ({
  conditions: [{ path: condition.path, op: "exists", value: true }, condition],
});
const limits = [{ counter: "calls", window: "hour", max: 2 }];
const access = [{ server: "s1", policy: "lookup" }];
const repository = repositoryOf({
  policies: {
    lookup: rulesOf({ args: ["patient", "n"], limits }, { methods: { "prompts/get": {} } }),
    closed: rulesOf({ args: [] }),
    // Tells what a text of the call was.
    told: rulesOf({ deny_if: [{ path: "args.v", op: "eq", value: "p-3" }].map(whenThere) }),
  },
  grants: {
    bot: grantFile({ access }),
    old: grantFile({ access, issued: "2026-01-01", expires: "2026-09-01" }),
    other: grantFile({ access: [{ server: "s2", policy: "closed" }] }),
  },
  servers: { s1: serverFile(), s2: serverFile({ id: "s2", tools: {} }) },
});

const HEAD = `version: "1"
suite: lookups
now: 2026-10-01T12:00:00Z
defaults: { grant: bot, server: s1, tool: t }
`;
const run = (cases: string, options = {}) =>
  runSuite(repository, `${HEAD}cases:\n${cases}`, options);

/** The one result of a suite of one case. */
function only(text: string, options = {}): CaseResult {
  const { cases } = run(text, options);
  expect(cases).toHaveLength(1);
  return cases[0]!;
}

const brief = ({ name, status, rule }: CaseResult): string =>
  `${status} ${name}${rule === undefined ? "" : `: ${rule === "" ? "allowed" : rule}`}`;

describe("one call and what is expected of it", () => {
  test("a case that comes out as expected has passed, and says why", () => {
    expect(only("  - { name: one, call: { args: { patient: p-1 } }, expect: allow }")).toEqual({
      suite: "lookups",
      name: "one",
      status: "passed",
      verdict: "allow",
      rule: "",
      reason: "every rule of policy `lookup` allows it",
      place: { file: "tests/a.test.yaml", line: 6, column: 5 },
    });
  });

  /** `expect:` of a call that is allowed, and of one that args denies. */
  const ALLOWED = "{ patient: p-1 }";
  const DENIED = "{ all: true }";
  const said = "arguments that the policy does not grant: 1 that the tool does not describe";
  test.each<[args: string, expect: string, problem: string | undefined]>([
    [ALLOWED, "allow", undefined],
    [ALLOWED, "deny", "expected deny, got allow"],
    [DENIED, "deny", undefined],
    [DENIED, "allow", `expected allow, got deny by /tools/t/args: ${said}`],
    [ALLOWED, "{ verdict: allow, rule: '' }", undefined],
    [ALLOWED, "{ rule: '' }", undefined],
    [ALLOWED, "{ rule: /tools/t/args }", "expected deny by /tools/t/args, got allow"],
    [DENIED, "{ verdict: deny, rule: /tools/t/args }", undefined],
    [DENIED, "{ rule: /tools/t/args }", undefined],
    [
      DENIED,
      "{ verdict: deny, rule: /tools/t/require/0 }",
      `expected deny by /tools/t/require/0, got deny by /tools/t/args: ${said}`,
    ],
    [DENIED, "{ rule: '' }", `expected allow, got deny by /tools/t/args: ${said}`],
    [ALLOWED, "{ verdict: allow, ephi: true, effect: read }", undefined],
    [ALLOWED, "{ verdict: allow, ephi: false }", "expected ephi false, got true"],
    [ALLOWED, "{ verdict: allow, effect: write }", "expected effect write, got read"],
    [DENIED, "{ verdict: deny, ephi: true, effect: execute }", "expected effect execute, got read"],
    [ALLOWED, "{ ephi: true }", undefined],
  ])("args %s, expect %s", (args, expected, problem) => {
    const result = only(`  - { name: one, call: { args: ${args} }, expect: ${expected} }`);
    expect(result.status).toBe(problem === undefined ? "passed" : "failed");
    if (problem !== undefined) expect(result.reason).toBe(problem);
  });

  test.each(["allowed: 1", "denied: 0", "first: { verdict: allow }", "last: { verdict: allow }"])(
    "%s is for a sequence",
    (expected) => {
      expect(only(`  - { name: one, call: {}, expect: { ${expected} } }`)).toMatchObject({
        status: "error",
        reason: "`allowed`, `denied`, `first` and `last` are for a sequence",
        place: { line: 6, column: expect.any(Number) },
      });
    },
  );

  test("a method that is not a tool call needs no tool", () => {
    const cases = `
  - { name: listed, call: { method: prompts/get }, expect: allow }
  - { name: unlisted, call: { method: prompts/list }, expect: { rule: (method) } }
  - { name: a tool call by its method, call: { method: tools/call }, expect: allow }`;
    expect(run(cases).cases.map(brief)).toEqual([
      "passed listed: allowed",
      "passed unlisted: (method)",
      "passed a tool call by its method: allowed",
    ]);
  });

  test("quotas start empty for every case", () => {
    const cases = [1, 2, 3, 4].map((i) => `  - { name: "${i}", call: {}, expect: allow }`);
    expect(run(cases.join("\n"))).toMatchObject({ passed: 4, failed: 0 });
  });
});

describe("the report", () => {
  const cases = `
  - { name: right, call: {}, expect: allow }
  - { name: wrong, call: {}, expect: deny }
  - { name: broken, call: { policy: none }, expect: deny }
  - { name: later, call: {}, expect: deny, skip: { reason: not yet, until: 2027-01-01 } }`;

  test("counts each status, and keeps the order of the file", () => {
    const report = run(cases);
    expect(report).toMatchObject({ passed: 1, failed: 1, skipped: 1, errors: 1 });
    expect(report.cases.map(brief)).toEqual([
      "passed right: allowed",
      "failed wrong: allowed",
      "error broken",
      "skipped later",
    ]);
    expect(report.cases.map(({ place }) => place.line)).toEqual([7, 8, 9, 10]);
  });

  test("is of all files, one after the other", () => {
    const suite = (name: string, file: string) =>
      suiteOf(
        `version: "1"\nsuite: ${name}\ncases: [{ name: n, policy: told, call: { tool: t }, expect: allow }]`,
        file,
      );
    const { cases } = runTests(
      repository,
      [suite("one", "tests/b.test.yaml"), suite("two", "tests/a.test.yaml")],
      { now: NOW },
    );
    expect(cases.map(({ suite, place }) => [suite, place.file])).toEqual([
      ["one", "tests/b.test.yaml"],
      ["two", "tests/a.test.yaml"],
    ]);
  });

  test.each<[text: string, names: string[]]>([
    ["right", ["right"]],
    ["lookups: r", ["right"]],
    ["lookups", ["right", "wrong", "broken", "later"]],
    ["ro", ["wrong", "broken"]],
    ["Right", []],
  ])("--only %j", (text, names) => {
    expect(run(cases, { only: text }).cases.map(({ name }) => name)).toEqual(names);
  });

  test("--only does not hide a suite that has lost its cases", () => {
    expect(runSuite(repository, `${HEAD}cases: []`, { only: "right" })).toMatchObject({
      failed: 1,
    });
  });
});

describe("an empty suite", () => {
  test("fails: it would otherwise pass for ever", () => {
    expect(runSuite(repository, `${HEAD}cases: []`)).toMatchObject({
      passed: 0,
      failed: 1,
      cases: [
        {
          name: "(empty suite)",
          status: "failed",
          reason: "the suite has no case",
          place: { line: 2 },
        },
      ],
    });
  });

  test("without cases, a matrix is enough", () => {
    const matrix = "matrix: { calls: { one: {} }, grants: [bot], expect: { one: [bot] } }";
    expect(runSuite(repository, `${HEAD}${matrix}`)).toMatchObject({ passed: 1, failed: 0 });
    expect(runSuite(repository, `${HEAD}cases: []\n${matrix}`)).toMatchObject({
      passed: 1,
      failed: 0,
    });
  });
});

describe("skip", () => {
  const skipped = (until: string, now: number) =>
    only(
      `  - { name: one, call: {}, expect: deny, skip: { reason: waits for SEC-1, until: ${until} } }`,
      { now },
    );

  test("holds until the day begins, in UTC, and not beyond it", () => {
    const midnight = Date.UTC(2026, 9, 2);
    expect(skipped("2026-10-02", midnight - 1)).toMatchObject({
      status: "skipped",
      reason: "waits for SEC-1 (until 2026-10-02)",
    });
    expect(skipped("2026-10-02", midnight)).toMatchObject({
      status: "failed",
      reason: "expected deny, got allow",
    });
  });

  test("is judged by today, whatever `now` the suite names", () => {
    // The suite's `now` is 2026-10-01.
    expect(skipped("2026-12-01", Date.UTC(2027, 0, 1)).status).toBe("failed");
    expect(skipped("2026-09-01", Date.UTC(2026, 7, 1)).status).toBe("skipped");
  });

  test("a skipped case decides nothing", () => {
    const result = skipped("2027-01-01", NOW);
    expect(result).not.toHaveProperty("verdict");
    expect(result).not.toHaveProperty("rule");
  });

  test("until a day that does not exist is an error, not for ever", () => {
    expect(skipped("2026-02-30", NOW)).toMatchObject({
      status: "error",
      reason: "`until: 2026-02-30` is no day",
      place: { line: 6 },
    });
  });

  test("skips a matrix as a whole", () => {
    const matrix = "matrix: { calls: { one: {}, two: {} }, grants: [bot], expect: {} }";
    const text = `  - { name: all, ${matrix}, skip: { reason: later, until: 2027-01-01 } }`;
    expect(run(text).cases.map(brief)).toEqual(["skipped all"]);
  });
});

describe("who asks, where, and when: the nearest that says so", () => {
  test.each<[title: string, fields: string, expect: string]>([
    ["the defaults", "call: {}", "allow"],
    ["the case's grant before the defaults'", "grant: old, call: {}", "(expired)"],
    ["the call's grant before the case's", "grant: old, call: { grant: bot }", "allow"],
    ["the case's server", "server: s2, call: {}", "(no policy)"],
    ["the call's server before the case's", "server: s2, call: { server: s1 }", "allow"],
    ["the call's tool before the defaults'", "call: { tool: u }", "(default deny)"],
    [
      "the case's policy before the defaults' grant",
      "policy: closed, call: { args: { a: 1 } }",
      "/tools/t/args",
    ],
    [
      "the call's policy before the case's",
      "policy: closed, call: { policy: told, args: { a: 1 } }",
      "allow",
    ],
    ["the call's policy before the case's grant", "grant: old, call: { policy: told }", "allow"],
    [
      "the call's grant before the case's policy",
      "policy: told, call: { grant: old }",
      "(expired)",
    ],
    ["the suite's now", "grant: old, call: {}", "(expired)"],
    [
      "the case's time before the suite's",
      'grant: old, at: "2026-08-31T12:00:00Z", call: {}',
      "allow",
    ],
    [
      "the call's time before the case's",
      'grant: old, at: "2026-08-31T12:00:00Z", call: { at: "2026-09-01T00:00:00Z" }',
      "(expired)",
    ],
  ])("%s", (_, fields, expected) => {
    const expectation = expected === "allow" ? "allow" : `{ verdict: deny, rule: ${expected} }`;
    expect(only(`  - { name: one, ${fields}, expect: ${expectation} }`)).toMatchObject({
      reason: expect.any(String),
      status: "passed",
    });
  });

  test("the time of a suite that names none is now", () => {
    const text = `version: "1"
suite: s
defaults: { grant: old, server: s1, tool: t }
cases: [{ name: one, call: {}, expect: allow }]`;
    expect(runSuite(repository, text, { now: Date.UTC(2026, 7, 1) }).passed).toBe(1);
    expect(runSuite(repository, text, { now: Date.UTC(2026, 9, 1) }).passed).toBe(0);
  });

  test("a default policy is asked where no grant is named nearer", () => {
    const text = `version: "1"
suite: s
defaults: { policy: closed, server: s1, tool: t }
cases:
  - { name: policy, call: { args: { a: 1 } }, expect: { rule: /tools/t/args } }
  - { name: grant, grant: old, call: {}, expect: { rule: (expired) } }`;
    expect(runSuite(repository, text).cases.map(brief)).toEqual([
      "passed policy: /tools/t/args",
      "passed grant: (expired)",
    ]);
  });

  test("a policy that is asked alone borrows the labels of the server that is named", () => {
    const text = "  - { name: one, policy: told, call: {}, expect: { ephi: true, effect: read } }";
    expect(only(text).status).toBe("passed");
  });

  test.each<[title: string, head: string, call: string, reason: string]>([
    [
      "neither a grant nor a policy",
      "{ server: s1, tool: t }",
      "{}",
      "the case names neither a grant and a server nor a policy: add `grant:` and `server:`, or `policy:`, to the case or to `defaults`",
    ],
    [
      "a grant without a server",
      "{ grant: bot, tool: t }",
      "{}",
      "the case names neither a grant and a server nor a policy: add `grant:` and `server:`, or `policy:`, to the case or to `defaults`",
    ],
    ["no tool", "{ grant: bot, server: s1 }", "{}", "the call names no `tool`: add `tool:`"],
    [
      "a policy that does not exist",
      "{ policy: lokup, tool: t }",
      "{}",
      "unknown policy `lokup`: did you mean `lookup`?",
    ],
    [
      "a time that does not exist",
      "{ policy: told, tool: t }",
      "{ at: '2026-02-30T12:00:00Z' }",
      "`2026-02-30T12:00:00Z` does not exist: write a time like 2026-10-01T12:00:00Z",
    ],
  ])("a case with %s is an error", (_, defaults, call, reason) => {
    const text = `version: "1"
suite: s
defaults: ${defaults}
cases: [{ name: one, call: ${call}, expect: deny }]`;
    const [result] = runSuite(repository, text).cases;
    expect(result).toMatchObject({ status: "error", reason });
    expect(result).not.toHaveProperty("rule");
  });
});

describe("a name that was mistyped is hinted at when the case fails", () => {
  test.each<[title: string, fields: string, reason: RegExp]>([
    ["a grant", "grant: bott, call: {}", /\(no grant\): no such grant; did you mean `bot`\?$/],
    ["a server", "server: s11, call: {}", /\(unknown server\): .*; did you mean `s1`\?$/],
    [
      "a tool of a policy",
      "policy: told, call: { tool: tt }",
      /\(default deny\): .*; did you mean `t`\?$/,
    ],
    [
      "a tool of a grant: what it may not call is not told",
      "call: { tool: tt }",
      /does not list this tool$/,
    ],
  ])("%s", (_, fields, reason) => {
    const result = only(`  - { name: one, ${fields}, expect: allow }`);
    expect(result.status).toBe("failed");
    expect(result.reason).toMatch(reason);
  });

  test("a case that expects the denial passes", () => {
    const text = "  - { name: one, grant: bott, call: {}, expect: { rule: (no grant) } }";
    expect(only(text)).toMatchObject({ status: "passed", reason: "no such grant" });
  });
});

describe("a sequence", () => {
  test("uses up quotas, and says how many were allowed, and how it began and ended", () => {
    const result = only(
      "  - { name: s, sequence: { repeat: 5, call: {} }, expect: { allowed: 2, denied: 3, first: { verdict: allow }, last: { verdict: deny, rule: /tools/t/limits/0 } } }",
    );
    expect(result).toMatchObject({
      status: "passed",
      verdict: "deny",
      rule: "/tools/t/limits/0",
      reason: "limit `calls`: at most 2 calls an hour",
    });
  });

  test.each<[expect: string, problem: string]>([
    ["{ allowed: 3 }", "expected 3 allowed, got 2"],
    ["{ denied: 2 }", "expected 2 denied, got 1"],
    ["{ allowed: 2, first: { verdict: deny } }", "the first call: expected deny, got allow"],
    [
      "{ allowed: 2, last: { verdict: allow } }",
      "the last call: expected allow, got deny by /tools/t/limits/0: limit `calls`: at most 2 calls an hour",
    ],
    [
      "{ last: { verdict: deny, rule: /tools/t/args } }",
      "the last call: expected deny by /tools/t/args, got deny by /tools/t/limits/0: limit `calls`: at most 2 calls an hour",
    ],
    ["{ first: { verdict: allow, ephi: false } }", "the first call: expected ephi false, got true"],
    // A bare verdict speaks of every call; beside a count it speaks of the last.
    [
      "allow",
      "expected allow, got deny by /tools/t/limits/0: limit `calls`: at most 2 calls an hour",
    ],
    ["deny", "expected deny, got allow"],
    ["{ verdict: deny, rule: /tools/t/limits/0 }", "expected deny, got allow"],
    [
      "{ allowed: 2, verdict: allow }",
      "expected allow, got deny by /tools/t/limits/0: limit `calls`: at most 2 calls an hour",
    ],
  ])("expect %s fails", (expected, problem) => {
    expect(
      only(`  - { name: s, sequence: { repeat: 3, call: {} }, expect: ${expected} }`),
    ).toMatchObject({ status: "failed", reason: problem });
  });

  test.each([
    "{ allowed: 2 }",
    "{ denied: 1 }",
    "{ allowed: 2, verdict: deny }",
    "{ denied: 1, rule: /tools/t/limits/0 }",
    "{ first: { verdict: allow, rule: '', effect: read } }",
  ])("expect %s passes", (expected) => {
    expect(
      only(`  - { name: s, sequence: { repeat: 3, call: {} }, expect: ${expected} }`),
    ).toMatchObject({ status: "passed" });
  });

  test("a bare verdict speaks of every call, not of the last alone", () => {
    const steps = (...times: string[]) =>
      times.map((at) => `{ call: { at: "2026-10-01T${at}Z" } }`).join(", ");
    const ending = (times: string, expected: string) =>
      only(`  - { name: s, sequence: [${times}], expect: ${expected} }`);
    // The third is one too many in its hour; the fourth is in the next.
    const mixed = steps("12:00:00", "12:00:01", "12:00:02", "13:00:00");
    expect(ending(mixed, "allow")).toMatchObject({
      status: "failed",
      rule: "",
      reason:
        "expected allow, got deny by /tools/t/limits/0: limit `calls`: at most 2 calls an hour",
    });
    expect(ending(mixed, "{ denied: 1, verdict: allow }").status).toBe("passed");
    expect(ending(steps("12:00:00", "13:00:00"), "allow").status).toBe("passed");
  });

  test("runs in virtual time: a second apart unless `every` says otherwise", () => {
    const sequence = (fields: string, expected: string) =>
      only(`  - { name: s, sequence: { ${fields}, call: {} }, expect: ${expected} }`).status;
    expect(sequence("repeat: 4", "{ allowed: 2 }")).toBe("passed");
    expect(sequence("repeat: 4, every: 30m", "{ allowed: 4 }")).toBe("passed");
    expect(sequence("repeat: 6, every: 20m", "{ allowed: 4, denied: 2 }")).toBe("passed");
    // 12:00:00.000 to 12:59:59.999, and the next hour.
    expect(sequence("repeat: 3, every: 3599999ms", "{ allowed: 3 }")).toBe("passed");
    expect(sequence("repeat: 3, every: 0s", "{ allowed: 2 }")).toBe("passed");
  });

  test("of several steps goes on where the one before it stopped", () => {
    const result = only(`
  - name: s
    sequence:
      - { repeat: 2, every: 10m, call: {} }
      - { call: {} }
      - { call: { at: "2026-10-01T13:00:00Z" } }
      - { repeat: 2, every: 1s, call: {} }
    expect: { allowed: 4, denied: 2, last: { verdict: deny } }`);
    expect(result).toMatchObject({ status: "passed" });
  });

  test("a step's own time holds for all its calls and for what follows", () => {
    const result = only(`
  - name: s
    at: "2026-10-01T11:59:59Z"
    sequence:
      - { repeat: 2, call: {} }
      - { call: { at: "2026-10-01T11:59:00Z" } }
      - { call: {} }
    expect: { allowed: 3, denied: 1, last: { verdict: deny } }`);
    // 11:59:59 and 12:00:00, then back in the first hour, where there is room for one more.
    expect(result).toMatchObject({ status: "passed" });
  });

  test("{i} in a text counts the repetitions, from 1 or from where it is told", () => {
    const told = (fields: string) =>
      only(
        `  - { name: s, policy: told, sequence: { ${fields}, call: { args: { v: "p-{i}" } } }, expect: { denied: 1 } }`,
      );
    // p-3 alone is denied.
    expect(told("repeat: 5").status).toBe("passed");
    expect(told("repeat: 2").reason).toBe("expected 1 denied, got 0");
    expect(told("repeat: 2, from: 2").status).toBe("passed");
    expect(told("from: 3").status).toBe("passed");
    expect(told("repeat: 9, from: 4").reason).toBe("expected 1 denied, got 0");
  });

  test("{i} is replaced wherever a text stands, and nothing else is", () => {
    const deep = repositoryOf({
      policies: {
        p: rulesOf({
          require: [
            { path: "args.a.b[1]", op: "eq", value: "7-7" },
            { path: "args.n", op: "eq", value: 5 },
            { path: 'args["{i}"]', op: "eq", value: true },
            { path: "args.plain", op: "eq", value: "i {} { i }" },
          ],
        }),
      },
    });
    const text = `version: "1"
suite: s
cases:
  - name: one
    policy: p
    sequence:
      from: 7
      call: { tool: t, args: { a: { b: [x, "{i}-{i}"] }, n: 5, "{i}": true, plain: "i {} { i }" } }
    expect: allow`;
    expect(runSuite(deep, text).cases[0]).toMatchObject({ status: "passed" });
  });

  test("{i} of a single call is 1", () => {
    const text = "  - { name: one, policy: told, call: { args: { v: 'p-{i}' } }, expect: allow }";
    expect(only(text).status).toBe("passed");
    expect(only(text.replace("{i}", "3")).status).toBe("failed");
  });

  test("a hundred thousand calls are counted, not kept", () => {
    const text =
      "  - { name: s, policy: told, sequence: { repeat: 100000, call: {} }, expect: { allowed: 100000 } }";
    expect(only(text).status).toBe("passed");
  });
});

describe("a matrix", () => {
  const matrix = (rest: string) =>
    runSuite(
      repository,
      `version: "1"
suite: s
now: 2026-10-01T12:00:00Z
defaults: { server: s1, tool: t }
matrix:
  calls: { lookup: { args: { patient: p-1 } }, dump: { args: { all: true } } }
  grants: [bot, old]
  expect: ${rest}`,
    );

  test("asks every call of every grant, and expects every other one to be denied", () => {
    expect(matrix("{ lookup: [bot] }").cases.map(brief)).toEqual([
      "passed lookup × bot: allowed",
      "passed lookup × old: (expired)",
      "passed dump × bot: /tools/t/args",
      "passed dump × old: (expired)",
    ]);
  });

  test("an access that it does not expect fails, and so does one that is missing", () => {
    expect(matrix("{ dump: [bot] }").cases.map(brief)).toEqual([
      "failed lookup × bot: allowed",
      "passed lookup × old: (expired)",
      "failed dump × bot: /tools/t/args",
      "passed dump × old: (expired)",
    ]);
  });

  test("what it expects of a call or grant that it does not have is an error", () => {
    const { cases, errors } = matrix("{ lokup: [bot], lookup: [bot, bott] }");
    expect(errors).toBe(2);
    expect(cases.slice(0, 2)).toMatchObject([
      {
        name: "lokup",
        status: "error",
        reason: "`expect` names a call that `calls` does not have: `lokup`",
        place: { line: 8 },
      },
      {
        name: "lookup",
        status: "error",
        reason: "`expect` names a grant that `grants` does not have: `bott`",
      },
    ]);
  });

  test("a call named like an inherited property has no expectation that nobody wrote", () => {
    const { cases } = runSuite(
      repository,
      `version: "1"
suite: s
now: 2026-10-01T12:00:00Z
defaults: { server: s1, tool: t }
matrix: { calls: { constructor: {} }, grants: [bot], expect: {} }`,
    );
    expect(cases.map(brief)).toEqual(["failed constructor × bot: allowed"]);
  });

  test("as a case has the case's name, server and time", () => {
    const { cases } = run(`
  - name: who
    at: "2026-08-31T00:00:00Z"
    matrix: { calls: { lookup: {} }, grants: [bot, old], expect: { lookup: [old] } }`);
    expect(cases.map(brief)).toEqual([
      "passed who: lookup × bot: (not yet valid)",
      "passed who: lookup × old: allowed",
    ]);
  });

  // Otherwise a row would be decided without the grant that it names.
  test.each<[title: string, fields: string]>([
    [
      "a call with a grant of its own",
      "matrix: { calls: { x: { grant: bot } }, grants: [old], expect: { x: [old] } }",
    ],
    [
      "a call with a policy of its own",
      "matrix: { calls: { x: { policy: told } }, grants: [old], expect: { x: [old] } }",
    ],
    [
      "a case with a policy",
      "policy: told, matrix: { calls: { x: {} }, grants: [old], expect: { x: [old] } }",
    ],
  ])("asks its grants and nobody else: %s is an error", (_, fields) => {
    const { cases } = run(`  - { name: who, ${fields} }`);
    expect(cases).toMatchObject([
      {
        status: "error",
        reason: "a matrix asks each of its `grants`: name no other grant or policy",
      },
    ]);
  });
});
