/** Which suppressions of phiward.yaml are in force. */
import type { Finding } from "../finding.ts";
import { DAY, parseDay } from "../policy/time.ts";
import type { Suppression } from "../schema/types.ts";

/** A suppression is a decision for a time; who still wants it then decides again. */
export const MAX_SUPPRESSION_DAYS = 180;

/** The rule that judges suppressions: were it suppressible, one entry could make all others last. */
export const SUPPRESSION = "suppression";

export type UntilProblem = "no such day" | "expired" | "too far";

/** What is wrong with the date of a suppression; such a one is not in force. */
export function untilProblem(until: string, now: number): UntilProblem | undefined {
  const at = parseDay(until);
  if (at === undefined) return "no such day";
  if (at <= now) return "expired";
  return at - now > MAX_SUPPRESSION_DAYS * DAY ? "too far" : undefined;
}

/** A suppression in force whose rule, and file where it names one, are the finding's. */
export function isSuppressed(
  finding: Finding,
  suppressions: readonly Suppression[],
  now: number,
): boolean {
  return suppressions.some(
    ({ rule, file, until }) =>
      rule === finding.rule &&
      rule !== SUPPRESSION &&
      (file === undefined || file === finding.place.file) &&
      untilProblem(until, now) === undefined,
  );
}
