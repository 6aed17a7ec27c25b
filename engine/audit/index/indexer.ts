/** Brings the index up to the log's end. Anyone may: each step is one transaction, and goes on where the last one ended. */
import { PhiwardError } from "../../errors.ts";
import { type Link, readLink } from "../chain.ts";
import { readLine } from "../read.ts";
import type { AuditRecord } from "../record.ts";
import { syncSegments, tailOf } from "../segments.ts";
import { type Adding, startAdding } from "./add.ts";
import { type Cursor, cursorOf, keepCursor } from "./cursor.ts";
import { type Index, SHAPE_INDEX } from "./schema.ts";

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
  refuseForgotten(folder, index);
  const adding = startAdding(index);
  for (;;) {
    const { seq, more } = step(folder, index, adding);
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

/** A line that is not what was written. */
interface Damage {
  readonly segment: number;
  readonly offset: number;
  readonly says: string;
}

function step(
  folder: string,
  index: Index,
  adding: Adding,
): { readonly seq: number; readonly more: boolean } {
  index.exec("BEGIN IMMEDIATE");
  try {
    const cursor = cursorOf(index);
    const { read, damage, next } = readStep(folder, cursor, adding);
    if (read > 0) {
      adding.write();
      keepDamage(index, damage);
      keepCursor(index, next);
      syncSegments(folder, cursor.segment, next.segment);
    }
    index.exec("COMMIT");
    return { seq: next.seq, more: read >= STEP };
  } catch (error) {
    // After some errors SQLite has done so by itself.
    if (index.isTransaction) index.exec("ROLLBACK");
    throw error;
  }
}

function readStep(
  folder: string,
  cursor: Cursor,
  adding: Adding,
): { readonly read: number; readonly damage: readonly Damage[]; readonly next: Cursor } {
  const damage: Damage[] = [];
  let read = 0;
  let next = cursor;
  for (const { segment, offset, bytes, whole } of tailOf(folder, cursor.segment, cursor.offset)) {
    const link = whole ? readLink(bytes) : undefined;
    const says = problemOf(link, next, segment);
    if (says !== undefined) damage.push({ segment, offset, says });
    const end = offset + bytes.length + 1;
    if (link?.genuine === true) {
      const record = JSON.parse(bytes.toString("utf8")) as AuditRecord;
      adding.add({ segment, offset, record });
      next = { segment, offset: end, seq: link.seq, hash: link.hash };
    } else next = { ...next, segment, offset: end };
    read++;
    if (read >= STEP) break;
  }
  return { read, damage, next };
}

function problemOf(link: Link | undefined, before: Cursor, segment: number): string | undefined {
  if (link === undefined) return "a line is no record";
  if (!link.genuine) return "a record is not what was written";
  // The segments before went to an archive, or were taken away: which, the verification tells.
  if (before.seq === 0 && segment > 1) return undefined;
  const follows = link.seq === before.seq + 1 && (before.hash === "" || link.prev === before.hash);
  return follows ? undefined : "a record does not follow the one before it";
}

function keepDamage(index: Index, damage: readonly Damage[]): void {
  const keep = index.prepare("INSERT OR IGNORE INTO damage VALUES (?, ?, ?)");
  for (const { segment, offset, says } of damage) keep.run(segment, offset, says);
}
