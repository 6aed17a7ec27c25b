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
  const judge = readyJudge(source);
  return { source, judge: source.not ? (facts) => not(judge(facts)) : judge };
}

function readyJudge({ path, op, operand }: Condition): (facts: Facts) => Truth {
  const read = reader(path);
  const judge = judgeOf(op);
  const operandOf = operandReader(op, operand);
  const { each } = path;
  if (each === undefined) {
    if ("grant" in operand) return (facts) => judge(read(facts), operandOf(facts));
    const literal = readyOperand(op, operand.literal);
    const [name] = path.steps;
    // Nearly every condition compares one argument with a literal: the same meaning, two calls less.
    if (
      path.root === "args" &&
      path.steps.length === 1 &&
      typeof name === "string" &&
      op !== "exists"
    ) {
      const present = JUDGES[op];
      return ({ args }) => {
        if (!Object.hasOwn(args, name)) return "undetermined";
        const found = args[name]!;
        if (typeof found === "object" && found instanceof InexactNumber) return "undetermined";
        return present(found, literal);
      };
    }
    return (facts) => judge(read(facts), literal);
  }
  const fold = each.quantifier === "any" ? or : and;
  return (facts) => {
    const found = read(facts);
    const ready = operandOf(facts);
    if (found === ABSENT) return judge(ABSENT, ready);
    // An empty list is undetermined: "all of nothing" must never allow, nor "any" rule out.
    if (!Array.isArray(found) || found.length === 0) return "undetermined";
    return fold(found.map((element) => judge(walk(element, each.steps), ready)));
  };
}

function reader({ root, steps }: Path): (facts: Facts) => Found {
  return root === "args" ? (facts) => walk(facts.args, steps) : (facts) => walk(facts.grant, steps);
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

/** What an operator makes of anything that can stand at a path. */
function judgeOf(op: Operator): (found: Found, operand: ReadyOperand) => Truth {
  if (op === "exists") {
    return (found, operand) =>
      found === BLOCKED ? "undetermined" : truth((found !== ABSENT) === operand);
  }
  const judge = JUDGES[op];
  return (found, operand) => {
    if (typeof found === "symbol") return "undetermined";
    if (typeof found === "object" && found instanceof InexactNumber) return "undetermined";
    return judge(found, operand);
  };
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
  if (kindOf(found) === "inexact") return at(whyFound(op, found));
  if (!Array.isArray(found))
    return at(`${withArticle(kindOf(found))} where \`[*]\` needs an array`);
  if (found.length === 0) return at("an empty array");
  const { steps } = path.each;
  const judge = judgeOf(op);
  const ready = operandReader(op, operand)(facts);
  const index = found.findIndex(
    (element: Received) => judge(walk(element, steps), ready) === "undetermined",
  );
  return at(`element ${index}: ${whyFound(op, walk(found[index]!, steps))}`);
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
export function describeCondition(
  { path, op, operand, not: negated }: Condition,
  maxLiteral = MAX_LITERAL,
): string {
  const quantifier = path.each === undefined ? "" : `${path.each.quantifier} of `;
  const right =
    "grant" in operand
      ? formatPath({ root: "grant", steps: operand.grant })
      : JSON.stringify(operand.literal);
  const short = right.length > maxLiteral ? `${right.slice(0, maxLiteral)}…` : right;
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
        return typeLine({ root: "args", steps: path.steps.slice(0, length) }, kind, ancestor);
      }
    }
    return undefined;
  }
  if (found === ABSENT) return line(target, "exists", true);
  if (path.each !== undefined) {
    if (!Array.isArray(found)) return typeLine(target, "array", found);
    return found.length === 0 ? line(target, "count_gt", 0) : undefined;
  }
  const value = "literal" in operand ? operand.literal : walk(facts.grant, operand.grant);
  // Where the grant lacks what the condition compares with, no type of the argument mends it.
  if (typeof value === "symbol" || readyOperand(op, value) === undefined) return undefined;
  const wanted = wantedType(op, value);
  return wanted === undefined || wanted === kindOf(found)
    ? undefined
    : typeLine(target, wanted, found);
}

/** None where even `type` is undetermined. */
function typeLine(path: Path, type: string, found: Found): string | undefined {
  return kindOf(found) === "inexact" ? undefined : line(path, "type", type);
}

function line(path: Path, op: Operator, value: string | number | boolean): string {
  return `- { path: ${yamlText(formatPath(path))}, op: ${op}, value: ${value} }`;
}

/** Quotes a path for YAML's flow style where it needs to be. */
function yamlText(text: string): string {
  return /^[A-Za-z0-9._]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}
