/**
 * The files of a log: `0000000001.jsonl`, `0000000002.jsonl` … in order, each a run of records, one a
 * line. The newest ones end in zero bytes, which were written ahead; a zero byte is the end.
 */
import { closeSync, fdatasyncSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

const NAME = /^[0-9]{10}\.jsonl$/;

export function segmentName(ordinal: number): string {
  return `${String(ordinal).padStart(10, "0")}.jsonl`;
}

export function segmentPath(folder: string, ordinal: number): string {
  return join(folder, segmentName(ordinal));
}

/** The numbers of the segments of a folder, ascending; none when there is no folder. */
export function listSegments(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return names
    .filter((name) => NAME.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

export interface Line {
  /** Without its end. Valid until the next line is asked for. */
  readonly bytes: Buffer;
  /** Of its first byte in the file. */
  readonly offset: number;
  /** False: it is the last thing before the end, and has no line end. */
  readonly whole: boolean;
}

const CHUNK_BYTES = 1024 * 1024;
const MIN_CHUNK_BYTES = 4096;
/** A line longer than this is no record: reading on for its end would fill the memory. */
export const MAX_LINE_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
const ZERO = 0x00;

/** The lines of a file from an offset at which one starts, up to the first zero byte or the end. */
export function* linesOf(path: string, from = 0): Generator<Line> {
  const fd = openSync(path, "r");
  try {
    const chunk = Math.min(CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, fstatSync(fd).size - from));
    // What is left of a line moves to the front, and the next chunk comes behind it.
    let buffer = Buffer.allocUnsafe(2 * chunk);
    let kept = 0;
    let position = from;
    for (;;) {
      if (kept + chunk > buffer.length) {
        buffer = Buffer.concat([buffer.subarray(0, kept)], 2 * (kept + chunk));
      }
      const read = readSync(fd, buffer, kept, chunk, position);
      const filled = kept + read;
      const zero = buffer.subarray(kept, filled).indexOf(ZERO);
      const end = zero === -1 ? filled : kept + zero;
      let start = 0;
      const base = position - kept;
      for (;;) {
        const stop = buffer.indexOf(NEWLINE, start);
        if (stop === -1 || stop >= end) break;
        yield { bytes: buffer.subarray(start, stop), offset: base + start, whole: true };
        start = stop + 1;
      }
      kept = end - start;
      position += read;
      if (read === 0 || zero !== -1 || kept > MAX_LINE_BYTES) {
        if (kept > 0) {
          yield { bytes: buffer.subarray(start, end), offset: base + start, whole: false };
        }
        return;
      }
      buffer.copyWithin(0, start, end);
    }
  } finally {
    closeSync(fd);
  }
}

export interface PlacedLine extends Line {
  readonly segment: number;
}

/**
 * The lines of a log from a place on (segment 0: from its beginning), while another process may be
 * writing: what is not wholly there yet is left for the next time. A line that is cut short and is
 * followed by another segment comes as not whole.
 */
export function* tailOf(folder: string, segment: number, offset: number): Generator<PlacedLine> {
  const segments = listSegments(folder).filter((one) => one >= segment);
  for (const [i, one] of segments.entries()) {
    const next = segments[i + 1];
    // Asked before the segment is read: once the next one is begun, this one no longer grows.
    const finished = next !== undefined && isBegun(segmentPath(folder, next));
    for (const line of linesOf(segmentPath(folder, one), one === segment ? offset : 0)) {
      if (line.whole || finished) yield { ...line, segment: one };
    }
    if (!finished) return;
  }
}

function isBegun(path: string): boolean {
  const fd = openSync(path, "r");
  try {
    const byte = Buffer.alloc(1);
    return readSync(fd, byte) === 1 && byte[0] !== ZERO;
  } finally {
    closeSync(fd);
  }
}

const ZEROS = Buffer.alloc(CHUNK_BYTES);

/** The offset after the last byte that is not zero; 0 when there is none. */
export function contentEnd(path: string): number {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size));
    for (let end = size; end > 0; end -= buffer.length) {
      const start = Math.max(0, end - buffer.length);
      const bytes = buffer.subarray(0, readSync(fd, buffer, 0, end - start, start));
      // Most of a segment that was written ahead is zeros; comparing is many times as fast as looking.
      if (bytes.equals(ZEROS.subarray(0, bytes.length))) continue;
      return start + bytes.findLastIndex((byte) => byte !== ZERO) + 1;
    }
    return 0;
  } finally {
    closeSync(fd);
  }
}

/**
 * Brings the segments from one to another to the disk, before somebody says that they were read: a
 * record that a power loss takes away would look stolen.
 */
export function syncSegments(folder: string, from: number, to: number): void {
  // A log whose beginning was archived does not begin with the first one.
  for (const segment of listSegments(folder)) {
    if (segment < from || segment > to) continue;
    const fd = openSync(segmentPath(folder, segment), "r");
    try {
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}
