/** What a pinned schema says of an argument: by table, and against the real judge of schemas. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readyCondition } from "../../engine/decide/condition.ts";
import { kindOf, walk } from "../../engine/decide/value.ts";
import type { JsonObject, Received, ReceivedObject } from "../../engine/json/value.ts";
import { ArgumentSchema, kindsText } from "../../engine/lint/argument.ts";
import type { Path } from "../../engine/policy/ir.ts";
import { parsePath } from "../../engine/policy/path.ts";
import { compilePinned } from "../../engine/schema/pinned.ts";

function path(text: string): Path {
  const parsed = parsePath(text, text.includes("[*]") ? "any" : undefined);
  if (!("path" in parsed)) throw new Error(parsed.problem);
  return parsed.path;
}

/** The answer as one text: kinds, `nothing (closed): names`, or `blocked at: kinds`. */
function answer(schema: JsonObject, text: string): string {
  const lookup = new ArgumentSchema(schema).lookUp(path(text));
  switch (lookup.found) {
    case "kinds":
      return lookup.kinds.size === 6 ? "anything" : kindsText(lookup.kinds);
    case "nothing":
      return `nothing${lookup.closed ? " (closed)" : ""}: ${lookup.names.join(" ")}`;
    case "blocked":
      return `blocked ${lookup.step} at ${lookup.at}: ${kindsText(lookup.kinds)}`;
  }
}

const S = { type: "string" };
const N = { type: "integer" };
const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: "object",
  properties,
  ...more,
});

describe("lookUp", () => {
  const rows: [title: string, schema: JsonObject, path: string, answer: string][] = [
    ["a described argument", object({ a: S }), "args.a", "a string"],
    ["an integer is a number", object({ a: N }), "args.a", "a number"],
    ["a list of types", object({ a: { type: ["string", "null"] } }), "args.a", "a string or null"],
    ["no type", object({ a: {} }), "args.a", "anything"],
    [
      "a type from enum",
      object({ a: { enum: ["x", 5, null] } }),
      "args.a",
      "a string or a number or null",
    ],
    ["a type from const", object({ a: { const: false } }), "args.a", "a boolean"],
    [
      "type and enum together",
      object({ a: { type: "string", enum: ["x", 5] } }),
      "args.a",
      "a string",
    ],
    [
      "a keyword that is none",
      object({ a: { type: "string", nullable: true } }),
      "args.a",
      "a string",
    ],
    ["a name it does not describe", object({ a: S, c: N }), "args.b", "nothing: a c"],
    [
      "a name it forbids",
      object({ a: S }, { additionalProperties: false }),
      "args.b",
      "nothing (closed): a",
    ],
    ["no argument at all", object({}), "args.b", "nothing: "],
    [
      "closed without properties",
      { type: "object", additionalProperties: false },
      "args.b",
      "nothing (closed): ",
    ],
    // Nothing is claimed where the schema is open.
    [
      "additionalProperties true",
      object({ a: S }, { additionalProperties: true }),
      "args.b",
      "anything",
    ],
    [
      "additionalProperties a schema",
      object({ a: S }, { additionalProperties: N }),
      "args.b",
      "a number",
    ],
    [
      "patternProperties",
      object({ a: S }, { patternProperties: { "^x": N } }),
      "args.b",
      "anything",
    ],
    [
      "patterns in a closed schema",
      object({ a: S }, { patternProperties: { "^x": N }, additionalProperties: false }),
      "args.b",
      "anything",
    ],
    ["no properties", { type: "object" }, "args.b", "anything"],
    ["an empty schema", {}, "args.b", "anything"],
    [
      "unevaluatedProperties a schema",
      object({ a: S }, { unevaluatedProperties: N }),
      "args.b",
      "a number",
    ],
    // Inherited names are no arguments.
    ["constructor", object({ a: S }), "args.constructor", "nothing: a"],
    ["a described constructor", object({ constructor: S }), "args.constructor", "a string"],
    // Descent.
    ["a nested name", object({ a: object({ b: S }) }), "args.a.b", "a string"],
    ["a nested slip", object({ a: object({ b: S }) }), "args.a.c", "nothing: b"],
    ["below an open object", object({ a: { type: "object" } }), "args.a.c.d", "anything"],
    ["a name in a string", object({ a: S }), "args.a.b", "blocked .b at args.a: a string"],
    [
      "a name in a string or object",
      object({ a: { anyOf: [S, object({ b: N })] } }),
      "args.a.b",
      "a number",
    ],
    ["an element", object({ a: { type: "array", items: S } }), "args.a[0]", "a string"],
    ["every element", object({ a: { type: "array", items: S } }), "args.a[*]", "a string"],
    [
      "below every element",
      object({ a: { type: "array", items: object({ b: N }) } }),
      "args.a[*].b",
      "a number",
    ],
    [
      "a slip below every element",
      object({ a: { type: "array", items: object({ b: N }) } }),
      "args.a[*].c",
      "nothing: b",
    ],
    [
      "a name in an element that is a string",
      object({ a: { type: "array", items: S } }),
      "args.a[*].b",
      "blocked .b at args.a[*]: a string",
    ],
    ["elements of a string", object({ a: S }), "args.a[*]", "blocked [*] at args.a: a string"],
    [
      "an element of an object",
      object({ a: object({}) }),
      "args.a[2]",
      "blocked [2] at args.a: an object",
    ],
    ["an array without items", object({ a: { type: "array" } }), "args.a[*].b", "anything"],
    [
      "prefixItems",
      object({ a: { type: "array", prefixItems: [S, N], items: false } }),
      "args.a[1]",
      "a number",
    ],
    [
      "beyond prefixItems",
      object({ a: { type: "array", prefixItems: [S, N], items: false } }),
      "args.a[2]",
      "nothing",
    ],
    [
      "all of prefixItems",
      object({ a: { type: "array", prefixItems: [S, N], items: false } }),
      "args.a[*]",
      "a string or a number",
    ],
    [
      "draft-07 lists",
      object({ a: { type: "array", items: [S], additionalItems: N } }),
      "args.a[3]",
      "a number",
    ],
    // Combinators.
    ["anyOf", object({ a: { anyOf: [S, { type: "null" }] } }), "args.a", "a string or null"],
    ["oneOf", object({ a: { oneOf: [S, N] } }), "args.a", "a string or a number"],
    [
      "allOf narrows",
      object({ a: { allOf: [{ type: ["string", "integer"] }, { type: ["integer", "null"] }] } }),
      "args.a",
      "a number",
    ],
    [
      "a name in one branch, while the other is open to it",
      { anyOf: [object({ a: S }), object({ b: N })] },
      "args.b",
      "anything",
    ],
    [
      "a name in no branch",
      { anyOf: [object({ a: S }), object({ b: N })] },
      "args.c",
      "nothing: a b",
    ],
    ["an open branch", { anyOf: [object({ a: S }), { type: "object" }] }, "args.c", "anything"],
    ["properties of allOf", { allOf: [object({ a: S }), object({ b: N })] }, "args.b", "a number"],
    [
      "what an `if` may add",
      object({ a: S }, { if: object({ a: { const: "x" } }), else: object({ b: N }) }),
      "args.b",
      "anything",
    ],
    [
      "what a dependency may add",
      object({ a: S }, { dependentSchemas: { a: object({ b: N }) } }),
      "args.b",
      "anything",
    ],
    // References.
    [
      "a local reference",
      object({ a: { $ref: "#/$defs/x" } }, { $defs: { x: S } }),
      "args.a",
      "a string",
    ],
    [
      "an escaped reference",
      object({ a: { $ref: "#/$defs/x~1y%20z" } }, { $defs: { "x/y z": S } }),
      "args.a",
      "a string",
    ],
    [
      "a reference into properties",
      object({ a: S, b: { $ref: "#/properties/a" } }),
      "args.b",
      "a string",
    ],
    [
      "an anchor",
      object({ a: { $ref: "#x" } }, { $defs: { x: { $anchor: "x", ...S } } }),
      "args.a",
      "anything",
    ],
    ["a reference to nothing", object({ a: { $ref: "#/$defs/x" } }), "args.a", "anything"],
    [
      "a reference under another $id",
      object({ a: { $id: "urn:x", $ref: "#/$defs/x" } }, { $defs: { x: S } }),
      "args.a",
      "anything",
    ],
    ["a recursive schema", object({ next: { $ref: "#" }, a: N }), "args.next.next.a", "a number"],
    ["a reference to itself", object({ a: { $ref: "#/properties/a" } }), "args.a", "anything"],
    ["not an object at all", { type: "string" }, "args.a", "nothing"],
  ];

  it.each(rows)("%s", (_, schema, text, wanted) => {
    expect(answer(schema, text)).toBe(wanted);
  });

  it("stays quick on a schema that multiplies its alternatives", () => {
    const $defs: Record<string, JsonObject> = { d0: { anyOf: [S, N] } };
    for (let i = 1; i < 60; i++) {
      const $ref = `#/$defs/d${i - 1}`;
      $defs[`d${i}`] = { allOf: [{ $ref }, { $ref }], anyOf: [{ $ref }, { $ref }] };
    }
    const started = performance.now();
    expect(answer(object({ a: { $ref: "#/$defs/d59" } }, { $defs }), "args.a")).toBe("anything");
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("requires", () => {
  const rows: [title: string, schema: JsonObject, path: string, required: boolean][] = [
    ["a required argument", object({ a: S }, { required: ["a"] }), "args.a", true],
    ["an optional one", object({ a: S }), "args.a", false],
    ["one with a default", object({ a: { ...S, default: "x" } }), "args.a", false],
    [
      "required in an optional object",
      object({ a: object({ b: S }, { required: ["b"] }) }),
      "args.a.b",
      false,
    ],
    [
      "required all the way",
      object({ a: object({ b: S }, { required: ["b"] }) }, { required: ["a"] }),
      "args.a.b",
      true,
    ],
    [
      "required in one branch",
      { anyOf: [object({ a: S }, { required: ["a"] }), object({ a: S })] },
      "args.a",
      false,
    ],
    [
      "required in every branch",
      { anyOf: [object({ a: S }, { required: ["a"] }), object({ a: N }, { required: ["a"] })] },
      "args.a",
      true,
    ],
    [
      "required beside the branches",
      object({ a: S }, { required: ["a"], oneOf: [{}, { title: "x" }] }),
      "args.a",
      true,
    ],
    [
      "an element",
      object({ a: { type: "array", items: S } }, { required: ["a"] }),
      "args.a[0]",
      false,
    ],
    [
      "an element that must be there",
      object({ a: { type: "array", items: S, minItems: 1 } }, { required: ["a"] }),
      "args.a[0]",
      true,
    ],
  ];

  it.each(rows)("%s", (_, schema, text, wanted) => {
    expect(new ArgumentSchema(schema).requires(path(text).steps)).toBe(wanted);
  });
});

describe("closed", () => {
  const rows: [title: string, schema: JsonObject, closed: boolean][] = [
    ["additionalProperties false", object({ a: S }, { additionalProperties: false }), true],
    ["nothing said", object({ a: S }), false],
    ["additionalProperties a schema", object({ a: S }, { additionalProperties: S }), false],
    [
      "with patterns",
      object({}, { additionalProperties: false, patternProperties: { ".": {} } }),
      false,
    ],
    ["in allOf", { allOf: [object({ a: S }, { additionalProperties: false })] }, true],
    [
      "in one branch of anyOf",
      { anyOf: [object({}, { additionalProperties: false }), object({})] },
      false,
    ],
    ["unevaluatedProperties false", object({ a: S }, { unevaluatedProperties: false }), true],
    // Draft-07 does not know the keyword, so it closes nothing there.
    [
      "unevaluatedProperties in draft-07",
      object(
        { a: S },
        { $schema: "http://json-schema.org/draft-07/schema#", unevaluatedProperties: false },
      ),
      false,
    ],
    ["only below", object({ a: object({}, { additionalProperties: false }) }), false],
  ];

  it.each(rows)("%s", (_, schema, wanted) => {
    expect(new ArgumentSchema(schema).closed()).toBe(wanted);
  });
});

// ---------------------------------------------------------------- against the judge of schemas

const NAMES = ["a", "b", "c"];
const name = fc.constantFrom(...NAMES);
const type = fc.constantFrom("string", "integer", "number", "boolean", "array", "object", "null");

const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, depthIdentifier: "schema" },
    fc.record({ type }),
    fc.constant({}),
    fc.record({
      enum: fc.array(fc.constantFrom<JsonObject[string]>("x", 1, true, null), { minLength: 1 }),
    }),
    fc.constant({ $ref: "#/$defs/x" }),
    fc.record({ properties: fc.dictionary(name, fc.constant({ $ref: "#" })) }),
    fc.record(
      {
        type: fc.constantFrom("object", ["object", "string"]),
        properties: fc.dictionary(name, tie("schema")),
        required: fc.uniqueArray(name, { maxLength: 2 }),
        additionalProperties: fc.oneof(fc.boolean(), tie("schema")),
      },
      { requiredKeys: ["properties"] },
    ),
    fc.record(
      { type: fc.constant("array"), items: tie("schema"), minItems: fc.constantFrom(0, 1, 2) },
      { requiredKeys: ["type"] },
    ),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    fc.record(
      {
        allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }),
        required: fc.constant(["a"]),
      },
      { requiredKeys: ["allOf"] },
    ),
    fc.record({ if: tie("schema"), else: tie("schema") }),
    fc.record({ not: tie("schema") }),
  ),
}));

/** A part that refers to itself in the same place would be judged without end. */
function withoutCycle(x: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(x).replaceAll("#/$defs/x", "#/$defs/y")) as JsonObject;
}

/** The arguments of a tool: an object. */
const root: fc.Arbitrary<JsonObject> = fc.record(
  {
    type: fc.constant("object"),
    properties: fc.dictionary(name, schema, { minKeys: 1 }),
    required: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
    additionalProperties: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, schema),
    anyOf: fc.tuple(schema, fc.record({ properties: fc.dictionary(name, schema) })),
  },
  { requiredKeys: ["type", "properties"] },
);

const VALUES: readonly Received[] = [
  ...["x", 1, 0.5, true, null],
  ...[[], ["x"], [1, "x"], [{ a: "x" }, {}], [["x"]]],
  ...[{}, { a: "x" }, { a: 1, b: true }, { b: ["x"] }, { a: { a: 1 }, c: null }, { c: [{ a: 1 }] }],
];
const CALLS: readonly ReceivedObject[] = [
  {},
  ...NAMES.flatMap((only) => VALUES.map((value) => ({ [only]: value }))),
  ...VALUES.flatMap((a) =>
    VALUES.flatMap((b) => [
      { a, b },
      { b: a, c: b },
      { a, b, c: "x" },
    ]),
  ),
];

const PATHS: readonly (readonly (string | number)[])[] = NAMES.flatMap((first) => [
  [first],
  ...[...NAMES, 0, 1].flatMap((second) => [
    [first, second],
    [first, second, "a"],
    [first, second, 0],
  ]),
]);

describe("what it claims holds of every call that the schema accepts", () => {
  it("kinds, absence and presence", () => {
    const claims = { required: 0, kinds: 0, closed: 0, blocked: 0 };
    fc.assert(
      fc.property(root, schema, (tool, x) => {
        const $defs = { x: withoutCycle(x), y: { type: ["string", "object"] } };
        const whole = { ...tool, $defs };
        const pinned = compilePinned(whole);
        if (!("schema" in pinned)) return;
        const accepted = CALLS.filter((call) => pinned.schema.check(call) === undefined);
        const reader = new ArgumentSchema(whole);
        for (const steps of PATHS) {
          const lookup = reader.lookUp({ root: "args", steps });
          const kinds = new Set<string>(accepted.map((call) => kindOf(walk(call, steps))));
          const claim = (what: keyof typeof claims, holds: boolean): void => {
            // Only a call with arguments could contradict.
            if (accepted.length > 1) claims[what]++;
            expect(holds, `${what} at ${steps.join(".")}: ${[...kinds].join(" ")}`).toBe(true);
          };
          if (reader.requires(steps)) claim("required", !kinds.has("absent"));
          kinds.delete("absent");
          kinds.delete("blocked");
          if (lookup.found === "kinds" && lookup.kinds.size < 6) {
            const claimed: ReadonlySet<string> = lookup.kinds;
            claim(
              "kinds",
              [...kinds].every((kind) => claimed.has(kind)),
            );
          } else if (lookup.found === "blocked") claim("blocked", kinds.size === 0);
          else if (lookup.found === "nothing" && lookup.closed) claim("closed", kinds.size === 0);
        }
      }),
      { numRuns: 120, seed: 20261001 },
    );
    // A generator that drifts into schemas which accept nothing would prove nothing.
    expect(Math.min(...Object.values(claims)), JSON.stringify(claims)).toBeGreaterThan(20);
  });

  it("a condition on a type that never comes is never determined", () => {
    const condition = readyCondition({
      path: path("args.a"),
      op: "lt",
      operand: { literal: 5 },
      not: false,
    });
    for (const a of ["x", null, true, [1], { b: 1 }]) {
      expect(condition.judge({ args: { a }, grant: {} })).toBe("undetermined");
    }
  });
});
