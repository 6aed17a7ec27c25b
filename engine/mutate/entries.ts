/** Mistakes within one `require` or `deny_if` entry: a condition less, "all of" for "one of", and back. */
import { describeCondition } from "../decide/condition.ts";
import type { Condition, Entry } from "../policy/ir.ts";
import { conditionMutants } from "./conditions.ts";
import { replaced, without } from "./lists.ts";
import type { Draft } from "./mutant.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** How an entry is written: its form decides where in the file a condition stands. */
export type Form = "any_of" | "conditions" | "bare";

export function entryMutants(
  entry: Entry,
  form: Form,
  vocabulary: Vocabulary,
): readonly Draft<Entry>[] {
  const with_ = (anyOf: Entry["anyOf"]): Entry => ({ ...entry, anyOf });
  const { anyOf } = entry;
  return [
    ...joined(anyOf).map((draft) => ({ ...draft, value: with_(draft.value) })),
    ...anyOf.flatMap((group, g) => [
      ...droppedGroup(anyOf, g).map((value) => ({
        at: form === "any_of" ? ["any_of", g] : [],
        mutation: `drop the alternative ${wordsOf(group)}`,
        value: with_(value),
      })),
      ...groupMutants(group, vocabulary).map(({ at: [c = 0, ...rest], mutation, value }) => ({
        at: [...placeOf(form, g, c), ...rest],
        mutation,
        value: with_(replaced(anyOf, g, value)),
      })),
    ]),
  ];
}

function placeOf(form: Form, group: number, condition: string | number): (string | number)[] {
  if (form === "any_of") return ["any_of", group, condition];
  return form === "conditions" ? ["conditions", condition] : [];
}

/** Of one group, all conditions become alternatives; of several, the alternatives become one. */
function joined(anyOf: Entry["anyOf"]): readonly Draft<Entry["anyOf"]>[] {
  const [only, ...others] = anyOf;
  if (others.length > 0) {
    const mutation = "every alternative must hold, where one was enough";
    return [{ at: [], mutation, value: [anyOf.flat()] }];
  }
  if (only === undefined || only.length < 2) return [];
  const mutation = "one of the conditions is enough, where all must hold";
  return [{ at: [], mutation, value: only.map((condition) => [condition]) }];
}

function droppedGroup(anyOf: Entry["anyOf"], group: number): readonly Entry["anyOf"][] {
  return anyOf.length > 1 ? [without(anyOf, group)] : [];
}

function groupMutants(
  group: readonly Condition[],
  vocabulary: Vocabulary,
): readonly Draft<readonly Condition[]>[] {
  return group.flatMap((condition, c) => [
    // The only condition of a group goes with the group, or with the entry.
    ...(group.length > 1
      ? [
          {
            at: [c],
            mutation: `drop the condition \`${describeCondition(condition)}\``,
            value: without(group, c),
          },
        ]
      : []),
    ...conditionMutants(condition, vocabulary).map(({ at, mutation, value }) => ({
      at: [c, ...at],
      mutation,
      value: replaced(group, c, value),
    })),
  ]);
}

function wordsOf(group: readonly Condition[]): string {
  return group.map((condition) => `\`${describeCondition(condition)}\``).join(" and ");
}
