/** The call that shows a change, as a small table that a reader of no JSON understands. */
import type { Change, Witness } from "../compare/report.ts";
import { InexactNumber } from "../json/value.ts";
import { plural } from "./paint.ts";

/** A concrete call, as a table. */
export interface Call {
  readonly intro: string;
  readonly args: readonly Argument[];
  /** Arguments that are not shown. */
  readonly more: number;
  /** Why base denied it; a sentence. */
  readonly denied: string;
}

export interface Argument {
  readonly name: string;
  readonly value: string;
}

/** More are read by nobody; the JSON report has them all. */
const MAX_ARGUMENTS = 12;
const MAX_VALUE = 160;

export function callOf({ baseDecision }: Change, witness: Witness): Call {
  const { args, at, sequence } = witness;
  const all = argumentsOf(args, "");
  const when = `${at.slice(0, 10)} at ${at.slice(11, 16)} UTC`;
  const intro =
    sequence === undefined
      ? `A call that shows it, on ${when}`
      : `The last of ${plural(sequence.calls.length, "call")} within one window shows it, on ${when}`;
  return {
    intro,
    args: all.slice(0, MAX_ARGUMENTS),
    more: Math.max(0, all.length - MAX_ARGUMENTS),
    denied: baseDecision === undefined ? "" : deniedBecause(baseDecision),
  };
}

/** Nested arguments by their path, each with its value as a person would write it. */
function argumentsOf(value: unknown, name: string): Argument[] {
  const members =
    typeof value === "object" && value !== null && !(value instanceof InexactNumber)
      ? Object.entries(value)
      : [];
  if (members.length > 0)
    return members.flatMap(([key, of]) => argumentsOf(of, name === "" ? key : `${name}.${key}`));
  return name === "" ? [] : [{ name, value: shortened(written(value)) }];
}

function written(value: unknown): string {
  if (value instanceof InexactNumber) return value.text;
  if (value === "") return "(empty text)";
  if (Array.isArray(value)) return "(empty list)";
  return typeof value === "object" ? "(nothing)" : String(value);
}

function shortened(text: string): string {
  const points = [...text];
  return points.length <= MAX_VALUE ? text : `${points.slice(0, MAX_VALUE).join("")}…`;
}

const BECAUSE: Readonly<Record<string, string>> = {
  "(no grant)": "there was no such grant",
  "(expired)": "the grant was over by then",
  "(not yet valid)": "the grant was not in force yet",
  "(unknown server)": "the server was not known",
  "(no baa)": "no business associate agreement was in force",
  "(no policy)": "the grant had no policy for the server",
  "(method)": "the policy did not list it",
  "(hidden)": "the policy hid the tool",
  "(default deny)": "the policy did not list the tool",
  "(quarantined)": "the tool, as it was then, had not been reviewed",
  "(schema)": "the tool's reviewed definition did not take such arguments",
};

function deniedBecause({
  rule,
  reason,
}: {
  readonly rule: string;
  readonly reason?: string;
}): string {
  // A sequence that uses up a limit is played without words.
  const limit = rule.includes("/limits/") ? "the limit was used up by then" : undefined;
  return `denied before: ${BECAUSE[rule] ?? reason ?? limit ?? `\`${rule}\``}`;
}
