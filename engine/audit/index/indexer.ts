/** Brings the index up to the log's end. Anyone may: each step is one transaction, and goes on where the last one ended. */
import { closeSync, fdatasyncSync, openSync } from "node:fs";
import type { StatementSync } from "node:sqlite";
import { PhiwardError } from "../../errors.ts";
import { type Link, readLink } from "../chain.ts";
import { readLine } from "../read.ts";
import type { AuditRecord } from "../record.ts";
import { segmentPath, tailOf } from "../segments.ts";
import { type Cursor, cursorOf } from "./cursor.ts";
import { type Index, patientKey, SHAPE_INDEX, SPAN, VIA } from "./schema.ts";
import { isOpen, SHAPE_COLUMNS, shapeOf } from "./shape.ts";

/** Records in one transaction. */
const STEP = 10_000;

export interface IndexState {
  /** The number of the newest record that is in the index. */
  readonly seq: number;
}

/**
 * Adds what the log has and the index has not. `onStep` hears the number of the newest record after
 * each step.
 *
 * Throws AUDIT_BROKEN when the index has seen a record that the log no longer has: an index holds
 * only what was on disk, so that is no accident of a crash.
 */
export function catchUp(
  folder: string,
  index: Index,
  onStep: (seq: number) => void = () => {},
): IndexState {
  const statements = prepareAll(index);
  refuseForgotten(folder, index);
  for (;;) {
    const { seq, more } = step(folder, index, statements);
    onStep(seq);
    if (!more) {
      index.exec(SHAPE_INDEX);
      return { seq };
    }
  }
}

function refuseForgotten(folder: string, index: Index): void {
  const { seq, hash } = cursorOf(index);
  if (seq === 0) return;
  const place = index.prepare("SELECT segment, offset FROM record WHERE seq = ?").get(seq) as
    | { segment: number; offset: number }
    | undefined;
  const line = place === undefined ? undefined : readLine(folder, place.segment, place.offset);
  if (line !== undefined && readLink(line)?.hash === hash) return;
  throw new PhiwardError(
    "AUDIT_BROKEN",
    `the index has seen record ${seq}, and the log has it no longer`,
  );
}

/** A line of the log that was read: a record, or damage. */
interface Seen {
  readonly segment: number;
  readonly offset: number;
  readonly record: AuditRecord;
}
interface Damage {
  readonly segment: number;
  readonly offset: number;
  readonly says: string;
}

function step(
  folder: string,
  index: Index,
  statements: Statements,
): { readonly seq: number; readonly more: boolean } {
  index.exec("BEGIN IMMEDIATE");
  try {
    const cursor = cursorOf(index);
    const { seen, damage, next } = readStep(folder, cursor);
    if (seen.length + damage.length > 0) {
      addRecords(statements, seen);
      for (const { segment, offset, says } of damage) statements.damage.run(segment, offset, says);
      statements.cursor.run(next.segment, next.offset, next.seq, next.hash);
      syncSegments(folder, cursor.segment, next.segment);
    }
    index.exec("COMMIT");
    return { seq: next.seq, more: seen.length + damage.length >= STEP };
  } catch (error) {
    // After some errors SQLite has done so by itself.
    if (index.isTransaction) index.exec("ROLLBACK");
    throw error;
  }
}

function readStep(
  folder: string,
  cursor: Cursor,
): { readonly seen: readonly Seen[]; readonly damage: readonly Damage[]; readonly next: Cursor } {
  const seen: Seen[] = [];
  const damage: Damage[] = [];
  let next = cursor;
  for (const { segment, offset, bytes, whole } of tailOf(folder, cursor.segment, cursor.offset)) {
    const link = whole ? readLink(bytes) : undefined;
    const says = problemOf(link, next);
    if (says !== undefined) damage.push({ segment, offset, says });
    const end = offset + bytes.length + 1;
    if (link?.genuine === true) {
      const record = JSON.parse(bytes.toString("utf8")) as AuditRecord;
      seen.push({ segment, offset, record });
      next = { segment, offset: end, seq: link.seq, hash: link.hash };
    } else next = { ...next, segment, offset: end };
    if (seen.length + damage.length >= STEP) break;
  }
  return { seen, damage, next };
}

function problemOf(link: Link | undefined, before: Cursor): string | undefined {
  if (link === undefined) return "a line is no record";
  if (!link.genuine) return "a record is not what was written";
  const follows = link.seq === before.seq + 1 && (before.hash === "" || link.prev === before.hash);
  return follows ? undefined : "a record does not follow the one before it";
}

/** What is in the index must be on disk: a record that a power loss takes away would look stolen. */
function syncSegments(folder: string, from: number, to: number): void {
  for (let segment = Math.max(1, from); segment <= to; segment++) {
    const fd = openSync(segmentPath(folder, segment), "r");
    try {
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}

interface Statements {
  readonly record: StatementSync;
  readonly outcome: StatementSync;
  readonly findShape: StatementSync;
  readonly newShape: StatementSync;
  readonly countShape: StatementSync;
  readonly patient: StatementSync;
  readonly span: StatementSync;
  readonly wait: StatementSync;
  readonly waiting: StatementSync;
  readonly arrived: StatementSync;
  readonly damage: StatementSync;
  readonly cursor: StatementSync;
  /** Shapes whose numbers are known: they never change. */
  readonly shapes: Map<string, number>;
}

function prepareAll(index: Index): Statements {
  const prepare = (sql: string): StatementSync => index.prepare(sql);
  return {
    record: prepare("INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?, ?, NULL)"),
    outcome: prepare("UPDATE record SET outcome = ? WHERE seq = ?"),
    findShape: prepare("SELECT id FROM shape WHERE says = ?"),
    newShape: prepare(
      `INSERT INTO shape (says, kind, grant_id, principal, server, tool, verdict, rule, code, open, count, first, last)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?) RETURNING id`,
    ),
    countShape: prepare(
      "UPDATE shape SET count = count + ?, first = min(first, ?), last = max(last, ?) WHERE id = ?",
    ),
    patient: prepare("INSERT OR IGNORE INTO patient VALUES (?, ?, ?)"),
    span: prepare(
      "INSERT INTO span VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET low = min(low, excluded.low), high = max(high, excluded.high)",
    ),
    wait: prepare("INSERT OR REPLACE INTO waiting VALUES (?, ?)"),
    waiting: prepare("SELECT seq FROM waiting WHERE id = ?"),
    arrived: prepare("DELETE FROM waiting WHERE id = ?"),
    damage: prepare("INSERT OR IGNORE INTO damage VALUES (?, ?, ?)"),
    cursor: prepare("INSERT OR REPLACE INTO cursor VALUES (1, ?, ?, ?, ?)"),
    shapes: new Map(),
  };
}

interface Range {
  count: number;
  first: number;
  last: number;
}

function addRecords(statements: Statements, seen: readonly Seen[]): void {
  const shapes = new Map<number, Range>();
  const spans = new Map<number, { low: number; high: number }>();
  const patients: { readonly key: number; readonly seq: number; readonly via: number }[] = [];
  /** Allowed calls of this step, by id, until their outcome comes. */
  const waiting = new Map<string, number>();
  for (const { segment, offset, record } of seen) {
    const { seq } = record;
    const at = Date.parse(record.at);
    const shape = shapeId(statements, record);
    statements.record.run(seq, shape, segment, offset, at);
    widen(shapes, shape, seq);
    const span = seq - (seq % SPAN);
    const known = spans.get(span);
    spans.set(span, {
      low: Math.min(at, known?.low ?? at),
      high: Math.max(at, known?.high ?? at),
    });
    if (record.kind === "decision") {
      for (const one of record.subjects) {
        patients.push({ key: patientKey(one), seq, via: VIA.call });
      }
      if (record.verdict === "allow") waiting.set(record.id, seq);
    } else if (record.kind === "outcome") {
      const decision = decisionOf(statements, waiting, record.decision);
      if (decision !== undefined) statements.outcome.run(seq, decision);
      // An outcome whose decision is not here stands for itself.
      for (const one of record.resultSubjects) {
        patients.push({ key: patientKey(one), seq: decision ?? seq, via: VIA.result });
      }
    }
  }
  for (const [id, { count, first, last }] of shapes) {
    statements.countShape.run(count, first, last, id);
  }
  for (const [first, { low, high }] of spans) statements.span.run(first, low, high);
  // In the order of the table, neighbours change a page together.
  patients.sort((a, b) => a.key - b.key || a.seq - b.seq || a.via - b.via);
  for (const { key, seq, via } of patients) statements.patient.run(key, seq, via);
  for (const [id, seq] of waiting) statements.wait.run(id, seq);
}

function shapeId({ shapes, findShape, newShape }: Statements, record: AuditRecord): number {
  const open = isOpen(record) ? 1 : 0;
  const shape = shapeOf(record);
  const says = JSON.stringify({ ...shape, open });
  const known = shapes.get(says);
  if (known !== undefined) return known;
  const columns = SHAPE_COLUMNS.map((name) => shape[name] ?? null);
  const { seq } = record;
  const row = findShape.get(says) ?? newShape.get(says, ...columns, open, seq, seq);
  const { id } = row as { id: number };
  shapes.set(says, id);
  return id;
}

function widen(shapes: Map<number, Range>, shape: number, seq: number): void {
  const range = shapes.get(shape);
  if (range === undefined) shapes.set(shape, { count: 1, first: seq, last: seq });
  else {
    range.count++;
    range.first = Math.min(range.first, seq);
    range.last = Math.max(range.last, seq);
  }
}

function decisionOf(
  { waiting: find, arrived }: Statements,
  waiting: Map<string, number>,
  id: string,
): number | undefined {
  const here = waiting.get(id);
  if (here !== undefined) {
    waiting.delete(id);
    return here;
  }
  const row = find.get(id) as { seq: number } | undefined;
  if (row !== undefined) arrived.run(id);
  return row?.seq;
}
