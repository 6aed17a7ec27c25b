/** The parts of a policy that a test can exercise: its rules, and the conditions of its entries. */
import { describeCondition, type ReadyCondition } from "../decide/condition.ts";
import type { ReadyEntry, ReadyPolicy, ReadyRules } from "../decide/prepare.ts";
import type { Policy } from "../policy/ir.ts";
import type { LoadedFile } from "../policy/load.ts";
import type { Target } from "../prove/rules.ts";
import type { Entry, PolicyFile, Rules } from "../schema/types.ts";
import { escapeStep, type Place, type Pointer } from "../source.ts";

export interface RulePart {
  readonly policy: string;
  /** As a decision names it; a tool or method stands for the calls of it that are allowed. */
  readonly rule: string;
  readonly pointer: Pointer;
  readonly place: Place;
}

export interface ConditionPart extends RulePart {
  readonly condition: string;
  readonly ready: ReadyCondition;
  /** Where its entry is judged: after how many others, and for which target; undefined for all tools. */
  readonly entry: EntryPlace;
}

export interface EntryPlace {
  readonly target: Target | undefined;
  readonly kind: "require" | "deny_if";
  readonly index: number;
}

export interface Parts {
  readonly rules: readonly RulePart[];
  readonly conditions: readonly ConditionPart[];
}

export function partsOf({ located }: LoadedFile<PolicyFile, Policy>, ready: ReadyPolicy): Parts {
  const policy = ready.source.name;
  const part = (rule: string, pointer: Pointer): RulePart => ({
    policy,
    rule,
    pointer,
    place: located.place(pointer, "key"),
  });
  const written = located.value;
  const sets = [
    ruleSet(part, ["all_tools"], ready.allTools, written.all_tools, undefined),
    ...[...ready.tools].map(([tool, rules]) =>
      ruleSet(part, ["tools", tool], rules, written.tools?.[tool], { tool }),
    ),
    ...[...ready.methods].map(([method, rules]) =>
      ruleSet(part, ["methods", method], rules, written.methods?.[method], { method }),
    ),
  ];
  return {
    rules: [...steps(ready.source, part), ...sets.flatMap(({ rules }) => rules)],
    conditions: sets.flatMap(({ conditions }) => conditions),
  };
}

type Make = (rule: string, pointer: Pointer) => RulePart;

/** What a policy says beside the rules of its tools. */
function steps({ default: otherwise, hide, methods }: Policy, part: Make): readonly RulePart[] {
  return [
    part(`(default ${otherwise})`, ["default"]),
    ...(hide.length > 0 ? [part("(hidden)", ["hide"])] : []),
    ...(Object.keys(methods).length > 0 ? [part("(method)", ["methods"])] : []),
  ];
}

function ruleSet(
  part: Make,
  at: Pointer,
  ready: ReadyRules,
  written: Rules | undefined,
  target: Target | undefined,
): Parts {
  const pointer = `/${at.map((step) => escapeStep(String(step))).join("/")}`;
  const entries = (["require", "deny_if"] as const).flatMap((kind) =>
    (kind === "require" ? ready.require : ready.denyIf).map((entry, index) =>
      entryParts(part, [...at, kind, index], entry, written?.[kind]?.[index], {
        target,
        kind,
        index,
      }),
    ),
  );
  return {
    rules: [
      // All tools together are reached through each of them.
      ...(target === undefined ? [] : [part(pointer, at)]),
      ...(ready.args === undefined ? [] : [part(`${pointer}/args`, [...at, "args"])]),
      ...entries.flatMap(({ rules }) => rules),
      ...ready.limits.map((limit, index) => part(limit.pointer, [...at, "limits", index])),
    ],
    conditions: entries.flatMap(({ conditions }) => conditions),
  };
}

function entryParts(
  part: Make,
  at: Pointer,
  entry: ReadyEntry,
  written: Entry | undefined,
  place: EntryPlace,
): Parts {
  const conditions = entry.groups.flatMap((group, g) =>
    group.conditions.map((ready, c) => {
      const below =
        written?.any_of !== undefined
          ? ["any_of", g, c]
          : written?.conditions !== undefined
            ? ["conditions", c]
            : [];
      return {
        ...part(entry.pointer, [...at, ...below]),
        condition: describeCondition(ready.source),
        ready,
        entry: place,
      };
    }),
  );
  return { rules: [part(entry.pointer, at)], conditions };
}
