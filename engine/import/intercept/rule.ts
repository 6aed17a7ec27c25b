/** One rule, by its action: an evaluation, a rate limit, a denial. */
import { isObject, type Json, type JsonObject } from "../../json/value.ts";
import { carryEvaluate, readConditions } from "./evaluate.ts";
import { KEYS, parseRateLimit, unknownKeys } from "./form.ts";
import { textOf } from "./text.ts";
import type { CarriedRule, Where } from "./where.ts";

export function carryRule(rule: Json, where: Where): CarriedRule | undefined {
  const { at, source, notes } = where;
  if (!isObject(rule)) {
    notes.add("refused", source.place(at), "a rule is no mapping", "write name and conditions");
    return undefined;
  }
  const written = rule as JsonObject;
  for (const { key, message, help } of unknownKeys(written, KEYS.rule)) {
    // A later Intercept asks a person here, or meters a payment; to leave that out would be wider.
    notes.add("denied", source.place([...at, key], "key"), message, help);
  }
  const { action = "evaluate", rate_limit: rate, conditions, state, name } = written;
  if (rate !== undefined && rate !== "") return carryRateLimit(written, where);
  const refuse = (key: string, message: string, help: string): void =>
    notes.add("refused", source.place([...at, key]), message, help);
  if (typeof name !== "string" || name === "") refuse("name", "a rule has no name", "add `name:`");
  const list = Array.isArray(conditions) ? conditions : [];
  if (conditions !== undefined && conditions !== null && !Array.isArray(conditions)) {
    refuse("conditions", "`conditions` is no list", "write `- path: …`");
  }
  if (action === "deny") {
    if (list.length > 0)
      refuse("conditions", "a deny rule has conditions", "remove them, or evaluate the opposite");
    return deny(written, where);
  }
  if (action === "require_approval") {
    const help = "deny, or allow what needs nobody; a gateway has no person to ask";
    notes.add("denied", source.place([...at, "action"]), "a rule that waits for a person", help);
    return undefined;
  }
  if (action !== "evaluate" && action !== "") {
    refuse("action", "the action is neither evaluate nor deny", "write one of the two");
    return undefined;
  }
  if (list.length === 0) {
    refuse("conditions", "a rule has no condition", "add one, or remove the rule");
    return undefined;
  }
  return carryEvaluate(written, readConditions(list, where), state, where);
}

function carryRateLimit(rule: JsonObject, where: Where): CarriedRule | undefined {
  const { at, source, notes, scope } = where;
  const refuse = (message: string, help: string): void =>
    notes.add("refused", source.place([...at, "rate_limit"]), message, help);
  const parsed = parseRateLimit(rule.rate_limit!);
  if ("problem" in parsed) refuse(parsed.problem, "write it like 5/hour");
  if (rule.state !== undefined || (Array.isArray(rule.conditions) && rule.conditions.length > 0)) {
    refuse("`rate_limit` stands beside conditions or state", "write two rules");
  }
  if (rule.action === "deny") refuse("`rate_limit` in a deny rule", "remove one of the two");
  if ("problem" in parsed) return undefined;
  if (textOf(rule.name) === undefined) {
    notes.add("refused", source.place([...at, "name"]), "a rule has no name", "add `name:`");
  }
  const { count, window } = parsed;
  const said = textOf(rule.on_deny);
  return {
    closed: false,
    entries: [],
    limit: { counter: `_rate_${window}`, window, max: count, scope: "server" },
    message: said ?? `Rate limit of ${count} per ${window} reached. Try again later.`,
    ...(scope.tool.includes(".") ? { closed: noDots(where) } : {}),
  };
}

function noDots({ at, source, notes }: Where): boolean {
  const help = "remove the limit there; phiward can limit such a tool";
  notes.add(
    "refused",
    source.place(at),
    "Intercept cannot count calls of a tool whose name has a dot",
    help,
  );
  return true;
}

function deny(rule: JsonObject, { at, source, notes }: Where): CarriedRule {
  if (textOf(rule.on_deny) !== undefined) {
    const help = "phiward does not say of a tool that is not granted that it exists";
    notes.add(
      "reworded",
      source.place([...at, "on_deny"]),
      "agents read `(not granted)` instead",
      help,
    );
  }
  return { closed: true, entries: [] };
}
