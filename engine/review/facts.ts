/** What the index counted of two periods, gathered once for every table and every rule. */
import {
  allPatientsMet,
  type CountedShape,
  dailyCounts,
  type HourOfWork,
  hoursOfWork,
  type Met,
  newPatientsMet,
  patientsByDay,
  patientsMet,
} from "../audit/index/activity.ts";
import type { Index } from "../audit/index/schema.ts";
import { DAY } from "../policy/time.ts";
import type { Events } from "./events.ts";
import { eventsOf } from "./events.ts";
import { type Period, periodBefore } from "./period.ts";
import type { Coverage } from "./report.ts";

/** A log and its index, brought up to date. */
export interface LogToReview {
  readonly folder: string;
  readonly index: Index;
}

/** How often a shape occurred. */
export interface Tally {
  readonly shape: CountedShape;
  now: number;
  before: number;
}

export interface DayOfWork {
  allowed: number;
  denied: number;
  items: number;
  patients: number;
}

/** A principal in both periods. */
export interface Worker {
  readonly principal: string;
  /** By day; only days with something on them. */
  readonly days: ReadonlyMap<number, DayOfWork>;
  /** By the hour of the day, UTC: on how many days it had an allowed call then. */
  readonly hours: readonly number[];
}

export interface DayTotals {
  calls: number;
  denied: number;
  ephi: number;
  rejected: number;
}

export interface Facts {
  readonly log: LogToReview;
  readonly period: Period;
  readonly before: Period;
  readonly coverage: Readonly<Record<"period" | "before", Coverage>>;
  readonly tallies: readonly Tally[];
  /** Of the period, by day. */
  readonly days: ReadonlyMap<number, DayTotals>;
  readonly workers: ReadonlyMap<string, Worker>;
  /** What each did in each hour of the period. */
  readonly work: readonly HourOfWork[];
  readonly failed: Record<"now" | "before", number>;
  readonly patients: Readonly<Record<"now" | "before", number>>;
  readonly met: Readonly<Record<"now" | "before", Met>>;
  readonly newlyMet: Met;
  readonly events: Events;
  /** The sort of each principal, by which it has peers: `agent treatment`. */
  readonly sorts: ReadonlyMap<string, string>;
}

export function gather(log: LogToReview, period: Period): Facts {
  const { index } = log;
  const before = periodBefore(period);
  const { tallies, days } = countDays(index, period, before);
  const { workers, work, failed } = countWork(index, period, before);
  return {
    log,
    period,
    before,
    coverage: { period: coverageOf(index, period), before: coverageOf(index, before) },
    tallies,
    days,
    workers,
    work,
    failed,
    patients: { now: allPatientsMet(index, period), before: allPatientsMet(index, before) },
    met: { now: patientsMet(index, period), before: patientsMet(index, before) },
    newlyMet: newPatientsMet(index, period),
    events: eventsOf(log, period),
    sorts: sortsOf(tallies),
  };
}

/** A principal's kind, which its id begins with, and the purpose of most of its calls. */
function sortsOf(tallies: readonly Tally[]): ReadonlyMap<string, string> {
  const most = new Map<string, { purpose: string; calls: number }>();
  for (const { shape, now, before } of tallies) {
    const { principal, purpose } = shape;
    if (!isCall(shape) || principal === undefined || purpose === undefined) continue;
    const known = most.get(principal);
    if (known === undefined || known.calls < now + before) {
      most.set(principal, { purpose, calls: now + before });
    }
  }
  return new Map(
    [...most].map(([principal, { purpose }]) => [
      principal,
      `${principal.split(":")[0]} ${purpose}`,
    ]),
  );
}

/** How a decision and a rejection count in tables. */
export function isCall({ kind }: CountedShape): boolean {
  return kind === "decision";
}
export function isEphi({ ephi, verdict }: CountedShape): boolean {
  return ephi === true && verdict === "allow";
}

function coverageOf(index: Index, { fromDay, toDay }: Period): Coverage {
  const { low, high } = index
    .prepare("SELECT min(low) AS low, max(high) AS high FROM span")
    .get() as { low: number | null; high: number | null };
  if (low === null || high === null) return "none";
  const [first, last] = [Math.floor(low / DAY), Math.floor(high / DAY)];
  if (first > toDay || last < fromDay) return "none";
  return first <= fromDay ? "whole" : "partial";
}

function countDays(index: Index, period: Period, before: Period): Pick<Facts, "tallies" | "days"> {
  const tallies = new Map<number, Tally>();
  const days = new Map<number, DayTotals>();
  const window = { fromDay: before.fromDay, toDay: period.toDay };
  for (const { day, shape, count, folded } of dailyCounts(index, window)) {
    const tally = tallies.get(shape.id) ?? { shape, now: 0, before: 0 };
    tallies.set(shape.id, tally);
    if (day < period.fromDay) {
      tally.before += folded;
      continue;
    }
    tally.now += folded;
    const totals = days.get(day) ?? { calls: 0, denied: 0, ephi: 0, rejected: 0 };
    days.set(day, totals);
    if (shape.kind === "rejected") totals.rejected += folded;
    if (!isCall(shape)) continue;
    totals.calls += count;
    if (shape.verdict === "deny") totals.denied += count;
    if (isEphi(shape)) totals.ephi += count;
  }
  return { tallies: [...tallies.values()], days };
}

const HOURS = 24;

interface Making {
  readonly principal: string;
  readonly days: Map<number, DayOfWork>;
  readonly hours: number[];
}

function countWork(
  index: Index,
  period: Period,
  before: Period,
): Pick<Facts, "workers" | "work" | "failed"> {
  const workers = new Map<string, Making>();
  const work: HourOfWork[] = [];
  const failed = { now: 0, before: 0 };
  const window = { fromDay: before.fromDay, toDay: period.toDay };
  const dayOf = (principal: string, day: number): DayOfWork => {
    let worker = workers.get(principal);
    if (worker === undefined) {
      worker = { principal, days: new Map(), hours: new Array<number>(HOURS).fill(0) };
      workers.set(principal, worker);
    }
    const known = worker.days.get(day);
    if (known !== undefined) return known;
    const made = { allowed: 0, denied: 0, items: 0, patients: 0 };
    worker.days.set(day, made);
    return made;
  };
  for (const one of hoursOfWork(index, window)) {
    const { hour, principal, allowed, denied, items } = one;
    const day = Math.floor(hour / HOURS);
    const totals = dayOf(principal, day);
    totals.allowed += allowed;
    totals.denied += denied;
    totals.items += items;
    if (allowed > 0) workers.get(principal)!.hours[hour % HOURS]!++;
    failed[day < period.fromDay ? "before" : "now"] += one.failed;
    if (day >= period.fromDay) work.push(one);
  }
  for (const { day, principal, patients } of patientsByDay(index, window)) {
    dayOf(principal, day).patients = patients;
  }
  return { workers, work, failed };
}
