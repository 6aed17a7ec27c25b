/** What a test sees of a decision. */
import type { Decision } from "../decide/decide.ts";
import type { Seen } from "./report.ts";

export function seen({ verdict, rule, ephi, effect }: Decision): Seen {
  return { verdict, rule, ephi, effect };
}

/**
 * Whether a test has to see a difference: another verdict, or another effect or ePHI of an allowed
 * call. Which rule denies is left out: a call that is denied either way is denied.
 */
export function sees(a: Decision, b: Decision): boolean {
  if (a.verdict !== b.verdict) return true;
  return a.verdict === "allow" && (a.ephi !== b.ephi || a.effect !== b.effect);
}
