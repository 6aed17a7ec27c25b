/** The records of a folder, forward, each checked against its own hash. */
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { PhiwardError } from "../errors.ts";
import { readLink } from "./chain.ts";
import type { AuditRecord } from "./record.ts";
import { linesOf, listSegments, MAX_LINE_BYTES, segmentName, segmentPath } from "./segments.ts";

export interface Start {
  /** Begin with the record of this number … */
  readonly seq?: number;
  /** … and leave out what is older than this (epoch milliseconds). */
  readonly at?: number;
}

/** Clocks are set back now and then; a record this much older than a later one is still found. */
const CLOCK_SLACK_MS = 10 * 60 * 1000;

/**
 * The records of a log, oldest first, one at a time. Another process may be writing: what is not
 * wholly there yet is left for the next time.
 *
 * Throws AUDIT_BROKEN at a record that is not what was written.
 */
export function* readRecords(folder: string, start: Start = {}): Generator<AuditRecord> {
  const { seq = 0, at = -Infinity } = start;
  for (const segment of segmentsFrom(folder, seq, at)) {
    for (const { bytes, offset, whole } of linesOf(segmentPath(folder, segment))) {
      if (!whole) break;
      const record = checkedRecord(bytes, segment, offset);
      if (record.seq >= seq && Date.parse(record.at) >= at) yield record;
    }
  }
}

/**
 * The line at a place, without its end; undefined when none stands there. Nothing about it is
 * checked.
 */
export function readLine(folder: string, segment: number, offset: number): Buffer | undefined {
  const path = segmentPath(folder, segment);
  if (!existsSync(path)) return undefined;
  const fd = openSync(path, "r");
  try {
    for (let size = LINE_BYTES; size <= 2 * MAX_LINE_BYTES; size *= 16) {
      const buffer = Buffer.allocUnsafe(size);
      const read = readSync(fd, buffer, 0, size, offset);
      const end = buffer.subarray(0, read).indexOf(NEWLINE);
      if (end !== -1) return buffer.subarray(0, end);
      if (read < size) return undefined;
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** Most lines are shorter. */
const LINE_BYTES = 4096;
const NEWLINE = 0x0a;

/** A line as a record, if it is what was written. */
function checkedRecord(line: Buffer, segment: number, offset: number): AuditRecord {
  if (readLink(line)?.genuine !== true) {
    throw new PhiwardError(
      "AUDIT_BROKEN",
      `a record is not what was written: \`${segmentName(segment)}\`, byte ${offset}`,
    );
  }
  return JSON.parse(line.toString("utf8")) as AuditRecord;
}

/** The segments that may hold what is asked for. Their first records are in order, so halving finds the first. */
function segmentsFrom(folder: string, seq: number, at: number): readonly number[] {
  const segments = listSegments(folder);
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const first = firstRecord(folder, segments[middle]!);
    // A segment that begins no later than what is asked for; one of the two may say so.
    const before =
      first !== undefined && (first.seq <= seq || Date.parse(first.at) <= at - CLOCK_SLACK_MS);
    if (before) low = middle + 1;
    else high = middle;
  }
  return segments.slice(Math.max(0, low - 1));
}

function firstRecord(folder: string, segment: number): AuditRecord | undefined {
  for (const { bytes, whole } of linesOf(segmentPath(folder, segment))) {
    return whole ? checkedRecord(bytes, segment, 0) : undefined;
  }
  return undefined;
}
