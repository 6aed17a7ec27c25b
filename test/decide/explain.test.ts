/** A decision in sentences, and the line to paste where a condition could not be judged. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TOOLS_CALL } from "../../engine/decide/call.ts";
import { BY_ITSELF, decide } from "../../engine/decide/decide.ts";
import { type Explanation, explain } from "../../engine/decide/explain.ts";
import { InexactNumber } from "../../engine/json/value.ts";
import { parse } from "../../engine/policy/parse.ts";
import type { Condition, Entry, PolicyDocument, Rules } from "../oracle/decide.ts";
import { repositoryOf } from "../support/compile.ts";
import { callOfPair, pairs, repositoryOfPair } from "../support/pairs.ts";
import {
  ask,
  type CallFields,
  callOf,
  type Fields,
  grantFile,
  partsOf,
  policyFile,
  rulesOf,
  type World,
} from "../support/world.ts";

/** An emergency stop of everything. */
const EVERYTHING = { all: true, tools: [], grants: new Set<string>() };

function explained(world: World, call: CallFields = {}): Explanation {
  const circumstances = { ...BY_ITSELF, ...world.circumstances };
  return explain(repositoryOf(partsOf(world)), callOf(call), circumstances);
}

const lines = ({ trace }: Explanation): string[] =>
  trace.map(({ rule, outcome, says }) => `${outcome} ${rule}: ${says}`);

/** A pasted line, read as a policy file would read it: one item of a list. */
function pastedCondition(line: string): Condition {
  const read = parse("pasted.yaml", line);
  if (!("located" in read)) throw new Error(`${line}: ${read.findings[0]?.message}`);
  const list = read.located.value as unknown as Condition[];
  expect(list).toHaveLength(1);
  return list[0]!;
}

describe("the steps that were judged", () => {
  const IS = (value: number) => ({ path: "args.a", op: "eq", value });
  const policy = rulesOf(
    {
      args: ["a"],
      require: [IS(1)],
      deny_if: [{ any_of: [[IS(2)], [IS(3), IS(1)]], name: "odd" }],
      limits: [{ counter: "calls", window: "hour", max: 5 }],
    },
    { all_tools: { require: [{ path: "grant.purpose", op: "eq", value: "treatment" }] } },
  );
  const schemas = { t: { type: "object" } };

  test("of an allowed call are all of them, in their order", () => {
    expect(lines(explained({ policy, schemas, requireBaa: true }, { args: { a: 1 } }))).toEqual([
      "passed (no grant): the grant is valid from 2026-09-01 until 2027-03-01",
      "passed (no baa): a business associate agreement is in force, or none is required",
      "passed (no policy): policy `p1` decides",
      "passed (default deny): the policy lists this tool",
      "passed (schema): the arguments satisfy the tool's pinned schema",
      "passed /tools/t/args: only granted arguments are present",
      "passed /tools/t/require/0: require/0: `args.a eq 1` holds",
      "passed /tools/t/deny_if/0: odd: none of its 2 alternatives holds",
      'passed /all_tools/require/0: require/0: `grant.purpose eq "treatment"` holds',
      "passed /tools/t/limits/0: there is room within the limit",
    ]);
  });

  test("of a denied call end with the one that denied it", () => {
    const { trace, decision } = explained({ policy }, { args: { a: 2 } });
    const last = trace.at(-1);
    expect(last).toMatchObject({
      rule: "/tools/t/require/0",
      outcome: "denied",
      says: "require/0: `args.a eq 1` does not hold",
    });
    expect(decision).toMatchObject({ rule: last?.rule, reason: last?.says });
    expect(trace.slice(0, -1).every(({ outcome }) => outcome === "passed")).toBe(true);
  });

  test.each<[title: string, world: World, call: CallFields, rule: string]>([
    ["no grant", {}, { grant: "nobody" }, "(no grant)"],
    ["expired", {}, { at: Date.UTC(2027, 2, 1) }, "(expired)"],
    ["revoked", { circumstances: { revoked: new Set(["g1"]) } }, {}, "(revoked)"],
    ["halted", { circumstances: { halted: EVERYTHING } }, {}, "(halted)"],
    ["no policy", { grant: grantFile({ access: [{ audit: "read" }] }) }, {}, "(no policy)"],
    ["method", {}, { method: "prompts/get" }, "(method)"],
    ["hidden", { policy: policyFile({ hide: "*" }) }, {}, "(hidden)"],
    ["unlisted", {}, { tool: "u" }, "(default deny)"],
    ["quarantined", { schemas: {} }, {}, "(quarantined)"],
    ["schema", { schemas: { t: { required: ["z"] } } }, {}, "(schema)"],
    ["args", { policy: rulesOf({ args: [] }) }, { args: { a: 1 } }, "/tools/t/args"],
    [
      "limits",
      { policy: rulesOf({ limits: [{ counter: "c", window: "day", max: 0 }] }) },
      {},
      "/tools/t/limits/0",
    ],
  ])("a step that denies is shown as such: %s", (_, world, call, rule) => {
    const { trace, decision } = explained(world, call);
    expect(trace.at(-1)).toMatchObject({ rule, outcome: "denied", says: decision.reason });
  });

  test("the conditions of an entry are shown with what each came to, and why one did not", () => {
    const entry = {
      any_of: [
        [
          { path: "args.b", op: "gt", value: 5 },
          { path: "args.a", op: "in", value: [2, 3], not: true },
        ],
        [{ path: "args.list[*]", quantifier: "all", op: "eq", value: "x" }],
      ],
    };
    const world = { policy: rulesOf({ require: [entry] }) };
    const { trace } = explained(world, { args: { a: 1, list: ["x", 2] } });
    expect(trace.at(-1)?.groups).toEqual([
      [
        { condition: "args.b gt 5", truth: "undetermined", why: "`args.b` is absent" },
        { condition: "not (args.a in [2,3])", truth: "true" },
      ],
      [
        {
          condition: 'all of args.list[*] eq "x"',
          truth: "undetermined",
          why: "`args.list[*]` is element 1: a number where `eq` takes a value of the same type",
        },
      ],
    ]);
  });

  test("a long literal is cut", () => {
    const policy = rulesOf({ require: [{ path: "args.a", op: "eq", value: "x".repeat(100) }] });
    expect(explained({ policy }, { args: { a: "y" } }).decision.reason).toBe(
      `require/0: \`args.a eq "${"x".repeat(59)}…\` does not hold`,
    );
  });

  test("a method's steps name the method's entry", () => {
    const policy = policyFile({ methods: { "prompts/get": { args: [] } } });
    expect(lines(explained({ policy }, { method: "prompts/get" })).slice(1)).toEqual([
      "passed (no policy): policy `p1` decides",
      "passed (method): the policy lists this method",
      "passed /methods/prompts~1get/args: only granted arguments are present",
    ]);
  });

  test("what `default: allow` reaches is said to be reached by it", () => {
    const world = {
      policy: policyFile({ default: "allow" }),
      server: { version: "1", id: "s1", tools: { u: { ephi: false } } },
    };
    expect(lines(explained(world, { tool: "u" })).at(-1)).toBe(
      "passed (default deny): `default: allow`, and the tool is labelled `ephi: false`",
    );
  });
});

describe("what is assumed is said", () => {
  test("that no quota has been used", () => {
    expect(explained({}).assumptions).toEqual(["no quota has been used"]);
  });

  test("that break-glass is open, for a grant that has one", () => {
    const grant = grantFile({ breakGlass: { openers: ["person:a.example"], max: "4h" } });
    const { assumptions, trace } = explained({ grant });
    expect(assumptions).toEqual(["no quota has been used", "break-glass is open"]);
    expect(trace).toContainEqual({
      rule: "(dormant)",
      outcome: "passed",
      says: "break-glass: judged as if open",
    });
  });
});

describe("why a condition is undetermined", () => {
  const inexact = new InexactNumber("1e999");
  const grant = grantFile({ attributes: { text: "ab", list: ["ab"], none: [] } });
  const c = (path: string, op: string, value: unknown): Fields => ({
    path,
    op,
    value,
    ...(path.includes("[*]") ? { quantifier: "all" } : {}),
  });
  const from = (op: string, name: string): Fields => ({
    path: "args.a",
    op,
    value_from: `grant.${name}`,
  });

  /** With no line, none would make the condition's group false for that call. */
  test.each<[condition: Fields, args: Fields, says: string, line: string | undefined]>([
    [c("args.a", "gt", 5), {}, "`args.a` is absent", "- { path: args.a, op: exists, value: true }"],
    [
      c("args.a", "gt", 5),
      { a: "9" },
      "`args.a` is a string where `gt` takes a number",
      "- { path: args.a, op: type, value: number }",
    ],
    [
      c("args.a", "eq", "x"),
      { a: null },
      "`args.a` is null where `eq` takes a value of the same type",
      "- { path: args.a, op: type, value: string }",
    ],
    [
      c("args.a", "eq", false),
      { a: 0 },
      "`args.a` is a number where `eq` takes a value of the same type",
      "- { path: args.a, op: type, value: boolean }",
    ],
    [
      c("args.a", "regex", "x"),
      { a: ["x"] },
      "`args.a` is an array where `regex` takes a string",
      "- { path: args.a, op: type, value: string }",
    ],
    [
      c("args.a", "length_lt", 5),
      { a: {} },
      "`args.a` is an object where `length_lt` takes a string",
      "- { path: args.a, op: type, value: string }",
    ],
    [
      c("args.a", "count_lt", 5),
      { a: "x" },
      "`args.a` is a string where `count_lt` takes an array",
      "- { path: args.a, op: type, value: array }",
    ],
    [
      c("args.a", "has_element", 5),
      { a: 5 },
      "`args.a` is a number where `has_element` takes an array of comparable values",
      "- { path: args.a, op: type, value: array }",
    ],
    [
      c("args.a", "in", ["x", "y"]),
      { a: 1 },
      "`args.a` is a number where `in` takes a value of a type in the list",
      "- { path: args.a, op: type, value: string }",
    ],
    [
      c("args.a", "in", ["x", 1]),
      { a: true },
      "`args.a` is a boolean where `in` takes a value of a type in the list",
      undefined,
    ],
    [
      c("args.a", "has_element", "x"),
      { a: ["y", 1] },
      "`args.a` is an array where `has_element` takes an array of comparable values",
      undefined,
    ],
    [
      c("args.a", "contains", "x"),
      { a: 5 },
      "`args.a` is a number where `contains` takes a string or an array of comparable values",
      undefined,
    ],
    // The way there is blocked: the line speaks of what blocks it.
    [
      c("args.a.b.c", "exists", true),
      { a: { b: "x" } },
      "`args.a.b.c` is not reachable: something on the way is of another kind",
      "- { path: args.a.b, op: type, value: object }",
    ],
    [
      c("args.a[0].c", "eq", 1),
      { a: {} },
      "`args.a[0].c` is not reachable: something on the way is of another kind",
      "- { path: args.a, op: type, value: array }",
    ],
    [
      c('args["a b"]["it\'s"]', "eq", 1),
      { "a b": {} },
      '`args["a b"]["it\'s"]` is absent',
      "- { path: 'args[\"a b\"][\"it''s\"]', op: exists, value: true }",
    ],
    // Lists.
    [
      c("args.a[*]", "eq", 1),
      {},
      "`args.a[*]` is absent",
      "- { path: args.a, op: exists, value: true }",
    ],
    [
      c("args.a[*]", "eq", 1),
      { a: [] },
      "`args.a[*]` is an empty array",
      "- { path: args.a, op: count_gt, value: 0 }",
    ],
    [
      c("args.a[*].b", "eq", 1),
      { a: {} },
      "`args.a[*].b` is an object where `[*]` needs an array",
      "- { path: args.a, op: type, value: array }",
    ],
    [
      c("args.a[*].b", "eq", 1),
      { a: [{ b: 1 }, {}] },
      "`args.a[*].b` is element 1: absent",
      undefined,
    ],
    // No condition is false of such a number, `type` included.
    [
      c("args.a", "gt", 5),
      { a: inexact },
      "`args.a` is a number that does not survive being read",
      undefined,
    ],
    [
      c("args.a.b", "gt", 5),
      { a: inexact },
      "`args.a.b` is not reachable: something on the way is of another kind",
      undefined,
    ],
    [
      c("args.a[*]", "gt", 5),
      { a: inexact },
      "`args.a[*]` is a number that does not survive being read",
      undefined,
    ],
    // What the grant lacks is mended in the grant.
    [from("eq", "missing"), { a: "x" }, "`grant.missing` is absent", undefined],
    [from("in", "missing"), { a: "x" }, "`grant.missing` is absent", undefined],
    [
      from("eq", "list"),
      { a: "x" },
      "`grant.list` is an array where `eq` needs one value",
      undefined,
    ],
    [from("in", "text"), { a: "x" }, "`grant.text` is a string where `in` needs a list", undefined],
    [
      from("in", "none"),
      { a: "x" },
      "`args.a` is a string where `in` takes a value of a type in the list",
      undefined,
    ],
    [c("grant.missing", "eq", "x"), {}, "`grant.missing` is absent", undefined],
    [
      from("eq", "text"),
      { a: 5 },
      "`args.a` is a number where `eq` takes a value of the same type",
      "- { path: args.a, op: type, value: string }",
    ],
    [
      from("in", "list"),
      { a: 5 },
      "`args.a` is a number where `in` takes a value of a type in the list",
      "- { path: args.a, op: type, value: string }",
    ],
    [
      from("eq", "missing"),
      {},
      "`grant.missing` is absent",
      "- { path: args.a, op: exists, value: true }",
    ],
  ])("%j of %j: %s", (condition, args, says, line) => {
    const policy = rulesOf({ deny_if: [{ conditions: [condition] }] });
    const step = explained({ policy, grant }, { args }).trace.at(-1)!;
    expect(step.says).toBe(`${says}, so deny_if/0 cannot be ruled out`);
    expect(step.paste?.line).toBe(line);
    if (line === undefined) return;
    expect(step.paste?.at).toBe("/tools/t/deny_if/0/conditions/0");
    const mended = rulesOf({ deny_if: [{ conditions: [pastedCondition(line), condition] }] });
    expect(ask({ policy: mended, grant }, { args }).rule).toBe("");
  });

  test("a require entry gets no line: there, being absent is what denies", () => {
    const policy = rulesOf({ require: [c("args.a", "gt", 5)] });
    const step = explained({ policy }).trace.at(-1)!;
    expect(step.says).toBe("`args.a` is absent, so require/0 does not hold");
    expect(step.paste).toBeUndefined();
  });

  test("a decided entry gets none either", () => {
    const policy = rulesOf({ deny_if: [c("args.a", "gt", 5)] });
    for (const a of [5, 6]) {
      expect(explained({ policy }, { args: { a } }).trace.at(-1)?.paste).toBeUndefined();
    }
  });

  test("the line goes into the group that is open", () => {
    const any_of = [[c("args.b", "eq", 2)], [c("args.b", "eq", 1), c("args.a", "gt", 5)]];
    const policy = rulesOf({ deny_if: [{ any_of }] });
    const step = explained({ policy }, { args: { b: 1 } }).trace.at(-1)!;
    expect(step.paste).toMatchObject({
      at: "/tools/t/deny_if/0/any_of/1/0",
      line: "- { path: args.a, op: exists, value: true }",
    });
  });
});

const groupsOf = (entry: Entry): Condition[][] =>
  "conditions" in entry ? [entry.conditions] : "any_of" in entry ? entry.any_of : [[entry]];

/** Every `deny_if` entry of a policy, wherever it stands. */
function denials({ all_tools, tools, methods }: PolicyDocument): Entry[] {
  const blocks: Rules[] = [
    all_tools ?? {},
    ...Object.values(tools ?? {}),
    ...Object.values(methods ?? {}),
  ];
  return blocks.flatMap(({ deny_if }) => deny_if ?? []);
}

describe("on random policies and calls", () => {
  test("an explanation decides as decide does, and its steps end with the deciding rule", () => {
    fc.assert(
      fc.property(pairs, (pair) => {
        const repository = repositoryOfPair(pair);
        const { decision, trace } = explain(repository, callOfPair(pair));
        expect(decision).toEqual(decide(repository, callOfPair(pair)).decision);
        const denied = trace.filter(({ outcome }) => outcome === "denied");
        expect(denied.map(({ rule }) => rule)).toEqual(
          decision.verdict === "allow" ? [] : [decision.rule],
        );
        if (decision.verdict === "deny") expect(trace.at(-1)).toBe(denied[0]);
      }),
      { numRuns: 1000 },
    );
  });

  test("the pasted line, first in its group, makes that group false for that call; an absent argument always gets one", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(pairs, (pair) => {
        const call = { ...callOfPair(pair), method: TOOLS_CALL, tool: "t" };
        const alone = (entry: Entry) =>
          repositoryOfPair(pair, {
            version: "1",
            default: "deny",
            tools: { t: { deny_if: [entry] } },
          });
        for (const entry of denials(pair.policy)) {
          const { decision, trace } = explain(alone(entry), call);
          const paste = trace.at(-1)?.paste;
          const { undetermined } = decision;
          if (undetermined?.why === "absent" && undetermined.path.startsWith("args")) {
            expect(paste?.line).toMatch(/op: exists, value: true \}$/);
          }
          if (paste === undefined) continue;
          const pasted = pastedCondition(paste.line);
          const [, index = "0"] = /\/any_of\/([0-9]+)\/0$/.exec(paste.at) ?? [];
          const group = groupsOf(entry)[Number(index)]!;
          const rule = (conditions: Condition[]): string =>
            decide(alone({ conditions }), call).decision.rule;
          expect(rule(group)).toBe("/tools/t/deny_if/0");
          expect(rule([pasted, ...group])).toBe("");
          seen.set(pasted.op, (seen.get(pasted.op) ?? 0) + 1);
        }
      }),
      { numRuns: 1500 },
    );
    // It says little unless each of the lines was pasted many times.
    for (const op of ["exists", "type", "count_gt"]) {
      expect(seen.get(op) ?? 0, op).toBeGreaterThan(8);
    }
  });
});
