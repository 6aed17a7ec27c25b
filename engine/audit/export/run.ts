/**
 * Sends the log elsewhere, in batches:
 *
 *     verified records ─ wanted ─ format ─▶ sink ─▶ keep the place
 *
 * The place is kept after the sink has the batch, so a crash between them sends it again: at least
 * once, never not at all. A record's `seq` and `node`, or its id, tell it apart.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditRecord } from "../record.ts";
import type { ExportSink } from "./sink.ts";
import { type Place, type Verified, verifiedFrom } from "./verified.ts";

export interface ExportFormat {
  /** The media type of a batch. */
  readonly type: string;
  /** Before the first batch, in a file. */
  readonly head: string;
  /** Whole lines, each with its end. */
  batch(records: readonly Pick<Verified, "record" | "line">[]): string;
}

export interface ExportRun {
  /** The folder of the log. */
  readonly folder: string;
  readonly from: Place;
  readonly wanted: (record: AuditRecord) => boolean;
  readonly format: ExportFormat;
  readonly sink: ExportSink;
  /** Called when everything up to a place is safe in the sink. */
  readonly keep: (place: Place) => void;
  /** Goes on with what is recorded meanwhile, until this is aborted. */
  readonly follow?: AbortSignal | undefined;
  readonly batchRecords?: number;
}

export interface Exported {
  readonly records: number;
  /** The numbers of the first and the last of them; null when there were none. */
  readonly first: number | null;
  readonly last: number | null;
}

const BATCH = 1000;
const LOOK_MS = 500;

export async function exportLog(run: ExportRun): Promise<Exported> {
  let place = run.from;
  let records = 0;
  let first: number | null = null;
  let last: number | null = null;
  for (;;) {
    for (const batch of batchesOf(run, place)) {
      const { wanted } = batch;
      if (wanted.length > 0) await run.sink.send(run.format.batch(wanted), run.format.head);
      place = batch.place;
      run.keep(place);
      records += wanted.length;
      first ??= wanted[0]?.record.seq ?? null;
      last = wanted.at(-1)?.record.seq ?? last;
      if (run.follow?.aborted === true) break;
    }
    if (run.follow === undefined || run.follow.aborted) return { records, first, last };
    await sleep(LOOK_MS, undefined, { signal: run.follow }).catch(() => {});
  }
}

/** A place is worth keeping also where nothing was wanted for a long time. */
const SKIP = 50_000;

interface Batch {
  readonly wanted: readonly Verified[];
  readonly place: Place;
}

function* batchesOf(
  { folder, wanted, batchRecords = BATCH }: ExportRun,
  from: Place,
): Generator<Batch> {
  let batch: Verified[] = [];
  let read = 0;
  let place = from;
  for (const one of verifiedFrom(folder, from)) {
    place = one.place;
    read++;
    if (wanted(one.record)) batch.push(one);
    if (batch.length < batchRecords && read < SKIP) continue;
    yield { wanted: batch, place };
    batch = [];
    read = 0;
  }
  if (read > 0) yield { wanted: batch, place };
}
