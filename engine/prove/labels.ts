/** What a label says of calls, as formulas: one argument's value may decide, any other is the worst. */
import type { ByArgument, Effect, Label } from "../policy/ir.ts";
import type { Conditions } from "./conditions.ts";
import type { Formula, Workshop } from "./formula.ts";

/** What judges conditions about a call: the rules of one side. */
interface Judged {
  readonly conditions: Conditions;
}

/** The calls that may touch patient data: all but those of a case that says they do not. */
export function whereEphi(shop: Workshop, rules: Judged, { ephi }: Label): Formula {
  if (typeof ephi === "boolean") return ephi ? shop.yes : shop.no;
  return shop.not(among(rules, ephi, (value) => !value));
}

/** The calls of some effects; a value that is no case executes. */
export function whereEffect(
  shop: Workshop,
  rules: Judged,
  { effect }: Label,
  effects: readonly Effect[],
): Formula {
  if (typeof effect === "string") return effects.includes(effect) ? shop.yes : shop.no;
  return shop.or([
    among(rules, effect, (value) => effects.includes(value)),
    effects.includes("execute") ? shop.not(among(rules, effect, () => true)) : shop.no,
  ]);
}

/** The calls of which the argument is one of the wanted cases. */
function among<T>(
  rules: Judged,
  { by: { root, steps }, cases }: ByArgument<T>,
  wanted: (value: T) => boolean,
): Formula {
  const literal = Object.keys(cases).filter((name) => wanted(cases[name]!));
  const path = { root, steps };
  return rules.conditions.condition({ path, op: "in", operand: { literal }, not: false }).whenTrue;
}
