/** The bytes of a log as lines, each with its own verdict. Nothing is compared between lines here. */
import { closeSync, openSync, readSync } from "node:fs";
import { type Link, readLink } from "../chain.ts";
import { contentEnd, linesOf, listSegments, segmentPath } from "../segments.ts";
import { isTear } from "../tear.ts";
import type { Place } from "./problem.ts";

export interface ScannedLine extends Place {
  readonly kind: "line";
  /** undefined: it is no record. Valid until the next line. */
  readonly link: Link | undefined;
}

/** Bytes that are no line: cut short, or after a hole. */
export interface ScannedRest extends Place {
  readonly kind: "torn" | "cut";
  readonly length: number;
}

export type Scanned = ScannedLine | ScannedRest;

export function* scanLog(folder: string): Generator<Scanned> {
  const segments = listSegments(folder).filter((one) => contentEnd(segmentPath(folder, one)) > 0);
  for (const segment of segments) yield* scanSegment(folder, segment, segment === segments.at(-1));
}

function* scanSegment(folder: string, segment: number, last: boolean): Generator<Scanned> {
  const path = segmentPath(folder, segment);
  let line = 0;
  for (let from = 0; ; ) {
    let end = from;
    for (const { bytes, offset, whole } of linesOf(path, from)) {
      if (!whole) break;
      line++;
      end = offset + bytes.length + 1;
      yield { kind: "line", segment, line, offset, link: readLink(bytes, true) };
    }
    const content = contentEnd(path);
    if (content <= end) return;
    if (end > from) {
      // There is more than when it was read: a gateway may be writing. What is cut short stays so.
      from = end;
      continue;
    }
    line++;
    const torn = last && isTear(path, end, content);
    const place = { segment, line, offset: end, length: content - end };
    yield { kind: torn ? "torn" : "cut", ...place };
    const next = torn ? undefined : resume(path, end);
    if (next === undefined) return;
    from = next;
  }
}

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Where lines may begin again after one that was cut short: after a line end, or after a hole. */
function resume(path: string, from: number): number | undefined {
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let inHole = false;
    for (let at = from; ; ) {
      const read = readSync(fd, buffer, 0, CHUNK_BYTES, at);
      if (read === 0) return undefined;
      for (let i = 0; i < read; i++) {
        if (buffer[i] === 0) inHole = true;
        else if (inHole) return at + i;
        else if (buffer[i] === NEWLINE) return at + i + 1;
      }
      at += read;
    }
  } finally {
    closeSync(fd);
  }
}
