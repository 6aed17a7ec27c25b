/** Every operator on every kind of value, from the language's own table, worked out by hand. */
import { describe, expect, test } from "vitest";
import { decide } from "../../engine/decide/decide.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import { InexactNumber } from "../../engine/json/value.ts";
import { OPERATORS } from "../../engine/policy/ir.ts";
import { repositoryOf } from "../support/compile.ts";
import { ask, callOf, type Fields, grantFile, partsOf, rulesOf } from "../support/world.ts";

type Truth = "T" | "F" | "U";

/**
 * The truth of a condition, as only decisions show it: a true one satisfies `require`, a false one
 * lets a call past `deny_if`, and an undetermined one does neither.
 */
function truthOf(condition: Fields, args: Fields, grant: Fields = grantFile()): Truth {
  const held = ask({ grant, policy: rulesOf({ require: [condition] }) }, { args }).verdict;
  const spared = ask({ grant, policy: rulesOf({ deny_if: [condition] }) }, { args }).verdict;
  if (held === "allow" && spared === "allow") throw new Error("true and false at once");
  return held === "allow" ? "T" : spared === "allow" ? "F" : "U";
}

const negated = (truth: Truth): Truth => (truth === "T" ? "F" : truth === "F" ? "T" : "U");

const ABSENT = Symbol("absent");
const BLOCKED = Symbol("blocked");
const inexact = new InexactNumber("9007199254740993");

/** One value of each kind; the rows below have one letter for each. */
const KINDS: readonly (readonly [kind: string, value: unknown])[] = [
  ["absent", ABSENT],
  ["blocked", BLOCKED],
  ["null", null],
  ["boolean", true],
  ["number", 5],
  ["inexact", inexact],
  ["string", "ab"],
  ["array", ["ab"]],
  ["object", { ab: 5 }],
];

const ROWS: readonly (readonly [op: string, operand: unknown, truths: string])[] = [
  // absent blocked null boolean number inexact string array object
  ["eq", true, "U U U T U U U U U"],
  ["eq", false, "U U U F U U U U U"],
  ["eq", 5, "U U U U T U U U U"],
  ["eq", 6, "U U U U F U U U U"],
  ["eq", "ab", "U U U U U U T U U"],
  ["eq", "5", "U U U U U U F U U"],
  ["neq", true, "U U U F U U U U U"],
  ["neq", 5, "U U U U F U U U U"],
  ["neq", 6, "U U U U T U U U U"],
  ["neq", "ab", "U U U U U U F U U"],
  ["neq", "", "U U U U U U T U U"],
  ["in", ["ab"], "U U U U U U T U U"],
  ["in", ["5", "true"], "U U U U U U F U U"],
  ["in", [5, "ab"], "U U U U T U T U U"],
  ["in", [6, "x", false], "U U U F F U F U U"],
  ["not_in", ["ab"], "U U U U U U F U U"],
  ["not_in", [5], "U U U U F U U U U"],
  ["not_in", [6, "x", false], "U U U T T U T U U"],
  ["lt", 6, "U U U U T U U U U"],
  ["lt", 5, "U U U U F U U U U"],
  ["lte", 5, "U U U U T U U U U"],
  ["lte", 4, "U U U U F U U U U"],
  ["gt", 4, "U U U U T U U U U"],
  ["gt", 5, "U U U U F U U U U"],
  ["gte", 5, "U U U U T U U U U"],
  ["gte", 6, "U U U U F U U U U"],
  ["regex", "b", "U U U U U U T U U"],
  ["regex", "c|5|true|null", "U U U U U U F U U"],
  ["matches", "a.", "U U U U U U T U U"],
  ["matches", "a", "U U U U U U F U U"],
  ["starts_with", "a", "U U U U U U T U U"],
  ["starts_with", "b", "U U U U U U F U U"],
  ["ends_with", "b", "U U U U U U T U U"],
  ["ends_with", "a", "U U U U U U F U U"],
  ["contains", "b", "U U U U U U T F U"],
  ["contains", "ab", "U U U U U U T T U"],
  ["contains", "c", "U U U U U U F F U"],
  ["contains", 5, "U U U U U U U U U"],
  ["has_element", "ab", "U U U U U U U T U"],
  ["has_element", "a", "U U U U U U U F U"],
  ["has_element", 5, "U U U U U U U U U"],
  ["length_lt", 3, "U U U U U U T U U"],
  ["length_lt", 2, "U U U U U U F U U"],
  ["length_lte", 2, "U U U U U U T U U"],
  ["length_lte", 1, "U U U U U U F U U"],
  ["length_gt", 1, "U U U U U U T U U"],
  ["length_gt", 2, "U U U U U U F U U"],
  ["length_gte", 2, "U U U U U U T U U"],
  ["length_gte", 3, "U U U U U U F U U"],
  ["count_lt", 2, "U U U U U U U T U"],
  ["count_lt", 1, "U U U U U U U F U"],
  ["count_lte", 1, "U U U U U U U T U"],
  ["count_lte", 0, "U U U U U U U F U"],
  ["count_gt", 0, "U U U U U U U T U"],
  ["count_gt", 1, "U U U U U U U F U"],
  ["count_gte", 1, "U U U U U U U T U"],
  ["count_gte", 2, "U U U U U U U F U"],
  // `exists` alone speaks of what is absent; what stands behind a value of another kind, nobody knows.
  ["exists", true, "F U T T T T T T T"],
  ["exists", false, "T U F F F F F F F"],
  ["type", "null", "U U T F F U F F F"],
  ["type", "boolean", "U U F T F U F F F"],
  ["type", "number", "U U F F T U F F F"],
  ["type", "integer", "U U F F T U F F F"],
  ["type", "string", "U U F F F U T F F"],
  ["type", "array", "U U F F F U F T F"],
  ["type", "object", "U U F F F U F F T"],
];

/** `args.o.v` of these arguments is the value. */
function holder(value: unknown): Fields {
  if (value === ABSENT) return { o: {} };
  if (value === BLOCKED) return { o: "no object" };
  return { o: { v: value } };
}

describe("an operator on a value of each kind", () => {
  test("the table is about every operator, each true once and false once", () => {
    for (const op of OPERATORS) {
      const outcomes = ROWS.filter((row) => row[0] === op).map((row) => row[2]);
      expect(outcomes.join(" "), op).toMatch(/T/);
      expect(outcomes.join(" "), op).toMatch(/F/);
    }
    for (const [, , truths] of ROWS) expect(truths.split(" ")).toHaveLength(KINDS.length);
  });

  test.each(ROWS)("%s %j: %s", (op, value, truths) => {
    const condition = { path: "args.o.v", op, value };
    const got = KINDS.map(([, held]) => truthOf(condition, holder(held)));
    expect(got.join(" ")).toBe(truths);
    const turned = KINDS.map(([, held]) => truthOf({ ...condition, not: true }, holder(held)));
    expect(turned).toEqual(got.map(negated));
  });

  test.each(ROWS)("%s %j of each element of a list of one: %s", (op, value, truths) => {
    for (const quantifier of ["any", "all"]) {
      const condition = { path: "args.list[*].v", op, value, quantifier };
      const got = KINDS.map(([, held]) => truthOf(condition, { list: [holder(held).o] }));
      expect(got.join(" "), quantifier).toBe(truths);
    }
  });
});

describe("values that are easily taken for another", () => {
  test.each<[op: string, operand: unknown, value: unknown, truth: Truth]>([
    // No coercion, in either direction.
    ["eq", "5", 5, "U"],
    ["eq", 5, "5", "U"],
    ["eq", "true", true, "U"],
    ["eq", 0, false, "U"],
    ["eq", "", null, "U"],
    ["lt", 10, "9", "U"],
    // Numbers are what they are worth, however they are written.
    ["eq", 0, -0, "T"],
    ["in", [0], -0, "T"],
    ["has_element", 0, [-0], "T"],
    ["eq", 1.5, 1.5, "T"],
    ["type", "integer", -0, "T"],
    ["type", "integer", 1e21, "T"],
    ["type", "integer", 1.5, "F"],
    ["type", "number", 1.5, "T"],
    ["type", "integer", "1", "F"],
    ["gte", 0, -0, "T"],
    ["lt", 0, -0, "F"],
    ["lt", 0, -1e-9, "T"],
    // Text compares by code point, unnormalised.
    ["eq", "é", "e\u0301", "F"],
    ["eq", "a", "A", "F"],
    ["in", ["a"], "a ", "F"],
    ["starts_with", "", "", "T"],
    ["ends_with", "", "ab", "T"],
    ["contains", "", "", "T"],
    ["starts_with", "abc", "ab", "F"],
    ["contains", "A", "ab", "F"],
    // A search finds anywhere; `matches` wants the whole, on every line of it.
    ["regex", "^b", "ab", "F"],
    ["regex", "b$", "ab\n", "F"],
    ["regex", "(?i)DELETE\\s", "select; delete\tfrom", "T"],
    ["regex", "DELETE", "delete", "F"],
    ["matches", "a|b", "ab", "F"],
    ["matches", "a|ab", "ab", "T"],
    ["matches", "[a-z]+", "ab\n", "F"],
    ["matches", "p-[0-9]+", "p-1\nrm", "F"],
    ["matches", ".", "\n", "F"],
    ["matches", "", "", "T"],
    // One character, two code units.
    ["matches", ".", "😀", "T"],
    ["length_lte", 1, "😀", "T"],
    ["length_gt", 1, "😀", "F"],
    ["length_lt", 3, "a😀b", "F"],
    ["length_lte", 2, "e\u0301", "T"],
    ["length_lt", 1, "", "T"],
    // Lists: what holds anything but scalars of the operand's type rules nothing out.
    ["has_element", "a", [], "F"],
    ["has_element", "a", ["b", "a"], "T"],
    ["has_element", "a", ["b", 1], "U"],
    ["has_element", "a", [1, "a"], "T"],
    ["has_element", "a", ["b", null], "U"],
    ["has_element", "a", [["a"]], "U"],
    ["has_element", 5, [inexact], "U"],
    ["has_element", 5, [inexact, 5], "T"],
    ["has_element", true, [false], "F"],
    ["contains", "a", [], "F"],
    ["contains", "a", ["ab"], "F"],
    ["contains", "a", ["b", 1], "U"],
    ["contains", 5, [4, 5], "T"],
    ["contains", 5, "5", "U"],
    ["count_lt", 1, [], "T"],
    ["count_lte", 1, [[1, 2, 3]], "T"],
    ["length_lte", 3, ["a", "b"], "U"],
    ["count_lte", 3, "ab", "U"],
    ["count_lte", 3, { length: 1 }, "U"],
    ["length_lte", 3, { length: 1 }, "U"],
    ["eq", "a", ["a"], "U"],
    ["in", ["a"], ["a"], "U"],
    ["type", "object", [], "F"],
    ["type", "array", {}, "F"],
    ["type", "object", null, "F"],
    ["exists", true, null, "T"],
    ["exists", true, inexact, "T"],
  ])("%s %j of %j: %s", (op, operand, value, truth) => {
    expect(truthOf({ path: "args.v", op, value: operand }, { v: value })).toBe(truth);
  });
});

describe("where a path leads", () => {
  test.each<[path: string, args: Fields, exists: Truth]>([
    ["args.a", {}, "F"],
    ["args.a", { a: null }, "T"],
    ["args.a.b", { a: {} }, "F"],
    ["args.a.b", {}, "F"],
    ["args.a.b", { a: null }, "U"],
    ["args.a.b", { a: [] }, "U"],
    ["args.a.b", { a: inexact }, "U"],
    ["args.a.length", { a: "text" }, "U"],
    ["args.a.length", { a: ["x"] }, "U"],
    ["args.a.text", { a: inexact }, "U"],
    ["args.a.b.c", { a: { b: 1 } }, "U"],
    ["args.a[0]", { a: [] }, "F"],
    ["args.a[0]", { a: [null] }, "T"],
    ["args.a[1]", { a: ["x"] }, "F"],
    ["args.a[0]", { a: { 0: "x" } }, "U"],
    ["args.a[0]", { a: "x" }, "U"],
    ['args.a["0"]', { a: ["x"] }, "U"],
    ['args.a["0"]', { a: { 0: "x" } }, "T"],
    ['args["a.b"]', { a: { b: 1 } }, "F"],
    ['args["a.b"]', { "a.b": 1 }, "T"],
    ["args.a.b", { "a.b": 1 }, "F"],
    // Own properties only: nothing is inherited.
    ["args.constructor", {}, "F"],
    ["args.toString", {}, "F"],
    ["args.constructor", { constructor: 1 }, "T"],
    ["args.a.constructor.name", { a: {} }, "F"],
    // An array of one argument is not that argument.
    ["args.a[0].b", { a: [{ b: 1 }] }, "T"],
    ["args.a[0].b", { a: [[]] }, "U"],
  ])("%s of %j exists: %s", (path, args, truth) => {
    expect(truthOf({ path, op: "exists", value: true }, args)).toBe(truth);
    expect(truthOf({ path, op: "exists", value: false }, args)).toBe(negated(truth));
  });
});

describe("[*] folds what each element says", () => {
  /** `> 5`: 9 is true, 1 is false, a text is undetermined. */
  const of = (list: unknown, quantifier: string, more: Fields = {}) =>
    truthOf({ path: "args.list[*]", quantifier, op: "gt", value: 5, ...more }, { list });

  test.each<[list: unknown, any: Truth, all: Truth]>([
    [[9], "T", "T"],
    [[1], "F", "F"],
    [["x"], "U", "U"],
    [[9, 9], "T", "T"],
    [[9, 1], "T", "F"],
    [[1, 9], "T", "F"],
    [[1, 1], "F", "F"],
    [[9, "x"], "T", "U"],
    [["x", 9], "T", "U"],
    [[1, "x"], "U", "F"],
    [["x", 1], "U", "F"],
    [["x", "x"], "U", "U"],
    [[9, 1, "x"], "T", "F"],
    [[9, null], "T", "U"],
    [[[9]], "U", "U"],
    // Never vacuously true, and never vacuously ruled out.
    [[], "U", "U"],
    ["9", "U", "U"],
    [9, "U", "U"],
    [null, "U", "U"],
    [{ 0: 9 }, "U", "U"],
    [inexact, "U", "U"],
  ])("%j: any %s, all %s", (list, any, all) => {
    expect(of(list, "any")).toBe(any);
    expect(of(list, "all")).toBe(all);
    // The negation stands outside: "not all" is not "all not".
    expect(of(list, "any", { not: true })).toBe(negated(any));
    expect(of(list, "all", { not: true })).toBe(negated(all));
  });

  test.each<[list: string[], any: Truth, all: Truth]>([
    [["a", "b"], "T", "F"],
    [["a", "a"], "F", "F"],
    [["b", "c"], "T", "T"],
  ])("neq with any means that some element differs: %j", (list, any, all) => {
    const neq = (quantifier: string) =>
      truthOf({ path: "args.list[*]", quantifier, op: "neq", value: "a" }, { list });
    expect(neq("any")).toBe(any);
    expect(neq("all")).toBe(all);
  });

  test.each<[args: Fields, any: Truth, all: Truth]>([
    [{ list: [{ v: 1 }, {}] }, "T", "F"],
    [{ list: [{}, {}] }, "F", "F"],
    [{ list: [{ v: null }] }, "T", "T"],
    [{ list: [{ v: 1 }, "text"] }, "T", "U"],
    [{ list: [{}, "text"] }, "U", "F"],
    [{ list: [] }, "U", "U"],
    [{ list: {} }, "U", "U"],
    // The list itself is absent: there is nothing that could exist.
    [{}, "F", "F"],
  ])("exists below the elements of %j: any %s, all %s", (args, any, all) => {
    const exists = (quantifier: string, value: boolean) =>
      truthOf({ path: "args.list[*].v", quantifier, op: "exists", value }, args);
    expect(exists("any", true)).toBe(any);
    expect(exists("all", true)).toBe(all);
    if (!("list" in args)) expect(exists("all", false)).toBe("T");
  });

  test("an index after it looks into each element", () => {
    const condition = { path: "args.list[*][1]", quantifier: "all", op: "eq", value: "b" };
    expect(
      truthOf(condition, {
        list: [
          ["a", "b"],
          ["c", "b"],
        ],
      }),
    ).toBe("T");
    expect(truthOf(condition, { list: [["a", "b"], ["c"]] })).toBe("U");
  });
});

describe("value_from compares with a constant of the grant", () => {
  const grant = grantFile({
    purpose: "research",
    principal: { kind: "service", id: "service:job-1", responsible: "person:b.example" },
    attributes: {
      text: "ab",
      number: 2,
      flag: true,
      texts: ["ab", "cd"],
      mixed: ["ab", 2],
      none: [],
    },
  });

  test.each<[op: string, from: string, value: unknown, truth: Truth]>([
    ["eq", "text", "ab", "T"],
    ["eq", "text", "AB", "F"],
    ["eq", "text", 2, "U"],
    ["eq", "number", 2, "T"],
    ["eq", "flag", true, "T"],
    ["eq", "texts", "ab", "U"],
    ["eq", "missing", "ab", "U"],
    ["neq", "text", "x", "T"],
    ["neq", "missing", "x", "U"],
    ["neq", "texts", "x", "U"],
    ["in", "texts", "cd", "T"],
    ["in", "texts", "ef", "F"],
    ["in", "texts", 2, "U"],
    ["in", "mixed", 2, "T"],
    ["in", "mixed", true, "U"],
    ["in", "none", "ab", "U"],
    ["in", "text", "ab", "U"],
    ["in", "text", "a", "U"],
    ["in", "missing", "ab", "U"],
    ["not_in", "texts", "ef", "T"],
    ["not_in", "none", "ef", "U"],
    ["not_in", "missing", "ef", "U"],
    ["lt", "number", 1, "T"],
    ["lt", "text", 1, "U"],
    ["lt", "text", "aa", "U"],
    ["gte", "flag", true, "U"],
    ["starts_with", "number", 2, "U"],
    ["starts_with", "text", "abc", "T"],
    ["starts_with", "number", "2", "U"],
    ["contains", "text", "xaby", "T"],
    ["contains", "text", ["ab"], "T"],
    ["contains", "number", "2", "U"],
    ["has_element", "number", [2], "T"],
    ["has_element", "texts", ["ab"], "U"],
    ["length_lte", "number", "ab", "T"],
    ["length_lte", "text", "ab", "U"],
    ["count_gt", "number", ["a", "b"], "F"],
    ["eq", "purpose", "research", "T"],
    ["eq", "id", "g1", "T"],
    ["eq", "principal.kind", "service", "T"],
    ["eq", "principal.id", "service:job-1", "T"],
    ["eq", "principal.responsible", "person:b.example", "T"],
    ["eq", "toString", "ab", "U"],
  ])("%s grant.%s of %j: %s", (op, from, value, truth) => {
    const condition = { path: "args.v", op, value_from: `grant.${from}` };
    expect(truthOf(condition, { v: value }, grant)).toBe(truth);
    expect(truthOf({ ...condition, not: true }, { v: value }, grant)).toBe(negated(truth));
  });

  test("with [*] every element is compared with it", () => {
    const condition = { path: "args.v[*]", op: "in", value_from: "grant.texts" };
    expect(truthOf({ ...condition, quantifier: "all" }, { v: ["ab", "cd"] }, grant)).toBe("T");
    expect(truthOf({ ...condition, quantifier: "all" }, { v: ["ab", "x"] }, grant)).toBe("F");
    expect(truthOf({ ...condition, quantifier: "any" }, { v: ["x", "cd"] }, grant)).toBe("T");
  });

  test.each<[path: string, op: string, value: unknown, truth: Truth]>([
    ["grant.text", "eq", "ab", "T"],
    ["grant.purpose", "eq", "research", "T"],
    ["grant.texts", "has_element", "cd", "T"],
    ["grant.texts[1]", "eq", "cd", "T"],
    ["grant.texts[2]", "exists", false, "T"],
    ["grant.missing", "exists", true, "F"],
    ["grant.missing", "eq", "ab", "U"],
    ["grant.principal.kind", "in", ["agent"], "F"],
    ["grant.constructor", "exists", true, "F"],
  ])("on the left: %s %s %j: %s", (path, op, value, truth) => {
    expect(truthOf({ path, op, value }, {}, grant)).toBe(truth);
  });

  // The files refuse such an attribute; a compiled repository from elsewhere must not bring it in.
  test("an attribute never speaks for the grant itself", () => {
    const own: [string, string][] = [
      ["grant.id", "g1"],
      ["grant.purpose", "treatment"],
      ["grant.principal.kind", "agent"],
    ];
    const require = own.map(([path, value]) => ({ path, op: "eq", value }));
    const { source } = repositoryOf(partsOf({ policy: rulesOf({ require }) }));
    const attributes = { id: "g2", purpose: "research", principal: "person:c.example" };
    const grants = { g1: { ...source.grants.g1!, attributes } };
    expect(decide(prepare({ ...source, grants }), callOf()).decision.rule).toBe("");
  });

  test("a grant that nobody answers for has no one to compare with", () => {
    const nobody = grantFile({ principal: { kind: "person", id: "person:c.example" } });
    const condition = { path: "args.v", op: "eq", value_from: "grant.principal.responsible" };
    expect(truthOf(condition, { v: "person:a.example" }, nobody)).toBe("U");
  });
});

describe("entries are ORs of ANDs", () => {
  const T = { path: "args.v", op: "eq", value: 1 };
  const F = { path: "args.v", op: "eq", value: 2 };
  const U = { path: "args.missing", op: "eq", value: 1 };
  const GROUPS: Record<Truth, Fields[]> = { T: [T], F: [F], U: [U] };

  test.each<[conditions: Fields[], truth: Truth]>([
    [[T, T], "T"],
    [[T, F], "F"],
    [[F, T], "F"],
    [[T, U], "U"],
    [[U, T], "U"],
    // False settles it, in whichever place it stands.
    [[U, F], "F"],
    [[F, U], "F"],
    [[U, U], "U"],
    [[T, U, F], "F"],
  ])("all of %j: %s", (conditions, truth) => {
    expect(truthOf({ conditions }, { v: 1 })).toBe(truth);
  });

  test.each<[groups: string, truth: Truth]>([
    ["T", "T"],
    ["TF", "T"],
    ["FT", "T"],
    ["FF", "F"],
    ["UT", "T"],
    ["TU", "T"],
    ["UF", "U"],
    ["FU", "U"],
    ["FUT", "T"],
  ])("any of %s: %s", (groups, truth) => {
    const any_of = [...groups].map((group) => GROUPS[group as Truth]);
    expect(truthOf({ any_of }, { v: 1 })).toBe(truth);
  });
});
