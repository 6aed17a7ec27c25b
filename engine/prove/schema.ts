/**
 * A pinned input schema as a formula: the arguments satisfy it.
 *
 * The schema is part of what is allowed, on both sides: loosening it in the same change must show.
 * Validity has two values, so one formula is enough, and its negation is the other.
 *
 * Keywords that are not interpreted become opaque atoms, named by place and canonical text. Where
 * both sides have the same text at the same place it is the same atom and cancels; where the text
 * changed, a call can be told apart only by an atom that nobody can evaluate here, and the answer
 * is `unknown` unless the call that was found is confirmed by the ordinary decision. To ignore such
 * a keyword instead would be sound for the head, where it only restricts, and unsound for the base.
 */
import { canonical, isObject, type Json, type JsonObject, own } from "../json/value.ts";
import { regexStates } from "../regex/automata.ts";
import { INEXACT } from "./cnf.ts";
import type { Formula, Workshop } from "./formula.ts";
import { MAX_REF_DEPTH } from "./limits.ts";
import { unarySets } from "./operators.ts";
import type { Place } from "./places.ts";
import { MAX_COUNT, type Ranges } from "./ranges.ts";
import { KIND, textsMatching, textsOfLength, type ValueSet, valueSet } from "./values.ts";

/** Assertions and applicators of the dialects that are not interpreted, with what they depend on. */
const OPAQUE: Readonly<Record<string, readonly string[]>> = {
  format: [],
  multipleOf: [],
  uniqueItems: [],
  minProperties: [],
  maxProperties: [],
  propertyNames: [],
  dependencies: [],
  dependentRequired: [],
  dependentSchemas: [],
  contains: ["minContains", "maxContains"],
  if: ["then", "else"],
  $dynamicRef: [],
  $recursiveRef: [],
};

/** Keywords that look at all of their siblings. */
const WHOLE: readonly string[] = ["unevaluatedProperties", "unevaluatedItems"];

const NUMBER_KEYWORDS: ReadonlySet<string> = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  // Of what is no number these say the opposite of what their inside says.
  "not",
  "if",
  "oneOf",
]);

export function schemaFormula(shop: Workshop, args: Place, schema: JsonObject): Formula {
  const valid = new SchemaReader(shop, schema).valid(schema, args, 0);
  if (!judgesNumbers(schema)) return valid;
  // Where a schema judges numbers, one that reads differently in different readers is refused,
  // wherever in the arguments it stands: at a place that is mentioned, under some other name, or
  // deeper than anything that is mentioned.
  const deep = shop.opaque(INEXACT, "a number that does not survive being read");
  const over = { by: "members", place: args, except: new Set<string>() } as const;
  const exact = (member: Place): Formula => shop.not(shop.kind(member, KIND.inexact));
  return shop.and([valid, shop.not(deep), shop.quantify("every", over, "exact", exact)]);
}

function judgesNumbers(value: Json): boolean {
  if (Array.isArray(value)) return value.some(judgesNumbers);
  if (!isObject(value)) return false;
  return Object.entries(value).some(
    ([key, member]) => NUMBER_KEYWORDS.has(key) || judgesNumbers(member),
  );
}

class SchemaReader {
  readonly #shop: Workshop;
  readonly #root: JsonObject;

  constructor(shop: Workshop, root: JsonObject) {
    this.#shop = shop;
    this.#root = root;
  }

  /** The value at `place`, which is present, satisfies `schema`. `depth` counts references. */
  valid(schema: Json, place: Place, depth: number): Formula {
    const shop = this.#shop;
    if (schema === true) return shop.yes;
    if (schema === false) return shop.no;
    if (!isObject(schema)) return this.#opaque(place, "schema", schema as Json);
    const object = schema as JsonObject;
    if (WHOLE.some((keyword) => Object.hasOwn(object, keyword))) {
      return this.#opaque(place, "unevaluated", [object, this.#root]);
    }
    return shop.and(
      Object.keys(object).map((keyword) => this.#keyword(keyword, object, place, depth)),
    );
  }

  #opaque(place: Place, keyword: string, text: Json): Formula {
    return this.#shop.opaque(
      `${place.id} ${canonical(text)}`,
      `\`${keyword}\` in the schema of ${place}`,
    );
  }

  #keyword(keyword: string, schema: JsonObject, place: Place, depth: number): Formula {
    const shop = this.#shop;
    const value = schema[keyword]!;
    /** The assertion is about values of `kind` only; others satisfy it. */
    const only = (kind: number, set: ValueSet): Formula =>
      shop.in(place, valueSet(set.kinds | (place.domain & ~kind), set));
    const unread = (): Formula => this.#opaque(place, keyword, { [keyword]: value });
    switch (keyword) {
      case "type":
        return this.#type(schema, place) ?? unread();
      case "nullable":
        return shop.yes;
      case "enum":
        return Array.isArray(value) ? this.#enum(place, value) : unread();
      case "const":
        return this.#enum(place, [value]);
      case "minimum":
      case "maximum":
      case "exclusiveMinimum":
      case "exclusiveMaximum": {
        const op = {
          minimum: "gte",
          maximum: "lte",
          exclusiveMinimum: "gt",
          exclusiveMaximum: "lt",
        };
        if (typeof value !== "number") return unread();
        return only(KIND.number, unarySets(op[keyword] as "gte", value).whenTrue);
      }
      case "minLength":
      case "maxLength":
        if (!isCount(value)) return unread();
        return only(
          KIND.string,
          valueSet(KIND.string, { texts: textsOfLength(bound(keyword, value)) }),
        );
      case "minItems":
      case "maxItems":
        if (!isCount(value)) return unread();
        return only(KIND.array, valueSet(KIND.array, { counts: bound(keyword, value) }));
      case "pattern":
        if (typeof value !== "string" || !isReadable(value)) return unread();
        return only(KIND.string, valueSet(KIND.string, { texts: textsMatching(value, false) }));
      case "required": {
        if (!Array.isArray(value)) return unread();
        const present = (value as readonly string[]).map((name) =>
          shop.not(shop.kind(place.at([name]), KIND.absent)),
        );
        return this.#whenObject(place, shop.and(present));
      }
      case "properties":
        return isObject(value) ? this.#properties(place, value as JsonObject, depth) : unread();
      case "patternProperties":
        return this.#opaque(place, keyword, pick(schema, ["patternProperties"]));
      case "additionalProperties":
        return this.#additional(schema, place, depth);
      case "prefixItems":
        return this.#opaque(
          place,
          keyword,
          pick(schema, ["prefixItems", "items", "additionalItems"]),
        );
      case "additionalItems":
        return shop.yes;
      case "items":
        if (Array.isArray(value) || schema.prefixItems !== undefined) {
          return this.#opaque(
            place,
            keyword,
            pick(schema, ["prefixItems", "items", "additionalItems"]),
          );
        }
        return this.#every({ by: "elements", place }, value, depth);
      case "allOf":
      case "anyOf":
      case "oneOf":
        if (!Array.isArray(value)) return unread();
        return this.#combine(
          keyword,
          value.map((part: Json) => this.valid(part, place, depth)),
        );
      case "not":
        return shop.not(this.valid(value, place, depth));
      case "$ref": {
        const target = typeof value === "string" ? resolve(this.#root, value) : undefined;
        if (target === undefined || depth >= MAX_REF_DEPTH) {
          return this.#opaque(place, keyword, [value, this.#root]);
        }
        return this.valid(target, place, depth + 1);
      }
      default: {
        const siblings = own(OPAQUE, keyword);
        if (siblings === undefined) return shop.yes;
        return this.#opaque(place, keyword, [
          pick(schema, [keyword, ...siblings]),
          this.#definitions(value),
        ]);
      }
    }
  }

  /** What an uninterpreted keyword may refer to. */
  #definitions(value: Json): Json {
    return JSON.stringify(value).includes('"$') ? this.#root : null;
  }

  #whenObject(place: Place, formula: Formula): Formula {
    return this.#shop.or([this.#shop.not(this.#shop.kind(place, KIND.object)), formula]);
  }

  #type(schema: JsonObject, place: Place): Formula | undefined {
    const types = [schema.type].flat() as Json[];
    if (schema.nullable === true) types.push("null");
    const known = ["string", "number", "integer", "boolean", "array", "object", "null"];
    if (!types.every((type) => known.includes(type as string))) return undefined;
    return this.#shop.or(
      types.map((type) => this.#shop.in(place, unarySets("type", type as string).whenTrue)),
    );
  }

  #enum(place: Place, members: readonly Json[]): Formula {
    const shop = this.#shop;
    return shop.or(
      members.map((member) => {
        if (member === null) return shop.kind(place, KIND.null);
        if (typeof member !== "object") return shop.in(place, unarySets("eq", member).whenTrue);
        const kind = Array.isArray(member) ? KIND.array : KIND.object;
        return shop.and([shop.kind(place, kind), this.#opaque(place, "const", { const: member })]);
      }),
    );
  }

  #properties(place: Place, properties: JsonObject, depth: number): Formula {
    const shop = this.#shop;
    const each = Object.entries(properties).map(([name, schema]) => {
      const child = place.at([name]);
      return shop.or([shop.kind(child, KIND.absent), this.valid(schema, child, depth)]);
    });
    return this.#whenObject(place, shop.and(each));
  }

  #additional(schema: JsonObject, place: Place, depth: number): Formula {
    const patterns = schema.patternProperties;
    const properties = isObject(schema.properties) ? (schema.properties as JsonObject) : {};
    if (patterns !== undefined) {
      const names = Object.keys(properties).sort();
      return this.#opaque(place, "additionalProperties", [
        pick(schema, ["patternProperties", "additionalProperties"]),
        names,
      ]);
    }
    const except = new Set(Object.keys(properties));
    return this.#every({ by: "members", place, except }, schema.additionalProperties!, depth);
  }

  #every(over: Parameters<Workshop["quantify"]>[1], schema: Json, depth: number): Formula {
    if (schema === true) return this.#shop.yes;
    const refers = JSON.stringify(schema).includes('"$');
    const key = `schema ${canonical(refers ? [schema, this.#root, depth] : schema)}`;
    return this.#shop.quantify("every", over, key, (e) => this.valid(schema, e, depth));
  }

  #combine(keyword: "allOf" | "anyOf" | "oneOf", parts: readonly Formula[]): Formula {
    const shop = this.#shop;
    if (keyword === "allOf") return shop.and(parts);
    if (keyword === "anyOf") return shop.or(parts);
    return shop.or(
      parts.map((part, i) =>
        shop.and([part, ...parts.filter((_, j) => j !== i).map((other) => shop.not(other))]),
      ),
    );
  }
}

function isCount(value: Json): value is number {
  return (
    typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < MAX_COUNT
  );
}

function bound(keyword: string, n: number): Ranges {
  return keyword.startsWith("min") ? [[n, MAX_COUNT]] : [[0, n]];
}

function isReadable(pattern: string): boolean {
  try {
    return regexStates(pattern, false) !== "too many";
  } catch {
    return false;
  }
}

function pick(schema: JsonObject, keywords: readonly string[]): JsonObject {
  return Object.fromEntries(
    keywords.flatMap((keyword) =>
      schema[keyword] === undefined ? [] : [[keyword, schema[keyword]]],
    ),
  );
}

/** A reference by JSON Pointer inside the same schema. */
function resolve(root: JsonObject, reference: string): Json | undefined {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return undefined;
  let value: Json = root;
  for (const escaped of reference.slice(2).split("/")) {
    let name: string;
    try {
      name = decodeURIComponent(escaped).replaceAll("~1", "/").replaceAll("~0", "~");
    } catch {
      return undefined;
    }
    if (!isObject(value) && !Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value as object, name)) return undefined;
    value = (value as JsonObject)[name]!;
  }
  return value;
}
