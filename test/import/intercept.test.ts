import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PhiwardError } from "../../engine/errors.ts";
import { importPolicy } from "../../engine/import/import.ts";
import type { Item } from "../../engine/import/report.ts";
import { lint } from "../../engine/lint/lint.ts";
import { load } from "../../engine/policy/load.ts";
import { runTests } from "../../engine/testing/run.ts";
import { memoryTree } from "../support/tree.ts";
import { imported, verdicts } from "./imported.ts";
import { compare, interceptAllows, type Policy } from "./intercept-oracle.ts";

const suites = join(import.meta.dirname, "../fixtures/peer-suites");
const read = <T>(name: string): T[] =>
  JSON.parse(readFileSync(join(suites, `intercept-${name}-cases.json`), "utf8"));

interface EngineCase {
  readonly test: string;
  readonly policy: Policy;
  readonly call: { readonly name: string; readonly arguments: Record<string, unknown> };
  readonly expected: { readonly verdict: "allow" | "deny" };
  readonly state?: Record<string, number> | null;
}

const ENGINE = read<EngineCase>("engine");

/** Where ours denies and Intercept does not: a counter that no rule keeps has no window to count in. */
const STRICTER: Readonly<Record<string, string>> = {
  TestStatePathsSkippedWithNilResolver: "the counter is not one that this rule keeps",
  TestMixedArgsAndStateWithNilResolver: "the counter is not one that this rule keeps",
  TestMockStateResolver: "the counter is not one that this rule keeps",
  TestMockStateResolverExists: "the counter is not one that this rule keeps",
};

const name = ({ test, call }: EngineCase, i: number): string =>
  `${i} ${test} ${call.name} ${JSON.stringify(call.arguments)}`;

describe("Intercept's own engine cases", () => {
  test("there are 47, and 4 of them are stricter here", async () => {
    const differing = [];
    for (const one of ENGINE) {
      const { ready } = await imported(one.policy, [one.call.name]);
      const [ours] = verdicts(ready, [{ tool: one.call.name, args: one.call.arguments }]);
      if (ours !== (one.expected.verdict === "allow")) differing.push(one.test);
    }
    expect(ENGINE).toHaveLength(47);
    expect(differing).toEqual(Object.keys(STRICTER));
  });

  test.for(ENGINE.map((one, i) => [name(one, i), one] as const))("%s", async ([, one]) => {
    const { ready, imported: report } = await imported(one.policy, [one.call.name]);
    const [ours] = verdicts(ready, [{ tool: one.call.name, args: one.call.arguments }]);
    const theirs = one.expected.verdict === "allow";
    if (ours === theirs) return;
    expect({ ours, theirs }).toEqual({ ours: false, theirs: true });
    expect(report.items.map(({ message }) => message)).toContain(STRICTER[one.test]);
  });

  test.for(ENGINE.map((one, i) => [name(one, i), one] as const))("the oracle: %s", ([, one]) => {
    const { policy, call, expected, state } = one;
    const store =
      state === null || state === undefined
        ? undefined
        : new Map(Object.entries(state).map(([path, n]) => [path.replace("state.", ""), n]));
    expect(interceptAllows(policy, call.name, call.arguments, store)).toBe(
      expected.verdict === "allow",
    );
  });

  test("a tool that nobody labelled is denied, `default: allow` or not", async () => {
    const { ready, imported: report } = await imported({ version: "1", default: "allow" });
    expect(verdicts(ready, [{ tool: "any", args: {} }])).toEqual([false]);
    expect(report.items.map(({ outcome }) => outcome)).toEqual(["narrower"]);
  });
});

interface OperatorCase {
  readonly op: string;
  readonly actual: unknown;
  readonly expected: unknown;
  readonly want: boolean;
}

describe("Intercept's own operator cases", () => {
  const cases = read<OperatorCase>("operator");
  test("there are 37", () => expect(cases).toHaveLength(37));

  test.for(cases)("$op: $actual, $expected", async ({ op, actual, expected: value, want }) => {
    const { ready } = await imported(rule({ path: "args.x", op, value }));
    expect(verdicts(ready, [{ tool: "t", args: { x: actual } }])).toEqual([want]);
    expect(compare(op, actual, value)).toBe(want);
  });
});

function rule(condition: object, more: object = {}): Policy {
  const rules = [{ name: "r", conditions: [condition], ...more }] as never;
  return { version: "1", default: "deny", tools: { t: { rules } } };
}

type ValidationCase =
  | {
      readonly kind: "validate";
      readonly test: string;
      readonly policy: Policy;
      readonly errors: readonly string[];
    }
  | { readonly kind: "rate_limit"; readonly input: string; readonly ok: boolean };

/** Their sentence → ours, which has a place in the file and says what to write. */
const SAID: readonly [theirs: RegExp, ours: string][] = [
  [/version must be/, '`version` is not "1"'],
  [/default must be/, "`default` is neither allow nor deny"],
  [/rate_limit count/, "the count of `rate_limit` is not a positive whole number"],
  [/rate_limit cannot be combined/, "`rate_limit` stands beside conditions or state"],
  [/rate_limit window/, "the window of `rate_limit` is none of minute, hour, day"],
  [/rate_limit cannot be used/, "`rate_limit` in a deny rule"],
  [/rule must have a name/, "a rule has no name"],
  [/unknown operator/, "the operator `unknown_op` does not exist"],
  [/path must start/, "a path starts with `args.` or `state.`"],
  [/requires a list/, "`in` needs a list"],
  [/requires a numeric/, "`lt` needs a number"],
  [/invalid regex/, "not an RE2 expression: missing closing ]"],
  [/deny rules must not/, "a deny rule has conditions"],
  [/at least one condition/, "a rule has no condition"],
  [/duplicate state counter/, "the counter `_rate_hour` stands in rules 0 and 1"],
  [/duplicate entry/, "`tool_a` stands twice in `hide`"],
  [/must not be empty/, "an empty name in `hide`"],
];

describe("Intercept's own validation cases", () => {
  const cases = read<ValidationCase>("validation");
  test("there are 19", () => expect(cases).toHaveLength(19));

  for (const one of cases) {
    if (one.kind === "rate_limit") {
      test(`rate_limit ${JSON.stringify(one.input)}`, async () => {
        // Intercept takes the empty text for no rate limit, and then misses a condition.
        const policy = {
          version: "1",
          tools: { t: { rules: [{ name: "r", rate_limit: one.input }] } },
        };
        const { imported: report } = await imported(policy);
        const wrong = report.items.filter(({ outcome }) => outcome === "refused");
        expect(wrong).toHaveLength(one.ok ? 0 : 1);
      });
      continue;
    }
    test(`${one.test}: ${one.errors.length} errors`, () => {
      // A file that is wrong as a whole is refused, and then its rules are not looked at: once as it
      // stands, and once with what is wrong with the whole of it mended.
      const mended = { ...one.policy, version: "1", default: "deny" };
      const ours = [...problemsOf(one.policy), ...problemsOf(mended)];
      for (const { message, help, place } of ours) {
        expect(place.line).toBeGreaterThan(0);
        expect(`${message}${help}`).not.toBe("");
      }
      for (const error of one.errors) {
        const [, said] = SAID.find(([theirs]) => theirs.test(error)) ?? [];
        expect(ours.map(({ message }) => message)).toContain(said);
      }
      if (one.errors.length === 0) expect(ours).toEqual([]);
    });
  }
});

/** Everything that import says is wrong by Intercept's own rules. */
function problemsOf(policy: object): readonly Pick<Item, "message" | "help" | "place">[] {
  try {
    const { items } = importPolicy("p.yaml", JSON.stringify(policy));
    return items.filter(({ outcome }) => outcome === "refused");
  } catch (error) {
    if (error instanceof PhiwardError) return error.findings;
    throw error;
  }
}

describe("what differs, and is said at its line and column", () => {
  const t = (rules: string): string =>
    `version: "1"\ndefault: deny\ntools:\n  t:\n    rules:\n      - ${rules}\n`;
  const x = (op: string, value: string): string =>
    t(`{ name: r, conditions: [{ path: args.x, op: ${op}, value: ${value} }] }`);

  test.for<[text: string, outcome: string, message: RegExp]>([
    // YAML 1.1 reads these as 8, 1000, a time and a number; taken as 1.2 reads them `lte 010` is wider.
    [x("lte", "010"), "denied", /reads differently/],
    [x("eq", "1_000"), "denied", /takes for a number or a time/],
    [x("eq", "2026-01-01"), "denied", /takes for a number or a time/],
    [x("eq", '"2026-01-01"'), "narrower", /as texts/],
    [x("eq", "5"), "narrower", /as texts/],
    [x("neq", "a"), "narrower", /every other type/],
    // "5" is kept out by 5 there; our `not_in` would let it through.
    [x("not_in", "[a, 5]"), "denied", /several types/],
    [x("in", "[]"), "denied", /a list that is empty/],
    [x("eq", "[a]"), "denied", /null, a list/],
    [x("regex", "'a.{900}b.{900}'"), "denied", /too large/],
    [
      t("{ name: r, conditions: [{ path: args.a..b, op: eq, value: a }] }"),
      "denied",
      /a step of the path/,
    ],
    [t("{ name: r, action: require_approval }"), "denied", /waits for a person/],
    [t("{ name: r, action: evalute }"), "refused", /neither evaluate nor deny/],
    [t("{ name: r, spend: { daily: 5 }, rate_limit: 5/hour }"), "denied", /does not read `spend`/],
    [
      t("{ name: r, conditions: [{ path: state.u.c, op: lte, value: 5 }] }"),
      "denied",
      /not one that this rule keeps/,
    ],
    [
      t(
        "{ name: r, conditions: [{ path: state.t.c, op: gt, value: 5 }], state: { counter: c, window: day } }",
      ),
      "denied",
      /`gt` on a counter/,
    ],
    [
      t(
        "{ name: r, conditions: [{ path: args.x, op: eq, value: a }], state: { counter: c, window: day } }",
      ),
      "denied",
      /no condition of the rule limits/,
    ],
    [
      t(
        "{ name: r, conditions: [{ path: state.t.c, op: lte, value: 5 }], state: { counter: c, window: day, increment_from: args.n } }",
      ),
      "narrower",
      /negative or no whole number/,
    ],
    [t("{ name: r, action: deny, on_deny: no }"), "reworded", /not granted/],
    ['version: "1"\ndefualt: deny\ntools: { t: {} }\n', "denied", /does not read `defualt`/],
  ])("%s", ([text, outcome, message]) => {
    const { items } = importPolicy("p.yaml", text);
    const found = items.filter((item) => item.outcome === outcome && message.test(item.message));
    expect(found, JSON.stringify(items)).toHaveLength(1);
    expect(found[0]!.place).toMatchObject({ file: "p.yaml" });
    // The place is that of the line, and not of its tool.
    expect(found[0]!.place.line).toBe(text.includes("defualt") ? 2 : 6);
  });

  test.for([
    ["<<: { t: {} }", /merge key/],
    ["tools: [t]", /no mapping/],
    ["hide: 5", /no list of tool names/],
  ] as const)("%s is refused", ([text, message]) => {
    expect(() => importPolicy("p.yaml", `version: "1"\n${text}\n`)).toThrow(message);
  });
});

test("`--tools` lists what the server offers, where `default: allow` means it", () => {
  const offered = new Map([["", ["a", "b", "c"]]]);
  const toolsOf = (text: string): string[] =>
    importPolicy("p.yaml", text, { offered }).policies[0]!.tools.map(({ name }) => name);
  expect(toolsOf('version: "1"\nhide: [b]\ntools: { a: { rules: [] } }\n')).toEqual([
    "a",
    "b",
    "c",
  ]);
  expect(toolsOf('version: "1"\ndefault: deny\ntools: { a: { rules: [] } }\n')).toEqual(["a"]);
});

describe("limits", () => {
  const calls = (count: number, args: object = {}) =>
    Array.from({ length: count }, () => ({ tool: "t", args }));
  const allowed = async (rules: object, args: object = {}, count = 12): Promise<number> => {
    const { ready } = await imported({
      version: "1",
      default: "deny",
      tools: { t: { rules: [rules] } },
    });
    return verdicts(ready, calls(count, args)).filter(Boolean).length;
  };
  const counted = (op: string, value: number, state: object = {}) => ({
    name: "r",
    conditions: [{ path: "state.t.c", op, value }],
    state: { counter: "c", window: "day", ...state },
  });

  test.for<[rule: object, args: object, calls: number]>([
    [{ name: "r", rate_limit: "5/hour" }, {}, 5],
    [counted("lte", 5), {}, 5],
    // Its messages promise five; it allows four.
    [counted("lt", 5), {}, 4],
    [counted("lte", 5, { increment: 2 }), {}, 2],
    [counted("lte", 10, { increment_from: "args.n" }), { n: 4 }, 2],
    [counted("lte", 10, { increment_from: "args.n" }), { n: -4 }, 0],
    [counted("lte", 10, { increment_from: "args.n" }), {}, 0],
    [counted("lte", 0), {}, 0],
    [counted("lt", 0), {}, 0],
  ])("%j with %j allows %i calls", async ([rule, args, count]) => {
    expect(await allowed(rule, args)).toBe(count);
  });
});

/** As `intercept scan` writes them: every tool without rules, under headings by class. */
function scaffold(tools: readonly string[]): string {
  const headings = ["Read", "Write", "Execute", "Financial", "Destructive", "Other"];
  const body = tools.map(
    (tool, i) =>
      `${i % 8 === 0 ? `    #  ── ${headings[(i / 8) % 6]} Tools ──────────\n\n` : ""}    #  ${tool}: What it does: "quoted", and more\n    ${tool}:\n        rules: []\n`,
  );
  return `#  ─────────────────────────────\n#  Policy: Example MCP Server\n#  Tools: ${tools.length}\n\nversion: "1"\ndescription: "Policy for example/server"\n#  Set to "deny" to reject tool calls not listed below\ndefault: "allow"\n\ntools:\n${body.join("")}`;
}

describe("what is written", () => {
  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `tool_${i}`);
  const RICH = `version: "1"
default: deny
hide: [transfer]
tools:
  "*": { rules: [{ name: all, rate_limit: 60/minute }] }
  charge:
    rules:
      - name: amount
        conditions:
          - { path: args.amount, op: lte, value: 50000 }
          - { path: args.meta.debug, op: exists, value: false }
          - { path: args.note, op: regex, value: '^[a-z ]+$' }
        on_deny: too much
  search: { rules: [{ name: often, rate_limit: 5/hour }] }
  drop: { rules: [{ name: never, action: deny }] }
`;

  test.for<[text: string, tools: number]>([
    [scaffold(names(4)), 4],
    [scaffold(names(83)), 83],
    [RICH, 3],
    ['version: "1"\ntools: {}\n', 0],
    ['version: "1"\nhide: ["*"]\ntools: { a: {} }\n', 1],
  ])("lints without errors and its tests are green", async ([text, tools]) => {
    const { imported: report, files } = await imported(text);
    expect(report.policies.flatMap((policy) => policy.tools)).toHaveLength(tools);
    const loaded = await load(memoryTree(files));
    const errors = lint(loaded, 0).findings.filter(({ severity }) => severity === "error");
    // Nothing is said of the server that the policy is for.
    expect(errors.filter(({ place }) => !place.file.startsWith("servers/"))).toEqual([]);
    const ran = runTests((await imported(text)).ready, loaded.tests, { now: 0 });
    expect(ran).toMatchObject({ failed: 0, errors: 0 });
    expect(ran.passed).toBeGreaterThan(0);
  });

  test("a scaffold of eighty-three tools keeps every one of them", async () => {
    const { imported: report, ready } = await imported(scaffold(names(83)));
    expect(new Set(report.policies[0]!.tools.map(({ fate }) => fate))).toEqual(new Set(["exact"]));
    expect(
      verdicts(
        ready,
        names(83).map((tool) => ({ tool, args: { any: 1 } })),
      ).every(Boolean),
    ).toBe(true);
  });

  test("every entry and every limit has a case that it decides", async () => {
    const { imported: report, files } = await imported(RICH);
    const { "tests/p.test.yaml": tests } = files;
    for (const rule of ["charge/require/0", "charge/require/1", "search/limits/0"]) {
      expect(tests).toContain(`/tools/${rule}`);
    }
    expect(tests).toContain("/all_tools/limits/0");
    expect(report.items.map(({ outcome }) => outcome)).toEqual([]);
  });
});
