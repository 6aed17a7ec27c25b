/** A policy before it is written: rules, each with the reason that stands beside it. */
import type { Effect } from "../policy/ir.ts";

export interface DraftCondition {
  /** As a policy writes it: `args.patient_id`. */
  readonly path: string;
  readonly op: string;
  readonly value: string | number | boolean | readonly (string | number)[];
  readonly quantifier?: "all";
}

export interface DraftEntry {
  /** OR of ANDs. */
  readonly anyOf: readonly (readonly DraftCondition[])[];
  /** What was seen, in words without a value. */
  readonly why: string;
}

export interface DraftLimit {
  readonly counter: string;
  readonly window: "hour";
  readonly max: number;
  readonly scope: "grant";
  readonly distinct?: "subject";
  readonly why: string;
}

export interface DraftTool {
  readonly name: string;
  readonly why: string;
  readonly effect: Effect | "depends";
  readonly args: readonly string[];
  readonly require: readonly DraftEntry[];
  readonly limits: readonly DraftLimit[];
  readonly open: Open;
}

/** What no rule of the language can say: a person has to look. */
export interface Open {
  /** Objects whose other members are not closed: the language closes arguments only. */
  readonly objects: readonly string[];
  /** Places of which nothing is said, and why. */
  readonly unsaid: readonly string[];
}

export function openWords({ objects, unsaid }: Open): readonly string[] {
  return [
    ...(objects.length === 0
      ? []
      : [
          `members that were never seen can be sent in ${objects.map((path) => `\`${path}\``).join(", ")}: the schema leaves them open, and a policy closes arguments only`,
        ]),
    ...unsaid,
  ];
}

export interface DraftPolicy {
  readonly name: string;
  readonly description: string;
  readonly tools: readonly DraftTool[];
}
