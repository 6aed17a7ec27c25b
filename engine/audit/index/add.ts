/** Puts records into an index: where each stands, its shape, its patients, and which outcome is whose. */
import type { StatementSync } from "node:sqlite";
import type { AuditRecord, DecisionRecord, OutcomeRecord } from "../record.ts";
import { type Rollup, startRollup } from "./rollup.ts";
import { type Index, patientKey, SPAN, stretchOf } from "./schema.ts";
import { isOpen, SHAPE_COLUMNS, shapeKey, shapeOf } from "./shape.ts";

/** A record, and where its line begins. */
export interface Seen {
  readonly segment: number;
  readonly offset: number;
  readonly record: AuditRecord;
}

/** Adds records that follow those in the index. */
export interface Adding {
  add(seen: Seen): void;
  /** Writes what was added since the last time, within a transaction of the caller's. */
  write(): void;
}

export function startAdding(index: Index): Adding {
  const statements = prepareAll(index);
  const rollup = startRollup(index);
  let step = startStep();
  return {
    add: (seen) => addRecord(statements, rollup, step, seen),
    write() {
      writeStep(statements, step);
      rollup.write();
      step = startStep();
    },
  };
}

/** What is known of an allowed call until its outcome comes. */
interface Waiting {
  readonly seq: number;
  readonly principal: number;
}

interface Row extends Omit<Seen, "record"> {
  readonly shape: number;
  readonly at: number;
  outcome: number | null;
}

/** What is gathered of some records before it is written: fewer rows, in the order of their tables. */
interface Step {
  readonly rows: Map<number, Row>;
  readonly shapes: Map<number, { count: number; first: number; last: number }>;
  readonly spans: Map<number, { low: number; high: number }>;
  readonly patients: { readonly key: number; readonly seq: number }[];
  readonly waiting: Map<string, Waiting>;
  /** Outcomes of calls that an earlier step wrote. */
  readonly late: { readonly seq: number; readonly decision: number }[];
}

function startStep(): Step {
  return {
    rows: new Map(),
    shapes: new Map(),
    spans: new Map(),
    patients: [],
    waiting: new Map(),
    late: [],
  };
}

function addRecord(statements: Statements, rollup: Rollup, step: Step, seen: Seen): void {
  const { segment, offset, record } = seen;
  const { seq } = record;
  const at = Date.parse(record.at);
  const shape = shapeId(statements, record);
  step.rows.set(seq, { segment, offset, shape, at, outcome: null });
  widen(step, shape, seq, at);
  rollup.record(at, shape, record.kind === "rejected" ? (record.count ?? 1) : 1);
  if (record.kind === "decision") addDecision(rollup, step, record, at);
  else if (record.kind === "outcome") addOutcome(statements, rollup, step, record, at);
}

function addDecision(rollup: Rollup, step: Step, record: DecisionRecord, at: number): void {
  const { seq } = record;
  const keys = record.subjects.map(patientKey);
  for (const key of keys) step.patients.push({ key, seq });
  const principal = rollup.principal(record.principal);
  rollup.decision(at, principal, record);
  if (record.verdict !== "allow") return;
  for (const key of keys) rollup.met(at, principal, key);
  step.waiting.set(record.id, { seq, principal });
}

function addOutcome(
  statements: Statements,
  rollup: Rollup,
  step: Step,
  record: OutcomeRecord,
  at: number,
): void {
  const { seq, resultSubjects } = record;
  const decision = decisionOf(statements, step, record.decision);
  if (decision !== undefined) {
    const row = step.rows.get(decision.seq);
    if (row === undefined) step.late.push({ seq, decision: decision.seq });
    else row.outcome = seq;
    rollup.outcome(at, decision.principal, record, decision.seq);
  }
  for (const one of resultSubjects) {
    const key = patientKey(one);
    // An outcome whose decision is not here stands for itself.
    step.patients.push({ key, seq: decision?.seq ?? seq });
    if (decision !== undefined) rollup.met(at, decision.principal, key);
  }
}

function decisionOf(
  { waiting: find, arrived }: Statements,
  { waiting }: Step,
  id: string,
): Waiting | undefined {
  const here = waiting.get(id);
  if (here !== undefined) {
    waiting.delete(id);
    return here;
  }
  const row = find.get(id) as Waiting | undefined;
  if (row !== undefined) arrived.run(id);
  return row;
}

function shapeId({ shapes, findShape, newShape }: Statements, record: AuditRecord): number {
  const key = shapeKey(record);
  const known = shapes.get(key);
  if (known !== undefined) return known;
  const open = isOpen(record) ? 1 : 0;
  const shape = shapeOf(record);
  const says = JSON.stringify({ ...shape, open });
  const columns = SHAPE_COLUMNS.map((name) => {
    const value = shape[name];
    return typeof value === "boolean" ? Number(value) : (value ?? null);
  });
  const { seq } = record;
  const row = findShape.get(says) ?? newShape.get(says, ...columns, open, seq, seq);
  const { id } = row as { id: number };
  shapes.set(key, id);
  return id;
}

function widen({ shapes, spans }: Step, shape: number, seq: number, at: number): void {
  const range = shapes.get(shape);
  if (range === undefined) shapes.set(shape, { count: 1, first: seq, last: seq });
  else {
    range.count++;
    range.first = Math.min(range.first, seq);
    range.last = Math.max(range.last, seq);
  }
  const first = seq - (seq % SPAN);
  const span = spans.get(first);
  if (span === undefined) spans.set(first, { low: at, high: at });
  else {
    span.low = Math.min(span.low, at);
    span.high = Math.max(span.high, at);
  }
}

function writeStep(statements: Statements, step: Step): void {
  const { rows, shapes, spans, patients, waiting, late } = step;
  for (const [seq, { shape, segment, offset, at, outcome }] of rows) {
    statements.record.run(seq, shape, segment, offset, at, outcome);
  }
  for (const { seq, decision } of late) statements.outcome.run(seq, decision);
  for (const [id, { count, first, last }] of shapes) {
    statements.countShape.run(count, first, last, id);
  }
  for (const [first, { low, high }] of spans) statements.span.run(first, low, high);
  // In the order of the table, neighbours change a page together.
  patients.sort((a, b) => a.key - b.key || a.seq - b.seq);
  for (const { key, seq } of patients) statements.patient.run(stretchOf(seq), key, seq);
  for (const [id, { seq, principal }] of waiting) statements.wait.run(id, seq, principal);
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
  /** The numbers of shapes by their key: they never change. */
  readonly shapes: Map<string, number>;
}

const SHAPE_NAMES = SHAPE_COLUMNS.map((name) => (name === "grant" ? "grant_id" : name));

function prepareAll(index: Index): Statements {
  const prepare = (sql: string): StatementSync => index.prepare(sql);
  return {
    record: prepare("INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?, ?, ?)"),
    outcome: prepare("UPDATE record SET outcome = ? WHERE seq = ?"),
    findShape: prepare("SELECT id FROM shape WHERE says = ?"),
    newShape: prepare(
      `INSERT INTO shape (says, ${SHAPE_NAMES.join(", ")}, open, count, first, last)
       VALUES (?, ${SHAPE_NAMES.map(() => "?").join(", ")}, ?, 0, ?, ?) RETURNING id`,
    ),
    countShape: prepare(
      "UPDATE shape SET count = count + ?, first = min(first, ?), last = max(last, ?) WHERE id = ?",
    ),
    patient: prepare("INSERT OR IGNORE INTO patient VALUES (?, ?, ?)"),
    span: prepare(
      "INSERT INTO span VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET low = min(low, excluded.low), high = max(high, excluded.high)",
    ),
    wait: prepare("INSERT OR REPLACE INTO waiting VALUES (?, ?, ?)"),
    waiting: prepare("SELECT seq, principal FROM waiting WHERE id = ?"),
    arrived: prepare("DELETE FROM waiting WHERE id = ?"),
    shapes: new Map(),
  };
}
