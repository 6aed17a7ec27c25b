/** What a crash can leave behind the last record. */
import { closeSync, openSync, readSync } from "node:fs";

/** One write is never longer. */
export const MAX_WRITE_BYTES = 1024 * 1024;

/** A disk keeps or loses this many bytes together. */
const SECTOR_BYTES = 512;

/**
 * Whether the bytes from `offset` (after the last record) to `end` (of all that is not zero) can be
 * the rest of the one write that was in flight. A line cut short by the end is. So is a hole of
 * zeros with more behind it, since a disk may keep the later sectors of a write and lose the earlier
 * ones; but sectors are lost whole, and a hole of another form was made by somebody.
 */
export function isTear(path: string, offset: number, end: number): boolean {
  if (end - offset > MAX_WRITE_BYTES) return false;
  const bytes = Buffer.alloc(end - offset);
  const fd = openSync(path, "r");
  try {
    readSync(fd, bytes, 0, bytes.length, offset);
  } finally {
    closeSync(fd);
  }
  const hole = bytes.indexOf(0);
  if (hole === -1) return true;
  const behind = bytes.findIndex((byte, i) => i > hole && byte !== 0);
  const begins = hole === 0 || (offset + hole) % SECTOR_BYTES === 0;
  return begins && (offset + behind) % SECTOR_BYTES === 0;
}
