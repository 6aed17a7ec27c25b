/**
 * Mistakes within one condition: a negation, a neighbouring operator, a bound that is off by one, a
 * member of a list too few or too many. What is inside a regular expression stays as it is, but for
 * being anchored, and for a `(?i)` that is forgotten.
 */
import { describeCondition } from "../decide/condition.ts";
import type { Condition, Operator, Scalar } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import { without } from "./lists.ts";
import type { Draft } from "./mutant.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Operators that are easily mistaken for each other; the negation is a mistake of its own. */
const NEIGHBOURS: Partial<Record<Operator, readonly Operator[]>> = {
  lt: ["lte"],
  lte: ["lt"],
  gt: ["gte"],
  gte: ["gt"],
  regex: ["matches"],
  matches: ["regex"],
  starts_with: ["contains", "ends_with"],
  ends_with: ["contains", "starts_with"],
  contains: ["starts_with"],
  length_lt: ["length_lte"],
  length_lte: ["length_lt"],
  length_gt: ["length_gte"],
  length_gte: ["length_gt"],
  count_lt: ["count_lte"],
  count_lte: ["count_lt"],
  count_gt: ["count_gte"],
  count_gte: ["count_gt"],
};

export function conditionMutants(
  condition: Condition,
  vocabulary: Vocabulary,
): readonly Draft<Condition>[] {
  return [
    negated(condition),
    ...neighbours(condition),
    ...otherQuantifier(condition),
    ...otherLiteral(condition, vocabulary),
  ];
}

function negated(condition: Condition): Draft<Condition> {
  return {
    at: ["op"],
    mutation: `negate \`${describeCondition(condition)}\``,
    value: { ...condition, not: !condition.not },
  };
}

function neighbours(condition: Condition): readonly Draft<Condition>[] {
  const { op, operand } = condition;
  // `contains` takes any scalar, the operators next to it take texts.
  const text = !("literal" in operand) || typeof operand.literal === "string";
  return (NEIGHBOURS[op] ?? [])
    .filter(() => op !== "contains" || text)
    .map((other) => ({
      at: ["op"],
      mutation: `\`${op}\` becomes \`${other}\` in \`${describeCondition(condition)}\``,
      value: { ...condition, op: other },
    }));
}

function otherQuantifier(condition: Condition): readonly Draft<Condition>[] {
  const { each } = condition.path;
  if (each === undefined) return [];
  const quantifier = each.quantifier === "any" ? "all" : "any";
  return [
    {
      at: ["quantifier"],
      mutation: `\`${each.quantifier}\` becomes \`${quantifier}\` in \`${describeCondition(condition)}\``,
      value: { ...condition, path: { ...condition.path, each: { ...each, quantifier } } },
    },
  ];
}

function otherLiteral(condition: Condition, vocabulary: Vocabulary): readonly Draft<Condition>[] {
  const { operand, op } = condition;
  if (!("literal" in operand)) return [];
  const { literal } = operand;
  if (Array.isArray(literal)) return otherMembers(condition, literal, vocabulary);
  if (typeof literal === "number") return offByOne(condition, literal);
  if (op === "regex" || op === "matches") return otherCase(condition, literal as string);
  if (op === "type") return otherType(condition, literal as string);
  return [];
}

function withLiteral(condition: Condition, literal: Scalar | readonly Scalar[]): Condition {
  return { ...condition, operand: { literal } };
}

function offByOne(condition: Condition, literal: number): readonly Draft<Condition>[] {
  const size = /^(length|count)_/.test(condition.op);
  return [literal - 1, literal + 1]
    .filter((value) => !size || value >= 0)
    .map((value) => ({
      at: ["value"],
      mutation: `\`${literal}\` becomes \`${value}\` in \`${describeCondition(condition)}\``,
      value: withLiteral(condition, value),
    }));
}

function otherMembers(
  condition: Condition,
  members: readonly Scalar[],
  vocabulary: Vocabulary,
): readonly Draft<Condition>[] {
  const of = `\`${formatPath(condition.path)} ${condition.op}\``;
  const dropped = members.map((member, index) => ({
    at: ["value", index],
    mutation: `\`${String(member)}\` is left out of the list of ${of}`,
    value: withLiteral(condition, without(members, index)),
  }));
  const more = vocabulary.beside(condition.path, members);
  return [
    // A list of one without its member would be no list.
    ...(members.length > 1 ? dropped : []),
    ...(more === undefined
      ? []
      : [
          {
            at: ["value"],
            mutation: `\`${String(more)}\` is added to the list of ${of}`,
            value: withLiteral(condition, [...members, more]),
          },
        ]),
  ];
}

/** Only that it is forgotten: where the case counts, most patterns name both cases anyway. */
function otherCase(condition: Condition, pattern: string): readonly Draft<Condition>[] {
  if (!pattern.startsWith("(?i)")) return [];
  return [
    {
      at: ["value"],
      mutation: `the case of letters counts in \`${describeCondition(condition)}\``,
      value: withLiteral(condition, pattern.slice(4)),
    },
  ];
}

function otherType(condition: Condition, type: string): readonly Draft<Condition>[] {
  const other = type === "integer" ? "number" : type === "number" ? "integer" : undefined;
  if (other === undefined) return [];
  return [
    {
      at: ["value"],
      mutation: `\`${type}\` becomes \`${other}\` in \`${describeCondition(condition)}\``,
      value: withLiteral(condition, other),
    },
  ];
}
