/** What a regular expression says, where a plainer operator says the same. */
import type { Operator, Scalar } from "../policy/ir.ts";

export interface PlainForm {
  readonly op: Operator;
  readonly value: Scalar | readonly Scalar[];
}

const LITERAL = /^(?:[^\\.*+?()[\]{}|^$]|\\[^A-Za-z0-9])+$/;

/**
 * The plainer form of a pattern that `regex` searches for; undefined where there is none, or where it
 * is not seen. Who rewrites a policy by it proves that the two are the same.
 */
export function plainForm(pattern: string): PlainForm | undefined {
  const start = /^(\^|\\A)/.exec(pattern)?.[0] ?? "";
  const end = /(?<!\\)(?:\\\\)*(\$|\\z)$/.exec(pattern)?.[1] ?? "";
  const inner = pattern.slice(start.length, pattern.length - end.length);
  if (LITERAL.test(inner)) {
    const op =
      start === "" ? (end === "" ? "contains" : "ends_with") : end === "" ? "starts_with" : "eq";
    return { op, value: unescaped(inner) };
  }
  if (start === "" || end === "") return undefined;
  if (inner === "") return { op: "eq", value: "" };
  const words = /^\((?:\?:)?([^()]*)\)$/.exec(inner)?.[1]?.split("|");
  if (words?.every((word) => LITERAL.test(word))) return { op: "in", value: words.map(unescaped) };
  // Outside a group an alternative takes the anchor of its own side only: `^a|b$`.
  return /[|]/.test(inner) || /^\(\?[a-zA-Z-]*m/.test(pattern)
    ? undefined
    : { op: "matches", value: inner };
}

function unescaped(literal: string): string {
  return literal.replace(/\\(.)/gs, "$1");
}
