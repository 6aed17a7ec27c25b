/** Records by their number: the index says where, the log says what, and the hash says whether. */
import { readLink } from "../chain.ts";
import { readLine } from "../read.ts";
import type { AuditRecord, OutcomeRecord } from "../record.ts";
import { listSegments, segmentName } from "../segments.ts";
import { damageOf, placeOf } from "./find.ts";
import type { Index } from "./schema.ts";

/** Something in the log is not what was written. */
export interface Problem {
  /** The segment's file. */
  readonly segment: string;
  /** Byte of the line's beginning. */
  readonly offset: number;
  readonly says: string;
}

/** A record as it stands in the log, checked; with what became of it, for an allowed call. */
export interface Found {
  readonly record: AuditRecord;
  readonly outcome?: OutcomeRecord;
}

export interface Reader {
  /** undefined when the log does not have what the index promises; that is a problem then. */
  read(seq: number): Found | undefined;
  /** What was found damaged, now or when it was indexed. */
  problems(): readonly Problem[];
}

export function openReader(folder: string, index: Index): Reader {
  const place = placeOf(index);
  const problems = new Map<string, Problem>();
  const begins = listSegments(folder)[0] ?? 1;
  const add = (segment: number, offset: number, says: string): void => {
    problems.set(`${segment}:${offset}`, { segment: segmentName(segment), offset, says });
  };
  for (const { segment, offset, says } of damageOf(index)) add(segment, offset, says);

  function record(seq: number): { record: AuditRecord; outcome: number | undefined } | undefined {
    const at = place(seq);
    if (at === undefined) return undefined;
    const line = readLine(folder, at.segment, at.offset);
    // What went to an archive is asked for there.
    if (line === undefined && at.segment < begins) return undefined;
    const link = line === undefined ? undefined : readLink(line);
    if (link?.genuine !== true || link.seq !== seq) {
      add(at.segment, at.offset, `record ${seq} is not what was written`);
      return undefined;
    }
    return { record: JSON.parse(line!.toString("utf8")) as AuditRecord, outcome: at.outcome };
  }

  return {
    read(seq) {
      const found = record(seq);
      if (found === undefined) return undefined;
      const outcome = found.outcome === undefined ? undefined : record(found.outcome)?.record;
      // The index may be wrong about anything: the outcome names its decision itself.
      return outcome?.kind === "outcome" && outcome.decision === found.record.id
        ? { record: found.record, outcome }
        : { record: found.record };
    },
    problems: () => [...problems.values()],
  };
}
