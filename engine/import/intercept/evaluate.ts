/** A rule whose conditions must all hold: an entry, and one more for each that is an alternative. */
import { isObject, type Json, type JsonObject } from "../../json/value.ts";
import type { Condition, Entry, Group } from "../../schema/types.ts";
import { carryCondition, type Written } from "./conditions.ts";
import { KEYS, unknownKeys } from "./form.ts";
import { carryState } from "./limits.ts";
import { MAX_TEXT, textOf } from "./text.ts";
import type { CarriedRule, Where } from "./where.ts";

export function readConditions(list: readonly Json[], { at, source, notes }: Where): Written[] {
  return list.flatMap((condition, index) => {
    const here = [...at, "conditions", index];
    const { path, op, value } = isObject(condition) ? (condition as JsonObject) : {};
    for (const { key, message, help } of isObject(condition)
      ? unknownKeys(condition as JsonObject, KEYS.condition)
      : []) {
      notes.add("denied", source.place([...here, key], "key"), message, help);
    }
    if (typeof path === "string" && /^(args|state)\./.test(path)) {
      return [{ path, op: String(op ?? ""), value, at: here }];
    }
    notes.add(
      "refused",
      source.place([...here, "path"]),
      "a path starts with `args.` or `state.`",
      "name an argument: args.NAME",
    );
    return [];
  });
}

export function carryEvaluate(
  rule: JsonObject,
  conditions: readonly Written[],
  state: Json | undefined,
  where: Where,
): CarriedRule {
  const { scope, at, source, notes, budget } = where;
  const own = isObject(state!)
    ? `state.${scope.state}.${String((state as JsonObject).counter)}`
    : undefined;
  for (const { path, at: here } of conditions) {
    if (!path.startsWith("state.") || path === own) continue;
    const help =
      own === undefined ? "add the rule's `state` block" : "count in the rule that limits";
    notes.add(
      "denied",
      source.place([...here, "path"]),
      "the counter is not one that this rule keeps",
      help,
    );
  }
  const counted =
    state === undefined || state === null
      ? undefined
      : carryState(
          state,
          conditions.filter(({ path }) => path === own),
          scope,
          [...at, "state"],
          source,
          notes,
        );
  const carried = conditions
    .filter(({ path }) => path.startsWith("args."))
    .map((condition) => carryCondition(condition, source, notes, budget));
  const simple = carried.flatMap((one): Condition[] =>
    one !== undefined && "condition" in one ? [one.condition] : [],
  );
  const groups = carried.flatMap((one) => (one !== undefined && "anyOf" in one ? [one.anyOf] : []));
  const { name, on_deny } = saidBy(rule, where);
  const said = (what: Pick<Entry, "conditions" | "any_of">): Entry => ({
    ...(name === undefined ? {} : { name }),
    ...what,
    ...(on_deny === undefined ? {} : { on_deny }),
  });
  return {
    closed: counted?.never === true,
    entries: [
      ...(simple.length > 0 ? [said({ conditions: simple as Group })] : []),
      ...groups.map((groups) => said({ any_of: groups as Group[] })),
    ],
    ...(counted === undefined ? {} : { limit: counted.limit }),
    ...(counted === undefined || on_deny === undefined ? {} : { message: on_deny }),
  };
}

function saidBy(rule: JsonObject, { at, source, notes }: Where): Pick<Entry, "name" | "on_deny"> {
  const name = textOf(rule.name);
  const message = textOf(rule.on_deny);
  if (
    [rule.name, rule.on_deny].some((text) => typeof text === "string" && text.length > MAX_TEXT)
  ) {
    notes.add(
      "reworded",
      source.place(at),
      "a text is cut",
      `write at most ${MAX_TEXT} characters`,
    );
  }
  return {
    ...(name === undefined ? {} : { name }),
    ...(message === undefined ? {} : { on_deny: message }),
  };
}
