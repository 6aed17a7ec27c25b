/** The records of a log from a place on, each checked: its own hash, and that it follows the one before. */
import { PhiwardError } from "../../errors.ts";
import { type Link, readLink } from "../chain.ts";
import type { AuditRecord, Hex64 } from "../record.ts";
import { segmentName, tailOf } from "../segments.ts";

/** Behind a record. */
export interface Place {
  readonly segment: number;
  /** Byte at which the next line begins. */
  readonly offset: number;
  /** The record's number; 0: none yet. */
  readonly seq: number;
  /** Its hash; absent when the record itself was not read. */
  readonly hash?: Hex64;
}

export const BEGINNING: Place = { segment: 0, offset: 0, seq: 0 };

export interface Verified {
  readonly record: AuditRecord;
  /** As it stands in the log, without its end. */
  readonly line: string;
  /** Behind it. */
  readonly place: Place;
}

/**
 * What is wholly there now; another process may be writing. Throws AUDIT_BROKEN at a record that is
 * not what was written, or that does not follow: what comes behind it is worth no more than a guess.
 */
export function* verifiedFrom(folder: string, from: Place): Generator<Verified> {
  let before = from;
  for (const { segment, offset, bytes, whole } of tailOf(folder, from.segment, from.offset)) {
    const link = whole ? readLink(bytes) : undefined;
    if (link?.genuine !== true) throw broken(segment, offset, "a record is not what was written");
    if (!follows(link, before)) {
      throw broken(segment, offset, `record ${link.seq} does not follow record ${before.seq}`);
    }
    const line = bytes.toString("utf8");
    const { seq, hash } = link;
    before = { segment, offset: offset + bytes.length + 1, seq, hash };
    yield { record: JSON.parse(line) as AuditRecord, line, place: before };
  }
}

/** A log begins anywhere when what was before went to an archive; nothing else may be missing. */
function follows({ seq, prev }: Link, before: Place): boolean {
  if (before.seq === 0) return true;
  return seq === before.seq + 1 && (before.hash === undefined || prev === before.hash);
}

function broken(segment: number, offset: number, says: string): PhiwardError {
  return new PhiwardError("AUDIT_BROKEN", `${says}: \`${segmentName(segment)}\`, byte ${offset}`);
}
