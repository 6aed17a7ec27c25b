/** What became of the expectations: one value, from which every format is rendered. */
import type { Place } from "../source.ts";

export interface CaseResult {
  readonly suite: string;
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped" | "error";
  /** Of the call, or of a sequence's last call; absent where nothing was decided. */
  readonly verdict?: "allow" | "deny";
  readonly rule?: string;
  /** Why the case has this status, or why the call was decided so. */
  readonly reason: string;
  readonly place: Place;
}

export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly errors: number;
  readonly cases: readonly CaseResult[];
}

export function reportOf(cases: readonly CaseResult[]): TestReport {
  const count = (status: CaseResult["status"]): number =>
    cases.filter((c) => c.status === status).length;
  return {
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped"),
    errors: count("error"),
    cases,
  };
}
