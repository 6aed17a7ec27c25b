/**
 * What the index counted, for reports over months: no record is read. As every answer of the index it
 * is as good as the index; what a report shows a person, it reads from the log.
 *
 * Days are numbers of days since 1970-01-01 (UTC), both ends included; hours likewise.
 */
import type { Index } from "./schema.ts";
import { SPAN } from "./schema.ts";
import { SHAPE_COLUMNS, type Shape } from "./shape.ts";

export { dayOf, hourOf } from "./rollup.ts";

export interface Days {
  readonly fromDay: number;
  readonly toDay: number;
}

const HOURS = 24;

/** All records of a shape. */
export interface CountedShape extends Shape {
  readonly id: number;
  /** Nobody can tell which patients these allowed calls touched. */
  readonly open: boolean;
  readonly count: number;
  /** The numbers of the first and the last record. */
  readonly first: number;
  readonly last: number;
}

export interface DailyCount {
  readonly day: number;
  readonly shape: CountedShape;
  readonly count: number;
  /** Rejected records may stand for several alike; this counts all of them. */
  readonly folded: number;
}

/** How many records of each shape each day, in the order of days. */
export function* dailyCounts(index: Index, { fromDay, toDay }: Days): Generator<DailyCount> {
  const shapes = new Map(shapesOf(index).map((shape) => [shape.id, shape]));
  const rows = index
    .prepare("SELECT day, shape, count, folded FROM daily WHERE day BETWEEN ? AND ?")
    .iterate(fromDay, toDay);
  for (const row of rows as unknown as Iterable<
    Record<"day" | "shape" | "count" | "folded", number>
  >) {
    yield { ...row, shape: shapes.get(row.shape)! };
  }
}

/** Every shape of the log. */
export function shapesOf(index: Index): readonly CountedShape[] {
  return index.prepare("SELECT * FROM shape").all().map(shapeIn);
}

const FLAGS: ReadonlySet<keyof Shape> = new Set(["ephi", "stale", "emergency", "monitor"]);

function shapeIn(row: Readonly<Record<string, unknown>>): CountedShape {
  const members = SHAPE_COLUMNS.flatMap((name) => {
    const value = row[name === "grant" ? "grant_id" : name];
    return value === null ? [] : [[name, FLAGS.has(name) ? value === 1 : value]];
  });
  const { id, open, count, first, last } = row;
  return {
    ...Object.fromEntries(members),
    id,
    open: open === 1,
    count,
    first,
    last,
  } as CountedShape;
}

/** What a principal did in an hour. */
export interface HourOfWork {
  readonly hour: number;
  readonly principal: string;
  /** The number of its first record of that hour. */
  readonly first: number;
  readonly allowed: number;
  /** Of these, the calls that may have touched patient data. */
  readonly ephi: number;
  readonly denied: number;
  /** Outcomes that are not `ok`. */
  readonly failed: number;
  /** Of the results. */
  readonly items: number;
  readonly bytes: number;
  /** The items of the largest result, and the number of the call that it answers. */
  readonly peak: number;
  readonly peakCall: number | null;
}

/** What each principal did in each hour, in the order of hours. */
export function* hoursOfWork(index: Index, { fromDay, toDay }: Days): Generator<HourOfWork> {
  const names = principalsOf(index);
  const rows = index
    .prepare(
      `SELECT hour, principal, first, allowed, ephi, denied, failed, items, bytes, peak,
         peak_call AS peakCall
       FROM hourly WHERE hour BETWEEN ? AND ?`,
    )
    .iterate(fromDay * HOURS, toDay * HOURS + HOURS - 1);
  for (const row of rows as unknown as Iterable<Record<string, unknown>>) {
    // In place: there are as many rows as hours times principals.
    row.principal = names.get(row.principal as number)!;
    yield row as unknown as HourOfWork;
  }
}

function principalsOf(index: Index): ReadonlyMap<number, string> {
  return new Map(
    (index.prepare("SELECT id, name FROM principal").all() as { id: number; name: string }[]).map(
      ({ id, name }) => [id, name],
    ),
  );
}

/** How many different patients each principal met, by name. */
export type Met = ReadonlyMap<string, number>;

export function patientsMet(index: Index, { fromDay, toDay }: Days): Met {
  return byName(
    index
      .prepare(
        `SELECT name, count(DISTINCT patient) AS patients FROM met JOIN principal ON id = principal
         WHERE day BETWEEN ? AND ? GROUP BY principal`,
      )
      .all(fromDay, toDay),
  );
}

/** How many different patients anybody met. */
export function allPatientsMet(index: Index, { fromDay, toDay }: Days): number {
  const row = index
    .prepare("SELECT count(DISTINCT patient) AS patients FROM met WHERE day BETWEEN ? AND ?")
    .get(fromDay, toDay);
  return (row as { patients: number }).patients;
}

export interface DayOfPatients {
  readonly day: number;
  readonly principal: string;
  /** Different patients that it met that day. */
  readonly patients: number;
}

/** How many different patients each principal met each day, in the order of days. */
export function* patientsByDay(index: Index, { fromDay, toDay }: Days): Generator<DayOfPatients> {
  const names = principalsOf(index);
  const rows = index
    .prepare(
      `SELECT day, principal, count(*) AS patients FROM met WHERE day BETWEEN ? AND ?
       GROUP BY day, principal`,
    )
    .iterate(fromDay, toDay);
  for (const row of rows) {
    yield { ...row, principal: names.get(row.principal as number)! } as unknown as DayOfPatients;
  }
}

/** How many patients each principal met in the period and never before. */
export function newPatientsMet(index: Index, { fromDay, toDay }: Days): Met {
  return byName(
    index
      .prepare(
        `SELECT name, count(*) AS patients FROM relation JOIN principal ON id = principal
         WHERE first BETWEEN ? AND ? GROUP BY principal`,
      )
      .all(fromDay, toDay),
  );
}

function byName(rows: readonly unknown[]): Met {
  return new Map(
    (rows as { name: string; patients: number }[]).map(({ name, patients }) => [name, patients]),
  );
}

/** A principal met a patient on one day and never else. */
export interface Encounter {
  readonly principal: string;
  /** `patientKey` of the pseudonym. */
  readonly patient: number;
  readonly day: number;
  /** The hours of that day (UTC) in which they met, ascending. */
  readonly hours: readonly number[];
}

/**
 * The patients that a principal met on one day only, of the whole log up to a period's end; those of
 * the period. What comes later does not count: a report of a period that is over stays the same.
 */
export function* metOnce(
  index: Index,
  { fromDay, toDay }: Days,
  principal: string,
): Generator<Encounter> {
  const rows = index
    .prepare(
      `WITH RECURSIVE known(id) AS (SELECT id FROM principal WHERE name = ?1),
         days(day) AS (SELECT min(day) FROM met UNION ALL SELECT day + 1 FROM days WHERE day < ?3)
       SELECT patient, min(met.day) AS day, hours
       FROM known CROSS JOIN days CROSS JOIN met ON met.day = days.day AND met.principal = known.id
       GROUP BY patient HAVING count(*) = 1 AND min(met.day) BETWEEN ?2 AND ?3`,
    )
    .iterate(principal, fromDay, toDay);
  for (const row of rows) {
    const { patient, day, hours } = row as { patient: number; day: number; hours: number };
    yield { principal, patient, day, hours: hoursIn(hours) };
  }
}

function hoursIn(bits: number): readonly number[] {
  return Array.from({ length: HOURS }, (_, hour) => hour).filter((hour) => bits & (1 << hour));
}

/** A time in which nothing was recorded. */
export interface Silence {
  /** Epoch milliseconds: of the record before and of the one after. */
  readonly from: number;
  readonly to: number;
  /** The number of the record after it. */
  readonly seq: number;
}

/** Where the log is silent for longer than this, in the order of the log. A gateway that runs signs a checkpoint now and then. */
export function* silences(index: Index, longerThanMs: number): Generator<Silence> {
  const spans = index.prepare("SELECT first, low, high FROM span ORDER BY first").iterate();
  const inside = index.prepare("SELECT seq, at FROM record WHERE seq BETWEEN ? AND ? ORDER BY seq");
  let before: number | undefined;
  for (const span of spans as unknown as Iterable<Record<"first" | "low" | "high", number>>) {
    const { first, low, high } = span;
    if (high - Math.min(low, before ?? low) > longerThanMs) {
      for (const row of inside.iterate(first, first + SPAN - 1)) {
        const { seq, at } = row as { seq: number; at: number };
        if (before !== undefined && at - before > longerThanMs) yield { from: before, to: at, seq };
        before = at;
      }
    } else before = high;
  }
}
