/**
 * The operators. Each says what it makes of a present value and an operand of the policy, or of the
 * grant; a value or an operand of a type that it does not take is undetermined, without coercion.
 */
import { isObject, type Received } from "../json/value.ts";
import type { Operator, Scalar } from "../policy/ir.ts";
import { acceptedRegex, type Regex } from "../regex/regex.ts";
import { not, type Truth, truth } from "./truth.ts";
import { codePoints } from "./value.ts";

/** An operand made ready for comparison: a list becomes a set, an expression is compiled. */
export type ReadyOperand = Scalar | ScalarSet | Regex | undefined;

class ScalarSet {
  readonly #members: ReadonlySet<Scalar>;
  readonly #types: ReadonlySet<string>;

  constructor(members: readonly Scalar[]) {
    // A Set compares as `eq` does: no coercion, and −0 is 0.
    this.#members = new Set(members);
    this.#types = new Set(members.map((member) => typeof member));
  }

  judge(value: Scalar): Truth {
    return this.#types.has(typeof value) ? truth(this.#members.has(value)) : "undetermined";
  }
}

/** Makes a literal of the policy, or a value of the grant, ready for `op`. */
export function readyOperand(op: Operator, operand: Received | undefined): ReadyOperand {
  if (op === "in" || op === "not_in") {
    return Array.isArray(operand) ? new ScalarSet(operand as Scalar[]) : undefined;
  }
  // Loading refuses a pattern that does not compile.
  if (op === "regex" || op === "matches") return acceptedRegex(operand as string);
  return isScalar(operand) ? operand : undefined;
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

type Judge = (value: Received, operand: ReadyOperand) => Truth;

const eq: Judge = (value, operand) =>
  isScalar(value) && typeof value === typeof operand ? truth(value === operand) : "undetermined";

const isIn: Judge = (value, operand) =>
  isScalar(value) && operand instanceof ScalarSet ? operand.judge(value) : "undetermined";

const number =
  (compare: (a: number, b: number) => boolean): Judge =>
  (value, operand) =>
    typeof value === "number" && typeof operand === "number"
      ? truth(compare(value, operand))
      : "undetermined";

const text =
  (compare: (a: string, b: string) => boolean): Judge =>
  (value, operand) =>
    typeof value === "string" && typeof operand === "string"
      ? truth(compare(value, operand))
      : "undetermined";

const expression =
  (compare: (a: string, b: Regex) => boolean): Judge =>
  (value, operand) =>
    typeof value === "string" && typeof operand === "object"
      ? truth(compare(value, operand as Regex))
      : "undetermined";

const length =
  (compare: (a: number, b: number) => boolean): Judge =>
  (value, operand) =>
    typeof value === "string" && typeof operand === "number"
      ? truth(compare(codePoints(value), operand))
      : "undetermined";

const count =
  (compare: (a: number, b: number) => boolean): Judge =>
  (value, operand) =>
    Array.isArray(value) && typeof operand === "number"
      ? truth(compare(value.length, operand))
      : "undetermined";

const hasElement: Judge = (value, operand) => {
  if (!Array.isArray(value) || !isScalar(operand)) return "undetermined";
  if (value.includes(operand)) return "true";
  return value.every((element) => typeof element === typeof operand) ? "false" : "undetermined";
};

const contains: Judge = (value, operand) =>
  Array.isArray(value) ? hasElement(value, operand) : text((a, b) => a.includes(b))(value, operand);

const type: Judge = (value, operand) => {
  switch (operand) {
    case "null":
      return truth(value === null);
    case "array":
      return truth(Array.isArray(value));
    case "object":
      return truth(isObject(value));
    case "integer":
      return truth(Number.isInteger(value));
    default:
      return truth(typeof value === operand);
  }
};

const lt = (a: number, b: number): boolean => a < b;
const lte = (a: number, b: number): boolean => a <= b;
const gt = (a: number, b: number): boolean => a > b;
const gte = (a: number, b: number): boolean => a >= b;

/** Every operator but `exists`, which alone speaks of values that are absent. */
export const JUDGES: Readonly<Record<Exclude<Operator, "exists">, Judge>> = {
  eq,
  neq: (value, operand) => not(eq(value, operand)),
  in: isIn,
  not_in: (value, operand) => not(isIn(value, operand)),
  lt: number(lt),
  lte: number(lte),
  gt: number(gt),
  gte: number(gte),
  regex: expression((a, b) => b.search(a)),
  matches: expression((a, b) => b.matches(a)),
  starts_with: text((a, b) => a.startsWith(b)),
  ends_with: text((a, b) => a.endsWith(b)),
  contains,
  has_element: hasElement,
  length_lt: length(lt),
  length_lte: length(lte),
  length_gt: length(gt),
  length_gte: length(gte),
  count_lt: count(lt),
  count_lte: count(lte),
  count_gt: count(gt),
  count_gte: count(gte),
  type,
};

/** What an operator takes, in words, for the sentence that says why a condition is undetermined. */
export const TAKES: Readonly<Record<Operator, string>> = {
  eq: "a value of the same type",
  neq: "a value of the same type",
  in: "a value of a type in the list",
  not_in: "a value of a type in the list",
  lt: "a number",
  lte: "a number",
  gt: "a number",
  gte: "a number",
  regex: "a string",
  matches: "a string",
  starts_with: "a string",
  ends_with: "a string",
  contains: "a string or an array of comparable values",
  has_element: "an array of comparable values",
  length_lt: "a string",
  length_lte: "a string",
  length_gt: "a string",
  length_gte: "a string",
  count_lt: "an array",
  count_lte: "an array",
  count_gt: "an array",
  count_gte: "an array",
  exists: "anything",
  type: "anything that is present",
};

/** The JSON type that a value must have for a condition to be judged, where there is one. */
export function wantedType(op: Operator, operand: unknown): string | undefined {
  if (op === "eq" || op === "neq") return typeof operand;
  if (op === "in" || op === "not_in") {
    const types = new Set((operand as Scalar[] | undefined)?.map((member) => typeof member));
    return types.size === 1 ? [...types][0] : undefined;
  }
  if (op.startsWith("count_") || op === "has_element") return "array";
  if (op.startsWith("length_") || TAKES[op] === "a string") return "string";
  return TAKES[op] === "a number" ? "number" : undefined;
}
