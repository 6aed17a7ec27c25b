/** What a reviewer sees first: what awaits a person, and figures of the whole. */
import { dailyCounts, dayOf } from "../../audit/index/activity.ts";
import type { IndexReport } from "../../audit/index/find.ts";
import type { Index } from "../../audit/index/schema.ts";
import { DAY, formatDay } from "../../policy/time.ts";
import { accessSignatures, activitySignatures } from "../../review/signed.ts";
import type { Books } from "../books.ts";
import { monthsOf, unsignedMonths } from "./activity-review.ts";
import { openingsSeen } from "./openings.ts";

export interface Awaiting {
  /** Months that are over, without a signed activity review; newest first. */
  readonly months: readonly string[];
  /** Openings of emergency access that nobody has reviewed. */
  readonly openings: number;
  /** Days since an access review was signed; null: never. */
  readonly accessReviewDays: number | null;
}

export interface Overview {
  readonly awaiting: Awaiting;
  /** Of the last 30 days. */
  readonly allowed: number;
  readonly denied: number;
  readonly rejected: number;
  readonly ephi: number;
  /** The first of these days, such as 2026-10-01. */
  readonly since: string;
  readonly index: IndexReport;
}

export const OVERVIEW_DAYS = 30;

export function overview(books: Books, index: Index, report: IndexReport, at: number): Overview {
  const toDay = dayOf(at);
  const fromDay = toDay - OVERVIEW_DAYS + 1;
  let [allowed, denied, rejected, ephi] = [0, 0, 0, 0];
  for (const { shape, count, folded } of dailyCounts(index, { fromDay, toDay })) {
    if (shape.kind === "rejected") rejected += folded;
    if (shape.kind !== "decision") continue;
    if (shape.verdict === "deny") denied += count;
    else {
      allowed += count;
      if (shape.ephi === true) ephi += count;
    }
  }
  const since = formatDay(fromDay * DAY);
  return {
    awaiting: awaitingIn(books, index, at),
    allowed,
    denied,
    rejected,
    ephi,
    since,
    index: report,
  };
}

function awaitingIn(books: Books, index: Index, at: number): Awaiting {
  const log = { folder: books.audit.log, index };
  const reviewed = accessSignatures(log).at(-1);
  return {
    months: unsignedMonths(monthsOf(index, at), activitySignatures(log), at),
    openings: openingsSeen(books, index).filter(({ review }) => review === null).length,
    accessReviewDays:
      reviewed === undefined ? null : Math.floor((at - Date.parse(reviewed.at)) / DAY),
  };
}
