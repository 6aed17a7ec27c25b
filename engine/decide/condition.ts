/** One condition of a policy, made ready once and judged many times. */
import { InexactNumber, type Received, type ReceivedObject } from "../json/value.ts";
import type { Condition, Operator, Path } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import { JUDGES, type ReadyOperand, readyOperand, TAKES, wantedType } from "./operators.ts";
import { and, not, or, type Truth, truth } from "./truth.ts";
import { ABSENT, BLOCKED, type Found, kindOf, walk } from "./value.ts";

/** What conditions speak of. */
export interface Facts {
  readonly args: ReceivedObject;
  readonly grant: ReceivedObject;
}

export interface ReadyCondition {
  readonly source: Condition;
  judge(facts: Facts): Truth;
}

export function readyCondition(source: Condition): ReadyCondition {
  const { path, op, operand } = source;
  const operandOf = operandReader(op, operand);
  const { root, steps, each } = path;
  const judge = (facts: Facts): Truth => {
    const found = walk(facts[root], steps);
    const ready = operandOf(facts);
    if (each === undefined) return judgeFound(op, found, ready);
    if (found === ABSENT) return judgeFound(op, ABSENT, ready);
    // An empty list is undetermined: "all of nothing" must never allow, nor "any" rule out.
    if (!Array.isArray(found) || found.length === 0) return "undetermined";
    const fold = each.quantifier === "any" ? or : and;
    return fold(found as readonly Received[], (element) =>
      judgeFound(op, walk(element, each.steps), ready),
    );
  };
  return { source, judge: source.not ? (facts) => not(judge(facts)) : judge };
}

function operandReader(
  op: Operator,
  operand: Condition["operand"],
): (facts: Facts) => ReadyOperand {
  if ("literal" in operand) {
    const ready = readyOperand(op, operand.literal);
    return () => ready;
  }
  return (facts) => {
    const found = walk(facts.grant, operand.grant);
    return typeof found === "symbol" ? undefined : readyOperand(op, found);
  };
}

function judgeFound(op: Operator, found: Found, operand: ReadyOperand): Truth {
  if (found === BLOCKED) return "undetermined";
  if (op === "exists") return truth((found !== ABSENT) === operand);
  if (found === ABSENT || found instanceof InexactNumber) return "undetermined";
  return JUDGES[op](found, operand);
}

/** Why a condition is undetermined, and the condition to add where that should decide. */
export interface Undetermined {
  /** The path that could not be judged: the condition's, or the grant's that it compares with. */
  readonly path: string;
  readonly why: string;
}

/** Call this only of a condition that is undetermined. No sentence of it holds a value. */
export function whyUndetermined(condition: Condition, facts: Facts): Undetermined {
  const { path, op, operand } = condition;
  const text = formatPath(path);
  const at = (why: string): Undetermined => ({ path: text, why });
  const found = walk(facts[path.root], path.steps);
  if ("grant" in operand) {
    const value = walk(facts.grant, operand.grant);
    const grantPath = formatPath({ root: "grant", steps: operand.grant });
    if (typeof value === "symbol") return { path: grantPath, why: "absent" };
    if (readyOperand(op, value) === undefined) {
      return {
        path: grantPath,
        why: `${withArticle(kindOf(value))} where \`${op}\` needs ${op === "in" || op === "not_in" ? "a list" : "one value"}`,
      };
    }
  }
  if (path.each === undefined || found === ABSENT) return at(whyFound(op, found));
  if (found === BLOCKED) return at(whyFound(op, found));
  if (!Array.isArray(found))
    return at(`${withArticle(kindOf(found))} where \`[*]\` needs an array`);
  if (found.length === 0) return at("an empty array");
  const { steps } = path.each;
  const index = found.findIndex(
    (element: Received) =>
      judgeFound(op, walk(element, steps), readyFor(condition, facts)) === "undetermined",
  );
  return at(`element ${index}: ${whyFound(op, walk(found[index]!, steps))}`);
}

function readyFor(condition: Condition, facts: Facts): ReadyOperand {
  return operandReader(condition.op, condition.operand)(facts);
}

function whyFound(op: Operator, found: Found): string {
  const kind = kindOf(found);
  if (kind === "absent") return "absent";
  if (kind === "blocked") return "not reachable: something on the way is of another kind";
  if (kind === "inexact") return "a number that does not survive being read";
  return `${withArticle(kind)} where \`${op}\` takes ${TAKES[op]}`;
}

function withArticle(kind: string): string {
  if (kind === "null") return "null";
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

/** Literals longer than this are cut in a sentence. */
const MAX_LITERAL = 60;

/** The condition as a person writes it. It holds texts of the policy, never of a call. */
export function describeCondition({ path, op, operand, not: negated }: Condition): string {
  const quantifier = path.each === undefined ? "" : `${path.each.quantifier} of `;
  const right =
    "grant" in operand
      ? formatPath({ root: "grant", steps: operand.grant })
      : JSON.stringify(operand.literal);
  const short = right.length > MAX_LITERAL ? `${right.slice(0, MAX_LITERAL)}…` : right;
  const text = `${quantifier}${formatPath(path)} ${op} ${short}`;
  return negated ? `not (${text})` : text;
}

/**
 * The line that makes an undetermined condition decidable: said first in its group, a call without
 * the value makes the group false. Undefined where no line of a policy can help.
 */
export function lineToPaste(condition: Condition, facts: Facts): string | undefined {
  const { path, op, operand } = condition;
  if (path.root !== "args") return undefined;
  const found = walk(facts.args, path.steps);
  const target: Path = { root: "args", steps: path.steps };
  if (found === BLOCKED) {
    for (let length = 1; length < path.steps.length; length++) {
      const kind = typeof path.steps[length] === "number" ? "array" : "object";
      const ancestor = walk(facts.args, path.steps.slice(0, length));
      if (kindOf(ancestor) !== kind) {
        return line({ root: "args", steps: path.steps.slice(0, length) }, "type", kind);
      }
    }
    return undefined;
  }
  if (found === ABSENT) return line(target, "exists", true);
  if (path.each !== undefined) {
    if (!Array.isArray(found)) return line(target, "type", "array");
    return found.length === 0 ? line(target, "count_gt", 0) : undefined;
  }
  const wanted = wantedType(
    op,
    "literal" in operand ? operand.literal : walk(facts.grant, operand.grant),
  );
  return wanted === undefined || wanted === kindOf(found)
    ? undefined
    : line(target, "type", wanted);
}

function line(path: Path, op: Operator, value: string | number | boolean): string {
  return `- { path: ${yamlText(formatPath(path))}, op: ${op}, value: ${value} }`;
}

/** Quotes a path for YAML's flow style where it needs to be. */
function yamlText(text: string): string {
  return /^[A-Za-z0-9._]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}
