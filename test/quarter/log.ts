/** Writes entries as the log of one gateway: real segments, a real chain, and checkpoints that are signed. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { link } from "../../engine/audit/chain.ts";
import { checkpointEntry, originOf } from "../../engine/audit/checkpoint.ts";
import type { Head } from "../../engine/audit/log.ts";
import { NOTES_FILE } from "../../engine/audit/notes.ts";
import type { Entry } from "../../engine/audit/record.ts";
import { segmentPath } from "../../engine/audit/segments.ts";
import { hexOf, signingKey, uuidAt } from "./seed.ts";

export const NODE = "gw-1";
const SEGMENT_BYTES = 64 * 1024 * 1024;
const CHECKPOINT_EVERY = 1000;
const FLUSH_BYTES = 1024 * 1024;

export interface LogWriter {
  add(entry: Entry): void;
  /** Signs the chain so far, if there is anything new. */
  checkpoint(at: number): void;
  /** A last checkpoint; returns how many records there are. */
  close(at: number): number;
}

export function openLogWriter(folder: string, seed: number): LogWriter {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const genesis = hexOf(seed, "genesis");
  const origin = originOf(NODE, genesis);
  const key = signingKey(seed);
  const owner = { node: NODE, dev: undefined };
  const notes: string[] = [];
  let head: Head = { seq: 0, hash: genesis, at: 0 };
  let signed = 0;
  let segment = 1;
  let fd = openSync(segmentPath(folder, segment), "w", 0o600);
  let bytes = 0;
  let waiting: string[] = [];
  let waitingBytes = 0;

  function flush(): void {
    if (waiting.length > 0) writeSync(fd, `${waiting.join("\n")}\n`);
    waiting = [];
    waitingBytes = 0;
  }
  function append(entry: Entry): void {
    const id = entry.id ?? uuidAt(entry.at, head.seq + 2 ** 40);
    const linked = link(entry, id, owner, head)!;
    // A checkpoint's note has a dash beyond ASCII; everything else is one byte a letter.
    const size = Buffer.byteLength(linked.line) + 1;
    if (bytes + size > SEGMENT_BYTES) {
      flush();
      closeSync(fd);
      fd = openSync(segmentPath(folder, ++segment), "w", 0o600);
      bytes = 0;
    }
    waiting.push(linked.line);
    bytes += size;
    waitingBytes += size;
    head = linked.head;
    if (waitingBytes >= FLUSH_BYTES) flush();
  }
  function checkpoint(at: number): void {
    if (head.seq === signed) return;
    const entry = checkpointEntry(origin, head, key, Math.max(at, head.at));
    notes.push(`${entry.note}\n`);
    append(entry);
    signed = head.seq;
  }
  return {
    add(entry) {
      append(entry);
      if (head.seq - signed >= CHECKPOINT_EVERY) checkpoint(entry.at);
    },
    checkpoint,
    close(at) {
      checkpoint(at);
      flush();
      closeSync(fd);
      writeFileSync(join(folder, NOTES_FILE), notes.join(""), { mode: 0o600 });
      return head.seq;
    },
  };
}
