/** When the chain is signed, and where the signed notes go. */
import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { checkpointEntry } from "./checkpoint.ts";
import type { AuditLog } from "./log.ts";
import { appendNote, NOTES_FILE } from "./notes.ts";
import { codeOf } from "./writer.ts";

/** Somewhere that a note is safe from whoever can write to this machine. */
export type CheckpointSink =
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "function";
      readonly send: (note: string) => Promise<void>;
      readonly close?: () => Promise<void>;
    };

export interface CheckpointOptions {
  /** Ed25519, private. */
  readonly key: KeyObject;
  /** After so many records … */
  readonly everyRecords: number;
  /** … or so many milliseconds, if there is anything new. */
  readonly everyMs: number;
  readonly sinks: readonly CheckpointSink[];
}

export interface Checkpointer {
  /** Tells that a record was appended. */
  appended(seq: number): void;
  checkpoint(): Promise<void>;
  /** What could not be published. */
  readonly failing: string | undefined;
  /** A last checkpoint, if there is anything new; resolves when all notes are published. */
  stop(): Promise<void>;
}

/** What the checkpointer needs of the log that it signs. */
export interface Signed {
  readonly log: Pick<AuditLog, "append" | "head" | "dead">;
  readonly folder: string;
  readonly origin: string;
  /** The number of the newest checkpoint's record, if it is the newest record of all; otherwise 0. */
  readonly signed: number;
  readonly now: () => number;
}

export function startCheckpointer(
  { log, folder, origin, now, ...rest }: Signed,
  { key, everyRecords, everyMs, sinks }: CheckpointOptions,
): Checkpointer {
  /** Up to this record there is nothing new to sign. */
  let { signed } = rest;
  let failing: string | undefined;
  /** Notes are published one after the other, in their order. */
  let publishing = Promise.resolve();
  const notes: CheckpointSink = { kind: "file", path: join(folder, NOTES_FILE) };

  async function checkpoint(): Promise<void> {
    if (log.dead !== undefined || log.head.seq === signed) return await publishing;
    // Set before the append, which asks `appended` whether a checkpoint is due.
    signed = log.head.seq + 1;
    const entry = checkpointEntry(origin, log.head, key, now());
    const before = publishing;
    const published = log
      .append(entry)
      .durable.then(() => before)
      .then(() => publish(entry.note));
    publishing = published.catch(() => {});
    await published;
  }

  async function publish(note: string): Promise<void> {
    const results = await Promise.allSettled([notes, ...sinks].map((sink) => send(sink, note)));
    const failed = results.find((result) => result.status === "rejected");
    failing =
      failed === undefined
        ? undefined
        : `a checkpoint could not be published (${codeOf(failed.reason)})`;
  }

  // A log that died tells everybody else; here is nobody to tell.
  const inBackground = (): void => void checkpoint().catch(() => {});
  const timer = setInterval(inBackground, everyMs);
  timer.unref();
  return {
    appended(seq) {
      if (seq - signed >= everyRecords) inBackground();
    },
    checkpoint,
    get failing() {
      return failing;
    },
    async stop() {
      clearInterval(timer);
      await checkpoint().catch(() => {});
      for (const sink of sinks) if (sink.kind === "function") await sink.close?.();
    },
  };
}

async function send(sink: CheckpointSink, note: string): Promise<void> {
  if (sink.kind === "function") await sink.send(note);
  else await appendNote(sink.path, note);
}
