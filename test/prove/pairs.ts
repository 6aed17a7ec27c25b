/**
 * Pairs of rules, decided by hand. `expect` is what the change from `base` to `head` does:
 *
 *   same      neither allows a call that the other does not
 *   narrower  head allows less
 *   broader   head allows more, and nothing less
 *   mixed     each allows a call that the other does not; a change like this is broader
 *
 * A row is read in both directions, so each stands for two questions.
 */
import type { ReceivedObject } from "../../engine/json/value.ts";
import type { RulesDocument } from "./generate.ts";

export interface PairRow {
  readonly category: string;
  readonly name: string;
  readonly base: RulesDocument;
  readonly head: RulesDocument;
  readonly schemas?: readonly [object | undefined, object | undefined];
  readonly constants?: readonly [ReceivedObject, ReceivedObject];
  readonly expect: "same" | "narrower" | "broader" | "mixed" | "unknown";
}

type Condition = {
  path: string;
  op: string;
  value?: unknown;
  value_from?: string;
  quantifier?: "any" | "all";
  not?: boolean;
};

const is = (path: string, op: string, value: unknown): Condition => ({ path, op, value });
const not = (condition: Condition): Condition => ({ ...condition, not: true });
const from = (path: string, op: string, attribute: string): Condition => ({
  path,
  op,
  value_from: `grant.${attribute}`,
});
const any = (condition: Condition): Condition => ({ ...condition, quantifier: "any" });
const all = (condition: Condition): Condition => ({ ...condition, quantifier: "all" });
const require = (...conditions: Condition[]): RulesDocument => ({
  require: conditions.map((condition) => ({ conditions: [condition] })),
});
const deny = (...conditions: Condition[]): RulesDocument => ({
  deny_if: conditions.map((condition) => ({ conditions: [condition] })),
});
const denyAll = (...conditions: Condition[]): RulesDocument => ({ deny_if: [{ conditions }] });
const requireOne = (...groups: Condition[][]): RulesDocument => ({ require: [{ any_of: groups }] });
const denyOne = (...groups: Condition[][]): RulesDocument => ({ deny_if: [{ any_of: groups }] });

const q = "args.q";
const id = "args.id";
const n = "args.n";
const search = (pattern: string): Condition => is(q, "regex", pattern);
const whole = (pattern: string): Condition => is(q, "matches", pattern);

const row =
  (category: string) =>
  (
    name: string,
    base: RulesDocument,
    expect: PairRow["expect"],
    head: RulesDocument,
    more: Partial<PairRow> = {},
  ): PairRow => ({ category, name, base, head, expect, ...more });

const regex = row("regex");
const sets = row("sets");
const numeric = row("numeric");
const missing = row("missing, null, type");
const grant = row("path to grant");
const arrays = row("arrays");
const structural = row("structural");
const schema = row("schema");
const combinatorial = row("combinatorial");

const schemas = (base: object | undefined, head: object | undefined): Partial<PairRow> => ({
  schemas: [base, head],
});
const object = (properties: object, more: object = {}): object => ({
  type: "object",
  properties,
  ...more,
});

const KEYWORDS = ["drop", "alter", "truncate", "grant", "delete", "insert", "update", "merge"];
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

export const PAIRS: readonly PairRow[] = [
  regex(
    "the same language, written otherwise",
    require(search("^(a|b)+$")),
    "same",
    require(search("^[ab][ab]*$")),
  ),
  regex(
    "search with anchors is whole match",
    require(search("^ab?$")),
    "same",
    require(whole("ab?")),
  ),
  regex(
    "dropping the anchors",
    require(search("^[A-Z]{2}\\d{6}$")),
    "broader",
    require(search("[A-Z]{2}\\d{6}")),
  ),
  regex(
    "dropping the end anchor",
    require(search("^p-\\d+$")),
    "broader",
    require(search("^p-\\d+")),
  ),
  regex(
    "a longer counted repetition",
    require(search("^\\d{6}$")),
    "broader",
    require(search("^\\d{6,8}$")),
  ),
  regex(
    "another count altogether",
    require(search("^\\d{6}$")),
    "mixed",
    require(search("^\\d{7}$")),
  ),
  // U+212A, the Kelvin sign, is a K when case is ignored.
  regex(
    "case folding by hand misses the Kelvin sign",
    deny(search("(?i)kill")),
    "broader",
    deny(search("[Kk][Ii][Ll][Ll]")),
  ),
  regex(
    "case folding by hand is complete for other letters",
    deny(search("(?i)drop")),
    "same",
    deny(search("[Dd][Rr][Oo][Pp]")),
  ),
  // U+017F, the long s, is an S when case is ignored.
  regex(
    "the long s",
    deny(search("(?i)delete from users")),
    "broader",
    deny(search("(?i)delete from (?-i:[Uu][Ss][Ee][Rr][Ss])")),
  ),
  regex(
    "\\s is more than blank and tab",
    deny(search("drop\\s")),
    "broader",
    deny(search("drop[ \\t]")),
  ),
  regex("\\s is what it is", deny(search("a\\sb")), "same", deny(search("a[\\t\\n\\f\\r ]b"))),
  regex(
    "the dot does not match a newline",
    require(search("^.*$")),
    "narrower",
    require(search("^[^\\n]*x[^\\n]*$")),
  ),
  regex(
    "(?s) lets the dot match a newline",
    require(whole(".*")),
    "broader",
    require(whole("(?s).*")),
  ),
  regex("(?m) begins at every line", deny(search("(?m)^drop ")), "broader", deny(search("^drop "))),
  regex("word boundaries", deny(search("(?i)\\bdrop\\b")), "narrower", deny(search("(?i)drop"))),
  regex(
    "word boundaries spelled out",
    deny(search("\\bdrop\\b")),
    "same",
    deny(search("(^|\\W)drop(\\W|$)")),
  ),
  regex("one path guard for another", deny(search("\\.\\.")), "broader", deny(search("\\.\\./"))),
  regex(
    "a class of Unicode letters",
    require(search("^\\pL+$")),
    "narrower",
    require(search("^[a-zA-Z]+$")),
  ),
  regex("\\w is ASCII", require(whole("\\w+")), "same", require(whole("[0-9A-Za-z_]+"))),
  regex(
    "one alternation for many rules",
    deny(...KEYWORDS.map((k) => search(`(?i)\\b${k}\\b`))),
    "same",
    deny(search(`(?i)\\b(${KEYWORDS.join("|")})\\b`)),
  ),
  regex(
    "one alternative is missing",
    deny(...KEYWORDS.map((k) => search(`(?i)\\b${k}\\b`))),
    "broader",
    deny(search(`(?i)\\b(${KEYWORDS.slice(1).join("|")})\\b`)),
  ),
  regex(
    "starts_with is an anchored literal",
    require(is(q, "starts_with", "a.b")),
    "same",
    require(search("^a\\.b")),
  ),
  regex(
    "contains is a literal, not a pattern",
    require(is(q, "regex", "a\\.b")),
    "narrower",
    require(search("a\\.bc")),
  ),
  regex(
    "ends_with against $",
    require(is(q, "ends_with", ".txt")),
    "same",
    require(search("\\.txt$")),
  ),
  regex(
    "length as a pattern counts code points",
    require(is(q, "length_lte", 3), is(q, "length_gte", 2)),
    "same",
    require(whole("(?s).{2,3}")),
  ),
  regex(
    "an address allow-list grows by a host",
    require(search("^https://(a|b)\\.example/")),
    "broader",
    require(search("^https://(a|b|c)\\.example/")),
  ),
  regex(
    "the dot of a host is not escaped",
    require(search("^https://a\\.example/")),
    "broader",
    require(search("^https://a.example/")),
  ),
  regex(
    "intersection of two",
    require(search("^a"), search("b$")),
    "same",
    require(search("^a((?s).*)b$")),
  ),
  regex(
    "intersection of two is not one after the other",
    require(search("a"), search("b")),
    "narrower",
    require(search("a(?s).*b")),
  ),

  sets(
    "the order of a list",
    require(is(q, "in", ["a", "b"])),
    "same",
    require(is(q, "in", ["b", "a"])),
  ),
  sets(
    "one more member",
    require(is(q, "in", ["a", "b"])),
    "broader",
    require(is(q, "in", ["a", "b", "c"])),
  ),
  sets(
    "a list as a pattern",
    require(is(q, "in", ["a", "bc"])),
    "same",
    require(search("^(a|bc)$")),
  ),
  sets("not_in of one is neq", require(is(q, "not_in", ["a"])), "same", require(is(q, "neq", "a"))),
  sets(
    "values of a type that the list lacks are undetermined",
    require(is(q, "not_in", ["a"])),
    "same",
    require(is(q, "not_in", ["a"]), is(q, "type", "string")),
  ),
  sets(
    "a member of another type",
    require(is(q, "not_in", ["a"])),
    "broader",
    require(is(q, "not_in", ["a", 5])),
  ),
  sets(
    "an exclusion list loses a name",
    deny(is(q, "in", ["x", "y", "z"])),
    "broader",
    deny(is(q, "in", ["x", "y"])),
  ),
  sets(
    "a thousand members, one differs",
    require(
      is(
        q,
        "in",
        range(1000).map((i) => `p-${i}`),
      ),
    ),
    "mixed",
    require(
      is(
        q,
        "in",
        range(1000).map((i) => `p-${i + 1}`),
      ),
    ),
  ),

  numeric("a higher limit", require(is(n, "lte", 20)), "broader", require(is(n, "lte", 100))),
  numeric(
    "lt and gte are complements",
    require(is(n, "lt", 20)),
    "same",
    require(not(is(n, "gte", 20))),
  ),
  numeric(
    "lt 0.3 is not lte 0.1 + 0.2",
    require(is(n, "lt", 0.3)),
    "broader",
    require(is(n, "lte", 0.30000000000000004)),
  ),
  numeric(
    "between two neighbouring doubles there is nothing",
    require(is(n, "gt", 1)),
    "same",
    require(is(n, "gte", 1.0000000000000002)),
  ),
  numeric(
    "integers: lt 4 is lte 3",
    require(is(n, "type", "integer"), is(n, "lt", 4)),
    "same",
    require(is(n, "type", "integer"), is(n, "lte", 3)),
  ),
  numeric(
    "without integer it is not",
    require(is(n, "lt", 4)),
    "narrower",
    require(is(n, "lte", 3)),
  ),
  numeric("-0 is 0", require(is(n, "eq", 0)), "same", require(is(n, "gte", 0), is(n, "lte", 0))),
  numeric(
    "above 2^53 every double is an integer",
    require(is(n, "gte", 9007199254740992)),
    "same",
    require(is(n, "gte", 9007199254740992), is(n, "type", "integer")),
  ),
  numeric(
    "an empty interval allows nothing",
    require(is(n, "gt", 5), is(n, "lt", 5)),
    "same",
    require(is(n, "eq", 1), is(n, "eq", 2)),
  ),

  missing(
    "neq does not allow an absent argument",
    require(is(q, "neq", "x")),
    "same",
    require(is(q, "neq", "x"), is(q, "exists", true)),
  ),
  missing(
    "deny_if on an absent argument denies",
    deny(is(n, "gt", 100)),
    "broader",
    denyAll(is(n, "exists", true), is(n, "gt", 100)),
  ),
  missing(
    "exists false lets the absent one through",
    require(is(n, "lte", 5)),
    "broader",
    requireOne([is(n, "exists", false)], [is(n, "lte", 5)]),
  ),
  missing(
    "a number as text slips past no rule",
    deny(is(id, "eq", "5")),
    "mixed",
    deny(is(id, "eq", 5)),
  ),
  missing(
    "null is present",
    require(is(q, "exists", true)),
    "narrower",
    require(is(q, "type", "string")),
  ),
  missing(
    "null is of type null",
    require(is(q, "type", "null")),
    "narrower",
    require(is(q, "type", "null"), is(q, "exists", false)),
  ),
  missing(
    "a text is what is of no other type",
    require(is(q, "type", "string")),
    "same",
    require(
      ...["number", "boolean", "array", "object", "null"].map((type) => not(is(q, "type", type))),
    ),
  ),
  missing(
    "not type number admits null",
    require(is(q, "type", "string")),
    "broader",
    require(not(is(q, "type", "number"))),
  ),
  missing(
    "an ancestor of the wrong kind",
    require(is("args.f.x", "exists", false)),
    "narrower",
    require(is("args.f", "type", "object"), is("args.f.x", "exists", false)),
  ),
  missing(
    "exists below an ancestor that is a text is undetermined",
    deny(is("args.f.x", "exists", true)),
    "broader",
    denyAll(is("args.f", "type", "object"), is("args.f.x", "exists", true)),
  ),
  missing(
    "an index out of range is absent",
    require(is("args.l[3]", "exists", false)),
    "narrower",
    require(is("args.l", "count_lte", 3)),
  ),
  missing(
    "contains takes texts and arrays",
    require(is(q, "contains", "a")),
    "narrower",
    require(is(q, "contains", "a"), is(q, "type", "string")),
  ),

  grant(
    "every clinic of the grant",
    require(from(q, "in", "clinics")),
    "narrower",
    require(from(q, "in", "clinics"), is(q, "neq", "x")),
  ),
  grant(
    "equal to one attribute instead of another",
    require(from(q, "eq", "home")),
    "mixed",
    require(from(q, "eq", "away")),
  ),
  grant(
    "eq from left and right",
    require(from(q, "eq", "home")),
    "same",
    require(not(from(q, "neq", "home"))),
  ),
  grant(
    "equality carries a language",
    require(from(q, "eq", "home"), search("^n")),
    "same",
    require(from(q, "eq", "home"), is("grant.home", "regex", "^n")),
  ),
  grant(
    "in a list, or equal to its first element",
    require(from(q, "in", "clinics")),
    "narrower",
    require(from(q, "eq", "home"), from(q, "in", "clinics")),
  ),
  grant(
    "limits of the grant are ordered",
    require(from(n, "lte", "max")),
    "narrower",
    require(from(n, "lt", "max")),
  ),
  grant(
    "transitive order",
    require(from(n, "lt", "max"), is("grant.max", "lte", 5)),
    "narrower",
    require(from(n, "lt", "max"), is("grant.max", "lte", 5), is(n, "lt", 4)),
  ),
  grant(
    "what follows from the order adds nothing",
    require(from(n, "lte", "max"), is("grant.max", "lte", 5)),
    "same",
    require(from(n, "lte", "max"), is("grant.max", "lte", 5), is(n, "lte", 5)),
  ),
  grant(
    "a purpose that no grant has",
    require(is("grant.purpose", "neq", "marketing")),
    "same",
    {},
  ),
  grant(
    "a purpose that grants have",
    require(is("grant.purpose", "neq", "research")),
    "broader",
    {},
  ),
  grant(
    "three kinds of principals",
    require(is("grant.principal.kind", "in", ["person", "agent"])),
    "same",
    require(is("grant.principal.kind", "neq", "service")),
  ),
  grant(
    "all requested are granted, or any",
    require(all(from("args.ids[*]", "in", "panel"))),
    "broader",
    require(any(from("args.ids[*]", "in", "panel"))),
  ),
  grant(
    "an unchanged prefix of the grant cancels",
    require(from(q, "starts_with", "prefix")),
    "narrower",
    require(from(q, "starts_with", "prefix"), is(q, "length_lt", 9)),
  ),
  grant(
    "with constants a prefix is exact",
    require(from(q, "starts_with", "prefix")),
    "same",
    require(is(q, "regex", "^n-")),
    {
      constants: [
        { id: "g", prefix: "n-" },
        { id: "g", prefix: "n-" },
      ],
    },
  ),
  grant(
    "constants that grew",
    require(from(q, "in", "clinics")),
    "broader",
    require(from(q, "in", "clinics")),
    {
      constants: [
        { id: "g", clinics: ["n"] },
        { id: "g", clinics: ["n", "e"] },
      ],
    },
  ),
  grant(
    "a constant that is gone",
    require(from(q, "eq", "home")),
    "narrower",
    require(from(q, "eq", "home")),
    { constants: [{ id: "g", home: "n" }, { id: "g" }] },
  ),
  grant(
    "an absent constant leaves deny_if undetermined",
    deny(from(q, "eq", "home")),
    "broader",
    deny(from(q, "eq", "home")),
    { constants: [{ id: "g" }, { id: "g", home: "n" }] },
  ),

  grant(
    "constants under a quantifier",
    require(all(from("args.ids[*]", "eq", "home"))),
    "mixed",
    require(all(from("args.ids[*]", "eq", "home"))),
    {
      constants: [
        { id: "g", home: "n" },
        { id: "g", home: "e" },
      ],
    },
  ),
  arrays(
    "an element of which nothing is left to ask",
    require(is("args.l[0]", "has_element", "a"), is("args.l[1]", "count_gt", 0)),
    "broader",
    require(is("args.l[1]", "count_gt", 0)),
  ),
  arrays(
    "an index beyond the count, and the count",
    require(is("args.l", "type", "array"), is("args.l[3]", "exists", false)),
    "same",
    require(is("args.l", "count_lte", 3)),
  ),
  arrays(
    "any instead of all",
    require(all(is("args.ids[*]", "in", ["a", "b"]))),
    "broader",
    require(any(is("args.ids[*]", "in", ["a", "b"]))),
  ),
  arrays(
    "never vacuously true",
    require(all(is("args.ids[*]", "eq", "a"))),
    "same",
    require(all(is("args.ids[*]", "eq", "a")), is("args.ids", "count_gte", 1)),
  ),
  arrays(
    "neq with any means that some element differs",
    require(not(all(is("args.ids[*]", "eq", "a")))),
    "same",
    require(any(is("args.ids[*]", "neq", "a"))),
  ),
  arrays(
    "has_element is any",
    require(is("args.ids", "has_element", "a")),
    "same",
    require(any(is("args.ids[*]", "eq", "a"))),
  ),
  arrays(
    "deny has_element lets the empty array through",
    deny(is("args.ids", "has_element", "a")),
    "narrower",
    deny(any(is("args.ids[*]", "eq", "a"))),
  ),
  arrays(
    "a higher count",
    require(is("args.ids", "count_lte", 5)),
    "broader",
    require(is("args.ids", "count_lte", 6)),
  ),
  arrays(
    "length does not speak of arrays",
    require(is("args.ids", "length_lte", 5)),
    "mixed",
    require(is("args.ids", "count_lte", 5)),
  ),
  arrays(
    "one element: the first is all",
    require(is("args.ids", "count_lte", 1), is("args.ids[0]", "eq", "a")),
    "same",
    require(is("args.ids", "count_lte", 1), all(is("args.ids[*]", "eq", "a"))),
  ),
  arrays(
    "two elements: the first is not all",
    require(is("args.ids", "count_lte", 2), is("args.ids[0]", "eq", "a")),
    "narrower",
    require(is("args.ids", "count_lte", 2), all(is("args.ids[*]", "eq", "a"))),
  ),
  arrays(
    "two witnesses need two elements",
    require(is("args.ids", "has_element", "a"), is("args.ids", "has_element", "b"), is(
      "args.ids",
      "count_lte",
      1,
    )),
    "same",
    require(is(q, "eq", "a"), is(q, "eq", "b")),
  ),
  arrays(
    "fields of objects in an array",
    require(all(is("args.rows[*].id", "regex", "^p-"))),
    "narrower",
    require(all(is("args.rows[*].id", "regex", "^p-\\d+$"))),
  ),
  arrays(
    "an absent field of one element",
    require(all(is("args.rows[*].id", "exists", true))),
    "narrower",
    require(all(is("args.rows[*].id", "type", "string"))),
  ),
  arrays(
    "lists in a list",
    require(all(is("args.sets[*]", "has_element", "a"))),
    "narrower",
    require(all(is("args.sets[*]", "has_element", "a")), is("args.sets[0]", "has_element", "b")),
  ),
  arrays(
    "elements of another type are undetermined",
    deny(any(is("args.ids[*]", "eq", "a"))),
    "narrower",
    deny(any(is("args.ids[*]", "in", ["a", "b"]))),
  ),

  structural("the order of entries", { ...require(search("a"), search("b")) }, "same", {
    ...require(search("b"), search("a")),
  }),
  structural(
    "de Morgan",
    deny(search("a"), search("b")),
    "same",
    denyOne([search("a")], [search("b")]),
  ),
  structural(
    "require not is not deny_if of the same only where it is determined",
    require(not(search("a"))),
    "same",
    deny(search("a")),
  ),
  structural(
    "one deny_if group becomes two entries",
    denyAll(search("a"), search("b")),
    "narrower",
    deny(search("a"), search("b")),
  ),
  structural(
    "distribution",
    requireOne([search("a"), search("b")], [search("a"), search("c")]),
    "same",
    { require: [{ conditions: [search("a")] }, { any_of: [[search("b")], [search("c")]] }] },
  ),
  structural("an argument more", { args: ["a"] }, "broader", { args: ["a", "b"] }),
  structural("any argument", { args: ["a"] }, "broader", {}),
  structural("an argument that is required absent anyway", { args: ["a"] }, "same", {
    args: ["a", "b"],
    ...require(is("args.b", "exists", false)),
  }),
  structural(
    "a rule that another one implies",
    require(is(n, "lte", 5)),
    "same",
    require(is(n, "lte", 5), is(n, "lte", 10)),
  ),
  structural(
    "nothing but deny",
    deny(is(q, "exists", true)),
    "narrower",
    deny(is(q, "exists", true), is(q, "exists", false)),
  ),
  structural(
    "an amount is charged",
    { limits: [{ counter: "n", window: "hour", max: 10, increment_from: n }] },
    "broader",
    { limits: [{ counter: "n", window: "hour", max: 20, increment_from: n }] },
  ),

  schema(
    "a required argument becomes optional",
    {},
    "broader",
    {},
    schemas(
      object({ q: { type: "string" } }, { required: ["q"] }),
      object({ q: { type: "string" } }),
    ),
  ),
  schema(
    "closed becomes open",
    {},
    "broader",
    {},
    schemas(object({ q: {} }, { additionalProperties: false }), object({ q: {} })),
  ),
  schema(
    "additional properties get a type",
    {},
    "narrower",
    {},
    schemas(object({ q: {} }), object({ q: {} }, { additionalProperties: { type: "string" } })),
  ),
  schema(
    "the schema says it already",
    require(is(q, "type", "string")),
    "same",
    {},
    schemas(
      object({ q: { type: "string" } }, { required: ["q"] }),
      object({ q: { type: "string" } }, { required: ["q"] }),
    ),
  ),
  schema(
    "items of an array",
    {},
    "narrower",
    {},
    schemas(
      object({ l: { type: "array" } }),
      object({ l: { type: "array", items: { type: "string" } } }),
    ),
  ),
  schema(
    "enum is a list",
    require(is(q, "in", ["a", "b"])),
    "same",
    require(is(q, "exists", true)),
    schemas(object({ q: { enum: ["a", "b"] } }), object({ q: { enum: ["a", "b"] } })),
  ),
  schema(
    "a pattern is an RE2 search",
    require(is(q, "type", "string")),
    "same",
    require(is(q, "regex", "^a"), is(q, "type", "string")),
    schemas(object({ q: { pattern: "^a" } }), object({ q: { pattern: "^a" } })),
  ),
  schema(
    "a format that is unchanged cancels",
    require(is(q, "length_lt", 9)),
    "broader",
    require(is(q, "length_lt", 10)),
    schemas(
      object({ q: { type: "string", format: "uri" } }),
      object({ q: { type: "string", format: "uri" } }),
    ),
  ),
  schema(
    "a format that changed is not interpreted",
    {},
    "unknown",
    {},
    schemas(object({ q: { type: "string", format: "uri" } }), object({ q: { type: "string" } })),
  ),
  schema(
    "anyOf against enum",
    {},
    "same",
    {},
    schemas(
      object({ q: { anyOf: [{ const: 1 }, { const: "a" }] } }),
      object({ q: { enum: ["a", 1] } }),
    ),
  ),
  schema(
    "a bound on a number",
    {},
    "broader",
    {},
    schemas(
      object({ n: { type: "integer", maximum: 10 } }),
      object({ n: { type: "integer", maximum: 100 } }),
    ),
  ),

  arrays(
    "one element can be two witnesses",
    require(is(q, "eq", "a"), is(q, "eq", "b")),
    "broader",
    require(any(is("args.ids[*]", "starts_with", "a")), any(
      is("args.ids[*]", "ends_with", "b"),
    ), is("args.ids", "count_lte", 1)),
  ),
  grant(
    "two values out of two that may differ",
    require(is(q, "in", ["x", "y"]), is("grant.home", "in", ["x", "y"]), from(q, "eq", "home")),
    "broader",
    require(is(q, "in", ["x", "y"]), is("grant.home", "in", ["x", "y"])),
  ),
  combinatorial(
    "eighteen denials as one entry",
    deny(...range(18).map((i) => is(`args.a${i}`, "eq", "x"))),
    "same",
    denyOne(...range(18).map((i) => [is(`args.a${i}`, "eq", "x")])),
  ),
  combinatorial(
    "fourteen groups of three, in another order",
    requireOne(
      ...range(14).map((i) => range(3).map((j) => is(`args.a${(i * 3 + j) % 17}`, "eq", i))),
    ),
    "same",
    requireOne(
      ...range(14).map((i) =>
        range(3).map((j) => is(`args.a${((13 - i) * 3 + j) % 17}`, "eq", 13 - i)),
      ),
    ),
  ),
  combinatorial(
    "fourteen groups of three, one condition dropped",
    requireOne(
      ...range(14).map((i) => range(3).map((j) => is(`args.a${(i * 3 + j) % 17}`, "eq", i))),
    ),
    "broader",
    requireOne(
      ...range(14).map((i) =>
        range(i === 7 ? 2 : 3).map((j) => is(`args.a${(i * 3 + j) % 17}`, "eq", i)),
      ),
    ),
  ),
  combinatorial(
    "values that must all differ, too few of them",
    require(...range(3).map((i) => is(`args.a${i}`, "in", ["x", "y"])), from(
      "args.a0",
      "eq",
      "u",
    ), from("args.a1", "eq", "v"), from("args.a2", "eq", "w")),
    "narrower",
    require(...range(3).map((i) => is(`args.a${i}`, "in", ["x", "y"])), from(
      "args.a0",
      "eq",
      "u",
    ), from("args.a1", "eq", "v"), from("args.a2", "eq", "w"), from("args.a0", "neq", "v"), from(
      "args.a1",
      "neq",
      "w",
    ), from("args.a2", "neq", "u")),
  ),
  combinatorial(
    "eight lists in a panel, all become any",
    require(...range(8).map((i) => all(from(`args.l${i}[*]`, "in", "panel")))),
    "broader",
    require(...range(8).map((i) => any(from(`args.l${i}[*]`, "in", "panel")))),
  ),
  combinatorial(
    "twenty quantified denials on one array",
    deny(...range(20).map((i) => any(is("args.l[*]", "eq", `x${i}`)))),
    "same",
    deny(
      any(
        is(
          "args.l[*]",
          "in",
          range(20).map((i) => `x${i}`),
        ),
      ),
    ),
  ),
];

/** Two hundred tools with twenty conditions each, written in two ways. */
export function bigPolicy(
  tools: number,
  conditions: number,
  style: "plain" | "rewritten",
  loose = -1,
): object {
  const rules = (t: number): RulesDocument => {
    const max = t === loose ? 101 : 100;
    const texts = range(conditions - 4).map((i) => {
      const path = `args.f${i % 8}`;
      return style === "plain"
        ? is(path, "regex", `^[a-z${i}]{1,${8 + (i % 5)}}$`)
        : whole(`[${i}a-z]{1,${8 + (i % 5)}}`).op === "matches" && {
            ...whole(`[${i}a-z]{1,${8 + (i % 5)}}`),
            path,
          };
    }) as Condition[];
    const numbers = [
      style === "plain" ? is(n, "lte", max) : not(is(n, "gt", max)),
      is(n, "gte", 0),
    ];
    const lists =
      style === "plain"
        ? deny(is(q, "in", ["x", `y${t}`]), is(q, "regex", "(?i)drop"))
        : denyOne([is(q, "regex", "[Dd][Rr][Oo][Pp]")], [is(q, "eq", "x")], [is(q, "eq", `y${t}`)]);
    return { ...require(...texts, ...numbers), ...lists };
  };
  return {
    version: "1",
    default: "deny",
    tools: Object.fromEntries(range(tools).map((t) => [`tool_${t}`, rules(t)])),
  };
}
