/** The activity review, its export and its signature. */
import type { Index } from "../../audit/index/schema.ts";
import { reportCsv, reportJson } from "../../render/audit-report.ts";
import { reportHtml } from "../../render/audit-report-html.ts";
import { allPseudonyms, cleanNote } from "../../review/note.ts";
import { parsePeriod } from "../../review/period.ts";
import { signActivity } from "../../review/sign-off.ts";
import { withIndex } from "../books.ts";
import { seeOther } from "../http/reply.ts";
import {
  type ActivityReview,
  activityReview,
  monthsOf,
  quartersOf,
  usualPeriod,
} from "../models/activity-review.ts";
import type { Action, Page, Visit } from "../page.ts";
import type { Policy } from "../policy.ts";
import { activityReviewBody, type Periods } from "../views/activity-review.ts";
import { exported, type Taken } from "./exported.ts";
import { notSigned } from "./not-signed.ts";

function periodsIn(index: Index, given: string | null, at: number): Periods {
  const months = monthsOf(index, at);
  const quarters = quartersOf(months);
  const known = [...months, ...quarters].includes(given ?? "");
  return { chosen: known ? given! : usualPeriod(months), months, quarters };
}

function reviewOf(
  visit: Visit,
  policy: Policy,
  index: Index,
  given: string | null,
): { readonly review: ActivityReview; readonly periods: Periods } {
  const periods = periodsIn(index, given, visit.at);
  const review = activityReview(visit.books, policy, index, parsePeriod(periods.chosen), visit);
  return { review, periods };
}

export const showActivityReview: Page = async (visit) => {
  const { books, asked, session, visitor } = visit;
  const policy = await books.policy.current();
  const { review, periods } = withIndex(books, (index) =>
    reviewOf(visit, policy, index, asked.query.get("period")),
  );
  return {
    title: `Activity review ${periods.chosen}`,
    body: activityReviewBody(review, periods, {
      maySign: visitor.may === "sign",
      formToken: session.formToken,
    }),
    seen: { rows: review.report.activity.principals.length, filter: { period: periods.chosen } },
  };
};

export const exportActivityReview: Action = async (visit, form) => {
  const policy = await visit.books.policy.current();
  const { review, periods } = withIndex(visit.books, (index) =>
    reviewOf(visit, policy, index, form.get("period")),
  );
  return await exported(visit, {
    page: "activity review",
    rows: review.findings.length,
    filter: { period: periods.chosen, report: review.report.digest },
    ...written(review, periods.chosen, form.get("as")),
  });
};

function written(
  { report, findings, signatures }: ActivityReview,
  period: string,
  as: string | null,
): Pick<Taken, "file" | "text"> {
  const shown = { report, findings, signatures };
  switch (as) {
    case "csv":
      return { file: `activity-${period}.csv`, text: reportCsv(shown) };
    case "jsonl":
      return { file: `activity-${period}.jsonl`, text: `${JSON.stringify(reportJson(shown))}\n` };
    default:
      return { file: `activity-${period}.html`, text: reportHtml(shown) };
  }
}

export const signActivityReview: Action = async (visit, form) => {
  const { books, recorder, visitor, at } = visit;
  if (form.get("looked") !== "yes") return notSigned("Look at the report, and say so.");
  const policy = await books.policy.current();
  const { review, periods, note } = withIndex(books, (index) => ({
    ...reviewOf(visit, policy, index, form.get("period")),
    note: cleanNote(form.get("note") ?? "", index, allPseudonyms(books.audit)),
  }));
  const { report, findings, over } = review;
  if (!over) return notSigned("The period is not over yet.");
  // What is signed is what was shown, and nothing that came between.
  if (periods.chosen !== form.get("period") || form.get("report") !== report.digest) {
    return notSigned("The report is another one than you were shown. Look at it again.");
  }
  const { from, to } = report.activity.period;
  const { digest, numbers } = report;
  await recorder.tell(
    signActivity(visitor, { from, to, report: digest, numbers, findings: findings.length, note }),
    at,
  );
  return seeOther(`/reviews/activity?period=${periods.chosen}`);
};
