/**
 * Mutants of a tool's label that sound more harmless than the original. Only what a decision can show:
 * the patient's argument is one where a limit counts patients, and the volume never is.
 */
import { isByArgument } from "../decide/label.ts";
import { type ByArgument, EFFECTS, type Effect, type Label, type Server } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import type { Target } from "../prove/rules.ts";
import type { ServerFile } from "../schema/types.ts";
import type { Located } from "../source.ts";
import { without } from "./lists.ts";
import type { Draft, Mutant } from "./mutant.ts";

export interface Reached {
  readonly target: Target;
  /** Whether a limit of a policy that reaches it counts different patients. */
  readonly countsPatients: boolean;
}

export function labelMutants(
  located: Located<ServerFile>,
  server: Server,
  reached: readonly Reached[],
): readonly Mutant[] {
  return reached.flatMap(({ target, countsPatients }) => {
    const section = "tool" in target ? "tools" : "methods";
    const name = "tool" in target ? target.tool : target.method;
    const label = server[section][name];
    // A tool without a label has the worst, and no line on which somebody could err.
    if (label === undefined) return [];
    return [
      ...effectDrafts(label),
      ...ephiDrafts(label),
      ...(countsPatients ? subjectDrafts(label) : []),
    ].map(({ at, mutation, value }) => ({
      mutation: `${mutation} in the label of \`${name}\``,
      place: located.place([section, name, ...at], "key"),
      pointer: [section, name, ...at],
      edit: { of: "label" as const, server: server.id, target, value },
    }));
  });
}

function effectDrafts(label: Label): readonly Draft<Label>[] {
  return partDrafts("effect", label.effect, weaker).map((draft) => ({
    ...draft,
    value: { ...label, effect: draft.value },
  }));
}

function weaker(effect: Effect): Effect | undefined {
  return EFFECTS[EFFECTS.indexOf(effect) - 1];
}

function ephiDrafts(label: Label): readonly Draft<Label>[] {
  return partDrafts("ephi", label.ephi, (ephi) => (ephi ? false : undefined)).map((draft) => ({
    ...draft,
    value: { ...label, ephi: draft.value },
  }));
}

/** The part itself, or each of its cases, made weaker where it can be. */
function partDrafts<T extends string | boolean>(
  key: string,
  part: T | ByArgument<T>,
  weaken: (value: T) => T | undefined,
): readonly Draft<T | ByArgument<T>>[] {
  if (!isByArgument(part)) {
    const value = weaken(part);
    if (value === undefined) return [];
    return [{ at: [key], mutation: `\`${key}: ${part}\` becomes \`${value}\``, value }];
  }
  return Object.entries(part.cases).flatMap(([name, one]) => {
    const value = weaken(one);
    if (value === undefined) return [];
    return [
      {
        at: [key, "cases", name],
        mutation: `\`${name}: ${one}\` becomes \`${value}\``,
        value: { ...part, cases: { ...part.cases, [name]: value } },
      },
    ];
  });
}

function subjectDrafts(label: Label): readonly Draft<Label>[] {
  const { subject } = label;
  if (isByArgument(subject) || typeof subject === "string") return [];
  return [
    { at: ["subject"], mutation: "`subject` becomes `none`", value: { ...label, subject: "none" } },
    ...(subject.length < 2
      ? []
      : subject.map((path, index) => ({
          at: ["subject", index],
          mutation: `\`${formatPath(path)}\` is left out of \`subject\``,
          value: { ...label, subject: without(subject, index) },
        }))),
  ];
}
