/**
 * The input schema of a pinned tool, made ready to check arguments. It comes from a server, so it is
 * treated as hostile: bounded, without remote references, and its expressions are RE2.
 */
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import {
  InexactNumber,
  isObject,
  type JsonObject,
  type Received,
  type ReceivedObject,
} from "../json/value.ts";
import { compileRegex } from "../policy/regex.ts";

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
  let validate: ValidateFunction;
  try {
    validate = ajvFor(schema).compile(schema as object);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problem: `the schema does not compile: ${message.split("\n")[0]!.slice(0, 200)}` };
  }
  const judgesNumbers = mentionsNumbers(schema);
  return {
    schema: {
      check(args) {
        const { value, inexact } = plain(args);
        // A bound on a number that reads differently in different readers is no bound.
        if (inexact && judgesNumbers)
          return "a number does not survive being read, and the schema judges numbers";
        if (validate(value)) return undefined;
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
  addUsedSchema: false,
  code: { regExp: Object.assign(re2, { code: "re2" }) },
};

function re2(pattern: string): { test(text: string): boolean; toString(): string } {
  const result = compileRegex(pattern);
  if (!("regex" in result)) throw new Error(result.problem);
  const { regex } = result;
  return { test: (text: string) => regex.search(text), toString: () => pattern } as RegExp;
}

/** MCP's default dialect is 2020-12 (revision 2025-11-25, schema); older servers say draft-07. */
function ajvFor(schema: JsonObject): Ajv {
  const dialect = String(schema.$schema ?? "2020-12");
  if (dialect.includes("draft-07") || dialect.includes("draft-06")) return new Ajv(OPTIONS);
  if (dialect.includes("2019-09")) return new Ajv2019(OPTIONS);
  if (dialect.includes("2020-12")) return new Ajv2020(OPTIONS);
  throw new Error("its dialect is not known");
}

function boundsProblem(schema: JsonObject): string | undefined {
  if (JSON.stringify(schema).length > MAX_SCHEMA_TEXT)
    return `the schema is longer than ${MAX_SCHEMA_TEXT} characters`;
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
        visit(member, depth + 1);
      }
    }
  };
  visit(schema, 0);
  return problem;
}

const NUMBER_KEYWORDS = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
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

function hasInexact(value: Received): boolean {
  if (value instanceof InexactNumber) return true;
  if (Array.isArray(value)) return value.some(hasInexact);
  return isObject(value) && Object.values(value).some((member) => hasInexact(member as Received));
}

/**
 * The first error in words, from the schema's own texts alone: a key of the call may itself be a
 * patient's name.
 */
function describe(error: ErrorObject | undefined): string {
  if (error === undefined) return "the arguments do not satisfy it";
  const steps = error.schemaPath.split("/");
  const names = steps.flatMap((step, i) =>
    steps[i - 1] === "properties" ? [step.replaceAll("~1", "/").replaceAll("~0", "~")] : [],
  );
  const where = names.length === 0 ? "the arguments" : `\`${names.join(".")}\``;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "required":
      return `${names.length === 0 ? "" : `${where} lacks `}\`${params.missingProperty}\`${names.length === 0 ? " is missing" : ""}`;
    case "type":
      return `${where} must be of type ${[params.type].flat().join(" or ")}`;
    case "additionalProperties":
    case "unevaluatedProperties":
      return `${where} ${names.length === 0 ? "have" : "has"} a property that the schema does not know`;
    case "enum":
    case "const":
      return `${where} is none of the values that the schema lists`;
    case "pattern":
      return `${where} does not match the schema's pattern`;
    default:
      return `${where} does not satisfy \`${error.keyword}\``;
  }
}
