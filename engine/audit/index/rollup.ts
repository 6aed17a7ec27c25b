/**
 * What the indexer counts on its way, so that a report over months never looks at single records.
 * Days and hours are those of UTC, as numbers since 1970. Records are taken in the order of the log;
 * each counts at its own time.
 *
 * A principal *meets* a patient by an allowed call that names them, or whose result does.
 */
import type { StatementSync } from "node:sqlite";
import type { DecisionRecord, OutcomeRecord } from "../record.ts";
import type { Index } from "./schema.ts";

const HOUR_MS = 60 * 60 * 1000;
const HOURS = 24;

export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS);
}

export function dayOf(at: number): number {
  return Math.floor(at / (HOURS * HOUR_MS));
}

export interface Rollup {
  /** The number of a principal; a new one when it was never seen. */
  principal(name: string): number;
  /** `folded`: how many alike it stands for. */
  record(at: number, shape: number, folded: number): void;
  decision(at: number, principal: number, decision: DecisionRecord): void;
  /** `call`: the number of the decision's record. */
  outcome(at: number, principal: number, outcome: OutcomeRecord, call: number): void;
  met(at: number, principal: number, patient: number): void;
  /** Writes what was gathered since the last time. */
  write(): void;
}

interface Work {
  first: number;
  allowed: number;
  ephi: number;
  denied: number;
  failed: number;
  items: number;
  bytes: number;
  peak: number;
  peakCall: number | null;
}

function noWork(): Work {
  return {
    ...{ first: Number.MAX_SAFE_INTEGER, allowed: 0, ephi: 0, denied: 0, failed: 0 },
    ...{ items: 0, bytes: 0, peak: 0, peakCall: null },
  };
}

export function startRollup(index: Index): Rollup {
  const statements = prepareAll(index);
  const principals = new Map<string, number>();
  const daily = startTable(() => ({ count: 0, folded: 0 }));
  const hourly = startTable(noWork);
  /** By day and principal: the patients met, each with the hours of the day as bits. */
  const met = startTable(() => new Map<number, number>());
  return {
    principal(name) {
      const known = principals.get(name);
      if (known !== undefined) return known;
      const row = statements.findPrincipal.get(name) ?? statements.newPrincipal.get(name);
      const { id } = row as { id: number };
      principals.set(name, id);
      return id;
    },
    record(at, shape, folded) {
      const cell = daily.at(dayOf(at), shape);
      cell.count++;
      cell.folded += folded;
    },
    decision(at, principal, { seq, verdict, ephi }) {
      const work = hourly.at(hourOf(at), principal);
      work.first = Math.min(work.first, seq);
      if (verdict === "deny") work.denied++;
      else {
        work.allowed++;
        if (ephi) work.ephi++;
      }
    },
    outcome(at, principal, { seq, status, items, bytes }, call) {
      const work = hourly.at(hourOf(at), principal);
      work.first = Math.min(work.first, seq);
      if (status !== "ok") work.failed++;
      work.items += items;
      work.bytes += bytes;
      if (items <= work.peak) return;
      work.peak = items;
      work.peakCall = call;
    },
    met(at, principal, patient) {
      const hours = met.at(dayOf(at), principal);
      hours.set(patient, (hours.get(patient) ?? 0) | (1 << (hourOf(at) % HOURS)));
    },
    write() {
      for (const { row, column, cell } of daily.take()) {
        statements.daily.run(row, column, cell.count, cell.folded);
      }
      for (const { row, column, cell } of hourly.take()) {
        const { first, allowed, ephi, denied, failed, items, bytes, peak, peakCall } = cell;
        statements.hourly.run(
          ...[row, column, first, allowed, ephi, denied, failed, items, bytes, peak, peakCall],
        );
      }
      for (const { row, column, cell } of met.take()) meet(statements, row, column, cell);
    },
  };
}

function meet(
  { met, metAgain, relation }: Statements,
  day: number,
  principal: number,
  hours: ReadonlyMap<number, number>,
): void {
  for (const [patient, bits] of [...hours].sort(([a], [b]) => a - b)) {
    const isNew = met.run(day, principal, patient, bits).changes > 0;
    if (isNew) relation.run(principal, patient, day, day);
    else metAgain.run(bits, day, principal, patient);
  }
}

interface Cell<T> {
  readonly row: number;
  readonly column: number;
  readonly cell: T;
}

interface Table<T> {
  at(row: number, column: number): T;
  /** Everything, in the order of rows and columns; the table is empty afterwards. */
  take(): readonly Cell<T>[];
}

function startTable<T>(empty: () => T): Table<T> {
  const rows = new Map<number, Map<number, T>>();
  return {
    at: (row, column) =>
      getOrMake(
        getOrMake(rows, row, () => new Map<number, T>()),
        column,
        empty,
      ),
    take() {
      const cells = [...rows].flatMap(([row, columns]) =>
        [...columns].map(([column, cell]) => ({ row, column, cell })),
      );
      rows.clear();
      return cells.sort((a, b) => a.row - b.row || a.column - b.column);
    },
  };
}

function getOrMake<V>(map: Map<number, V>, key: number, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

interface Statements {
  readonly findPrincipal: StatementSync;
  readonly newPrincipal: StatementSync;
  readonly daily: StatementSync;
  readonly hourly: StatementSync;
  readonly met: StatementSync;
  readonly metAgain: StatementSync;
  readonly relation: StatementSync;
}

function prepareAll(index: Index): Statements {
  const sums = ["allowed", "ephi", "denied", "failed", "items", "bytes"]
    .map((name) => `${name} = ${name} + excluded.${name}`)
    .join(", ");
  return {
    findPrincipal: index.prepare("SELECT id FROM principal WHERE name = ?"),
    newPrincipal: index.prepare("INSERT INTO principal (name) VALUES (?) RETURNING id"),
    daily: index.prepare(
      "INSERT INTO daily VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count, folded = folded + excluded.folded",
    ),
    hourly: index.prepare(
      `INSERT INTO hourly VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         first = min(first, excluded.first), ${sums}, peak = max(peak, excluded.peak),
         peak_call = iif(excluded.peak > peak, excluded.peak_call, peak_call)`,
    ),
    met: index.prepare("INSERT OR IGNORE INTO met VALUES (?, ?, ?, ?)"),
    metAgain: index.prepare(
      "UPDATE met SET hours = hours | ? WHERE day = ? AND principal = ? AND patient = ?",
    ),
    relation: index.prepare(
      "INSERT INTO relation VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last), days = days + 1",
    ),
  };
}
