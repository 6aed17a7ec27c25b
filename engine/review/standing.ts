/** What depends on today: reviews that are still missing, and the policy repository as it is now. */
import { compareText } from "../finding.ts";
import type { Grant } from "../policy/ir.ts";
import type { LoadedRepository } from "../policy/load.ts";
import { DAY, formatDay } from "../policy/time.ts";
import { placesOf } from "./places.ts";
import type { Activity, OpeningRow, ReviewFinding, Standing } from "./report.ts";
import { counted, queryCommand, type ReviewRule } from "./rule.ts";

/** Lint warns as early. */
const AHEAD_DAYS = 30;
const REVIEW_DAYS = 365;

export const STANDING_RULES: readonly Omit<ReviewRule, "check">[] = [
  {
    id: "emergency-unreviewed",
    severity: "high",
    looks: "Emergency access was opened in the period, and nobody has signed a review of it.",
    why: "Emergency access is a door beside the policies (45 CFR 164.312(a)(2)(ii)); that somebody looks at each use is what keeps it one for emergencies.",
  },
  {
    id: "grant-expiring",
    severity: "low",
    looks: `Grants of the policy repository end within ${AHEAD_DAYS} days.`,
    why: "What is still needed is to be renewed by review, and not in a hurry.",
  },
  {
    id: "grant-unreviewed",
    severity: "low",
    looks: `Grants in force whose last review, or whose issue where there was none, is more than ${REVIEW_DAYS} days ago.`,
    why: "Access that nobody looks at grows (45 CFR 164.308(a)(4)(ii)(C), access establishment and modification).",
  },
];

export interface StandingInput {
  /** Ids of openings of which a person has signed a review. */
  readonly reviewed: ReadonlySet<string>;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The policy repository as it is today. */
  readonly loaded?: LoadedRepository | undefined;
}

export function standingOf(activity: Activity, input: StandingInput): Standing {
  const { reviewed, loaded } = input;
  const repository = loaded?.repository;
  const open = activity.openings.filter(({ id }) => !reviewed.has(id));
  const grants = Object.values(repository?.grants ?? {}).sort((a, b) => compareText(a.id, b.id));
  return {
    unreviewedOpenings: open.map(({ id }) => id),
    repository: repository?.digest ?? null,
    places: loaded === undefined ? {} : placesOf(loaded, activity.denials),
    findings: [
      ...open.map(unreviewedOpening),
      ...expiring(grants, input.now),
      ...unreviewedGrants(grants, input.now),
    ],
  };
}

function unreviewedOpening({
  id,
  grant,
  by,
  at,
  until,
  closed,
  calls,
  seq,
}: OpeningRow): ReviewFinding {
  return {
    id: `emergency-unreviewed/${id}`,
    rule: "emergency-unreviewed",
    severity: "high",
    title: "emergency access that nobody has reviewed",
    says: `\`${by}\` opened \`${grant}\` on ${formatDay(Date.parse(at))}, and ${counted(calls, "call")} followed. Look at what was done, then sign with \`phiward emergency review ${id} --sign\`.`,
    principal: by,
    numbers: { calls },
    records: [seq],
    command: queryCommand({ grant, from: at, to: closed ?? until }),
  };
}

function expiring(grants: readonly Grant[], now: number): readonly ReviewFinding[] {
  const soon = grants.filter(({ expires }) => expires > now && expires < now + AHEAD_DAYS * DAY);
  if (soon.length === 0) return [];
  return [
    {
      id: "grant-expiring",
      rule: "grant-expiring",
      severity: "low",
      title: "grants that end soon",
      says: `${counted(soon.length, "grant")} ${soon.length === 1 ? "ends" : "end"} within ${AHEAD_DAYS} days: ${listed(soon)}. Renew by review what is still needed.`,
      principal: null,
      numbers: { grants: soon.length },
      records: [],
      command: "phiward grant list",
    },
  ];
}

function unreviewedGrants(grants: readonly Grant[], now: number): readonly ReviewFinding[] {
  const old = grants.filter(
    ({ issued, expires, lastReview }) =>
      expires > now && now - (lastReview?.on ?? issued) > REVIEW_DAYS * DAY,
  );
  if (old.length === 0) return [];
  return [
    {
      id: "grant-unreviewed",
      rule: "grant-unreviewed",
      severity: "low",
      title: "grants that nobody has reviewed for a year",
      says: `${counted(old.length, "grant")} ${old.length === 1 ? "was" : "were"} last reviewed more than ${REVIEW_DAYS} days ago: ${listed(old)}. Start a review with \`phiward grant review --start\`.`,
      principal: null,
      numbers: { grants: old.length },
      records: [],
      command: "phiward grant list",
    },
  ];
}

const SHOWN = 5;

function listed(grants: readonly Grant[]): string {
  const shown = grants.slice(0, SHOWN).map(({ id }) => `\`${id}\``);
  return grants.length > SHOWN
    ? `${shown.join(", ")} and ${grants.length - SHOWN} more`
    : shown.join(", ");
}
