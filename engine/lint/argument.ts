/**
 * What a pinned input schema says about one argument of its tool.
 *
 * The schema comes from a server, so the reader is bounded, and it only claims what holds of every
 * call that the schema accepts:
 *
 *     alternatives(S)  a list of lists of schema objects: a value satisfies S only if, for one of
 *                      the lists, it satisfies every object of it (so `anyOf`, `oneOf`, `allOf` and
 *                      local `$ref` are followed, and what is not understood is ANYTHING)
 *     kinds            the JSON types that a value at the path can have, or more
 *     nothing          no alternative describes the name, and none is open to names it does not
 *                      describe
 */
import { isObject, type Json, type JsonObject, own } from "../json/value.ts";
import type { Path } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";

/** `integer` is a number here: the policy language has one kind of number. */
export type Kind = "string" | "number" | "boolean" | "array" | "object" | "null";
const KINDS: readonly Kind[] = ["string", "number", "boolean", "array", "object", "null"];

export type Lookup =
  /** A value there has one of these kinds; all of them where the schema does not say. */
  | { readonly found: "kinds"; readonly kinds: ReadonlySet<Kind> }
  /** The schema describes no such name. */
  | {
      readonly found: "nothing";
      readonly name: string;
      /** What it describes in its place. */
      readonly names: readonly string[];
      /** Whether it also forbids the name. */
      readonly closed: boolean;
    }
  /** Something on the way cannot be what the next step needs. */
  | {
      readonly found: "blocked";
      readonly at: string;
      readonly step: string;
      readonly kinds: ReadonlySet<Kind>;
    };

/** Describes nothing, forbids nothing: stands for whatever is not understood. */
const ANYTHING: JsonObject = { additionalProperties: true };

/** Keywords that can describe further properties in a way that is not followed. */
const UNCLEAR = ["$dynamicRef", "$recursiveRef", "if", "dependentSchemas", "dependencies"] as const;

/** More alternatives than this say nothing: a schema could multiply them without end. */
const MAX_ALTERNATIVES = 64;
/** Schema objects that one lookup reads; references can make few bytes into any number. */
const MAX_READ = 1_000;

type Alternative = readonly JsonObject[];

export class ArgumentSchema {
  readonly #root: JsonObject;
  readonly #refsAreLocal: boolean;
  readonly #evaluates: boolean;
  #read = 0;

  constructor(root: JsonObject) {
    this.#root = root;
    // An `$id` further down would move what `#/…` means.
    this.#refsAreLocal = !Object.entries(root).some(
      ([key, value]) => key !== "$id" && mentionsId(value),
    );
    const dialect = String(own(root, "$schema") ?? "2020-12");
    this.#evaluates = !/draft-0[67]/.test(dialect);
  }

  lookUp({ steps, each }: Path): Lookup {
    this.#read = 0;
    let alternatives = this.#start();
    // The path as far as it has been walked.
    let at: Path = { root: "args", steps: [] };
    const go = (next: Descent): Stop | undefined => {
      if ("found" in next) return next.found === "blocked" ? { ...next, at: formatPath(at) } : next;
      alternatives = next.alternatives;
      return undefined;
    };
    for (const step of steps) {
      const stop = go(this.#descend(alternatives, step));
      if (stop !== undefined) return stop;
      at = { ...at, steps: [...at.steps, step] };
    }
    if (each !== undefined) {
      const stop = go(this.#elements(alternatives, "[*]", undefined));
      if (stop !== undefined) return stop;
      for (const [index, step] of each.steps.entries()) {
        at = { ...at, each: { ...each, steps: each.steps.slice(0, index) } };
        const inner = go(this.#descend(alternatives, step));
        if (inner !== undefined) return inner;
      }
    }
    return { found: "kinds", kinds: kindsOfAll(alternatives) };
  }

  /** Whether every call that the schema accepts has a value there, as far as it can be told. */
  requires(steps: readonly (string | number)[]): boolean {
    this.#read = 0;
    let alternatives = this.#start();
    for (const step of steps) {
      const kind = typeof step === "string" ? "object" : "array";
      const here = alternatives.filter((parts) => kindsOf(parts).has(kind));
      const present = (part: JsonObject): boolean =>
        typeof step === "string"
          ? list(own(part, "required")).includes(step)
          : Number(own(part, "minItems") ?? 0) > step;
      if (here.length === 0 || !here.every((parts) => parts.some(present))) return false;
      const next = this.#descend(alternatives, step);
      if ("found" in next) return false;
      alternatives = next.alternatives;
    }
    return true;
  }

  /** Whether it accepts only top-level arguments that it names. */
  closed(): boolean {
    this.#read = 0;
    return this.#start().every((parts) =>
      parts.some(
        (part) =>
          forbidsOthers(part) || (this.#evaluates && own(part, "unevaluatedProperties") === false),
      ),
    );
  }

  /** The arguments of a call are always an object. */
  #start(): readonly Alternative[] {
    return this.#alternatives(this.#root, []).filter((parts) => kindsOf(parts).has("object"));
  }

  #descend(alternatives: readonly Alternative[], step: string | number): Descent {
    return typeof step === "string"
      ? this.#property(alternatives, step)
      : this.#elements(alternatives, `[${step}]`, step);
  }

  #property(alternatives: readonly Alternative[], name: string): Descent {
    const objects = alternatives.filter((parts) => kindsOf(parts).has("object"));
    if (objects.length === 0 && alternatives.length > 0) {
      return { found: "blocked", step: `.${name}`, at: "", kinds: kindsOfAll(alternatives) };
    }
    const answers = objects.map((parts) => this.#member(parts, name));
    if (objects.length > 0 && answers.every((answer) => typeof answer === "string")) {
      const names = new Set(objects.flat().flatMap(propertyNames));
      const closed = answers.every((answer) => answer === "forbidden");
      return { found: "nothing", name, names: [...names], closed };
    }
    return {
      alternatives: answers.flatMap((answer): readonly Alternative[] =>
        answer === "forbidden" ? [] : answer === "undescribed" ? [[ANYTHING]] : answer,
      ),
    };
  }

  /** What objects that satisfy all the parts may have under a name. */
  #member(parts: Alternative, name: string): readonly Alternative[] | "forbidden" | "undescribed" {
    const described = parts.flatMap((part) => schemasAt(own(part, "properties"), name));
    if (described.length > 0) return this.#all(described);
    if (parts.some(forbidsOthers)) return "forbidden";
    if (parts.some(hasPatterns)) return [[ANYTHING]];
    const others = parts.flatMap((part) => schemasAt(part, "additionalProperties"));
    // Where the one speaks, nothing is left unevaluated.
    const rest =
      others.length > 0 || !this.#evaluates
        ? others
        : parts.flatMap((part) => schemasAt(part, "unevaluatedProperties"));
    if (rest.length > 0) return rest.includes(false) ? "forbidden" : this.#all(rest);
    return parts.some((part) => isObject(own(part, "properties"))) ? "undescribed" : [[ANYTHING]];
  }

  #elements(
    alternatives: readonly Alternative[],
    step: string,
    index: number | undefined,
  ): Descent {
    const arrays = alternatives.filter((parts) => kindsOf(parts).has("array"));
    if (arrays.length === 0 && alternatives.length > 0) {
      return { found: "blocked", step, at: "", kinds: kindsOfAll(alternatives) };
    }
    const children = arrays.flatMap((parts) => {
      const schemas = parts.map((part) => elementSchema(part, index));
      return this.#all(schemas);
    });
    return { alternatives: children };
  }

  /** Values that satisfy every one of the schemas. */
  #all(schemas: readonly Json[]): readonly Alternative[] {
    return schemas
      .map((schema) => this.#alternatives(schema, []))
      .reduce((a, b) => product(a, b), [[]] as readonly Alternative[]);
  }

  #alternatives(schema: Json, refs: readonly string[]): readonly Alternative[] {
    if (schema === false) return [];
    if (!isObject(schema) || ++this.#read > MAX_READ) return [[ANYTHING]];
    const object = schema as JsonObject;
    let result: readonly Alternative[] = [[object]];
    const ref = own(object, "$ref");
    if (ref !== undefined) result = product(result, this.#resolve(ref, refs));
    for (const part of list(own(object, "allOf"))) {
      result = product(result, this.#alternatives(part, refs));
    }
    for (const key of ["anyOf", "oneOf"]) {
      const branches = list(own(object, key));
      if (branches.length === 0) continue;
      result = product(
        result,
        branches.flatMap((branch) => this.#alternatives(branch, refs)),
      );
    }
    if (UNCLEAR.some((key) => Object.hasOwn(object, key))) result = product(result, [[ANYTHING]]);
    return result;
  }

  #resolve(ref: Json, refs: readonly string[]): readonly Alternative[] {
    if (typeof ref !== "string" || !this.#refsAreLocal || refs.includes(ref)) return [[ANYTHING]];
    const steps = localSteps(ref);
    let target: Json | undefined = steps === undefined ? undefined : this.#root;
    for (const step of steps ?? []) {
      if (Array.isArray(target)) target = target[Number(step)] as Json | undefined;
      else target = isObject(target) ? own(target as JsonObject, step) : undefined;
    }
    return target === undefined ? [[ANYTHING]] : this.#alternatives(target, [...refs, ref]);
  }
}

type Stop = Exclude<Lookup, { found: "kinds" }>;
/** What stands one step further down; a stop there does not know its place yet. */
type Descent = { readonly alternatives: readonly Alternative[] } | Stop;

function product(a: readonly Alternative[], b: readonly Alternative[]): readonly Alternative[] {
  if (a.length * b.length > MAX_ALTERNATIVES) return [[ANYTHING]];
  return a
    .flatMap((left) => b.map((right) => [...left, ...right]))
    .filter((parts) => kindsOf(parts).size > 0);
}

/** `#` and `#/…` as steps; undefined for an anchor. */
function localSteps(ref: string): string[] | undefined {
  if (ref === "#") return [];
  if (!ref.startsWith("#/")) return undefined;
  try {
    return decodeURIComponent(ref.slice(2))
      .split("/")
      .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  } catch {
    return undefined;
  }
}

function elementSchema(part: JsonObject, index: number | undefined): Json {
  const items = own(part, "items");
  // Draft-07 writes the list of the first elements in `items` itself.
  const first = Array.isArray(items) ? items : own(part, "prefixItems");
  const rest = Array.isArray(items) ? own(part, "additionalItems") : items;
  const heads = list(first);
  if (index !== undefined) return heads[index] ?? rest ?? true;
  return heads.length === 0 ? (rest ?? true) : { anyOf: [...heads, rest ?? true] };
}

function kindsOfAll(alternatives: readonly Alternative[]): ReadonlySet<Kind> {
  return new Set(alternatives.flatMap((parts) => [...kindsOf(parts)]));
}

function kindsOf(parts: Alternative): ReadonlySet<Kind> {
  const sets = parts.map(kindsOfPart);
  return new Set(KINDS.filter((kind) => sets.every((set) => set.has(kind))));
}

const ALL: ReadonlySet<Kind> = new Set(KINDS);

function kindsOfPart(part: JsonObject): ReadonlySet<Kind> {
  let kinds = ALL;
  const narrow = (to: ReadonlySet<Kind>): void => {
    kinds = new Set([...kinds].filter((kind) => to.has(kind)));
  };
  const type = own(part, "type");
  if (type !== undefined) {
    const names = [type].flat().map((name) => (name === "integer" ? "number" : name)) as Kind[];
    if (names.every((name) => KINDS.includes(name))) narrow(new Set(names));
  }
  const values = own(part, "enum");
  if (Array.isArray(values)) narrow(new Set(values.map(kindOfValue)));
  const value = own(part, "const");
  if (value !== undefined) narrow(new Set([kindOfValue(value)]));
  return kinds;
}

function kindOfValue(value: Json): Kind {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as Kind;
}

function propertyNames(part: JsonObject): string[] {
  const properties = own(part, "properties");
  return isObject(properties) ? Object.keys(properties) : [];
}

/** The schema under a key, if there is one. */
function schemasAt(table: Json | undefined, key: string): readonly Json[] {
  const schema = isObject(table) ? own(table as JsonObject, key) : undefined;
  return schema === undefined ? [] : [schema];
}

/** Whether only names that the part itself describes may be there. */
function forbidsOthers(part: JsonObject): boolean {
  return own(part, "additionalProperties") === false && !hasPatterns(part);
}

function hasPatterns(part: JsonObject): boolean {
  const patterns = own(part, "patternProperties");
  return isObject(patterns) && Object.keys(patterns).length > 0;
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function mentionsId(value: Json): boolean {
  if (Array.isArray(value)) return value.some(mentionsId);
  if (!isObject(value)) return false;
  return Object.entries(value as JsonObject).some(
    ([key, member]) => (key === "$id" && typeof member === "string") || mentionsId(member),
  );
}

/** Kinds in words: `a string or null`. */
export function kindsText(kinds: ReadonlySet<Kind>): string {
  if (kinds.size === 0) return "nothing";
  return [...kinds]
    .map((kind) => (kind === "null" ? kind : /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`))
    .join(" or ");
}
