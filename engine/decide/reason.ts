/** Why an entry came out as it did, in words of the policy and never of the call. */
import type { Condition } from "../policy/ir.ts";
import { describeCondition, type Facts, type Undetermined, whyUndetermined } from "./condition.ts";
import type { ReadyEntry, ReadyGroup } from "./prepare.ts";
import type { Truth } from "./truth.ts";

export type EntryKind = "require" | "deny_if";

export interface EntryReason {
  readonly reason: string;
  readonly undetermined?: Undetermined;
}

export function entryReason(
  entry: ReadyEntry,
  kind: EntryKind,
  truth: Truth,
  facts: Facts,
): EntryReason {
  // `require/0`, unless the author gave the entry a name.
  const name = entry.source.name ?? entry.pointer.split("/").slice(-2).join("/");
  if (truth === "undetermined") {
    const undetermined = whyUndetermined(openCondition(entry, facts), facts);
    const so = kind === "require" ? "does not hold" : "cannot be ruled out";
    return {
      reason: `\`${undetermined.path}\` is ${undetermined.why}, so ${name} ${so}`,
      undetermined,
    };
  }
  if (truth === "true") {
    const group = entry.groups.find(({ judge }) => judge(facts) === "true")!;
    const texts = group.conditions.map(({ source }) => `\`${describeCondition(source)}\``);
    return { reason: `${name}: ${texts.join(" and ")} ${texts.length > 1 ? "hold" : "holds"}` };
  }
  const [group, ...others] = entry.groups;
  if (others.length > 0)
    return { reason: `${name}: none of its ${entry.groups.length} alternatives holds` };
  const condition = group!.conditions.find(({ judge }) => judge(facts) === "false")!;
  return { reason: `${name}: \`${describeCondition(condition.source)}\` does not hold` };
}

/** The group that leaves an undetermined entry open: no condition of it is false. */
export function openGroup(entry: ReadyEntry, facts: Facts): ReadyGroup {
  return entry.groups.find(({ judge }) => judge(facts) === "undetermined")!;
}

/** The condition that leaves an undetermined entry open. */
export function openCondition(entry: ReadyEntry, facts: Facts): Condition {
  return openGroup(entry, facts).conditions.find(({ judge }) => judge(facts) === "undetermined")!
    .source;
}
