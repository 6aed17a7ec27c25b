/** Which segments may go to an archive: closed ones, from the first that is here, all older than a day. */
import { readLink } from "../chain.ts";
import type { AuditRecord, Hex64 } from "../record.ts";
import { linesOf, listSegments, segmentPath } from "../segments.ts";

export interface ArchivePlan {
  readonly segments: readonly number[];
  readonly first: AuditRecord;
  /** The first record that stays. */
  readonly next: AuditRecord;
  /** The last record that goes; its hash is what `next` follows. */
  readonly last: { readonly seq: number; readonly hash: Hex64 };
}

/**
 * `before` in epoch milliseconds: only segments all of whose records are older. undefined: none is.
 * The segment that is being written never goes, so a gateway may be running.
 */
export function planArchive(folder: string, before: number): ArchivePlan | undefined {
  const segments = listSegments(folder);
  const chosen: number[] = [];
  let next: AuditRecord | undefined;
  for (const [i, segment] of segments.entries()) {
    const following = segments[i + 1];
    // Once the next one is begun, this one no longer grows.
    const begun = following === undefined ? undefined : firstRecordOf(folder, following);
    if (begun === undefined || Date.parse(begun.at) >= before) break;
    chosen.push(segment);
    next = begun;
  }
  const first = chosen[0] === undefined ? undefined : firstRecordOf(folder, chosen[0]);
  if (first === undefined || next === undefined) return undefined;
  return { segments: chosen, first, next, last: { seq: next.seq - 1, hash: next.prev } };
}

function firstRecordOf(folder: string, segment: number): AuditRecord | undefined {
  for (const { bytes, whole } of linesOf(segmentPath(folder, segment))) {
    if (!whole || readLink(bytes)?.genuine !== true) return undefined;
    return JSON.parse(bytes.toString("utf8")) as AuditRecord;
  }
  return undefined;
}
