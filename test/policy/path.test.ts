/** The text of a path: what it means, what it must not be, and that writing it is its inverse. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Path } from "../../engine/policy/ir.ts";
import { formatPath, parsePath, parsePlainPath } from "../../engine/policy/path.ts";

const args = (...steps: (string | number)[]): Path => ({ root: "args", steps });
const each = (
  before: (string | number)[],
  quantifier: "any" | "all",
  after: (string | number)[] = [],
): Path => ({ root: "args", steps: before, each: { quantifier, steps: after } });

describe("paths", () => {
  test.each<[string, Path]>([
    ["args.a", args("a")],
    ["args.a.b.c", args("a", "b", "c")],
    ['args["a"]', args("a")],
    ['args["a.b"]', args("a.b")],
    ['args["a"]["b"].c', args("a", "b", "c")],
    ['args.a["b c"]', args("a", "b c")],
    ['args["\\u0061\\n\\""]', args('a\n"')],
    ['args["]"]', args("]")],
    ['args["*"]', args("*")],
    ['args["0"]', args("0")],
    ["args.0", args("0")],
    ["args.a[0]", args("a", 0)],
    ["args.a[10][2].b", args("a", 10, 2, "b")],
    ["args.a[999999999]", args("a", 999_999_999)],
    ["args.пациент", args("пациент")],
    ["args.a-b_c:d/e", args("a-b_c:d/e")],
    ["args.$ref", args("$ref")],
    ["args.constructor.prototype", args("constructor", "prototype")],
    ["args.grant.principal.name", args("grant", "principal", "name")],
    ["grant.department", { root: "grant", steps: ["department"] }],
    ["grant.clinics[0]", { root: "grant", steps: ["clinics", 0] }],
    ["grant.id", { root: "grant", steps: ["id"] }],
    ["grant.purpose", { root: "grant", steps: ["purpose"] }],
    ["grant.principal.kind", { root: "grant", steps: ["principal", "kind"] }],
    ["grant.principal.responsible", { root: "grant", steps: ["principal", "responsible"] }],
  ])("%s", (text, path) => {
    expect(parsePath(text, undefined)).toEqual({ path });
  });

  test.each<[string, "any" | "all", Path]>([
    ["args.a[*]", "any", each(["a"], "any")],
    ["args.a[*].b", "all", each(["a"], "all", ["b"])],
    ["args.a[0].b[*].c[1]", "any", each(["a", 0, "b"], "any", ["c", 1])],
    [
      "grant.clinics[*]",
      "any",
      { root: "grant", steps: ["clinics"], each: { quantifier: "any", steps: [] } },
    ],
  ])("%s of %s", (text, quantifier, path) => {
    expect(parsePath(text, quantifier)).toEqual({ path });
  });

  test.each<[string, "any" | "all" | undefined, RegExp]>([
    ["", undefined, /starts with `args` or `grant`/],
    ["a", undefined, /starts with/],
    ["Args.a", undefined, /starts with/],
    [" args.a", undefined, /starts with/],
    ["argsa", undefined, /starts with/],
    ["args_a", undefined, /starts with/],
    ["$.args.a", undefined, /starts with/],
    ["args2.a", undefined, /a step is expected here \(character 5/],
    ["args", undefined, /a name is expected after `args`/],
    ["grant", undefined, /a name is expected after `grant`/],
    ["args.", undefined, /name is expected after the dot \(character 6/],
    ["args..a", undefined, /name is expected after the dot \(character 6/],
    ["args.a.", undefined, /name is expected after the dot \(character 8/],
    ["args.a b", undefined, /a step is expected/],
    ["args.a\n", undefined, /a step is expected/],
    ["args.a\u00a0b", undefined, /a step is expected/],
    ["args[a]", undefined, /a step is expected/],
    ["args['a']", undefined, /a step is expected/],
    ['args["a]', undefined, /a step is expected/],
    ['args["a"', undefined, /a step is expected/],
    ['args["a\nb"]', undefined, /a step is expected/],
    ['args[""]', undefined, /not a JSON string/],
    ['args["\\x"]', undefined, /not a JSON string/],
    ['args["\\u12"]', undefined, /not a JSON string/],
    ["args.a[-1]", undefined, /an index cannot be negative/],
    ["args.a[-]", undefined, /a step is expected/],
    ["args.a[01]", undefined, /a step is expected/],
    ["args.a[1.5]", undefined, /a step is expected/],
    ["args.a[1e3]", undefined, /a step is expected/],
    ["args.a[1000000000]", undefined, /a step is expected/],
    ["args.a[ 0 ]", undefined, /a step is expected/],
    ["args.a[?(@.b)]", undefined, /a step is expected/],
    ["args.a[0:2]", undefined, /a step is expected/],
    ["args[0]", undefined, /`args` is an object/],
    ["args[*]", "any", /`args` is an object/],
    ["args.__proto__", undefined, /`__proto__` cannot be a step/],
    ["args.a.__proto__.b", undefined, /`__proto__` cannot be a step/],
    ['args["__proto__"]', undefined, /`__proto__` cannot be a step/],
    ['args["\\u005f_proto__"]', undefined, /`__proto__` cannot be a step/],
    ["args.a[*]", undefined, /needs a quantifier/],
    ["args.a", "any", /a quantifier needs `\[\*\]`/],
    ["args.a[*][*]", "any", /stands twice/],
    ["args.a[*].b[*]", "all", /stands twice/],
    ["grant.a.b", undefined, /a scalar or a list of scalars/],
    ["grant.a[0].b", undefined, /a scalar or a list of scalars/],
    ["grant.a[0][0]", undefined, /a scalar or a list of scalars/],
    ["grant.a[*].b", "any", /a scalar or a list of scalars/],
    ["grant.purpose[0]", undefined, /a scalar or a list of scalars/],
    ["grant.id.x", undefined, /a scalar or a list of scalars/],
    ["grant.principal", undefined, /a principal has/],
    ["grant.principal.name", undefined, /a principal has/],
    ["grant.principal[0]", undefined, /a principal has/],
    ["grant.principal.kind.x", undefined, /a principal has/],
  ])("%j with the quantifier %s is refused", (text, quantifier, problem) => {
    const result = parsePath(text, quantifier);
    if (!("problem" in result)) throw new Error("it was accepted");
    expect(result.problem).toMatch(problem);
    expect(result.help).not.toBe("");
  });

  test("a label's path may look at every element, and only at arguments", () => {
    expect(parsePlainPath("args.ids[*]", "args")).toEqual({ path: each(["ids"], "all") });
    expect(parsePlainPath("grant.a", "args")).toHaveProperty("problem");
    expect(parsePlainPath("args.a", "grant")).toHaveProperty("problem");
    expect(parsePlainPath("args.ids[*][*]", "args")).toHaveProperty("problem");
  });
});

const name = fc
  .oneof(
    fc.constantFrom(
      "a",
      "a.b",
      "*",
      "0",
      "-1",
      " ",
      '"',
      "\\",
      "[0]",
      "[*]",
      "é",
      "\u2028",
      "constructor",
    ),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
    fc.string({ unit: "binary", minLength: 1, maxLength: 4 }),
  )
  .filter((text) => text !== "" && text !== "__proto__");
const step = fc.oneof(
  { weight: 3, arbitrary: name },
  { weight: 1, arbitrary: fc.nat(999_999_999) },
);
const path: fc.Arbitrary<Path> = fc
  .tuple(
    name,
    fc.array(step, { maxLength: 4 }),
    fc.option(fc.tuple(fc.constantFrom("any", "all"), fc.array(step, { maxLength: 3 })), {
      nil: undefined,
    }),
  )
  .map(([first, more, star]) => ({
    root: "args",
    steps: [first, ...more],
    ...(star === undefined ? {} : { each: { quantifier: star[0] as "any", steps: star[1] } }),
  }));

describe("writing a path", () => {
  test("is undone by reading it", () => {
    fc.assert(
      fc.property(path, (p) => {
        expect(parsePath(formatPath(p), p.each?.quantifier)).toEqual({ path: p });
      }),
      { numRuns: 3000 },
    );
  });

  test("gives one text for all the spellings of a path", () => {
    const spelling = (s: string | number, quoted: boolean): string =>
      typeof s === "number"
        ? `[${s}]`
        : quoted || !/^[^.[\]"'\s]+$/.test(s)
          ? `[${JSON.stringify(s)}]`
          : `.${s}`;
    fc.assert(
      fc.property(path, fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), (p, quoted) => {
        const after =
          p.each === undefined
            ? ""
            : `[*]${p.each.steps.map((s, i) => spelling(s, quoted[i + 5]!)).join("")}`;
        const text = `args${p.steps.map((s, i) => spelling(s, quoted[i]!)).join("")}${after}`;
        const read = parsePath(text, p.each?.quantifier);
        expect(read).toEqual({ path: p });
        expect(formatPath(p).length).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  test.each([
    ['args["a"]["b c"][0]', 'args.a["b c"][0]'],
    ['args["\\u0061"]', "args.a"],
    ['args["a.b"]', 'args["a.b"]'],
    ['args["0"]', "args.0"],
  ])("%s is written %s", (text, written) => {
    const result = parsePath(text, undefined);
    expect("path" in result && formatPath(result.path)).toBe(written);
  });
});

test("no text makes the reader throw, and what it refuses it explains", () => {
  const piece = fc.constantFrom(
    "args",
    "grant",
    ".",
    "[",
    "]",
    '"',
    "'",
    "\\",
    "*",
    "0",
    "-1",
    "a",
    " ",
    "\n",
    "[*]",
    '["a"]',
    "__proto__",
    "principal",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 8 }).map((parts) => parts.join("")),
    fc.array(piece, { maxLength: 8 }).map((parts) => `args${parts.join("")}`),
  );
  fc.assert(
    fc.property(text, fc.constantFrom("any", "all", undefined), (t, quantifier) => {
      const result = parsePath(t, quantifier as "any" | undefined);
      if ("path" in result) {
        expect(parsePath(formatPath(result.path), quantifier as "any" | undefined)).toEqual(result);
        expect([...result.path.steps, ...(result.path.each?.steps ?? [])]).not.toContain(
          "__proto__",
        );
      } else {
        expect(result.problem).toMatch(/^[a-z`]/);
        expect(result.help).not.toBe("");
      }
    }),
    { numRuns: 3000 },
  );
});
