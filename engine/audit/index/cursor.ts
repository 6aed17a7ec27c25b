/** How far an index has read its log. */
import type { Hex64 } from "../record.ts";
import type { Index } from "./schema.ts";

export interface Cursor {
  /** Where reading goes on. */
  readonly segment: number;
  readonly offset: number;
  /** The newest record that is in the index, and its hash; 0: none. */
  readonly seq: number;
  readonly hash: Hex64;
}

const BEGINNING: Cursor = { segment: 0, offset: 0, seq: 0, hash: "" };

export function cursorOf(index: Index): Cursor {
  const row = index.prepare("SELECT segment, offset, seq, hash FROM cursor").get();
  return (row as Cursor | undefined) ?? BEGINNING;
}

export function keepCursor(index: Index, { segment, offset, seq, hash }: Cursor): void {
  index
    .prepare("INSERT OR REPLACE INTO cursor VALUES (1, ?, ?, ?, ?)")
    .run(segment, offset, seq, hash);
}
