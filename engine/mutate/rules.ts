/** Mistakes within the rules of one tool, one method, or all tools. */
import type { Entry, Limit, RuleSet } from "../policy/ir.ts";
import type * as file from "../schema/types.ts";
import { entryMutants, type Form } from "./entries.ts";
import { limitMutants } from "./limits.ts";
import { replaced, without } from "./lists.ts";
import type { Draft } from "./mutant.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface RulesDraft extends Draft<RuleSet> {
  readonly limit?: true;
}

/** `tool` is undefined for what is no tool: then no argument can be added. */
export function rulesMutants(
  rules: RuleSet,
  written: file.Rules,
  tool: string | undefined,
  vocabulary: Vocabulary,
): readonly RulesDraft[] {
  return [
    ...argsMutants(rules, written, tool, vocabulary),
    ...kindMutants(rules, written, "require", vocabulary),
    ...kindMutants(rules, written, "deny_if", vocabulary),
    ...rules.limits.flatMap((limit, index) => limitDrafts(rules, limit, index)),
  ];
}

function argsMutants(
  rules: RuleSet,
  written: file.Rules,
  tool: string | undefined,
  vocabulary: Vocabulary,
): readonly RulesDraft[] {
  const { args, ...rest } = rules;
  if (args === undefined) return [];
  const more = tool === undefined ? undefined : vocabulary.argument(tool, args);
  return [
    { at: ["args"], mutation: "any argument may be present: drop `args`", value: rest },
    ...args.map((name, index) => ({
      at: ["args", written.args?.indexOf(name) ?? 0],
      mutation: `leave \`${name}\` out of \`args\``,
      value: { ...rules, args: without(args, index) },
    })),
    ...(more === undefined
      ? []
      : [
          {
            at: ["args"],
            mutation: `add \`${more}\` to \`args\``,
            value: { ...rules, args: [...args, more].sort() },
          },
        ]),
  ];
}

const COMPILED = { require: "require", deny_if: "denyIf" } as const;
const OTHER = { require: "deny_if", deny_if: "require" } as const;

function kindMutants(
  rules: RuleSet,
  written: file.Rules,
  kind: "require" | "deny_if",
  vocabulary: Vocabulary,
): readonly RulesDraft[] {
  const key = COMPILED[kind];
  const other = COMPILED[OTHER[kind]];
  const entries = rules[key];
  return entries.flatMap((entry, index) => [
    {
      at: [kind, index],
      mutation: `drop the \`${kind}\` entry${named(entry)}`,
      value: { ...rules, [key]: without(entries, index) },
    },
    // Of one condition alone this is its negation.
    ...(entry.anyOf.flat().length < 2
      ? []
      : [
          {
            at: [kind, index],
            mutation: `the \`${kind}\` entry${named(entry)} becomes a \`${OTHER[kind]}\` entry`,
            value: { ...rules, [key]: without(entries, index), [other]: [...rules[other], entry] },
          },
        ]),
    ...entryMutants(entry, formOf(written[kind]?.[index]), vocabulary).map(
      ({ at, mutation, value }) => ({
        at: [kind, index, ...at],
        mutation: `${mutation}${index === 0 && entries.length === 1 ? "" : of(kind, index, entry)}`,
        value: { ...rules, [key]: replaced(entries, index, value) },
      }),
    ),
  ]);
}

function named({ name }: Entry): string {
  return name === undefined ? "" : ` \`${name}\``;
}

function of(kind: string, index: number, { name }: Entry): string {
  return ` (${name === undefined ? `${kind}/${index}` : `\`${name}\``})`;
}

function formOf(entry: file.Entry | undefined): Form {
  if (entry?.any_of !== undefined) return "any_of";
  return entry?.conditions === undefined ? "bare" : "conditions";
}

function limitDrafts(rules: RuleSet, limit: Limit, index: number): readonly RulesDraft[] {
  const { limits } = rules;
  return [
    {
      at: ["limits", index],
      mutation: `drop the limit \`${limit.counter}\``,
      value: { ...rules, limits: without(limits, index) },
      limit: true,
    },
    ...limitMutants(limit).map(({ at, mutation, value }) => ({
      at: ["limits", index, ...at],
      mutation,
      value: { ...rules, limits: replaced(limits, index, value) },
      limit: true as const,
    })),
  ];
}
