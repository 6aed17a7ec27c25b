/** The audit log as its users see it: append, and wait until it is on disk. */
import { PhiwardError } from "../errors.ts";
import type { Entry, Hex64 } from "./record.ts";

/** The newest record: its number, its hash, and its time in epoch milliseconds. Number 0: none yet. */
export interface Head {
  readonly seq: number;
  readonly hash: Hex64;
  readonly at: number;
}

export interface Appended {
  readonly id: string;
  /** 0 when the record was refused. */
  readonly seq: number;
  /**
   * Resolves when the record is on disk; rejects with AUDIT_UNAVAILABLE when it is not, or when
   * nobody can tell. Nobody need listen: it never becomes an unhandled rejection.
   */
  readonly durable: Promise<void>;
}

/** One node's chain. There is one writer. */
export interface AuditLog {
  /** Gives the entry its number and its hash at once, in the order of the calls. Never throws. */
  append(entry: Entry): Appended;
  /** Why nothing can be recorded any more; undefined while all is well. It never comes back. */
  readonly dead: string | undefined;
  /** What will stop the log soon: no room for the next segment. */
  readonly failing: string | undefined;
  /** Why the newest checkpoint is not everywhere that it should be; the log itself goes on. */
  readonly unpublished: string | undefined;
  readonly head: Head;
  /** Signs the chain so far; resolves when the checkpoint is in the log and published. */
  checkpoint(): Promise<void>;
  /** A last checkpoint, everything on disk, and the folder free for another writer. */
  close(): Promise<void>;
}

export function auditUnavailable(reason: string, cause?: unknown): PhiwardError {
  return new PhiwardError("AUDIT_UNAVAILABLE", `nothing can be recorded: ${reason}`, { cause });
}

export const UNWRITABLE = "the entry cannot be written as a record";

/** An append that is refused. The rejection is marked as seen. */
export function refusedAppend(id: string, error: PhiwardError): Appended {
  const durable = Promise.reject(error);
  durable.catch(() => {});
  return { id, seq: 0, durable };
}
