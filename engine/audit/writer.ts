/**
 * Group commit: lines go into batches in the order in which they come; one write and one sync take
 * the oldest batch to the disk, and all who wait for it are told together. While a sync is under way
 * the next batch fills, so its size adjusts itself to the disk.
 *
 * The first error is the last thing that the writer does. After a failed sync the kernel may have
 * dropped the dirty pages, and a second sync of the same file would succeed without them; so it is
 * never tried again, and everybody who waits is told that it failed.
 */
import { closeSync, ftruncateSync, openSync, unlinkSync } from "node:fs";
import type { Disk } from "./disk.ts";
import { auditUnavailable } from "./log.ts";
import { segmentPath } from "./segments.ts";
import { MAX_WRITE_BYTES } from "./tear.ts";

/** So much may wait for a slow disk; what comes beyond it is refused. */
const MAX_WAITING_BYTES = 64 * MAX_WRITE_BYTES;
/** So long may a line that nobody waits for wait for others, in milliseconds. */
const LINGER_MS = 5;
/** How often a segment that could not be made ahead is tried again, in milliseconds. */
const RETRY_MS = 1000;

export interface WriterOptions {
  readonly folder: string;
  readonly disk: Disk;
  /** The size of a segment. */
  readonly segmentBytes: number;
  /** Where the first line goes; this segment is preallocated from `offset` on. */
  readonly segment: number;
  readonly offset: number;
  readonly now: () => number;
}

export interface Writer {
  /** Why a line of so many bytes, with its end, cannot be taken; undefined: it can. */
  refusal(bytes: number): string | undefined;
  readonly dead: string | undefined;
  /** Why the next segment could not be made ahead. */
  readonly failing: string | undefined;
  /**
   * Takes a line; `bytes` is its length with its end, in UTF-8. The promise is shared by all lines
   * that go to disk together. One that is not `urgent` goes with the next urgent one, or a few
   * milliseconds later: a sync for itself alone would hold up the urgent line that comes meanwhile.
   */
  add(line: string, bytes: number, urgent: boolean): Promise<void>;
  /** Waits for what is under way, cuts the zeros off the last segment, and closes it. */
  close(): Promise<void>;
}

interface Batch {
  readonly segment: number;
  readonly offset: number;
  readonly lines: string[];
  bytes: number;
  readonly durable: PromiseWithResolvers<void>;
}

export function startWriter(options: WriterOptions): Writer {
  const { folder, disk, segmentBytes, now } = options;
  const maxLine = Math.min(MAX_WRITE_BYTES, segmentBytes);
  const queue: Batch[] = [];
  let waiting = 0;
  /** Where the next line goes. */
  let segment = options.segment;
  let offset = options.offset;
  let file = { segment, fd: openSync(segmentPath(folder, segment), "r+"), end: offset };
  let ahead = prepare(segment + 1);
  /** Something in the queue is to be written now. */
  let due = false;
  let linger: NodeJS.Timeout | undefined;
  let pumping: Promise<void> | undefined;
  let dead: string | undefined;
  let failing: string | undefined;
  let failedAt = 0;

  /** Makes a segment in the background. Resolves to whether it is there. */
  function prepare(next: number): Promise<boolean> {
    return disk.preallocate(segmentPath(folder, next), 0, segmentBytes).then(
      () => {
        failing = undefined;
        return true;
      },
      (error) => {
        failing = `the next segment cannot be made (${codeOf(error)})`;
        failedAt = now();
        return false;
      },
    );
  }

  function refusal(bytes: number): string | undefined {
    if (dead !== undefined) return dead;
    if (bytes > maxLine) return "the record is too long";
    return waiting + bytes > MAX_WAITING_BYTES ? "the disk is too slow" : undefined;
  }

  function add(line: string, bytes: number, urgent: boolean): Promise<void> {
    if (offset + bytes > segmentBytes) {
      segment++;
      offset = 0;
    }
    const newest = queue.at(-1);
    const batch =
      newest !== undefined && newest.segment === segment && newest.bytes + bytes <= MAX_WRITE_BYTES
        ? newest
        : begin();
    batch.lines.push(line);
    batch.bytes += bytes;
    offset += bytes;
    waiting += bytes;
    if (urgent) start();
    else linger ??= setTimeout(start, LINGER_MS);
    return batch.durable.promise;
  }

  /** Everything that is in the queue goes to disk, and whatever comes in before its turn. */
  function start(): void {
    due = true;
    pumping ??= pump();
  }

  function begin(): Batch {
    const batch = {
      segment,
      offset,
      lines: [],
      bytes: 0,
      durable: Promise.withResolvers<void>(),
    };
    queue.push(batch);
    return batch;
  }

  async function pump(): Promise<void> {
    // Everything that comes in during this turn of the event loop goes with the first write.
    await new Promise(setImmediate);
    try {
      while (due) {
        due = false;
        clearTimeout(linger);
        linger = undefined;
        for (let left = queue.length; left > 0; left--) await commitOldest();
      }
    } catch (error) {
      die(codeOf(error));
    }
    pumping = undefined;
  }

  async function commitOldest(): Promise<void> {
    const batch = queue[0]!;
    if (batch.segment !== file.segment) await turnTo(batch.segment);
    // From here on nobody adds to it.
    queue.shift();
    await commit(batch);
  }

  async function commit(batch: Batch): Promise<void> {
    const bytes = Buffer.from(`${batch.lines.join("\n")}\n`, "utf8");
    try {
      const written = disk.write(file.fd, bytes, batch.offset);
      if (written !== bytes.length) throw new Error("a write was cut short");
      await disk.datasync(file.fd);
    } catch (error) {
      // It is no longer in the queue, and must hear of it as well.
      queue.unshift(batch);
      throw error;
    }
    file.end = batch.offset + bytes.length;
    waiting -= bytes.length;
    batch.durable.resolve();
    if (failing !== undefined && now() - failedAt >= RETRY_MS) ahead = prepare(file.segment + 1);
  }

  /** Leaves the full segment, whose records are all on disk, for the one that was made ahead. */
  async function turnTo(next: number): Promise<void> {
    if (!(await ahead) && !(await prepare(next))) throw new Error(failing);
    ftruncateSync(file.fd, file.end);
    closeSync(file.fd);
    file = { segment: next, fd: openSync(segmentPath(folder, next), "r+"), end: 0 };
    ahead = prepare(next + 1);
  }

  function die(reason: string): void {
    dead ??= reason;
    const error = auditUnavailable(dead);
    for (const { durable } of queue.splice(0)) {
      durable.promise.catch(() => {});
      durable.reject(error);
    }
    waiting = 0;
  }

  return {
    refusal,
    get dead() {
      return dead;
    },
    get failing() {
      return failing;
    },
    add,
    async close() {
      if (queue.length > 0) start();
      while (pumping !== undefined) await pumping;
      if (dead === undefined) ftruncateSync(file.fd, file.end);
      closeSync(file.fd);
      // Another process may open the folder as soon as we are gone: nothing is made behind its back.
      if (await ahead) unlinkSync(segmentPath(folder, file.segment + 1));
    },
  };
}

/** The system's name of an error, such as ENOSPC. */
export function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
