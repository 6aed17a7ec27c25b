/** A tool's arguments as a flat list: every named place in its input schema, with its path. */
import { isObject, type Json, type JsonObject } from "../json/value.ts";
import { singulars, words } from "./words.ts";

export interface Argument {
  /** Without the root: `["request", "method"]`. */
  readonly steps: readonly string[];
  readonly words: readonly string[];
  readonly types: readonly string[];
  /** Absent where any value will do. */
  readonly values?: readonly string[];
  readonly description: string;
  readonly required: boolean;
  readonly members: readonly string[];
}

/** A schema may nest without end; what lies deeper names nobody. */
const MAX_DEPTH = 5;
const MAX_ARGUMENTS = 500;

export function argumentsOf(inputSchema: JsonObject): readonly Argument[] {
  const found: Argument[] = [];
  collect(inputSchema, inputSchema, [], true, found);
  return found;
}

function collect(
  root: JsonObject,
  schema: JsonObject,
  steps: readonly string[],
  needed: boolean,
  found: Argument[],
): void {
  if (steps.length >= MAX_DEPTH) return;
  for (const branch of branches(root, schema)) {
    const properties = branch.properties;
    if (!isObject(properties)) continue;
    const required = Array.isArray(branch.required) ? branch.required : [];
    for (const [name, property] of Object.entries(properties as JsonObject)) {
      if (found.length >= MAX_ARGUMENTS || !isObject(property)) continue;
      const path = [...steps, name];
      if (found.some((known) => known.steps.join("\0") === path.join("\0"))) continue;
      const must = needed && required.includes(name);
      found.push(argument(root, property as JsonObject, path, must));
      collect(root, property as JsonObject, path, must, found);
    }
  }
}

function argument(
  root: JsonObject,
  property: JsonObject,
  steps: readonly string[],
  required: boolean,
): Argument {
  const all = branches(root, property);
  const values = all.flatMap((one) => valuesOf(one));
  const description = all
    .map(({ description: text }) => text)
    .filter((text): text is string => typeof text === "string")
    .join(" ");
  return {
    steps,
    words: singulars(words(steps.at(-1)!)),
    types: [...new Set(all.flatMap((one) => typesOf(one)))],
    ...(values.length === 0 ? {} : { values }),
    description,
    required,
    members: all.flatMap((one) => (isObject(one.properties) ? Object.keys(one.properties) : [])),
  };
}

/** The schema itself and what it refers to or combines. Only references within it are followed. */
function branches(root: JsonObject, schema: JsonObject, depth = 0): readonly JsonObject[] {
  if (depth > 4) return [];
  const next: Json[] = [];
  const ref = schema.$ref;
  if (typeof ref === "string" && ref.startsWith("#/")) next.push(follow(root, ref) ?? null);
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    const list = schema[key];
    if (Array.isArray(list)) next.push(...(list as readonly Json[]));
  }
  if (isObject(schema.items)) next.push(schema.items as JsonObject);
  const objects = next.filter((one): one is JsonObject => isObject(one));
  return [schema, ...objects.slice(0, 50).flatMap((one) => branches(root, one, depth + 1))];
}

function follow(root: JsonObject, ref: string): Json | undefined {
  let at: Json | undefined = root;
  for (const step of ref.slice(2).split("/")) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = (at as JsonObject)[key];
  }
  return at;
}

function valuesOf(schema: JsonObject): readonly string[] {
  const { enum: list, const: only } = schema;
  const values = Array.isArray(list) ? (list as readonly Json[]) : only === undefined ? [] : [only];
  return values.filter((value): value is string => typeof value === "string");
}

function typesOf({ type }: JsonObject): readonly string[] {
  if (typeof type === "string") return [type];
  return Array.isArray(type) ? (type as readonly Json[]).filter((t) => typeof t === "string") : [];
}
