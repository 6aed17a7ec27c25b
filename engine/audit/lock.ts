/**
 * One writer to a log. The lock is one that the system releases when its holder dies, however it
 * dies: a stale lock file would keep a hospital's gateway down after a crash, and two writers would
 * fork the chain.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PhiwardError } from "../errors.ts";

const LOCK_FILE = "lock.sqlite";

/** Takes the lock of a folder; the function that comes back releases it, once or more often. */
export function lockFolder(folder: string): () => void {
  const database = new DatabaseSync(join(folder, LOCK_FILE), { timeout: 0 });
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    throw new PhiwardError("AUDIT_LOCKED", `another process writes to the log in \`${folder}\``, {
      cause,
    });
  }
  return () => {
    if (database.isOpen) database.close();
  };
}
