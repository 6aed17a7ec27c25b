/** The index, up to date, for somebody who is about to ask it. */
import { PhiwardError } from "../../errors.ts";
import { catchUp } from "./indexer.ts";
import { type Index, isDamage, openIndex, removeIndex } from "./schema.ts";

/** Opens a folder's index and brings it up to the log's end; makes it anew when it is damaged. */
export function freshIndex(folder: string, onStep?: (seq: number) => void): Index {
  try {
    return opened(folder, onStep);
  } catch (error) {
    if (!isDamage(error)) throw readable(error, folder);
    removeIndex(folder);
    return opened(folder, onStep);
  }
}

function opened(folder: string, onStep: ((seq: number) => void) | undefined): Index {
  const index = openIndex(folder);
  try {
    catchUp(folder, index, onStep);
    return index;
  } catch (error) {
    index.close();
    throw error;
  }
}

/** SQLITE_READONLY, SQLITE_CANTOPEN. */
const NOT_WRITABLE: readonly unknown[] = [8, 14];

function readable(error: unknown, folder: string): unknown {
  const { errcode } = error as { errcode?: number };
  if (!NOT_WRITABLE.includes(errcode)) return error;
  return new PhiwardError("UNREADABLE", `the index in \`${folder}\` cannot be written`, {
    help: "copy the state folder to a place where you may write, and name the copy",
    cause: error,
  });
}
