/** A rule of the activity review: what it looks for, with numbers that anybody can repeat. */
import type { Facts } from "./facts.ts";
import type { ReviewFinding, ReviewSeverity } from "./report.ts";

export interface ReviewRule {
  readonly id: string;
  /** The gravest that it gives. */
  readonly severity: ReviewSeverity;
  /** What it looks for and from which number on: one or two sentences for docs/activity-review.md. */
  readonly looks: string;
  /** Why a reviewer should care. */
  readonly why: string;
  readonly check: (facts: Facts) => Iterable<ReviewFinding>;
}

/** A command line that shows the records of a finding. */
export function queryCommand(flags: Readonly<Record<string, string | undefined>>): string {
  const words = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${quoted(value)}`],
  );
  return ["phiward audit query", ...words].join(" ");
}

/** A name may hold what a shell would act upon. */
function quoted(text: string): string {
  return /^[A-Za-z0-9:._/@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Of a record's time, as the command line takes it. */
export function timeText(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

/** `3 days`, `1 day`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
