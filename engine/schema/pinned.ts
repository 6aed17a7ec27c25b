/**
 * The input schema of a pinned tool, made ready to check arguments. It comes from a server, so it is
 * treated as hostile: bounded, without remote references, and its expressions are RE2.
 */
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import draft06 from "ajv/dist/refs/json-schema-draft-06.json" with { type: "json" };
import { MAX_DEPTH } from "../json/read.ts";
import {
  InexactNumber,
  isObject,
  type JsonObject,
  type Received,
  type ReceivedObject,
} from "../json/value.ts";
import { compileRegex } from "../regex/regex.ts";

/** Characters of one schema's text. The largest of 287 real ones has 30,000. */
export const MAX_SCHEMA_TEXT = 256 * 1024;
/** Levels of one schema. */
export const MAX_SCHEMA_DEPTH = 64;

export interface PinnedSchema {
  /** Undefined when the arguments satisfy the schema; otherwise why not, without any value. */
  check(args: ReceivedObject): string | undefined;
}

export type PinnedResult = { readonly schema: PinnedSchema } | { readonly problem: string };

export function compilePinned(schema: JsonObject): PinnedResult {
  const problem = boundsProblem(schema);
  if (problem !== undefined) return { problem };
  const budget = new Budget();
  let validate: ValidateFunction;
  try {
    validate = ajvFor(schema, budget).compile(schema as object);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problem: `the schema does not compile: ${message.split("\n")[0]!.slice(0, 200)}` };
  }
  const judgesNumbers = mentionsNumbers(schema);
  return {
    schema: {
      check(args) {
        try {
          const { value, inexact } = plain(args);
          // A bound on a number that reads differently in different readers is no bound.
          if (inexact && judgesNumbers)
            return "a number does not survive being read, and the schema judges numbers";
          budget.renew();
          if (validate(value) === true) return undefined;
        } catch (error) {
          // Whatever cannot be judged is not satisfied.
          if (error instanceof OverBudget || error instanceof RangeError)
            return "the schema takes too many steps to judge them";
          throw error;
        }
        return describe(validate.errors?.[0]);
      },
    },
  };
}

const OPTIONS: Options = {
  // The vocabulary of a third party: unknown keywords say nothing, and formats are annotations.
  strict: false,
  strictNumbers: true,
  validateFormats: false,
  useDefaults: false,
  coerceTypes: false,
  ownProperties: true,
  allErrors: false,
  logger: false,
};

/** Steps of one check. A step is one visit of a part of the schema that a `$ref` names. */
export const MAX_STEPS = 1_000_000;

class OverBudget extends Error {}

/**
 * Counts the steps of a check. Two references beside each other, to a part that has two again, make
 * a short schema whose judging takes 2ⁿ steps, or a small argument that takes as many.
 */
class Budget {
  #left = MAX_STEPS;

  renew(): void {
    this.#left = MAX_STEPS;
  }

  spend(): void {
    if (--this.#left < 0) throw new OverBudget();
  }
}

/** ajv's options: each part of a schema becomes a function, and each function spends one step. */
function optionsFor(budget: Budget): Options {
  return {
    ...OPTIONS,
    code: {
      regExp: Object.assign(re2, { code: "re2" }),
      process(code) {
        const counted = code.replace(FUNCTION_HEAD, "$&self.opts.phiwardBudget.spend();");
        if (counted === code) throw new Error("it compiles to code that cannot be bounded");
        return counted;
      },
    },
    phiwardBudget: budget,
  } as Options;
}

// An `async function` is refused with it: ajv's own `$async` would answer with a promise, which is
// not false.
const FUNCTION_HEAD = /return function validate[0-9]*\(data, \{[^()]*?\}=\{\}\)\{/;

/** ajv compares every element with every other, which takes minutes on a megabyte of them. */
function allDiffer(wanted: boolean, array: readonly unknown[]): boolean {
  return !wanted || new Set(array.map(textOf)).size === array.length;
}

/** The same text for equal values, whatever the order of their keys. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (typeof value !== "object" || value === null) {
    // NaN stands for a number that does not survive being read.
    return Number.isNaN(value) ? "NaN" : JSON.stringify(value);
  }
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}:${textOf(member)}`,
  );
  return `{${members.sort().join()}}`;
}

function re2(pattern: string): { test(text: string): boolean; toString(): string } {
  const result = compileRegex(pattern);
  if (!("regex" in result)) throw new Error(result.problem);
  const { regex } = result;
  return { test: (text: string) => regex.search(text), toString: () => pattern } as RegExp;
}

/** The versions of JSON Schema that servers write. */
const DIALECTS = {
  "draft-06": (options: Options): Ajv =>
    options.meta === false ? new Ajv(options) : new Ajv(options).addMetaSchema(draft06),
  "draft-07": (options: Options): Ajv => new Ajv(options),
  "2019-09": (options: Options): Ajv => new Ajv2019(options),
  "2020-12": (options: Options): Ajv => new Ajv2020(options),
};
type Dialect = keyof typeof DIALECTS;

/** MCP's default dialect is 2020-12 (revision 2025-11-25, schema); older servers say draft-07. */
function dialectOf(schema: JsonObject): Dialect {
  const says = String(schema.$schema ?? "2020-12");
  const known = (Object.keys(DIALECTS) as Dialect[]).find((dialect) => says.includes(dialect));
  if (known === undefined) throw new Error("its dialect is not known");
  return known;
}

/** What tells whether a schema is one. Made once for each dialect: it costs fifty times a schema. */
const judges = new Map<Dialect, Ajv>();

function judgeOf(dialect: Dialect): Ajv {
  const judge = judges.get(dialect) ?? DIALECTS[dialect](OPTIONS);
  judges.set(dialect, judge);
  return judge;
}

/** Throws when the schema is none. */
function ajvFor(schema: JsonObject, budget: Budget): Ajv {
  const dialect = dialectOf(schema);
  judgeOf(dialect).validateSchema(schema as object, true);
  // Without the schema of schemas: nothing may refer to it (`boundsProblem`).
  const ajv = DIALECTS[dialect]({ ...optionsFor(budget), meta: false, validateSchema: false });
  ajv.removeKeyword("uniqueItems");
  return ajv.addKeyword({
    keyword: "uniqueItems",
    type: "array",
    schemaType: "boolean",
    validate: allDiffer,
  });
}

const DIALECT_NAME = /^https?:\/\/json-schema\.org\//;

function boundsProblem(schema: JsonObject): string | undefined {
  let problem: string | undefined;
  const visit = (value: unknown, depth: number): void => {
    if (depth > MAX_SCHEMA_DEPTH)
      problem ??= `the schema nests deeper than ${MAX_SCHEMA_DEPTH} levels`;
    else if (Array.isArray(value)) for (const item of value) visit(item, depth + 1);
    else if (typeof value === "object" && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        const reference = key === "$ref" || key === "$dynamicRef" || key === "$recursiveRef";
        // A reference that leaves the schema would be fetched, or stay unjudged.
        if (reference && typeof member === "string" && !member.startsWith("#")) {
          problem ??= "the schema refers to something outside itself";
        }
        // Whoever looks that name up means the dialect itself.
        if (key === "$id" && typeof member === "string" && DIALECT_NAME.test(member)) {
          problem ??= "the schema takes the name of a dialect";
        }
        // ajv does not judge a property of this name, so a schema that speaks of it is not heard.
        if (key === "__proto__") problem ??= "the schema speaks of `__proto__`";
        visit(member, depth + 1);
      }
    }
  };
  visit(schema, 0);
  // After the depth, since writing it out calls itself once a level.
  if (problem === undefined && JSON.stringify(schema).length > MAX_SCHEMA_TEXT)
    return `the schema is longer than ${MAX_SCHEMA_TEXT} characters`;
  return problem;
}

const NUMBER_KEYWORDS = new Set([
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

function mentionsNumbers(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(mentionsNumbers);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([key, member]) => NUMBER_KEYWORDS.has(key) || mentionsNumbers(member),
  );
}

/** Inexact numbers become NaN, which satisfies no `type`, `enum` or `const`. */
function plain(args: ReceivedObject): { value: unknown; inexact: boolean } {
  if (!hasInexact(args)) return { value: args, inexact: false };
  const convert = (value: Received): unknown => {
    if (value instanceof InexactNumber) return Number.NaN;
    if (Array.isArray(value)) return value.map(convert);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, convert(member as Received)]),
    );
  };
  return { value: convert(args), inexact: true };
}

/** Counts levels too: how deep a function may call itself is no property of the arguments. */
function hasInexact(value: Received, levels = MAX_DEPTH): boolean {
  if (value instanceof InexactNumber) return true;
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) throw new OverBudget();
  let found = false;
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (hasInexact(member, levels - 1)) found = true;
  }
  return found;
}

/**
 * The first error in words, from the schema's own texts alone: a key of the call may itself be a
 * patient's name.
 */
function describe(error: ErrorObject | undefined): string {
  if (error === undefined) return "the arguments do not satisfy it";
  const steps = error.schemaPath.split("/");
  const names: string[] = [];
  for (let i = 0; i + 1 < steps.length; i++) {
    // Past the name: a property may itself be called `properties`.
    if (steps[i] === "properties") names.push(unescapeStep(steps[++i]!));
  }
  const whole = names.length === 0 && error.instancePath === "";
  const where = whole
    ? "the arguments"
    : names.length === 0
      ? "a part of the arguments"
      : `\`${names.join(".")}\``;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "required":
      return whole
        ? `\`${params.missingProperty}\` is missing`
        : `${where} lacks \`${params.missingProperty}\``;
    case "type":
      return `${where} must be of type ${[params.type].flat().join(" or ")}`;
    case "additionalProperties":
    case "unevaluatedProperties":
      return `${where} ${whole ? "have" : "has"} a property that the schema does not know`;
    case "enum":
    case "const":
      return `${where} ${whole ? "are" : "is"} none of the values that the schema lists`;
    case "pattern":
      return `${where} does not match the schema's pattern`;
    default:
      return `${where} ${whole ? "do" : "does"} not satisfy \`${error.keyword}\``;
  }
}

/** A step of ajv's schemaPath, which is a URI fragment: `na%C3%AFve~1x` → `naïve/x`. */
function unescapeStep(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return step;
  }
}
