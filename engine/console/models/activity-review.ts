/** The activity review of a period: one report, and who has signed it. */

import type { Index } from "../../audit/index/schema.ts";
import { recordedChanges } from "../../bundle/store/origins.ts";
import { DAY } from "../../policy/time.ts";
import { activityReport } from "../../review/activity.ts";
import { endOf, type Period, parsePeriod } from "../../review/period.ts";
import { type ActivityReport, findingsOf, type ReviewFinding } from "../../review/report.ts";
import { ownFindings } from "../../review/self-review.ts";
import {
  type ActivitySignature,
  activitySignatures,
  reviewedOpenings,
  type SignedReport,
  signaturesUnder,
} from "../../review/signed.ts";
import type { Books } from "../books.ts";
import type { Visitor } from "../entry/credential.ts";
import type { Policy } from "../policy.ts";

export interface ActivityReview {
  readonly report: ActivityReport;
  readonly findings: readonly ReviewFinding[];
  readonly signatures: readonly SignedReport[];
  /** Only a period that is over can be signed. */
  readonly over: boolean;
  /** Findings about the visitor, or about whom they answer for. */
  readonly own: readonly ReviewFinding[];
}

export function activityReview(
  { audit, state }: Books,
  { loaded }: Policy,
  index: Index,
  period: Period,
  { visitor, at }: { readonly visitor: Visitor; readonly at: number },
): ActivityReview {
  const log = { folder: audit.log, index };
  const report = activityReport({
    ...log,
    period,
    reviewed: reviewedOpenings(log),
    now: at,
    loaded,
    changesOf: recordedChanges(state),
  });
  return {
    report,
    findings: findingsOf(report),
    signatures: signaturesUnder(report, activitySignatures(log)),
    over: endOf(period) <= at,
    own: ownFindings(report, visitor),
  };
}

/** Months that can be chosen, newest first; the log has records of them. */
export function monthsOf(index: Index, at: number): readonly string[] {
  const row = index.prepare("SELECT min(day) AS first FROM daily").get() as {
    first: number | null;
  };
  const [first, last] = [new Date((row.first ?? at / DAY) * DAY), new Date(at)];
  const months: string[] = [];
  for (let m = monthNumber(last); m >= monthNumber(first) && months.length < MAX_MONTHS; m--) {
    months.push(`${Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}`);
  }
  return months;
}

const MAX_MONTHS = 24;

function monthNumber(at: Date): number {
  return at.getUTCFullYear() * 12 + at.getUTCMonth();
}

/** The quarters of the months. */
export function quartersOf(months: readonly string[]): readonly string[] {
  const quarter = (month: string): string =>
    `${month.slice(0, 4)}-Q${Math.ceil(Number(month.slice(5)) / 3)}`;
  return [...new Set(months.map(quarter))];
}

/** The newest month that is over; the current one where the log is younger. */
export function usualPeriod(months: readonly string[]): string {
  return months[1] ?? months[0]!;
}

/** Months that are over and that nobody has signed a report of. */
export function unsignedMonths(
  months: readonly string[],
  signatures: readonly ActivitySignature[],
  at: number,
): readonly string[] {
  return months.filter((month) => {
    const period = parsePeriod(month);
    const [from, to] = [period.fromDay * DAY, endOf(period)];
    return (
      to <= at &&
      !signatures.some((one) => Date.parse(one.from) <= from && to <= Date.parse(one.to))
    );
  });
}
