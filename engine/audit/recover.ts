/**
 * What a log's end looks like after a crash, and where writing goes on.
 *
 * Valid records are kept, also those that nobody was told about: a write that was never acknowledged
 * may have reached the disk. What follows the last valid record is cut off when it can be the rest of
 * the one write that was in flight (tear.ts). A whole line that is not what was hashed is never that:
 * it is damage or somebody's work, and the log is not opened. Writing on would bury it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PhiwardError } from "../errors.ts";
import { genesis, readLink } from "./chain.ts";
import { claimOf } from "./checkpoint.ts";
import type { Head } from "./log.ts";
import { NOTES_FILE, newestNote } from "./notes.ts";
import type { AuditRecord, Hex64 } from "./record.ts";
import { contentEnd, linesOf, listSegments, segmentName, segmentPath } from "./segments.ts";
import { isTear } from "./tear.ts";

export interface Recovered {
  readonly head: Head;
  /** The newest record; undefined for a new log. */
  readonly newest: AuditRecord | undefined;
  /** What the first record's `prev` is, or will be; undefined when the beginning is not here. */
  readonly genesis: Hex64 | undefined;
  /** Where the next record goes. */
  readonly segment: number;
  readonly offset: number;
  /** How many bytes of a torn tail stand there. */
  readonly discarded: number;
}

export function recover(folder: string): Recovered {
  const segments = listSegments(folder);
  const first = segments[0] ?? 1;
  const segment = segments.findLast((one) => contentEnd(segmentPath(folder, one)) > 0) ?? first;
  const tail = segments.length === 0 ? EMPTY : scan(folder, segment);
  // The write in flight may have begun this segment; then the newest record is in the one before.
  const newest = tail.last ?? (segment === first ? undefined : scanWhole(folder, segment - 1).last);
  const start = first === 1 ? (firstPrev(folder) ?? genesis()) : undefined;
  const head: Head =
    newest === undefined
      ? { seq: 0, hash: start ?? genesis(), at: 0 }
      : { seq: newest.seq, hash: newest.hash, at: Date.parse(newest.at) };
  refuseShorterThanNotes(folder, head);
  return {
    head,
    newest,
    genesis: start,
    segment,
    offset: tail.offset,
    discarded: tail.end - tail.offset,
  };
}

interface Scan {
  readonly last: AuditRecord | undefined;
  /** The offset after the last valid record. */
  readonly offset: number;
  /** The offset after the last byte that is not zero. */
  readonly end: number;
}
const EMPTY: Scan = { last: undefined, offset: 0, end: 0 };

/** The valid records of a segment, from its beginning. */
function scan(folder: string, segment: number): Scan {
  const path = segmentPath(folder, segment);
  let text: string | undefined;
  let offset = 0;
  let line = 0;
  let before: { readonly seq: number; readonly hash: Hex64 } | undefined;
  for (const { bytes, whole } of linesOf(path)) {
    if (!whole) break;
    line++;
    const link = readLink(bytes);
    if (link === undefined || !link.genuine) {
      throw broken(segment, line, offset, "a record is not what was written");
    }
    if (before !== undefined && (link.seq !== before.seq + 1 || link.prev !== before.hash)) {
      throw broken(segment, line, offset, "a record does not follow the one before it");
    }
    before = link;
    text = bytes.toString("utf8");
    offset += bytes.length + 1;
  }
  const end = contentEnd(path);
  if (end > offset && !isTear(path, offset, end)) {
    throw broken(segment, line + 1, offset, "what follows the last record is no torn write");
  }
  const last = text === undefined ? undefined : (JSON.parse(text) as AuditRecord);
  return { last, offset, end: Math.max(end, offset) };
}

/** A segment that was finished before the next one was begun. */
function scanWhole(folder: string, segment: number): Scan {
  const found = scan(folder, segment);
  if (found.end > found.offset) {
    throw broken(
      segment,
      undefined,
      found.offset,
      "the segment ends in a torn record, and another follows",
    );
  }
  return found;
}

function firstPrev(folder: string): Hex64 | undefined {
  if (!existsSync(segmentPath(folder, 1))) return undefined;
  for (const { bytes, whole } of linesOf(segmentPath(folder, 1))) {
    return whole ? readLink(bytes)?.prev : undefined;
  }
  return undefined;
}

/** A rollback of the folder to an older state would let a second history be written over the first. */
function refuseShorterThanNotes(folder: string, { seq }: Head): void {
  const note = newestNote(join(folder, NOTES_FILE));
  const seen = note === undefined ? 0 : (claimOf(note)?.count ?? 0);
  if (seen <= seq) return;
  throw new PhiwardError(
    "AUDIT_BROKEN",
    `the log ends at record ${seq}, and a checkpoint in \`${NOTES_FILE}\` has seen record ${seen}`,
  );
}

function broken(
  segment: number,
  line: number | undefined,
  offset: number,
  says: string,
): PhiwardError {
  const where = line === undefined ? "" : `line ${line}, `;
  return new PhiwardError(
    "AUDIT_BROKEN",
    `${says}: \`${segmentName(segment)}\`, ${where}byte ${offset}`,
  );
}
