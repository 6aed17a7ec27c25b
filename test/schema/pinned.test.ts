/** Pinned input schemas: what they judge, what is refused of them, and what they never say. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson } from "../../engine/json/read.ts";
import type { JsonObject, ReceivedObject } from "../../engine/json/value.ts";
import {
  compilePinned,
  MAX_SCHEMA_DEPTH,
  MAX_SCHEMA_TEXT,
  type PinnedSchema,
} from "../../engine/schema/pinned.ts";

const DRAFT_07 = "http://json-schema.org/draft-07/schema#";
const DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema";
const DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema";

function compiled(schema: object): PinnedSchema {
  const result = compilePinned(schema as JsonObject);
  if ("problem" in result) throw new Error(result.problem);
  return result.schema;
}
const problemOf = (schema: object): string | undefined => {
  const result = compilePinned(schema as JsonObject);
  return "problem" in result ? result.problem : undefined;
};
const object = (properties: object, more: object = {}): object => ({
  type: "object",
  properties,
  ...more,
});
/** Arguments as they are received: numbers that do not survive stay what they are. */
function received(text: string): ReceivedObject {
  const result = readJson("call.json", text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value as ReceivedObject;
}

describe("what arguments satisfy", () => {
  type Row = [schema: object, args: string, problem: string | undefined];
  test.each<Row>([
    [{}, "{}", undefined],
    [{}, '{"anything": [1, null]}', undefined],
    [{ type: "object" }, "{}", undefined],
    [object({ a: { type: "string" } }), '{"a": "x"}', undefined],
    [object({ a: { type: "string" } }), '{"a": 1}', "`a` must be of type string"],
    [object({ a: { type: ["string", "null"] } }), '{"a": null}', undefined],
    [object({ a: { type: ["string", "null"] } }), '{"a": 1}', "`a` must be of type string or null"],
    [object({ a: { type: "string" } }), '{"a": null}', "`a` must be of type string"],
    // No coercion, and no default that would be filled in.
    [object({ a: { type: "number" } }), '{"a": "1"}', "`a` must be of type number"],
    [object({ a: { type: "boolean" } }), '{"a": "true"}', "`a` must be of type boolean"],
    [object({ a: { type: "integer" } }), '{"a": 1.0}', undefined],
    [object({ a: { type: "integer" } }), '{"a": 1.5}', "`a` must be of type integer"],
    [object({ a: { default: 1 } }, { required: ["a"] }), "{}", "`a` is missing"],
    [object({}, { required: ["patient id"] }), "{}", "`patient id` is missing"],
    [object({ a: object({ b: {} }, { required: ["b"] }) }), '{"a": {}}', "`a` lacks `b`"],
    [
      object({ a: object({ b: { type: "string" } }) }),
      '{"a": {"b": 1}}',
      "`a.b` must be of type string",
    ],
    [object({ a: { items: { type: "string" } } }), '{"a": ["x", 1]}', "`a` must be of type string"],
    // Only own properties are there.
    [object({}, { required: ["constructor"] }), "{}", "`constructor` is missing"],
    [object({ toString: { type: "string" } }), "{}", undefined],
    [
      object({ a: {} }, { additionalProperties: false }),
      '{"a": 1, "b": 2}',
      "the arguments have a property that the schema does not know",
    ],
    [
      object({ a: {} }, { additionalProperties: false }),
      '{"__proto__": 1}',
      "the arguments have a property that the schema does not know",
    ],
    [
      object({ a: object({}, { additionalProperties: false }) }),
      '{"a": {"b": 2}}',
      "`a` has a property that the schema does not know",
    ],
    [
      object({ a: {} }, { unevaluatedProperties: false }),
      '{"b": 2}',
      "the arguments have a property that the schema does not know",
    ],
    [
      object({ a: { enum: ["GET", "POST"] } }),
      '{"a": "DELETE"}',
      "`a` is none of the values that the schema lists",
    ],
    [object({ a: { const: 1 } }), '{"a": 2}', "`a` is none of the values that the schema lists"],
    [object({ a: { const: { b: [1] } } }), '{"a": {"b": [1]}}', undefined],
    [object({ a: { maxLength: 1 } }), '{"a": "😀"}', undefined],
    [object({ a: { maxLength: 1 } }), '{"a": "ab"}', "`a` does not satisfy `maxLength`"],
    [object({ a: { minimum: 0 } }), '{"a": -1}', "`a` does not satisfy `minimum`"],
    [
      object({ a: { multipleOf: 0.1 } }),
      '{"a": 0.30000000000000004}',
      "`a` does not satisfy `multipleOf`",
    ],
    [object({ a: { uniqueItems: true } }), '{"a": [1, "1", [1], {"b": 1}]}', undefined],
    [
      object({ a: { uniqueItems: true } }),
      '{"a": [{"b": 1, "c": [2]}, {"c": [2], "b": 1.0}]}',
      "`a` does not satisfy `uniqueItems`",
    ],
    [object({ a: { uniqueItems: false } }), '{"a": [1, 1]}', undefined],
    [object({ a: false }), '{"a": 1}', "`a` does not satisfy `false schema`"],
    [object({ a: { not: { type: "string" } } }), '{"a": "x"}', "`a` does not satisfy `not`"],
    [{ minProperties: 1 }, "{}", "the arguments do not satisfy `minProperties`"],
    [
      { dependentRequired: { a: ["b"] } },
      '{"a": 1}',
      "the arguments do not satisfy `dependentRequired`",
    ],
    // Formats and unknown keywords say nothing.
    [object({ a: { format: "date" } }), '{"a": "no date"}', undefined],
    [object({ a: { format: "of-a-vendor" } }), '{"a": "x"}', undefined],
    [object({ a: { "x-vendor": true, pii: "yes" } }), '{"a": "x"}', undefined],
    // A name is said as it is written in the schema.
    [
      object({ "naïve name/~x": { type: "string" } }),
      '{"naïve name/~x": 1}',
      "`naïve name/~x` must be of type string",
    ],
    [object({ "100%": { type: "string" } }), '{"100%": 1}', "`100%` must be of type string"],
    [
      object({ properties: { type: "string" } }),
      '{"properties": 1}',
      "`properties` must be of type string",
    ],
    // Behind a reference the schema's own words do not say where.
    [
      object({ a: { $ref: "#/$defs/s" } }, { $defs: { s: { type: "string", minLength: 9 } } }),
      '{"a": "x"}',
      "a part of the arguments does not satisfy `minLength`",
    ],
    [
      object(
        { a: { $ref: "#/$defs/o" } },
        { $defs: { o: object({ b: { $ref: "#/$defs/s" } }), s: { enum: ["k", { l: 1 }] } } },
      ),
      '{"a": {"b": "x"}}',
      "a part of the arguments is none of the values that the schema lists",
    ],
  ])("%j of %s: %s", (schema, args, problem) => {
    expect(compiled(schema).check(received(args))).toBe(problem);
  });

  test.each(["#", "#/", "#/$defs/node"])("a schema may refer to itself, as %s", (reference) => {
    const node = object({ name: { type: "string" }, child: { $ref: reference } });
    const schema = reference === "#/$defs/node" ? { $ref: reference, $defs: { node } } : node;
    if (reference === "#/") return expect(problemOf(schema)).toBeUndefined();
    const { check } = compiled(schema);
    expect(check(received('{"name": "a", "child": {"name": "b", "child": {}}}'))).toBeUndefined();
    expect(check(received('{"name": "a", "child": {"child": {"name": 1}}}'))).toContain(
      "must be of type string",
    );
  });

  test("an identifier of the schema, and an anchor in it, are its own affair", () => {
    const schema = {
      $id: "https://tools.example.org/lookup",
      properties: { a: { $ref: "#text" } },
      $defs: { text: { $anchor: "text", type: "string" } },
    };
    expect(compiled(schema).check({ a: "x" })).toBeUndefined();
    expect(compiled(schema).check({ a: 1 })).toContain("must be of type string");
    // And twice in one process.
    expect(compiled(schema).check({ a: 1 })).toContain("must be of type string");
  });
});

describe("dialects", () => {
  const tuple = { properties: { a: { items: [{ type: "string" }], additionalItems: false } } };
  const prefix = { properties: { a: { prefixItems: [{ type: "string" }], items: false } } };

  test.each([
    DRAFT_07,
    "http://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-06/schema#",
    DRAFT_2019,
  ])("%s has a list of `items`", (dialect) => {
    const schema = compiled({ $schema: dialect, ...tuple });
    expect(schema.check({ a: ["x"] })).toBeUndefined();
    expect(schema.check({ a: ["x", 1] })).toBe("`a` does not satisfy `additionalItems`");
    expect(schema.check({ a: [1] })).toBe("`a` must be of type string");
  });

  test.each([DRAFT_2020, undefined])("%s has `prefixItems`", (dialect) => {
    const schema = compiled({ ...(dialect === undefined ? {} : { $schema: dialect }), ...prefix });
    expect(schema.check({ a: ["x"] })).toBeUndefined();
    expect(schema.check({ a: ["x", 1] })).toBe("`a` does not satisfy `items`");
    expect(schema.check({ a: [1] })).toBe("`a` must be of type string");
  });

  test("without a dialect it is 2020-12, which knows no list of `items`", () => {
    expect(problemOf(tuple)).toContain("does not compile");
  });

  test.each([
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/schema#",
    "https://example.org/my-dialect",
    "https://example.org/2020-12",
    "",
    5,
    null,
    { $ref: "#" },
  ])("%j is not known", (dialect) => {
    // `null` counts as none.
    const problem = problemOf({ $schema: dialect, type: "object" });
    if (dialect === null) expect(problem).toBeDefined();
    else expect(problem).toContain("does not compile");
  });
});

describe("expressions are RE2", () => {
  test.each([
    ["^p-[0-9]+$", "p-1", "p-x"],
    ["(?i)^abc\\z", "ABC", "ABCD"],
    ["^\\p{Lu}", "É", "é"],
    ["^.$", "😀", "😀😀"],
    ["^[A-Za-z0-9\\-.]+$", "a-1.b", "a b"],
  ])("%s", (pattern, good, bad) => {
    const schema = compiled(object({ a: { type: "string", pattern } }));
    expect(schema.check({ a: good })).toBeUndefined();
    expect(schema.check({ a: bad })).toBe("`a` does not match the schema's pattern");
    const names = compiled({ patternProperties: { [pattern]: { type: "number" } } });
    expect(names.check({ [good]: 1 })).toBeUndefined();
    expect(names.check({ [good]: "x" })).toContain("must be of type number");
    expect(names.check({ [bad]: "x" })).toBeUndefined();
  });

  test.each(["(?=a)", "(?<!a)b", "(a)\\1", "(", "[", "a{1001}", "a++", "a{900}".repeat(6)])(
    "%s makes the schema unusable",
    (pattern) => {
      for (const $schema of [DRAFT_2020, DRAFT_07]) {
        expect(problemOf({ $schema, properties: { a: { pattern } } })).toContain(
          "does not compile",
        );
        expect(
          problemOf({ $schema, patternProperties: { [pattern]: { type: "string" } } }),
        ).toContain("does not compile");
      }
    },
  );

  test("an expression that takes JavaScript forever takes no time", { timeout: 2000 }, () => {
    const schema = compiled(object({ a: { pattern: "^(a+)+$" } }));
    expect(schema.check({ a: `${"a".repeat(50_000)}!` })).toContain("pattern");
  });
});

describe("a schema that is refused", () => {
  const nested = (levels: number): object => {
    let schema: object = {};
    for (let i = 0; i < levels; i++) schema = i % 2 === 0 ? { a: schema } : { properties: schema };
    return schema;
  };
  const list = (levels: number): unknown => {
    let value: unknown = [];
    for (let i = 0; i < levels; i++) value = [value];
    return value;
  };

  test.each<[string, object, string]>([
    [
      "a reference to another place",
      { properties: { a: { $ref: "https://evil.example/s.json" } } },
      "outside itself",
    ],
    [
      "a reference to a file",
      { properties: { a: { $ref: "file:///etc/passwd" } } },
      "outside itself",
    ],
    ["a relative reference", { properties: { a: { $ref: "other.json#/x" } } }, "outside itself"],
    ["an empty reference", { properties: { a: { $ref: "" } } }, "outside itself"],
    [
      "a reference by its own identifier",
      { $id: "https://a.example/", $ref: "https://a.example/#/$defs/x", $defs: { x: {} } },
      "outside itself",
    ],
    [
      "a dynamic reference to another place",
      { properties: { a: { $dynamicRef: "https://evil.example/#x" } } },
      "outside itself",
    ],
    [
      "a recursive reference to another place",
      { $schema: DRAFT_2019, properties: { a: { $recursiveRef: "https://evil.example/" } } },
      "outside itself",
    ],
    ["a reference to nothing", { properties: { a: { $ref: "#/$defs/none" } } }, "can't resolve"],
    [
      "references in a circle",
      { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } },
      "does not compile",
    ],
    [
      "an identifier twice",
      { $id: "https://a.example/", $defs: { x: { $id: "https://a.example/", type: "string" } } },
      "does not compile",
    ],
    ["the identifier of a dialect", { $id: DRAFT_2020, type: "object" }, "name of a dialect"],
    ["too many levels", nested(MAX_SCHEMA_DEPTH + 1), "deeper than 64"],
    ["a hundred thousand levels", nested(100_000), "deeper than 64"],
    ["a hundred thousand levels of a value", { enum: [list(100_000)] }, "deeper than 64"],
    ["too much text", object({ a: { description: "x".repeat(MAX_SCHEMA_TEXT) } }), "longer than"],
    [
      "too many values",
      object({ a: { enum: Array.from({ length: 100_000 }, (_, i) => i) } }),
      "longer than",
    ],
    ["a type that is none", { properties: { a: { type: "text" } } }, "does not compile"],
    [
      "required that is a boolean",
      { properties: { a: { type: "string", required: true } } },
      "does not compile",
    ],
    ["properties that are a list", { properties: ["a"] }, "does not compile"],
    ["a schema that answers later", { $async: true, required: ["a"] }, "does not compile"],
    [
      "a part that answers later",
      { properties: { a: { $ref: "#/$defs/x" } }, $defs: { x: { $async: true, type: "string" } } },
      "does not compile",
    ],
    [
      "__proto__ as a property",
      JSON.parse('{"properties":{"__proto__":{"type":"string"}}}'),
      "speaks of `__proto__`",
    ],
    [
      "__proto__ deep inside",
      JSON.parse('{"allOf":[{"$defs":{"__proto__":{}}}]}'),
      "speaks of `__proto__`",
    ],
  ])("%s", { timeout: 2000 }, (_, schema, problem) => {
    expect(problemOf(schema)).toContain(problem);
  });

  test("what is only just within the bounds is taken", () => {
    expect(problemOf(nested(MAX_SCHEMA_DEPTH))).toBeUndefined();
    const text = MAX_SCHEMA_TEXT - JSON.stringify(object({ a: { description: "" } })).length;
    expect(problemOf(object({ a: { description: "x".repeat(text) } }))).toBeUndefined();
  });

  test("a schema's own texts become no code", () => {
    const evil = [
      '"+process.exit()+"',
      "`$" + "{process.exit()}`",
      "');process.exit();//",
      "\u2028process.exit()",
      "*/process.exit()/*",
    ];
    for (const text of evil) {
      const schema = compiled({
        $id: `urn:x:${encodeURIComponent(text)}`,
        title: text,
        properties: { [text]: { type: "string", enum: [text], description: text } },
        required: [text],
        [text]: text,
      });
      expect(schema.check({ [text]: text })).toBeUndefined();
      expect(schema.check({})).toBe(`\`${text}\` is missing`);
    }
  });
});

describe("a check that would take too long ends", () => {
  const chain = (levels: number): object => {
    const $defs: Record<string, object> = { [`a${levels}`]: { type: "object" } };
    for (let i = 0; i < levels; i++)
      $defs[`a${i}`] = { allOf: [{ $ref: `#/$defs/a${i + 1}` }, { $ref: `#/$defs/a${i + 1}` }] };
    return { $ref: "#/$defs/a0", $defs };
  };
  const twice = { properties: { a: { allOf: [{ $ref: "#" }, { $ref: "#" }] } } };
  const nested = (levels: number): ReceivedObject => {
    let args: ReceivedObject = {};
    for (let i = 0; i < levels; i++) args = { a: args };
    return args;
  };
  const TOO_LONG = "the schema takes too many steps to judge them";

  test("a schema of 2⁶⁰ steps", { timeout: 2000 }, () => {
    expect(compiled(chain(60)).check({})).toBe(TOO_LONG);
  });

  test("arguments of 2⁶⁰ steps, while small ones are judged before and after", {
    timeout: 2000,
  }, () => {
    const { check } = compiled(twice);
    expect(check(nested(10))).toBeUndefined();
    expect(check(nested(60))).toBe(TOO_LONG);
    expect(check(nested(10))).toBeUndefined();
  });

  test.each<[string, object]>([
    ["itself", { allOf: [{ $ref: "#" }] }],
    ["itself, at once", { $ref: "#" }],
    ["itself, dynamically", { $dynamicAnchor: "n", allOf: [{ $dynamicRef: "#n" }] }],
    [
      "itself, recursively",
      { $schema: DRAFT_2019, $recursiveAnchor: true, allOf: [{ $recursiveRef: "#" }] },
    ],
    ["itself, in draft-07", { $schema: DRAFT_07, anyOf: [{ $ref: "#" }] }],
  ])("a schema that asks for %s", { timeout: 2000 }, (_, schema) => {
    expect(compiled(schema).check({})).toBe(TOO_LONG);
  });

  test("elements that must differ, thirty thousand of them", { timeout: 2000 }, () => {
    const { check } = compiled(object({ a: { uniqueItems: true } }));
    const many = Array.from({ length: 30_000 }, (_, i) => ({ n: i }));
    expect(check({ a: many })).toBeUndefined();
    expect(check({ a: [...many, { n: 5 }] })).toBe("`a` does not satisfy `uniqueItems`");
  });

  test("many arguments under a schema of many parts are no problem", { timeout: 4000 }, () => {
    const parts = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`p${i}`, { $ref: "#/$defs/list" }]),
    );
    const schema = compiled(
      object(parts, {
        $defs: {
          list: { type: "array", items: { $ref: "#/$defs/item" } },
          item: { type: "number" },
        },
      }),
    );
    const args = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`p${i}`, Array.from({ length: 300 }, (_, j) => j)]),
    );
    expect(schema.check(args)).toBeUndefined();
  });
});

describe("numbers that do not survive being read", () => {
  const big = '{"a": 9007199254740993}';
  test.each<[string, object, string, string | undefined]>([
    [
      "under a bound",
      object({ a: { minimum: 0 } }),
      big,
      "a number does not survive being read, and the schema judges numbers",
    ],
    [
      "beside a bound",
      object({ b: { maximum: 5 } }),
      big,
      "a number does not survive being read, and the schema judges numbers",
    ],
    [
      "where a number is asked for",
      object({ a: { type: "number" } }),
      big,
      "`a` must be of type number",
    ],
    [
      "where an integer is asked for",
      object({ a: { type: "integer" } }),
      big,
      "`a` must be of type integer",
    ],
    [
      "among listed values",
      object({ a: { enum: [9007199254740992] } }),
      big,
      "`a` is none of the values that the schema lists",
    ],
    [
      "as a constant",
      object({ a: { const: 9007199254740992 } }),
      big,
      "`a` is none of the values that the schema lists",
    ],
    [
      "among elements that must differ",
      object({ a: { uniqueItems: true } }),
      '{"a": [1e999, {"b": 1e999}]}',
      undefined,
    ],
    [
      "twice among elements that must differ",
      object({ a: { uniqueItems: true } }),
      '{"a": [1e999, 1e999]}',
      "`a` does not satisfy `uniqueItems`",
    ],
    ["where nothing is said", object({ b: { type: "string" } }), big, undefined],
  ])("%s", (_, schema, args, problem) => {
    expect(compiled(schema).check(received(args))).toBe(problem);
  });
});

describe("no value and no key of a call is ever said", () => {
  const SECRET = "Zxqv-7713-Example";
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(SECRET, `${SECRET} 1`, 77_137_713, null, true),
      fc.array(tie("any"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", SECRET, `x${SECRET}`), tie("any"), { maxKeys: 3 }),
    ),
  })).any;
  const schema = fc.letrec<{ any: object }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<object>(
        { type: "string" },
        { type: "number" },
        { type: "boolean" },
        { enum: ["x"] },
        { const: 1 },
        { pattern: "^x" },
        { maxLength: 3 },
        { minItems: 2 },
        { uniqueItems: true },
        { propertyNames: { maxLength: 1 } },
        { propertyNames: { pattern: "^[ab]$" } },
        { minProperties: 3 },
        { dependentRequired: { a: ["b"] } },
        { not: {} },
      ),
      tie("any").map((s) => object({ a: s }, { additionalProperties: false })),
      tie("any").map((s) => object({ a: s }, { required: ["a", "b"] })),
      tie("any").map((s) => ({ type: "object", additionalProperties: s })),
      tie("any").map((s) => ({ patternProperties: { "": s } })),
      tie("any").map((s) => ({ items: s, contains: s })),
      tie("any").map((s) => ({ anyOf: [s, { type: "array" }] })),
      tie("any").map((s) => ({ $ref: "#/$defs/x", $defs: { x: s } })),
      tie("any").map((s) => ({ unevaluatedProperties: false, properties: { b: s } })),
    ),
  })).any;

  test("by any schema", () => {
    let refused = 0;
    fc.assert(
      fc.property(
        schema,
        fc.dictionary(fc.constantFrom("a", "b", SECRET), value, { maxKeys: 3 }),
        (s, args) => {
          // A reference points at the root, so it is only taken at the root.
          const result = compilePinned(JSON.parse(JSON.stringify(s)) as JsonObject);
          if (!("schema" in result)) return;
          const problem = result.schema.check(args as ReceivedObject);
          if (problem === undefined) return;
          refused++;
          expect(problem).not.toMatch(/Zxqv|7713/);
          expect(problem).toMatch(/^(the |a part of |`)/);
        },
      ),
      { numRuns: 150 },
    );
    expect(refused).toBeGreaterThan(30);
  });
});

describe("tools of real servers", () => {
  const folder = new URL("../fixtures/servers/", import.meta.url);
  const tools = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const { tools } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as {
        tools: { name: string; inputSchema: JsonObject }[];
      };
      return tools.map((tool) => ({ ...tool, title: `${name}: ${tool.name}` }));
    });

  test("there are some", () => {
    expect(tools.length).toBe(27);
  });

  test.each(tools)("$title compiles, and asks for what it requires", ({ inputSchema }) => {
    const { check } = compiled(inputSchema);
    const required = (inputSchema.required ?? []) as string[];
    const first = required[0];
    expect(check({})).toBe(first === undefined ? undefined : `\`${first}\` is missing`);
  });
});
