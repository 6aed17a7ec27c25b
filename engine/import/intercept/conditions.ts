/**
 * Conditions on arguments. In Intercept a condition that cannot be judged is false, and all of a
 * rule's conditions must hold: exactly a `require` entry. They differ where Intercept compares texts:
 *
 *     eq, in        "5" is 5 and true is "true" there; here another type denies
 *     neq, not_in   null and every other type differ from the value there; here they deny
 *     not_in        of texts *and* numbers: "5" is kept out by 5 there and would not be here, so
 *                   such a list is not carried
 *     exists        null counts as absent there, so `exists` becomes `type`
 */
import type { Json } from "../../json/value.ts";
import { MAX_FILE_STATES } from "../../policy/compile.ts";
import { formatPath, quoted } from "../../policy/path.ts";
import { regexAdvice, regexStates } from "../../regex/automata.ts";
import { compileRegex } from "../../regex/regex.ts";
import type { Condition } from "../../schema/types.ts";
import type { Place, Pointer } from "../../source.ts";
import { didYouMean } from "../../suggest.ts";
import type { Notes } from "../draft.ts";
import type { Source } from "../source.ts";
import { OPS } from "./form.ts";

/** Groups of which one must hold, or one condition; `undefined` when it was not carried. */
export type Carried = { readonly condition: Condition } | { readonly anyOf: Condition[][] };

export interface Written {
  readonly path: string;
  readonly op: string;
  readonly value: Json | undefined;
  readonly at: Pointer;
}

/** How many automaton states are left for the file's expressions. */
export interface Budget {
  states: number;
}

export function carryCondition(
  { path, op, value, at }: Written,
  source: Source,
  notes: Notes,
  budget: Budget,
): Carried | undefined {
  const place = (key: string): Place => source.place([...at, key]);
  const refuse = (key: string, message: string, help: string): undefined => {
    notes.add("refused", place(key), message, help);
  };
  const drop = (key: string, message: string, help: string): undefined => {
    notes.add("denied", place(key), message, help);
  };
  if (!OPS.includes(op as (typeof OPS)[number])) {
    return refuse("op", `the operator \`${quoted(op)}\` does not exist`, didYouMean(op, OPS));
  }
  const steps = path.slice("args.".length).split(".");
  if (steps.some((step) => step === "" || step === "__proto__")) {
    return drop("path", "a step of the path is empty or `__proto__`", "name an argument");
  }
  const text = formatPath({ root: "args", steps });
  const problem = operandProblem(op, value);
  if (problem !== undefined) return refuse("value", problem.message, problem.help);
  const unsure = readOtherwise(value, source, [...at, "value"]);
  if (unsure !== undefined)
    return drop("value", unsure, "write it in quotes, or as a plain number");

  if (op === "exists") return carryExists(text, steps, value as boolean);
  if (op === "regex") return carryRegex(text, value as string, budget, drop);
  if (op === "in" || op === "not_in") {
    const list = value as readonly Json[];
    const types = new Set(list.map((member) => typeof member));
    if (list.length === 0 || !list.every(isScalar)) {
      return drop(
        "value",
        `\`${op}\` with a list that is empty or holds more than texts, numbers, true and false`,
        "list texts, or numbers",
      );
    }
    if (op === "not_in" && types.size > 1) {
      const help = "write two conditions, one for each type, if both are meant";
      return drop(
        "value",
        "`not_in` of values of several types, which Intercept compares as texts",
        help,
      );
    }
    noteCoercion(op, list, notes, place("value"));
    return { condition: { path: text, op, value: [...list] } as Condition };
  }
  if (!isScalar(value!)) {
    return drop(
      "value",
      `\`${op}\` with null, a list or a mapping`,
      "compare with a text, a number, true or false",
    );
  }
  if (op === "eq" || op === "neq" || op === "contains")
    noteCoercion(op, [value!], notes, place("value"));
  return { condition: { path: text, op, value } as Condition };
}

function isScalar(value: Json): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** How the sentence about an expression begins that Go refuses as well. */
const NOT_RE2 = "not an RE2 expression";

/** What Intercept's own validation says of a value. */
function operandProblem(
  op: string,
  value: Json | undefined,
): { message: string; help: string } | undefined {
  if ((op === "in" || op === "not_in") && !Array.isArray(value)) {
    return { message: `\`${op}\` needs a list`, help: "write `value: [one, another]`" };
  }
  if (["lt", "lte", "gt", "gte"].includes(op) && typeof value !== "number") {
    return { message: `\`${op}\` needs a number`, help: "write it without quotes" };
  }
  if (op === "exists" && typeof value !== "boolean") {
    return { message: "`exists` needs true or false", help: "write `value: true`" };
  }
  if (op !== "regex") return undefined;
  if (typeof value !== "string") {
    return { message: "`regex` needs a text", help: "write the expression in single quotes" };
  }
  const compiled = compileRegex(value);
  return "problem" in compiled && compiled.problem.startsWith(NOT_RE2)
    ? { message: compiled.problem, help: compiled.help }
    : undefined;
}

/**
 * Why a YAML reader of version 1.1 may see another value. Intercept's reads 010 as eight, 1_000 as a
 * number and 2026-01-01 as a time; taking them for what 1.2 sees could allow what it denies.
 */
export function readOtherwise(
  value: Json | undefined,
  source: Source,
  at: Pointer,
): string | undefined {
  if (Array.isArray(value)) {
    return value.map((member, i) => readOtherwise(member, source, [...at, i])).find(Boolean);
  }
  const raw = source.raw(source.place(at));
  if (/^[&*!]/.test(raw)) return "a value with an anchor, an alias or a tag";
  if (typeof value === "number" && /^[-+]?(0[0-9_]|[0-9]*_)/.test(raw)) {
    return "a number that Intercept's YAML reads differently";
  }
  return typeof value === "string" && /^[-+.]?[0-9]/.test(raw)
    ? "a text without quotes that Intercept's YAML takes for a number or a time"
    : undefined;
}

function carryExists(path: string, steps: readonly string[], present: boolean): Carried {
  if (present) return { condition: { path, op: "type", value: "null", not: true } };
  // What is on the way and no object has nothing below it.
  const ancestors = steps.slice(0, -1).map((_, i): Condition[] => [
    {
      path: formatPath({ root: "args", steps: steps.slice(0, i + 1) }),
      op: "type",
      value: "object",
      not: true,
    },
  ]);
  return {
    anyOf: [
      [{ path, op: "exists", value: false }],
      [{ path, op: "type", value: "null" }],
      ...ancestors,
    ],
  };
}

function carryRegex(
  path: string,
  pattern: string,
  budget: Budget,
  drop: (key: string, message: string, help: string) => undefined,
): Carried | undefined {
  const compiled = compileRegex(pattern);
  const states = "problem" in compiled ? "too many" : regexStates(pattern, false);
  if (states === "too many") {
    return drop("value", "the expression is too large to be proved about", regexAdvice(pattern));
  }
  budget.states += states;
  if (budget.states > MAX_FILE_STATES) {
    return drop("value", "the file's expressions together are too large", "split the policy");
  }
  return { condition: { path, op: "regex", value: pattern } };
}

/** Texts that Intercept takes for something that is no text. */
const LOOKS_LIKE_MORE = /^([-+.]?[0-9]|[-+]?Inf|NaN|true$|false$|<nil>$|\[|map\[)/;

function noteCoercion(op: string, values: readonly Json[], notes: Notes, place: Place): void {
  if (op === "neq" || op === "not_in") {
    const help =
      "null and values of another type are denied here; allow them by name if they are meant";
    notes.add(
      "narrower",
      place,
      `Intercept lets null and every other type through \`${op}\``,
      help,
    );
  } else if (values.some((value) => typeof value !== "string" || LOOKS_LIKE_MORE.test(value))) {
    const help = "only the same type is equal here; write it as the tool's schema says";
    notes.add("narrower", place, `Intercept compares \`${op}\` as texts, so "5" is 5 there`, help);
  }
}
