/** Reviews that were signed, as the log tells of them. */
import { adminRecords } from "./events.ts";
import type { LogToReview } from "./facts.ts";
import type { ActivityReport } from "./report.ts";
import { REVIEW_ACTIONS } from "./sign-off.ts";

/** One signature under an activity report. */
export interface ActivitySignature {
  /** The record's number. */
  readonly seq: number;
  readonly at: string;
  readonly by: string;
  readonly from: string;
  readonly to: string;
  /** Of the report that was signed, and of its numbers alone. */
  readonly report: string;
  readonly numbers: string;
  readonly findings: number;
  readonly note: string | null;
}

/** Every signature under an activity report, oldest first. */
export function activitySignatures(log: LogToReview): readonly ActivitySignature[] {
  return adminRecords(log, REVIEW_ACTIONS.activity).map(({ seq, at, by = "", details = {} }) => ({
    seq,
    at,
    by,
    from: String(details.from),
    to: String(details.to),
    report: String(details.report),
    numbers: String(details.numbers),
    findings: Number(details.findings),
    note: details.note === undefined ? null : String(details.note),
  }));
}

export interface SignedReport extends ActivitySignature {
  /** Whether the log still says what was signed. */
  readonly same: boolean;
}

/** The signatures under reports of the same period. */
export function signaturesUnder(
  { activity, numbers }: ActivityReport,
  signatures: readonly ActivitySignature[],
): readonly SignedReport[] {
  const { from, to } = activity.period;
  return signatures
    .filter((one) => one.from === from && one.to === to)
    .map((one) => ({ ...one, same: one.numbers === numbers }));
}

/** Ids of the openings of emergency access of which somebody has signed a review. */
export function reviewedOpenings(log: LogToReview): ReadonlySet<string> {
  return new Set(
    adminRecords(log, REVIEW_ACTIONS.emergency).map(({ details }) => String(details?.opening)),
  );
}

/** One signature under a review of grants. */
export interface AccessSignature {
  readonly seq: number;
  readonly at: string;
  readonly by: string;
  readonly commit: string;
  readonly grants: number;
  readonly revoke: number;
  readonly narrow: number;
  readonly note: string | null;
}

/** Every signature under a review of grants, oldest first. */
export function accessSignatures(log: LogToReview): readonly AccessSignature[] {
  return adminRecords(log, REVIEW_ACTIONS.access).map(({ seq, at, by = "", details = {} }) => ({
    seq,
    at,
    by,
    commit: String(details.commit),
    grants: Number(details.grants),
    revoke: Number(details.revoke ?? 0),
    narrow: Number(details.narrow ?? 0),
    note: details.note === undefined ? null : String(details.note),
  }));
}
