/** One writer at a time, across processes. */

import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { PhiwardError } from "../errors.ts";

const WAIT_MS = 20;
const TRIES = 250;
/** SQLITE_BUSY: somebody else holds the lock. */
const BUSY = 5;

/**
 * Runs `body` while no other process can. The lock is SQLite's on an empty database, which the
 * operating system releases when its holder is killed; a lock file would stay behind.
 */
export async function withLock<T>(path: string, body: () => T): Promise<T> {
  const database = open(path);
  try {
    for (let tries = 1; !acquire(database, path); tries++) {
      if (tries === TRIES) throw busy();
      await sleep(WAIT_MS);
    }
    return body();
  } finally {
    database.close();
  }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (cause) {
    throw unusable(path, cause);
  }
}

function acquire(database: DatabaseSync, path: string): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (cause) {
    if ((cause as { errcode?: number }).errcode === BUSY) return false;
    throw unusable(path, cause);
  }
}

function busy(): PhiwardError {
  return new PhiwardError("STATE_BUSY", "another process is changing the tokens", {
    help: `try again; nothing is waited for longer than ${(WAIT_MS * TRIES) / 1000} seconds`,
  });
}

function unusable(path: string, cause: unknown): PhiwardError {
  return new PhiwardError("UNREADABLE", `\`${path}\` cannot be used as a lock`, { cause });
}
