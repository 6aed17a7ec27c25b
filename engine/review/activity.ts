/**
 * The activity report of a period: 45 CFR §164.308(a)(1)(ii)(D).
 *
 *     index ─ gather ▶ facts ─ tables, rules ▶ activity ─┬─ digest ▶ report
 *     repository, sign-offs ─ standing ──────────────────┘
 *
 * The index counts, and is never believed further: what is read as a record is read from the log.
 */
import { compareText } from "../finding.ts";
import { digestOf, type Json } from "../json/value.ts";
import { type Facts, gather, type LogToReview } from "./facts.ts";
import { openingRows } from "./openings.ts";
import { endOf, type Period, startOf } from "./period.ts";
import { type ChangesOf, releaseRows } from "./releases.ts";
import { type Activity, type ActivityReport, type Coverage, inOrder, type Span } from "./report.ts";
import { REVIEW_RULES } from "./rules/index.ts";
import { type StandingInput, standingOf } from "./standing.ts";
import {
  comparisonOf,
  dayRows,
  denialRows,
  namedRows,
  principalRows,
  rejectionRows,
  rhythmOf,
  toolRows,
  totalsOf,
} from "./tables.ts";

export interface ActivityInput extends LogToReview, StandingInput {
  readonly period: Period;
  /** What releases changed; nothing is known of it when absent. */
  readonly changesOf?: ChangesOf;
}

export function activityReport(input: ActivityInput): ActivityReport {
  const { folder, index, period, changesOf = () => [] } = input;
  const activity = activityOf(gather({ folder, index }, period), changesOf);
  const standing = standingOf(activity, input);
  return {
    activity,
    standing,
    numbers: digestOf(activity as unknown as Json),
    digest: digestOf({ activity, standing } as unknown as Json),
  };
}

function activityOf(facts: Facts, changesOf: ChangesOf): Activity {
  const { period, before, coverage, events } = facts;
  return {
    period: spanOf(period, coverage.period),
    before: spanOf(before, coverage.before),
    nodes: events.nodes,
    totals: totalsOf(facts),
    principals: principalRows(facts),
    tools: toolRows(facts),
    servers: namedRows(facts, ({ server }) => server),
    purposes: namedRows(facts, ({ purpose }) => purpose),
    denials: denialRows(facts),
    rejections: rejectionRows(facts),
    days: dayRows(facts),
    rhythm: rhythmOf(facts),
    comparison: comparisonOf(facts),
    releases: releaseRows(facts, changesOf),
    openings: openingRows(facts),
    administration: actionsOf(facts),
    findings: inOrder(REVIEW_RULES.flatMap((rule) => [...rule.check(facts)])),
  };
}

function actionsOf({ tallies }: Facts): Activity["administration"] {
  const times = new Map<string, number>();
  for (const { shape, now } of tallies) {
    if (shape.kind !== "admin" || now === 0) continue;
    const action = shape.code ?? "";
    times.set(action, (times.get(action) ?? 0) + now);
  }
  return [...times]
    .map(([action, times]) => ({ action, times }))
    .sort((a, b) => compareText(a.action, b.action));
}

function spanOf(period: Period, coverage: Coverage): Span {
  return {
    label: period.label,
    from: new Date(startOf(period)).toISOString(),
    to: new Date(endOf(period)).toISOString(),
    coverage,
  };
}
