/**
 * Is the log whole? Reads every byte once, in constant memory, and needs nothing but the files and a
 * public key.
 *
 *     edited      a record whose bytes are not those that were hashed
 *     form        a line that is no record
 *     removed     numbers that are nowhere: records were taken out, or the beginning, or a file
 *     reordered   records that stand in another place than their number
 *     spliced     a record that does not follow the one before it although its number does: part of
 *                 another chain, or a rewritten record with a new hash of its own
 *     truncated   the log ends before something that a checkpoint or the index has seen
 *     checkpoint  a signed note that contradicts the chain, or whose signature does not fit
 *     torn        a last record that is cut short. A crash does that; by itself it is no break
 *
 * The chain shows everything but two things: that its end is missing, and that its own keeper computed
 * all of it anew. Those are shown by checkpoints, so the verdict is as good as the newest checkpoint
 * that was kept where the keeper cannot write.
 */
import type { KeyObject } from "node:crypto";
import { type Link, readLink } from "../chain.ts";
import { originOf } from "../checkpoint.ts";
import { readLine, readRecords } from "../read.ts";
import type { AuditRecord, CheckpointRecord, Hex64 } from "../record.ts";
import { listSegments } from "../segments.ts";
import { type Archived, startBeginning } from "./beginning.ts";
import { type HearingCounts, startHearing } from "./hearing.ts";
import { startOrder } from "./order.ts";
import type { Place, Problem, Report } from "./problem.ts";
import { scanLog } from "./scan.ts";
import { indexWitness, type KeptNotes, keptNotes, ownNotes } from "./witness.ts";

export interface VerifyOptions {
  /** Public keys that may have signed the checkpoints; with none, signatures are not checked. */
  readonly keys: readonly KeyObject[];
  /** Signed notes that were kept elsewhere. */
  readonly kept: readonly KeptNotes[];
  /** What stands before the first record, where that is known: of an archive. */
  readonly after?: Beginning;
  /** Hears now and then how many records have been read. */
  readonly onProgress?: (records: number) => void;
}

/** The record before the first one. */
export interface Beginning {
  /** The chain's name. */
  readonly origin: string;
  readonly seq: number;
  readonly hash: Hex64;
}

export interface Edge {
  readonly seq: number;
  readonly at: string;
}

export interface Verification {
  /** `broken` by any problem but a torn last record. */
  readonly verdict: "whole" | "broken";
  /** The chain's name; null when its beginning is missing. */
  readonly origin: string | null;
  readonly records: number;
  readonly segments: number;
  readonly first: Edge | null;
  readonly last: Edge | null;
  /** The beginning was archived, as the chain itself says; null: it is here, or is missing. */
  readonly archived: Archived | null;
  /** The hash of the last record. */
  readonly head: string | null;
  readonly checkpoints: HearingCounts;
  /** In their order in the log; at most `MAX_PROBLEMS` of them. */
  readonly problems: readonly Problem[];
  /** How many there are in all. */
  readonly problemCount: number;
}

export const MAX_PROBLEMS = 1000;
const PROGRESS_EVERY = 65_536;
const CHECKPOINT = Buffer.from(',"kind":"checkpoint",');

export function verifyLog(folder: string, options: VerifyOptions): Verification {
  const { keys, kept, after, onProgress } = options;
  const found = collect();
  const { report } = found;
  const segments = listSegments(folder);
  const first = firstRecord(folder, segments);
  const origin = after?.origin ?? (first?.seq === 1 ? originOf(first.node, first.prev) : undefined);
  const beginning = startBeginning(first, (seq) => hashAt(folder, seq));
  const order = startOrder(segments, report);
  const hearing = startHearing(
    [ownNotes(folder), indexWitness(folder), ...kept.map(keptNotes)],
    { origin, keys },
    report,
  );

  let records = 0;
  let newest: Place | undefined;
  let end: Place = { segment: segments[0] ?? 1, line: 1, offset: 0 };
  for (const scanned of scanLog(folder)) {
    const { segment, line, offset } = scanned;
    end = { segment, line, offset };
    if (scanned.kind === "line") {
      const { link } = scanned;
      records++;
      if (link === undefined) order.damaged("form", end, "the line is no record");
      else if (!link.genuine) order.damaged("edited", end, "it is not what was written");
      else if (order.record(link, end)) {
        newest = end;
        hearing.record(link, end, checkpointIn(link));
        beginning.record(link);
      }
      if (records % PROGRESS_EVERY === 0) onProgress?.(records);
    } else if (scanned.kind === "cut") {
      order.damaged("edited", end, "it is cut short, and more follows");
    } else {
      const says = `the last record is cut short: ${scanned.length} bytes, as a crash leaves them`;
      report({ kind: "torn", ...end, seq: null, says });
    }
  }
  const { archived } = beginning;
  order.end(after?.seq ?? archived?.to);
  hearing.end(order.head?.seq ?? 0, end);

  const last = newest === undefined ? undefined : recordAt(folder, newest);
  return {
    verdict: found.broken ? "broken" : "whole",
    origin: origin ?? archived?.origin ?? null,
    records,
    segments: segments.length,
    first: first === undefined ? null : edge(first),
    last: last === undefined ? null : edge(last),
    archived: archived ?? null,
    head: order.head?.hash ?? null,
    checkpoints: hearing.counts(),
    problems: found.problems.sort(byPlace),
    problemCount: found.count,
  };
}

/** Keeps the first problems and counts them all: a log of garbage must not fill the memory. */
function collect(): {
  readonly report: Report;
  readonly problems: Problem[];
  readonly count: number;
  readonly broken: boolean;
} {
  const problems: Problem[] = [];
  let count = 0;
  let broken = false;
  return {
    report(problem) {
      count++;
      broken ||= problem.kind !== "torn";
      if (problems.length < MAX_PROBLEMS) problems.push(problem);
    },
    problems,
    get count() {
      return count;
    },
    get broken() {
      return broken;
    },
  };
}

/** A checkpoint's record; anything else is not parsed. */
function checkpointIn({ hashed, hash }: Link): CheckpointRecord | undefined {
  if (!hashed.includes(CHECKPOINT)) return undefined;
  return { ...(JSON.parse(hashed.toString("utf8")) as CheckpointRecord), hash };
}

function firstRecord(folder: string, segments: readonly number[]): AuditRecord | undefined {
  const [segment] = segments;
  return segment === undefined ? undefined : recordAt(folder, { segment, offset: 0 });
}

/** The record at a place, if what stands there is one. */
function recordAt(
  folder: string,
  { segment, offset }: Pick<Place, "segment" | "offset">,
): AuditRecord | undefined {
  const line = readLine(folder, segment, offset);
  if (line === undefined || readLink(line)?.genuine !== true) return undefined;
  return JSON.parse(line.toString("utf8")) as AuditRecord;
}

function hashAt(folder: string, seq: number): Hex64 | undefined {
  for (const record of readRecords(folder, { seq })) return record.hash;
  return undefined;
}

function edge({ seq, at }: AuditRecord): Edge {
  return { seq, at };
}

function byPlace(a: Problem, b: Problem): number {
  return a.segment - b.segment || a.line - b.line;
}
