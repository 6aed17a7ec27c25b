/** A finding: anything in a file that a person should look at. */
import type { Place } from "./source.ts";

/** Only an `error` makes a command answer "no". */
export type Severity = "error" | "warning" | "info";

export interface Finding {
  /** The lint rule or the loading check that found it. */
  readonly rule: string;
  readonly severity: Severity;
  /** What is wrong: lower-case start, no full stop, the user's own words in backticks. */
  readonly message: string;
  /** What to do about it. */
  readonly help: string;
  readonly place: Place;
}

/** One total order, so that the same repository always prints the same list. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      compareText(a.place.file, b.place.file) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column ||
      compareText(a.rule, b.rule) ||
      compareText(a.message, b.message),
  );
}

/** By UTF-16 code unit: the same on every machine, unlike a locale's order. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === "error");
}
