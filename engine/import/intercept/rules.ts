/** The rules of one tool, each of which must hold: entries of `require`, and limits. */
import { isObject, type Json, type JsonObject } from "../../json/value.ts";
import { quoted } from "../../policy/path.ts";
import type { Entry, Limit, Rules } from "../../schema/types.ts";
import type { Pointer } from "../../source.ts";
import type { Notes } from "../draft.ts";
import type { Source } from "../source.ts";
import type { Budget } from "./conditions.ts";
import { KEYS, unknownKeys } from "./form.ts";
import type { Scope } from "./limits.ts";
import { carryRule } from "./rule.ts";

/** Our rules for the tool; `closed` when every call of it is denied, by the source or by the import. */
export interface CarriedRules {
  readonly rules: Rules;
  readonly closed: boolean;
}

export function carryRules(
  tool: Json,
  scope: Scope,
  source: Source,
  notes: Notes,
  budget: Budget,
): CarriedRules {
  const at: Pointer = ["tools", scope.tool];
  const list = rulesOf(tool, at, source, notes);
  const start = notes.items.length;
  const entries: Entry[] = [];
  const limits: Limit[] = [];
  const messages: string[] = [];
  const counters = new Map<string, number>();
  let closed = false;
  for (const [index, rule] of list.entries()) {
    const here = [...at, "rules", index];
    const carried = carryRule(rule, { scope, at: here, source, notes, budget });
    if (carried === undefined) continue;
    if (carried.closed) closed = true;
    entries.push(...carried.entries);
    if (carried.limit === undefined) continue;
    const { counter } = carried.limit;
    const earlier = counters.get(counter);
    if (earlier !== undefined) {
      const message = `the counter \`${quoted(counter)}\` stands in rules ${earlier} and ${index}`;
      notes.add(
        "refused",
        source.place(here),
        message,
        "give each its own; of one window a tool has one rate limit",
      );
    }
    counters.set(counter, index);
    limits.push(carried.limit);
    if (carried.message !== undefined) messages.push(carried.message);
  }
  const isLost = notes.items
    .slice(start)
    .some(({ outcome }) => outcome === "denied" || outcome === "refused");
  // It would also be what an entry without a text of its own says.
  const spoken = entries.every(({ on_deny }) => on_deny !== undefined) ? messages : [];
  if (messages.length > 1 || spoken.length < messages.length) {
    const help = "phiward has one text for the limits of a tool";
    notes.add(
      "reworded",
      source.place(at, "key"),
      "what agents read when a limit is reached",
      help,
    );
  }
  return {
    closed: closed || isLost,
    rules: {
      ...(entries.length > 0 ? { require: entries } : {}),
      ...(limits.length > 0 ? { limits } : {}),
      ...(spoken.length > 0 ? { on_deny: spoken[0]! } : {}),
    },
  };
}

function rulesOf(tool: Json, at: Pointer, source: Source, notes: Notes): readonly Json[] {
  // `name:` with nothing after it is a tool without rules.
  if (tool === null) return [];
  if (!isObject(tool)) {
    notes.add("refused", source.place(at), "a tool is no mapping", "write `{ rules: [] }`");
    return [];
  }
  for (const { key, message, help } of unknownKeys(tool as JsonObject, KEYS.tool)) {
    notes.add("denied", source.place([...at, key], "key"), message, help);
  }
  const { rules } = tool as JsonObject;
  if (rules === undefined || rules === null) return [];
  if (Array.isArray(rules)) return rules;
  notes.add("refused", source.place([...at, "rules"]), "`rules` is no list", "write `rules: []`");
  return [];
}
