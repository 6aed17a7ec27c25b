/** The digest of a policy: it stands for the meaning, for all of it and for nothing else. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Document, type Node, visit } from "yaml";
import { canonical } from "../../engine/json/value.ts";
import { pinTool } from "../../engine/policy/compile.ts";
import type { Policy } from "../../engine/policy/ir.ts";
import { load } from "../../engine/policy/load.ts";
import type { PolicyDocument } from "../oracle/decide.ts";
import { policyDocument } from "../support/arbitrary.ts";
import { grantOf, lockOf, policyOf, serverOf } from "../support/compile.ts";
import { memoryTree } from "../support/tree.ts";

type Mutable = Record<string, unknown>;
interface Rules {
  args?: string[];
  require?: Mutable[];
  deny_if?: Mutable[];
  limits?: Mutable[];
  on_deny?: string;
}

const limit = fc.record(
  {
    counter: fc.constantFrom("calls", "patients", "sum"),
    window: fc.constantFrom("minute", "hour", "day"),
    max: fc.nat(50),
    scope: fc.constantFrom("grant", "principal", "server"),
    increment_from: fc.constantFrom("args.a", 'args["x y"]'),
  },
  { requiredKeys: ["counter", "window", "max"], noNullPrototype: true },
);
const limits = fc.uniqueArray(limit, {
  maxLength: 2,
  selector: ({ counter, window, scope }) => JSON.stringify([counter, window, scope ?? "grant"]),
});
/** A random policy, with limits on some of its tools. */
const policy = fc
  .tuple(policyDocument, fc.array(limits, { minLength: 3, maxLength: 3 }))
  .map(([document, more]) => {
    const tools = Object.entries(document.tools ?? {}).map(([name, rules], i) => [
      name,
      more[i]!.length === 0 ? rules : { ...rules, limits: more[i] },
    ]);
    return {
      ...document,
      ...(document.tools === undefined ? {} : { tools: Object.fromEntries(tools) as object }),
    } as PolicyDocument;
  });

/** The same document with the keys of every object in another order. */
function turned(value: unknown, by: number): unknown {
  if (Array.isArray(value)) return value.map((element) => turned(element, by));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, turned(member, by)] as const);
  const at = entries.length === 0 ? 0 : by % entries.length;
  const result = [...entries.slice(at), ...entries.slice(0, at)];
  return Object.fromEntries(by % 2 === 0 ? result : result.reverse());
}

interface Style {
  readonly turn: number;
  readonly indent: number;
  readonly flow: boolean;
  readonly quotes: "PLAIN" | "QUOTE_DOUBLE" | "QUOTE_SINGLE";
  readonly comments: boolean;
  readonly crlf: boolean;
  readonly mark: boolean;
}
const style: fc.Arbitrary<Style> = fc.record({
  turn: fc.nat(9),
  indent: fc.constantFrom(1, 2, 4, 7),
  flow: fc.boolean(),
  quotes: fc.constantFrom("PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE"),
  comments: fc.boolean(),
  crlf: fc.boolean(),
  mark: fc.boolean(),
});

function yamlText(value: unknown, s: Style): string {
  const document = new Document(turned(value, s.turn), { aliasDuplicateObjects: s.turn % 3 === 0 });
  visit(document, {
    Scalar(_, node) {
      // The library writes some texts of several lines as other texts, or as no YAML at all.
      if (/\s/.test(String(node.value))) node.type = "QUOTE_DOUBLE";
    },
  });
  if (s.comments) {
    document.commentBefore = " default: allow";
    let count = 0;
    visit(document, {
      Node(_, node) {
        if (count++ % 3 === 0 && !s.flow) (node as Node).commentBefore = " why: {not}";
        if (count % 5 === 0) (node as Node).comment = " - a: *comment";
      },
    });
  }
  const text = document.toString({
    indent: s.indent,
    collectionStyle: s.flow ? "flow" : "any",
    defaultStringType: s.quotes,
    defaultKeyType: s.quotes,
    lineWidth: 0,
  });
  return (s.mark ? "\uFEFF" : "") + (s.crlf ? text.replace(/\r?\n/g, "\r\n") : text);
}

async function loaded(path: string, text: string): Promise<Policy> {
  const { findings, repository } = await load(memoryTree({ [path]: text }));
  if (findings.length > 0) throw new Error(`${JSON.stringify(findings)}\n${text}`);
  return repository.policies.p1!;
}

describe("the digest of a policy", () => {
  test("is the same however the policy is written", async () => {
    await fc.assert(
      fc.asyncProperty(policy, style, async (document, s) => {
        const expected = policyOf(document);
        const json = JSON.stringify(turned(document, s.turn), null, s.indent);
        for (const [path, text] of [
          ["policies/p1.yaml", yamlText(document, s)],
          ["policies/p1.json", s.crlf ? json.replaceAll("\n", "\r\n") : json],
          ["policies/p1.yaml", json],
        ] as const) {
          const policy = await loaded(path, text);
          // As text: JSON knows no -0, which the language takes for 0.
          expect(canonical(policy as never)).toBe(canonical(expected as never));
          expect(policy.digest).toBe(expected.digest);
        }
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  test("does not hold the policy's name or description", () => {
    const document = { version: "1", default: "deny", tools: { t: {} } };
    const { digest } = policyOf(document, "a");
    expect(policyOf(document, "b").digest).toBe(digest);
    expect(policyOf({ ...document, description: "Why." }).digest).toBe(digest);
  });

  test.each<[string, object, object]>([
    ["an empty list and none", { hide: [] }, {}],
    ["hiding all, in both ways", { hide: ["*"] }, { hide: "*" }],
    ["hiding all and one more", { hide: ["a", "*"] }, { hide: "*" }],
    ["the order of hidden tools", { hide: ["b", "a"] }, { hide: ["a", "b"] }],
    ["empty rules and none", { all_tools: { require: [], limits: [] } }, { all_tools: {} }],
    ["no rules for all tools", { all_tools: {} }, {}],
    ["no methods", { methods: {} }, {}],
    [
      "the order of arguments",
      { tools: { t: { args: ["b", "a"] } } },
      { tools: { t: { args: ["a", "b"] } } },
    ],
    [
      "a bare condition and a list of one",
      { tools: { t: { require: [C()] } } },
      { tools: { t: { require: [{ conditions: [C()] }] } } },
    ],
    [
      "a list of conditions and one group",
      { tools: { t: { require: [{ conditions: [C(), C()] }] } } },
      { tools: { t: { require: [{ any_of: [[C(), C()]] }] } } },
    ],
    [
      "the spelling of a path",
      { tools: { t: { require: [C({ path: 'args["a"]' })] } } },
      { tools: { t: { require: [C({ path: "args.a" })] } } },
    ],
    [
      "not: false and none",
      { tools: { t: { require: [C({ not: false })] } } },
      { tools: { t: { require: [C()] } } },
    ],
    [
      "the scope that is meant anyway",
      { tools: { t: { limits: [L({ scope: "grant" })] } } },
      { tools: { t: { limits: [L()] } } },
    ],
    [
      "1.0 and 1",
      { tools: { t: { require: [C({ value: 1.0 })] } } },
      { tools: { t: { require: [C({ value: 1 })] } } },
    ],
    [
      "-0 and 0",
      { tools: { t: { require: [C({ value: -0 })] } } },
      { tools: { t: { require: [C({ value: 0 })] } } },
    ],
  ])("does not tell apart: %s", (_, a, b) => {
    const of = (more: object): string =>
      policyOf({ version: "1", default: "deny", ...more }).digest;
    expect(of(a)).toBe(of(b));
  });
});

function C(change: object = {}): object {
  return { path: "args.a", op: "eq", value: "x", ...change };
}
function L(change: object = {}): object {
  return { counter: "c", window: "hour", max: 5, ...change };
}

describe("a change of meaning changes the digest", () => {
  /** All rules of a policy, and all their conditions. */
  const rulesOf = (document: Mutable): Rules[] => [
    ...(document.all_tools === undefined ? [] : [document.all_tools as Rules]),
    ...Object.values((document.tools ?? {}) as Record<string, Rules>),
    ...Object.values((document.methods ?? {}) as Record<string, Rules>),
  ];
  const entriesOf = (document: Mutable): Mutable[][] =>
    rulesOf(document).flatMap(({ require, deny_if }) =>
      [require, deny_if].filter((list) => list !== undefined && list.length > 0),
    ) as Mutable[][];
  const groupsOf = (entry: Mutable): Mutable[][] =>
    (entry.any_of as Mutable[][] | undefined) ??
    (entry.conditions === undefined ? [[entry]] : [entry.conditions as Mutable[]]);
  const conditionsOf = (document: Mutable): Mutable[] =>
    entriesOf(document).flatMap((entries) => entries.flatMap((entry) => groupsOf(entry).flat()));
  const limitsOf = (document: Mutable): Mutable[] =>
    rulesOf(document).flatMap(({ limits }) => limits ?? []);
  const pick = <T>(list: readonly T[], n: number): T | undefined =>
    list[n % Math.max(1, list.length)];
  const each = <T>(item: T | undefined, edit: (item: T) => unknown): boolean =>
    item !== undefined && edit(item) !== false;

  /** Changes a document in place; false where there is nothing to change. */
  type Edit = (document: Mutable, n: number) => boolean;
  const onCondition =
    (edit: (c: Mutable, n: number) => unknown): Edit =>
    (d, n) =>
      each(pick(conditionsOf(d), n), (c) => edit(c, n));
  const onLimit =
    (edit: (l: Mutable) => unknown): Edit =>
    (d, n) =>
      each(pick(limitsOf(d), n), edit);
  const OTHER_OP: Record<string, string> = {
    ...{
      eq: "neq",
      neq: "eq",
      in: "not_in",
      not_in: "in",
      lt: "lte",
      lte: "lt",
      gt: "gte",
      gte: "gt",
    },
    ...{ regex: "matches", matches: "regex", starts_with: "ends_with", ends_with: "starts_with" },
    ...{
      contains: "has_element",
      has_element: "contains",
      length_lt: "length_lte",
      length_lte: "length_lt",
    },
    ...{
      length_gt: "count_gt",
      length_gte: "length_gt",
      count_lt: "length_lt",
      count_lte: "count_lt",
    },
    ...{ count_gt: "count_gte", count_gte: "count_gt" },
  };

  const EDITS: Record<string, Edit> = {
    "the default": (d) => {
      d.default = d.default === "deny" ? "allow" : "deny";
      return true;
    },
    "a hidden tool more": (d) => {
      if (d.hide === "*" || (d.hide as string[] | undefined)?.includes("*")) return false;
      d.hide = [...((d.hide ?? []) as string[]), "t9"];
      return true;
    },
    "hiding all": (d) => {
      if (d.hide === "*" || (d.hide as string[] | undefined)?.includes("*")) return false;
      d.hide = "*";
      return true;
    },
    "a tool more": (d) => {
      d.tools = { ...(d.tools as object), t9: {} };
      return true;
    },
    "a tool less": (d, n) =>
      each(pick(Object.keys((d.tools ?? {}) as object), n), (name) => {
        delete (d.tools as Mutable)[name];
      }),
    "a method more": (d) => {
      d.methods = { ...(d.methods as object), "tasks/get": {} };
      return true;
    },
    "a tool's rules moved to another tool": (d, n) =>
      each(pick(Object.keys((d.tools ?? {}) as object), n), (name) => {
        const tools = d.tools as Mutable;
        tools.t9 = tools[name];
        delete tools[name];
      }),
    "an argument more": (d, n) =>
      each(
        pick(
          rulesOf(d).filter((rules) => rules.args !== undefined),
          n,
        ),
        (rules) => {
          rules.args = [...rules.args!, "z"];
        },
      ),
    "no argument where any was": (d, n) =>
      each(
        pick(
          Object.values((d.tools ?? {}) as Record<string, Rules>).filter(
            ({ args }) => args === undefined,
          ),
          n,
        ),
        (rules) => {
          rules.args = [];
        },
      ),
    "an entry less": (d, n) => each(pick(entriesOf(d), n), (entries) => void entries.pop()),
    "an entry more": (d, n) =>
      each(pick(entriesOf(d), n), (entries) => void entries.push(C({ path: "args.z" }) as Mutable)),
    "require turned to deny_if": (d, n) =>
      each(
        pick(
          rulesOf(d).filter(({ require }) => (require ?? []).length > 0),
          n,
        ),
        (rules) => {
          rules.deny_if = [rules.require!.pop()!, ...(rules.deny_if ?? [])];
        },
      ),
    "a group more": (d, n) =>
      each(
        pick(
          entriesOf(d)
            .flat()
            .filter(({ any_of }) => any_of !== undefined),
          n,
        ),
        (entry) => {
          (entry.any_of as object[][]).push([C({ path: "args.z" })]);
        },
      ),
    "AND turned to OR": (d, n) =>
      each(
        pick(
          entriesOf(d)
            .flat()
            .filter(({ conditions }) => ((conditions ?? []) as []).length > 1),
          n,
        ),
        (entry) => {
          entry.any_of = (entry.conditions as object[]).map((condition) => [condition]);
          delete entry.conditions;
          delete entry.on_deny;
        },
      ),
    negation: onCondition((c) => {
      c.not = c.not !== true;
    }),
    "the operator": onCondition((c) => {
      const other = OTHER_OP[c.op as string];
      if (other === undefined) return false;
      c.op = other;
      return true;
    }),
    "the path": onCondition((c) => {
      if (!/^args/.test(c.path as string)) return false;
      c.path = (c.path as string).replace(/^args/, "args.deeper");
      return true;
    }),
    "the quantifier": onCondition((c) => {
      if (c.quantifier === undefined) return false;
      c.quantifier = c.quantifier === "any" ? "all" : "any";
      return true;
    }),
    "the value": onCondition((c) => {
      const { value } = c;
      if (c.op === "type" || value === undefined) return false;
      if (typeof value === "boolean") c.value = !value;
      else if (typeof value === "number") c.value = value + 1 === value ? 0 : value + 1;
      else if (typeof value === "string") c.value = `${value}a`;
      else c.value = [...(value as unknown[]), "another one"];
      return true;
    }),
    "the attribute": onCondition((c) => {
      if (c.value_from === undefined) return false;
      c.value_from = "grant.another";
      return true;
    }),
    "a literal in place of an attribute": onCondition((c) => {
      if (c.value_from === undefined) return false;
      delete c.value_from;
      c.value = String(c.op).endsWith("in")
        ? ["x"]
        : /^(length|count)_/.test(String(c.op)) || /^[lg]te?$/.test(String(c.op))
          ? 1
          : "x";
      return true;
    }),
    "what the agent reads": (d, n) =>
      each(pick(rulesOf(d), n), (rules) => {
        if (rules === d.all_tools && rules.on_deny === undefined) rules.on_deny = "Another text.";
        else rules.on_deny = `${rules.on_deny ?? ""}!`;
      }),
    "a limit less": (d, n) =>
      each(
        pick(
          rulesOf(d).filter(({ limits }) => (limits ?? []).length > 0),
          n,
        ),
        (rules) => void rules.limits!.pop(),
      ),
    "a limit's max": onLimit((l) => {
      l.max = (l.max as number) + 1;
    }),
    "a limit's counter": onLimit((l) => {
      l.counter = `${l.counter as string}2`;
    }),
    "what a limit counts": onLimit((l) => {
      if (l.increment_from !== undefined) delete l.increment_from;
      else l.distinct = "subject";
    }),
  };

  test.each(Object.entries(EDITS))("%s", (_, edit) => {
    let changed = 0;
    fc.assert(
      fc.property(policy, fc.nat(50), (document, n) => {
        const before = policyOf(document);
        const copy = structuredClone(document) as unknown as Mutable;
        if (!edit(copy, n)) return;
        changed++;
        const after = policyOf(copy);
        expect(after.digest).not.toBe(before.digest);
      }),
      { numRuns: 120 },
    );
    // An edit that finds nothing to change would prove nothing.
    expect(changed).toBeGreaterThan(5);
  });

  test("in a digest, values of different types are different", () => {
    const of = (value: unknown): string =>
      policyOf({ version: "1", default: "deny", tools: { t: { require: [C({ value })] } } }).digest;
    const values = ["1", 1, true, "true", "", 0, false, "null", "é", "e\u0301", 1e21, "1e21"];
    expect(new Set(values.map(of)).size).toBe(values.length);
  });
});

describe("a compiled policy", () => {
  test("has entries, groups and conditions in the order of the file", () => {
    const { tools } = policyOf({
      version: "1",
      default: "deny",
      tools: {
        t: {
          args: ["b", "a"],
          require: [
            C(),
            {
              name: "n",
              on_deny: "d",
              any_of: [
                [C({ op: "neq" })],
                [C({ not: true }), C({ path: "args.l[*]", quantifier: "any" })],
              ],
            },
          ],
          deny_if: [C({ value_from: "grant.principal.kind", value: undefined })].map(
            withoutUndefined,
          ),
          limits: [
            L({ increment_from: "args.n" }),
            L({ counter: "p", distinct: "subject", scope: "server" }),
          ],
          on_deny: "tool",
        },
      },
    });
    const a = { root: "args", steps: ["a"] };
    const literal = { literal: "x" };
    expect(tools.t).toEqual({
      args: ["a", "b"],
      require: [
        { anyOf: [[{ path: a, op: "eq", operand: literal, not: false }]] },
        {
          name: "n",
          onDeny: "d",
          anyOf: [
            [{ path: a, op: "neq", operand: literal, not: false }],
            [
              { path: a, op: "eq", operand: literal, not: true },
              {
                path: { root: "args", steps: ["l"], each: { quantifier: "any", steps: [] } },
                op: "eq",
                operand: literal,
                not: false,
              },
            ],
          ],
        },
      ],
      denyIf: [
        { anyOf: [[{ path: a, op: "eq", operand: { grant: ["principal", "kind"] }, not: false }]] },
      ],
      limits: [
        {
          counter: "c",
          window: "hour",
          max: 5,
          scope: "grant",
          incrementFrom: { root: "args", steps: ["n"] },
        },
        { counter: "p", window: "hour", max: 5, scope: "server", distinct: "subject" },
      ],
      onDeny: "tool",
    });
  });

  test("has tools of every name as its own, and no other", () => {
    const { tools } = policyOf({
      version: "1",
      default: "deny",
      tools: { constructor: {}, toString: {}, "10": {}, "9": {} },
    });
    expect(Object.keys(tools).sort()).toEqual(["10", "9", "constructor", "toString"]);
    expect(Object.hasOwn(tools, "hasOwnProperty")).toBe(false);
  });
});

function withoutUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

describe("the other files", () => {
  test("a grant is valid from the first instant of a day to that of another", () => {
    const grant = grantOf({
      version: "1",
      id: "g1",
      principal: { kind: "agent", id: "agent:a" },
      purpose: "treatment",
      access: [{ server: "ehr", policy: "p" }, { audit: "read" }],
      attributes: { level: 3, clinics: ["north"] },
      issued: "2026-01-01",
      expires: "2027-01-02",
      breakGlass: { openers: ["person:b", "person:a", "person:b"].slice(0, 2), max: "4h" },
    });
    expect(grant).toMatchObject({
      access: { ehr: "p" },
      audit: "read",
      issued: Date.UTC(2026, 0, 1),
      expires: Date.UTC(2027, 0, 2),
      breakGlass: { openers: ["person:a", "person:b"], maxMs: 14_400_000 },
    });
  });

  test("a label that says nothing is the worst", () => {
    const { tools, baa } = serverOf({ version: "1", id: "s1", tools: { t: {} } });
    expect(tools.t).toEqual({
      effect: "execute",
      ephi: true,
      volume: "bulk",
      subject: "unknown",
      resultSubjects: [],
    });
    expect(baa).toEqual({ status: "none" });
  });

  test("a label may depend on an argument, and name several subjects", () => {
    const { tools } = serverOf({
      version: "1",
      id: "s1",
      tools: {
        t: {
          effect: { by: "args.m", cases: { POST: "write", GET: "read" } },
          subject: ["args.a", "args.ids[*]"],
        },
      },
    });
    expect(tools.t).toMatchObject({
      effect: { by: { root: "args", steps: ["m"] }, cases: { GET: "read", POST: "write" } },
      subject: [
        { root: "args", steps: ["a"] },
        { root: "args", steps: ["ids"], each: { quantifier: "all", steps: [] } },
      ],
    });
  });

  test("the cases of a subject are what a subject may be, in one order", () => {
    const written = (subject: unknown) =>
      serverOf({ version: "1", id: "s1", tools: { t: { subject } } }).tools.t?.subject;
    const id = { root: "args", steps: ["id"] };
    const cases = { P: "args.id", G: ["args.id", "args.x"], N: "none", U: "unknown" };
    expect(JSON.stringify(written({ by: "args.type", cases }))).toBe(
      JSON.stringify({
        by: { root: "args", steps: ["type"] },
        cases: { G: [id, { root: "args", steps: ["x"] }], N: "none", P: [id], U: "unknown" },
      }),
    );
  });

  test("a pin is over the whole tool but `_meta`, in any order of keys", () => {
    const tool = {
      name: "t",
      inputSchema: { type: "object" },
      description: "d",
      annotations: { readOnlyHint: true },
    };
    const { digest, definition } = pinTool({ ...tool, _meta: { at: 1 } });
    expect(definition).toEqual(tool);
    expect(pinTool(turned(tool, 3) as typeof tool).digest).toBe(digest);
    for (const change of [
      { description: "e" },
      { title: "t" },
      { annotations: {} },
      { inputSchema: {} },
      { outputSchema: {} },
    ])
      expect(pinTool({ ...tool, ...change }).digest).not.toBe(digest);
    const lock = lockOf({ version: "1", server: "s1", tools: [{ ...tool, digest }] });
    expect(lock.tools.t).toEqual({ digest, definition: tool });
  });
});

test("a file of costly expressions is refused before it costs minutes", {
  timeout: 60_000,
}, async () => {
  const entries = Array.from({ length: 2000 }, (_, i) => ({
    path: "args.a",
    op: "matches",
    value: `\\pL{900}${i}`,
  }));
  const document = { version: "1", default: "deny", tools: { t: { require: entries } } };
  const { findings } = await load(memoryTree({ "policies/p.json": JSON.stringify(document) }));
  expect(findings[0]?.message).toBe(
    "the expressions of this file need more than 50000 states as automata",
  );
});
