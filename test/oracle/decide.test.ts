// The oracle held against the sentences of the language, by cases worked out by hand. Every other
// test trusts the oracle; this one may not.

import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { pairWith, regexPattern, shortText } from "../support/arbitrary.ts";
import {
  and,
  type Call,
  type Condition,
  conditionTruth,
  decide,
  type GrantDocument,
  not,
  or,
  type PolicyDocument,
  type Rules,
  type ServerDocument,
  type Truth,
} from "./decide.ts";
import { regexFinds } from "./regex.ts";

/** Stands for a received number whose text no double has; the oracle knows it by its name. */
class InexactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const GRANT: GrantDocument = {
  id: "bot-1",
  principal: { kind: "agent", id: "agent:bot-1", responsible: "person:a.example" },
  purpose: "treatment",
  attributes: {
    department: "oncology",
    clinics: ["north", "east"],
    level: 3,
    mixed: ["north", 1],
    none: [],
    purpose: "an attribute that nobody can read",
  },
  issued: "2026-01-10",
  expires: "2026-07-10",
};

const SERVER: ServerDocument = {
  id: "ehr",
  tools: {
    departments: { effect: "read", ephi: false },
    record: { effect: "read", ephi: true, volume: "single", subject: "args.patient" },
    request: {
      effect: { by: "args.method", cases: { GET: "read", POST: "write" } },
      ephi: { by: 'args["in"].area', cases: { staff: false, patients: true } },
    },
  },
  methods: { "resources/read": { effect: "read", ephi: false } },
};

function policy(fields: Partial<PolicyDocument>): PolicyDocument {
  return { version: "1", default: "deny", ...fields };
}

const only = (rules: Rules): PolicyDocument => policy({ tools: { t: rules } });
const is = (path: string, value: unknown): Condition => ({ path, op: "eq", value });

interface Row {
  title: string;
  policy: PolicyDocument | undefined;
  call: Call;
  grant?: GrantDocument;
  server?: ServerDocument;
  verdict: "allow" | "deny";
  rule: string;
}

const ORDER: Row[] = [
  {
    title: "a listed tool with empty rules is allowed with whatever arguments",
    policy: only({}),
    call: { tool: "t", args: { anything: [1] } },
    verdict: "allow",
    rule: "",
  },
  {
    title: "without a policy everything is denied",
    policy: undefined,
    call: { tool: "t" },
    verdict: "deny",
    rule: "(no policy)",
  },
  {
    title: "an expired grant is denied before anybody looks for a policy",
    policy: undefined,
    call: { tool: "t", at: Date.UTC(2026, 6, 10) },
    grant: GRANT,
    verdict: "deny",
    rule: "(expired)",
  },
  {
    title: "the last millisecond before the day of expiry is still valid",
    policy: only({}),
    call: { tool: "t", at: Date.UTC(2026, 6, 10) - 1 },
    grant: GRANT,
    verdict: "allow",
    rule: "",
  },
  {
    title: "a grant is not valid before midnight UTC of its day of issue",
    policy: only({}),
    call: { tool: "t", at: Date.UTC(2026, 0, 10) - 1 },
    grant: GRANT,
    verdict: "deny",
    rule: "(not yet valid)",
  },
  {
    title: "a grant is valid from midnight UTC of its day of issue",
    policy: only({}),
    call: { tool: "t", at: Date.UTC(2026, 0, 10) },
    grant: GRANT,
    verdict: "allow",
    rule: "",
  },
  {
    title: "expiry is named before what the policy says",
    policy: policy({ hide: ["t"] }),
    call: { tool: "t", at: Date.UTC(2027, 0, 1) },
    grant: GRANT,
    verdict: "deny",
    rule: "(expired)",
  },
  {
    title: "a hidden tool is denied though it is listed",
    policy: policy({ hide: ["t"], tools: { t: {} } }),
    call: { tool: "t" },
    verdict: "deny",
    rule: "(hidden)",
  },
  {
    title: "hiding one tool leaves the others",
    policy: policy({ hide: ["u"], tools: { t: {} } }),
    call: { tool: "t" },
    verdict: "allow",
    rule: "",
  },
  {
    title: "a star hides every tool",
    policy: policy({ hide: "*", tools: { t: {} } }),
    call: { tool: "t" },
    verdict: "deny",
    rule: "(hidden)",
  },
  {
    title: "a star in the list hides every tool",
    policy: policy({ hide: ["*"], tools: { t: {} } }),
    call: { tool: "t" },
    verdict: "deny",
    rule: "(hidden)",
  },
  {
    title: "an unlisted tool is hidden before it is unlisted",
    policy: policy({ hide: ["u"] }),
    call: { tool: "u" },
    verdict: "deny",
    rule: "(hidden)",
  },
  {
    title: "an unlisted tool is denied by default",
    policy: only({}),
    call: { tool: "u" },
    verdict: "deny",
    rule: "(default deny)",
  },
  {
    title: "a tool named like an inherited property is not listed",
    policy: only({}),
    call: { tool: "constructor" },
    verdict: "deny",
    rule: "(default deny)",
  },
  {
    title: "default allow reaches an unlisted tool that is labelled free of ePHI",
    policy: policy({ default: "allow" }),
    call: { tool: "departments" },
    server: SERVER,
    verdict: "allow",
    rule: "",
  },
  {
    title: "default allow does not reach an ePHI tool",
    policy: policy({ default: "allow" }),
    call: { tool: "record" },
    server: SERVER,
    verdict: "deny",
    rule: "(default deny)",
  },
  {
    title: "default allow does not reach a tool without a label",
    policy: policy({ default: "allow" }),
    call: { tool: "unknown" },
    server: SERVER,
    verdict: "deny",
    rule: "(default deny)",
  },
  {
    title: "default allow does not reach a tool of a server without a catalogue",
    policy: policy({ default: "allow" }),
    call: { tool: "departments" },
    verdict: "deny",
    rule: "(default deny)",
  },
  {
    title:
      "default allow does not reach a label that depends on an argument, whatever it says here",
    policy: policy({ default: "allow" }),
    call: { tool: "request", args: { in: { area: "staff" } } },
    server: SERVER,
    verdict: "deny",
    rule: "(default deny)",
  },
  {
    title: "default allow leaves a listed ePHI tool to its own rules",
    policy: policy({ default: "allow", tools: { record: {} } }),
    call: { tool: "record" },
    server: SERVER,
    verdict: "allow",
    rule: "",
  },
  {
    title: "all_tools speaks of tools that only default allow reaches",
    policy: policy({ default: "allow", all_tools: { require: [is("args.a", 1)] } }),
    call: { tool: "departments", args: {} },
    server: SERVER,
    verdict: "deny",
    rule: "/all_tools/require/0",
  },
  {
    title: "all_tools does not list a tool",
    policy: policy({ all_tools: { require: [is("args.a", 1)] } }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "deny",
    rule: "(default deny)",
  },
  {
    title: "an argument that args does not name is denied",
    policy: only({ args: ["a"] }),
    call: { tool: "t", args: { a: 1, b: null } },
    verdict: "deny",
    rule: "/tools/t/args",
  },
  {
    title: "args does not ask that what it names is there",
    policy: only({ args: ["a", "b"] }),
    call: { tool: "t", args: { b: 1 } },
    verdict: "allow",
    rule: "",
  },
  {
    title: "args speaks of the top level only",
    policy: only({ args: ["a"] }),
    call: { tool: "t", args: { a: { b: 1 } } },
    verdict: "allow",
    rule: "",
  },
  {
    title: "a call without arguments satisfies an empty args",
    policy: only({ args: [] }),
    call: { tool: "t" },
    verdict: "allow",
    rule: "",
  },
  {
    title: "args is judged before require",
    policy: only({ args: [], require: [is("args.a", 2)] }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "deny",
    rule: "/tools/t/args",
  },
  {
    title: "every require entry must hold, and the first that does not is named",
    policy: only({ require: [is("args.a", 1), is("args.a", 2), is("args.a", 3)] }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "deny",
    rule: "/tools/t/require/1",
  },
  {
    title: "require is judged before deny_if",
    policy: only({ deny_if: [is("args.a", 1)], require: [is("args.a", 2)] }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "deny",
    rule: "/tools/t/require/0",
  },
  {
    title: "one deny_if entry that holds denies",
    policy: only({ deny_if: [is("args.a", 2), is("args.a", 1)] }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "deny",
    rule: "/tools/t/deny_if/1",
  },
  {
    title: "a deny_if entry that is false lets the call through",
    policy: only({ deny_if: [is("args.a", 2)] }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "allow",
    rule: "",
  },
  {
    title: "a deny_if on an absent argument cannot be ruled out, so it denies",
    policy: only({ deny_if: [{ path: "args.limit", op: "gt", value: 100 }] }),
    call: { tool: "t", args: {} },
    verdict: "deny",
    rule: "/tools/t/deny_if/0",
  },
  {
    title: "exists in front lets a call without the argument through",
    policy: only({
      deny_if: [
        {
          conditions: [
            { path: "args.limit", op: "exists", value: true },
            { path: "args.limit", op: "gt", value: 100 },
          ],
        },
      ],
    }),
    call: { tool: "t", args: {} },
    verdict: "allow",
    rule: "",
  },
  {
    title: "exists in front does not let null through",
    policy: only({
      deny_if: [
        {
          conditions: [
            { path: "args.limit", op: "exists", value: true },
            { path: "args.limit", op: "gt", value: 100 },
          ],
        },
      ],
    }),
    call: { tool: "t", args: { limit: null } },
    verdict: "deny",
    rule: "/tools/t/deny_if/0",
  },
  {
    title: "any_of holds when one of its groups does, though another is undetermined",
    policy: only({ require: [{ any_of: [[is("args.b", 1)], [is("args.a", 1)]] }] }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "allow",
    rule: "",
  },
  {
    title: "any_of without a true group does not hold when a group is undetermined",
    policy: only({ require: [{ any_of: [[is("args.b", 1)], [is("args.a", 2)]] }] }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "deny",
    rule: "/tools/t/require/0",
  },
  {
    title: "a deny_if with any_of is ruled out only when every group is false",
    policy: only({ deny_if: [{ any_of: [[is("args.a", 2)], [is("args.b", 1)]] }] }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "deny",
    rule: "/tools/t/deny_if/0",
  },
  {
    title: "inside a group of any_of all conditions must hold",
    policy: only({ require: [{ any_of: [[is("args.a", 1), is("args.b", 2)]] }] }),
    call: { tool: "t", args: { a: 1, b: 3 } },
    verdict: "deny",
    rule: "/tools/t/require/0",
  },
  {
    title: "the tool's own deny_if is judged before all_tools",
    policy: policy({
      all_tools: { require: [is("args.a", 2)] },
      tools: { t: { deny_if: [is("args.a", 1)] } },
    }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "deny",
    rule: "/tools/t/deny_if/0",
  },
  {
    title: "all_tools' require is judged before its deny_if",
    policy: policy({
      all_tools: { deny_if: [is("args.a", 1)], require: [is("args.a", 2)] },
      tools: { t: {} },
    }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "deny",
    rule: "/all_tools/require/0",
  },
  {
    title: "all_tools' deny_if denies a listed tool",
    policy: policy({ all_tools: { deny_if: [is("args.a", 1)] }, tools: { t: {} } }),
    call: { tool: "t", args: { a: 1 } },
    verdict: "deny",
    rule: "/all_tools/deny_if/0",
  },
  {
    title: "a pointer escapes the tilde and the slash, in that order",
    policy: policy({ tools: { "a/b~c": { args: [] } } }),
    call: { tool: "a/b~c", args: { a: 1 } },
    verdict: "deny",
    rule: "/tools/a~1b~0c/args",
  },
  {
    title: "a method that is not listed is denied, whatever default says",
    policy: policy({ default: "allow", tools: { t: {} } }),
    call: { method: "resources/read", tool: "t" },
    server: SERVER,
    verdict: "deny",
    rule: "(method)",
  },
  {
    title: "a listed method with empty rules is allowed, though every tool is hidden",
    policy: policy({ hide: "*", methods: { "resources/read": {} } }),
    call: { method: "resources/read", tool: "" },
    verdict: "allow",
    rule: "",
  },
  {
    title: "a method's rules read the request's params",
    policy: policy({
      methods: {
        "resources/read": {
          require: [{ path: "args.uri", op: "matches", value: "fhir://Patient/[a-z0-9\\-]+" }],
        },
      },
    }),
    call: { method: "resources/read", tool: "", args: { uri: "fhir://Patient/p-100/../x" } },
    verdict: "deny",
    rule: "/methods/resources~1read/require/0",
  },
  {
    title: "all_tools does not speak of methods",
    policy: policy({
      all_tools: { deny_if: [is("args.a", 1)] },
      methods: { "prompts/get": { args: ["a"] } },
    }),
    call: { method: "prompts/get", tool: "", args: { a: 1 } },
    verdict: "allow",
    rule: "",
  },
  {
    title: "a method's args and deny_if are named under its pointer",
    policy: policy({ methods: { "prompts/get": { deny_if: [is("args.a", 1)] } } }),
    call: { method: "prompts/get", tool: "", args: { a: 1 } },
    verdict: "deny",
    rule: "/methods/prompts~1get/deny_if/0",
  },
  {
    title: "tools/call is a tool call and needs no method entry",
    policy: only({}),
    call: { method: "tools/call", tool: "t" },
    verdict: "allow",
    rule: "",
  },
  {
    title: "a tool's listing does not list a method of that name",
    policy: policy({ tools: { "prompts/get": {} } }),
    call: { method: "prompts/get", tool: "prompts/get" },
    verdict: "deny",
    rule: "(method)",
  },
];

describe("the first denial wins, under its name", () => {
  test.each(ORDER)("$title", ({ policy, call, grant, server, verdict, rule }) => {
    const answer = decide({ policyName: "p", policy, call, grant, server });
    expect([answer.verdict, answer.rule]).toEqual([verdict, rule]);
  });
});

// Each row is judged three times: alone, as a `require` (which wants T) and as a `deny_if` (which
// wants F), so that a row marked U shows that undetermined denies on both sides.
type ConditionRow = [
  title: string,
  condition: Condition,
  args: Record<string, unknown>,
  truth: Truth,
];

const at = (path: string, op: string, value: unknown, more: Partial<Condition> = {}): Condition => {
  return { path, op, value, ...more };
};
const from = (
  path: string,
  op: string,
  right: string,
  more: Partial<Condition> = {},
): Condition => {
  return { path, op, value_from: right, ...more };
};
const any = { quantifier: "any" } as const;
const all = { quantifier: "all" } as const;
const inexact = new InexactNumber("9007199254740993");

const CONDITIONS: ConditionRow[] = [
  // equality
  ["equal strings are equal", at("args.a", "eq", "x"), { a: "x" }, "T"],
  ["different strings are not", at("args.a", "eq", "x"), { a: "X" }, "F"],
  ['"5" is neither 5 nor not 5', at("args.a", "eq", 5), { a: "5" }, "U"],
  ['neq of "5" and 5 is undetermined too', at("args.a", "neq", 5), { a: "5" }, "U"],
  ["true is not compared with 1", at("args.a", "eq", 1), { a: true }, "U"],
  ["booleans compare", at("args.a", "eq", false), { a: true }, "F"],
  ["minus zero equals zero", at("args.a", "eq", 0), { a: -0 }, "T"],
  ["neq on an absent argument does not allow", at("args.a", "neq", "x"), {}, "U"],
  ["neq of different strings", at("args.a", "neq", "x"), { a: "y" }, "T"],
  ["eq takes no null", at("args.a", "eq", "x"), { a: null }, "U"],
  ["eq takes no array", at("args.a", "eq", "x"), { a: ["x"] }, "U"],
  [
    "a number with other text than its double is not judged",
    at("args.a", "eq", 1),
    { a: inexact },
    "U",
  ],
  // precomposed é against e with a combining accent
  ["strings are not normalised", at("args.a", "eq", "\u00e9"), { a: "e\u0301" }, "F"],
  // lists
  ["in a list", at("args.a", "in", ["x", "y"]), { a: "y" }, "T"],
  ["not in a list", at("args.a", "in", ["x", "y"]), { a: "z" }, "F"],
  ["a list without a member of the value's type", at("args.a", "in", ["x"]), { a: 1 }, "U"],
  ["one member of the value's type is enough", at("args.a", "in", ["x", 2]), { a: 1 }, "F"],
  ["not_in negates in", at("args.a", "not_in", ["x", "y"]), { a: "z" }, "T"],
  ["not_in keeps undetermined", at("args.a", "not_in", [1]), { a: "z" }, "U"],
  ["in takes no array", at("args.a", "in", ["x"]), { a: ["x"] }, "U"],
  // numbers
  ["lt at the bound", at("args.a", "lt", 5), { a: 5 }, "F"],
  ["lte at the bound", at("args.a", "lte", 5), { a: 5 }, "T"],
  ["gt at the bound", at("args.a", "gt", 5), { a: 5 }, "F"],
  ["gte at the bound", at("args.a", "gte", 5), { a: 5 }, "T"],
  ["minus zero is not less than zero", at("args.a", "lt", 0), { a: -0 }, "F"],
  ["a numeric string is no number", at("args.a", "lt", 5), { a: "1" }, "U"],
  ["gt does not judge an inexact number", at("args.a", "gt", 5), { a: inexact }, "U"],
  // strings
  ["regex searches", at("args.a", "regex", "b+"), { a: "abbc" }, "T"],
  ["matches takes the whole string", at("args.a", "matches", "b+"), { a: "abbc" }, "F"],
  ["matches tries every alternative", at("args.a", "matches", "a|ab"), { a: "ab" }, "T"],
  ["an inline flag folds case", at("args.a", "regex", "(?i)drop "), { a: "a DrOp b" }, "T"],
  ["a dot is one code point", at("args.a", "matches", "."), { a: "😀" }, "T"],
  ["a dot is no line feed", at("args.a", "matches", "a."), { a: "a\n" }, "F"],
  ["a dollar is the end, not the end of a line", at("args.a", "regex", "a$"), { a: "a\n" }, "F"],
  ["regex takes no number", at("args.a", "regex", "5"), { a: 5 }, "U"],
  ["starts_with", at("args.a", "starts_with", "fhir://"), { a: "fhir://x" }, "T"],
  ["starts_with a longer text", at("args.a", "starts_with", "abc"), { a: "ab" }, "F"],
  ["ends_with", at("args.a", "ends_with", "c"), { a: "abc" }, "T"],
  ["ends_with a longer text", at("args.a", "ends_with", "abc"), { a: "bc" }, "F"],
  ["contains a substring", at("args.a", "contains", "b😀"), { a: "ab😀c" }, "T"],
  ["contains only what stands together", at("args.a", "contains", "ac"), { a: "abc" }, "F"],
  ["every text contains the empty one", at("args.a", "contains", ""), { a: "" }, "T"],
  ["contains on a string wants a string", at("args.a", "contains", 5), { a: "5" }, "U"],
  ["a length counts code points", at("args.a", "length_lte", 1), { a: "😀" }, "T"],
  ["a length at its bound", at("args.a", "length_gt", 2), { a: "ab" }, "F"],
  ["length_gte and length_lt", at("args.a", "length_gte", 2), { a: "ab" }, "T"],
  ["a limit meant for text lets no array through", at("args.a", "length_lt", 5), { a: ["x"] }, "U"],
  // arrays
  ["an element equals", at("args.a", "has_element", "x"), { a: [null, 1, "x"] }, "T"],
  ["all are of the type and differ", at("args.a", "has_element", "x"), { a: ["y", "z"] }, "F"],
  ["one of another type hides the answer", at("args.a", "has_element", "x"), { a: ["y", 1] }, "U"],
  ["an empty array has no element", at("args.a", "has_element", "x"), { a: [] }, "F"],
  ["null among the elements", at("args.a", "has_element", "x"), { a: ["y", null] }, "U"],
  ["an inexact number among them", at("args.a", "has_element", 1), { a: [2, inexact] }, "U"],
  ["has_element takes no string", at("args.a", "has_element", "x"), { a: "x" }, "U"],
  ["contains on an array is has_element", at("args.a", "contains", 1), { a: [2, 1] }, "T"],
  ["count_lte counts elements", at("args.a", "count_lte", 2), { a: [1, 2, 3] }, "F"],
  ["count_gt", at("args.a", "count_gt", 2), { a: [1, 2, 3] }, "T"],
  ["an empty array counts nothing", at("args.a", "count_lt", 1), { a: [] }, "T"],
  ["count takes no string", at("args.a", "count_gte", 0), { a: "abc" }, "U"],
  // exists and type
  ["what is there exists", at("args.a", "exists", true), { a: 0 }, "T"],
  ["null exists", at("args.a", "exists", true), { a: null }, "T"],
  ["an inexact number exists", at("args.a", "exists", true), { a: inexact }, "T"],
  ["what is absent does not exist", at("args.a", "exists", true), {}, "F"],
  ["exists: false is true of the absent", at("args.a", "exists", false), {}, "T"],
  ["an absent ancestor makes absent", at("args.a.b", "exists", true), {}, "F"],
  ["a null ancestor makes undetermined", at("args.a.b", "exists", true), { a: null }, "U"],
  ["a string ancestor makes undetermined", at("args.a.b", "exists", false), { a: "x" }, "U"],
  ["an array ancestor of a name, too", at("args.a.b", "exists", false), { a: [1] }, "U"],
  ["an object ancestor of an index, too", at("args.a[0]", "exists", false), { a: { "0": 1 } }, "U"],
  ["null is of type null", at("args.a", "type", "null"), { a: null }, "T"],
  ["null is of no other type", at("args.a", "type", "object"), { a: null }, "F"],
  ["1.0 is an integer", at("args.a", "type", "integer"), { a: 1.0 }, "T"],
  ["an integer is a number", at("args.a", "type", "number"), { a: 1 }, "T"],
  ["1.5 is no integer", at("args.a", "type", "integer"), { a: 1.5 }, "F"],
  ["a string is no integer", at("args.a", "type", "integer"), { a: "1" }, "F"],
  ["an array is no object", at("args.a", "type", "object"), { a: [] }, "F"],
  ["the absent has no type", at("args.a", "type", "null"), {}, "U"],
  [
    "an object cannot pass for an inexact number",
    at("args.a", "type", "object"),
    { a: { constructor: { name: "InexactNumber" } } },
    "T",
  ],
  ["an inexact number has no type", at("args.a", "type", "number"), { a: inexact }, "U"],
  // paths
  ["dots descend", at("args.a.b", "eq", 1), { a: { b: 1 }, "a.b": 2 }, "T"],
  ["a quoted name keeps its dot", at('args["a.b"]', "eq", 2), { a: { b: 1 }, "a.b": 2 }, "T"],
  ["a quoted name may hold a quote", at('args["a\\"]"].b', "eq", 1), { 'a"]': { b: 1 } }, "T"],
  ["an index", at("args.a[1].b", "eq", 2), { a: [{ b: 1 }, { b: 2 }] }, "T"],
  ["an index out of range is absent", at("args.a[1]", "exists", true), { a: [1] }, "F"],
  ["only own properties", at("args.constructor", "exists", true), {}, "F"],
  ["an own property of that name", at("args.constructor", "eq", "x"), { constructor: "x" }, "T"],
  ["own properties of arguments only", at("args.a.toString", "exists", true), { a: {} }, "F"],
  // quantifiers
  ["any: one element does", at("args.a[*]", "eq", 1, any), { a: [2, 1] }, "T"],
  ["any: none does", at("args.a[*]", "eq", 1, any), { a: [2, 3] }, "F"],
  ["any: one does, another cannot be told", at("args.a[*]", "eq", 1, any), { a: ["x", 1] }, "T"],
  ["any: none does, one cannot be told", at("args.a[*]", "eq", 1, any), { a: ["x", 2] }, "U"],
  ["all: every element does", at("args.a[*]", "gt", 1, all), { a: [2, 3] }, "T"],
  [
    "all: one does not, another cannot be told",
    at("args.a[*]", "gt", 1, all),
    { a: [1, "x"] },
    "F",
  ],
  ["all: one cannot be told", at("args.a[*]", "gt", 1, all), { a: [2, null] }, "U"],
  ["all of an empty array is never true", at("args.a[*]", "eq", 1, all), { a: [] }, "U"],
  ["any of an empty array is not false", at("args.a[*]", "eq", 1, any), { a: [] }, "U"],
  ["neq with any: some element differs", at("args.a[*]", "neq", 1, any), { a: [1, 2] }, "T"],
  ["not comes after any", at("args.a[*]", "eq", 1, { ...any, not: true }), { a: [1, 2] }, "F"],
  ["not comes after all", at("args.a[*]", "eq", 1, { ...all, not: true }), { a: [1, 2] }, "T"],
  ["a step below each element", at("args.a[*].b", "eq", 1, all), { a: [{ b: 1 }, { b: 1 }] }, "T"],
  ["an element without the name", at("args.a[*].b", "eq", 1, all), { a: [{ b: 1 }, {}] }, "U"],
  ["exists below each element", at("args.a[*].b", "exists", true, all), { a: [{ b: 1 }, {}] }, "F"],
  [
    "an element of the wrong kind",
    at("args.a[*].b", "exists", true, all),
    { a: [{ b: 1 }, 1] },
    "U",
  ],
  ["an absent array does not exist", at("args.a[*]", "exists", true, any), {}, "F"],
  ["an absent array, else", at("args.a[*]", "eq", 1, any), {}, "U"],
  ["what is no array under a star", at("args.a[*]", "exists", false, any), { a: "x" }, "U"],
  ["null under a star", at("args.a[*]", "exists", false, any), { a: null }, "U"],
  ["exists on an empty array", at("args.a[*]", "exists", true, any), { a: [] }, "U"],
  // negation
  ["not turns false into true", at("args.a", "eq", 1, { not: true }), { a: 2 }, "T"],
  ["not turns true into false", at("args.a", "eq", 1, { not: true }), { a: 1 }, "F"],
  ["not keeps undetermined", at("args.a", "eq", 1, { not: true }), {}, "U"],
  ["not of exists", at("args.a", "exists", true, { not: true }), {}, "T"],
  // grants, on the right and on the left
  ["eq to an attribute", from("args.a", "eq", "grant.department"), { a: "oncology" }, "T"],
  ["in an attribute that is a list", from("args.a", "in", "grant.clinics"), { a: "west" }, "F"],
  ["in an attribute that is no list", from("args.a", "in", "grant.department"), { a: "x" }, "U"],
  ["eq to a list", from("args.a", "eq", "grant.clinics"), { a: "north" }, "U"],
  ["eq to an absent attribute", from("args.a", "neq", "grant.missing"), { a: "x" }, "U"],
  ["in an empty attribute", from("args.a", "not_in", "grant.none"), { a: "x" }, "U"],
  ["lte an attribute", from("args.a", "lte", "grant.level"), { a: 3 }, "T"],
  ["an attribute of another type", from("args.a", "lte", "grant.department"), { a: 3 }, "U"],
  ["all in an attribute", from("args.a[*]", "in", "grant.clinics", all), { a: ["east"] }, "T"],
  ["the principal's id", from("args.a", "eq", "grant.principal.id"), { a: "agent:bot-1" }, "T"],
  ["reserved names win", from("args.a", "eq", "grant.purpose"), { a: "treatment" }, "T"],
  ["the grant on the left", at("grant.principal.kind", "eq", "agent"), {}, "T"],
  ["a list of the grant on the left", at("grant.clinics[*]", "eq", "north", any), {}, "T"],
  ["an attribute nobody has", at("grant.toString", "exists", true), {}, "F"],
  ["a step below an attribute", at("grant.department.x", "exists", true), {}, "U"],
];

describe("a condition is true, false or undetermined", () => {
  test.each(CONDITIONS)("%s", (_title, condition, args, truth) => {
    expect(conditionTruth(condition, args, GRANT)).toBe(truth);

    const required = decide({
      policy: only({ require: [condition] }),
      call: { tool: "t", args },
      grant: GRANT,
    });
    expect(required.rule).toBe(truth === "T" ? "" : "/tools/t/require/0");

    const denied = decide({
      policy: only({ deny_if: [condition] }),
      call: { tool: "t", args },
      grant: GRANT,
    });
    expect(denied.rule).toBe(truth === "F" ? "" : "/tools/t/deny_if/0");
  });

  test("without a grant every path into it is absent", () => {
    expect(conditionTruth(at("grant.id", "exists", false), {})).toBe("T");
    expect(conditionTruth(from("args.a", "eq", "grant.id"), { a: "bot-1" })).toBe("U");
  });
});

describe("three values", () => {
  const values: Truth[] = ["T", "U", "F"];
  test.each([
    ["AND is false as soon as one is", and, ["T", "U", "F", "U", "U", "F", "F", "F", "F"]],
    ["OR is true as soon as one is", or, ["T", "T", "T", "T", "U", "U", "T", "U", "F"]],
  ])("%s", (_title, combine, table) => {
    expect(values.flatMap((x) => values.map((y) => combine([x, y])))).toEqual(table);
  });

  test("NOT keeps undetermined", () => {
    expect(values.map(not)).toEqual(["F", "U", "T"]);
  });
});

describe("labels", () => {
  test.each<[string, Call, ServerDocument | undefined, boolean, string]>([
    ["a label as it stands", { tool: "departments" }, SERVER, false, "read"],
    ["no label is the worst", { tool: "unknown" }, SERVER, true, "execute"],
    ["no server is the worst", { tool: "departments" }, undefined, true, "execute"],
    ["an inherited name is no label", { tool: "constructor" }, SERVER, true, "execute"],
    [
      "an argument picks its case",
      { tool: "request", args: { method: "GET", in: { area: "staff" } } },
      SERVER,
      false,
      "read",
    ],
    [
      "another value is the worst",
      { tool: "request", args: { method: "get", in: { area: "x" } } },
      SERVER,
      true,
      "execute",
    ],
    ["an absent argument is the worst", { tool: "request" }, SERVER, true, "execute"],
    [
      "what is no string is the worst",
      { tool: "request", args: { method: ["GET"], in: "staff" } },
      SERVER,
      true,
      "execute",
    ],
    [
      "an inherited case is the worst",
      { tool: "request", args: { method: "constructor" } },
      SERVER,
      true,
      "execute",
    ],
    ["a method's label", { method: "resources/read", tool: "" }, SERVER, false, "read"],
    [
      "a method without one counts as ePHI, whatever a tool of that name has",
      { method: "departments", tool: "departments" },
      SERVER,
      true,
      "execute",
    ],
  ])("%s", (_title, call, server, ephi, effect) => {
    const answer = decide({ policy: only({}), call, server });
    expect([answer.ephi, answer.effect]).toEqual([ephi, effect]);
  });
});

describe("what the loader must have refused is not decided", () => {
  test.each<[string, Condition]>([
    ["another root", at("params.a", "eq", 1)],
    ["a negative index", at("args.a[-1]", "eq", 1)],
    ["an empty name", at("args..a", "eq", 1)],
    ["a star without a quantifier", at("args.a[*]", "eq", 1)],
    ["two stars", at("args.a[*][*]", "eq", 1, any)],
    ["an operator that nobody knows", at("args.a", "like", 1)],
    ["a look-ahead", at("args.s", "regex", "(?=a)")],
    ["a back-reference", at("args.s", "regex", "(a)\\1")],
  ])("%s", (_title, condition) => {
    expect(() => conditionTruth(condition, { a: [[1]], s: "a" })).toThrow();
  });
});

describe("generated cases", () => {
  test("the naive matcher is RE2's, both for a search and for the whole string", () => {
    fc.assert(
      fc.property(regexPattern, fc.array(shortText, { maxLength: 8 }), (pattern, texts) => {
        const re2 = RE2JS.compile(pattern);
        for (const text of texts) {
          expect(regexFinds(pattern, text, false)).toBe(re2.matcher(text).find());
          expect(regexFinds(pattern, text, true)).toBe(re2.matcher(text).matches());
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("every generated document is one that the oracle can read to its end", () => {
    const pairs = pairWith({ inexact: (text) => new InexactNumber(text) });
    fc.assert(
      fc.property(pairs, ({ policy, grant, server, call }) => {
        const { verdict, rule } = decide({ policy, grant, server, call });
        expect(verdict).toBe(rule === "" ? "allow" : "deny");
        // Every condition of the policy, not only those that this decision reached.
        const blocks = [
          policy.all_tools,
          ...Object.values(policy.tools ?? {}),
          ...Object.values(policy.methods ?? {}),
        ];
        for (const block of blocks)
          for (const entry of [...(block?.require ?? []), ...(block?.deny_if ?? [])]) {
            const conditions =
              "conditions" in entry
                ? entry.conditions
                : "any_of" in entry
                  ? entry.any_of.flat()
                  : [entry];
            for (const condition of conditions)
              expect("TFU").toContain(conditionTruth(condition, call.args ?? {}, grant));
          }
      }),
      { numRuns: 500 },
    );
  });
});
