import { type Block, type Facts, number, type Section, says, warns } from "../facts.ts";
import type { SignOff } from "../history.ts";
import { tableOf } from "../tables.ts";
import { periodFlags } from "./commands.ts";

export function activityReview(facts: Facts): Section {
  const { history, period, review } = facts;
  const concerned = history.activityReviews.filter((one) => overlaps(one, period));
  const grave = review.findings.filter(({ severity }) => severity === "high").length;
  return {
    id: "activity-review",
    title: "Information system activity review",
    citations: ["164.308(a)(1)(ii)(D)"],
    answer: `${reviewed(concerned.length)} The report of the period has ${number(review.findings.length)} findings, ${number(grave)} of them grave.`,
    did: [
      says(
        "The report compares the period with the one before and tells what stands out by published rules. It is a page of its own: `activity.html`.",
      ),
      { kind: "days", id: "reviewdays" },
      tableOf("data/findings.csv", facts, ["severity", "what", "says", "records"]),
      ...(grave === 0
        ? []
        : [
            warns(
              `${number(grave)} findings of the activity report are grave: see \`activity.html\`.`,
            ),
          ]),
      ...(history.activityReviews.length === 0
        ? []
        : [tableOf("data/activity-reviews.csv", facts)]),
      ...signatures(facts),
      ...(concerned.length === 0
        ? [
            warns(
              "Nobody signed a review of this period in the log. Recording alone is not enough: the specification asks that records are reviewed regularly. A signature may stand elsewhere, outside this log.",
            ),
          ]
        : []),
      ...uncovered(facts, concerned),
      says(
        "A signature names the report by its digest: it is of exactly that report, and the log shows when it was given and by whom. Signing needs a grant with `audit: sign`, and only a person can have one.",
      ),
    ],
    from: [
      {
        figure: "The report of the period, with its findings",
        file: "activity.html",
        command: `phiward audit report ${periodFlags(facts)} --format html`,
      },
      { figure: "The same, for spreadsheets and programs", file: "data/activity.csv" },
      {
        figure: "Signed reviews",
        file: "data/activity-reviews.csv",
        command: "phiward audit query --kind admin --rule review.activity",
      },
    ],
    not: [
      "What was found and what was done about it, beyond the note of the person who signed.",
      "That a finding is a wrong: it is something to be looked at.",
      "Reviews of other systems, and the tracking of security incidents.",
    ],
  };
}

function reviewed(count: number): string {
  if (count === 0) return "No review of activity in this period was signed in the log.";
  return count === 1
    ? "One review that concerns this period was signed by a person."
    : `${number(count)} reviews that concern this period were signed by people.`;
}

/** Signatures under the report of exactly this period, and whether they still fit. */
function signatures({ review }: Facts): Block[] {
  const changed = review.signatures.filter(({ same }) => !same);
  if (changed.length === 0) return [];
  return [
    warns(
      `The figures of the period are not those that were signed in ${changed.map(({ seq }) => `record #${seq}`).join(", ")}: the log has changed since.`,
    ),
  ];
}

function overlaps({ details }: SignOff, { from, to }: Facts["period"]): boolean {
  return String(details.from ?? "") <= to && from < String(details.to ?? "");
}

/** Days of the period that no signed review covers. */
function uncovered({ period }: Facts, reviews: readonly SignOff[]): Block[] {
  if (reviews.length === 0) return [];
  const spans = reviews
    .map(({ details }) => [Date.parse(String(details.from)), Date.parse(String(details.to))])
    .sort(([a], [b]) => a! - b!);
  let reached = Date.parse(period.from);
  let missing = 0;
  for (const [from, to] of spans) {
    missing += Math.max(0, from! - reached);
    reached = Math.max(reached, to!);
  }
  missing += Math.max(0, Date.parse(period.to) + 1 - reached);
  const days = Math.round(missing / DAY_MS);
  return days === 0
    ? []
    : [warns(`About ${number(days)} days of the period are in no review that was signed.`)];
}

const DAY_MS = 24 * 60 * 60 * 1000;
