/**
 * The hash chain: each record holds the hash of the one before, so that an edit, a removal or a new
 * order cannot be hidden without computing every later record anew. (Who can do that is stopped by
 * checkpoints: checkpoint.ts.)
 *
 *     line = {…,"hash":"<64 hex>",…,"prev":"<64 hex>",…,"seq":N,…} \n
 *     hash = SHA-256 of the line's bytes without `,"hash":"…"` and without the line's end
 *
 * The hash is that of the stored bytes. A verifier cuts the member out of them and never writes JSON
 * anew, so two writers of JSON cannot disagree about a record.
 *
 * `hash` is never the first member, and no member after it is an object that could have a member of
 * that name; so the last `,"hash":"` of a line is the record's own.
 */
import { hash, randomBytes } from "node:crypto";
import type { Head } from "./log.ts";
import { type Entry, type Hex64, recordText } from "./record.ts";

export function genesis(): Hex64 {
  return randomBytes(32).toString("hex");
}

function hashOf(text: string | Uint8Array): Hex64 {
  return hash("sha256", text, "hex");
}

const MARK = ',"hash":"';
/** `,"hash":"`, 64 digits, and the closing quote. */
const MEMBER_LENGTH = MARK.length + 64 + 1;

/** A record's text with its hash put in, without the line's end. */
export function seal(text: string, hash: Hex64): string {
  const at = text.lastIndexOf(',"id":"');
  return `${text.slice(0, at)}${MARK}${hash}"${text.slice(at)}`;
}

/** Whose chain it is. */
export interface Owner {
  readonly node: string;
  readonly dev: true | undefined;
}

/**
 * The entry as the next record of a chain: its line, without the end, and the new head. undefined for
 * an entry that cannot be written, such as one of a time that is none.
 */
export function link(
  entry: Entry,
  id: string,
  { node, dev }: Owner,
  head: Head,
): { readonly line: string; readonly head: Head } | undefined {
  const seq = head.seq + 1;
  let text: string;
  try {
    text = recordText(entry, id, { node, seq, prev: head.hash, dev });
  } catch {
    return undefined;
  }
  const hash = hashOf(text);
  return { line: seal(text, hash), head: { seq, hash, at: entry.at } };
}

/** What a line says of its place in the chain, and whether its bytes are those that were hashed. */
export interface Link {
  readonly seq: number;
  readonly prev: Hex64;
  readonly hash: Hex64;
  /** False: the bytes are not the ones that `hash` was computed of. */
  readonly genuine: boolean;
  /** The bytes that are hashed: the record without its `hash`. */
  readonly hashed: Buffer;
}

const HASH = Buffer.from(MARK);
const PREV = Buffer.from(',"prev":"');
const SEQ = Buffer.from(',"seq":');
const QUOTE = 0x22;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * Reads a line (without its end); undefined when it is not of the form of a record. With `scratch`
 * the line's own bytes are moved about: a verifier that reads gigabytes saves a copy of each.
 */
export function readLink(line: Buffer, scratch = false): Link | undefined {
  if (line[0] !== OPEN || line[line.length - 1] !== CLOSE) return undefined;
  const at = line.lastIndexOf(HASH);
  if (at <= 0) return undefined;
  const after = at + MEMBER_LENGTH;
  if (line[after - 1] !== QUOTE) return undefined;
  const prevAt = line.indexOf(PREV, after);
  if (prevAt === -1 || line[prevAt + PREV.length + 64] !== QUOTE) return undefined;
  const seqAt = line.indexOf(SEQ, prevAt);
  if (seqAt === -1) return undefined;
  const stored = line.toString("latin1", at + MARK.length, after - 1);
  const prev = line.toString("latin1", prevAt + PREV.length, prevAt + PREV.length + 64);
  const seq = digits(line, seqAt + SEQ.length);
  if (seq === undefined) return undefined;
  const bytes = scratch ? line : Buffer.from(line);
  bytes.copyWithin(MEMBER_LENGTH, 0, at);
  const hashed = bytes.subarray(MEMBER_LENGTH);
  return { seq, prev, hash: stored, genuine: hashOf(hashed) === stored, hashed };
}

/** A positive integer without a leading zero, ended by `,` or `}`. */
function digits(line: Buffer, from: number): number | undefined {
  let value = 0;
  let i = from;
  for (; line[i]! >= 0x30 && line[i]! <= 0x39; i++) value = value * 10 + line[i]! - 0x30;
  const ended = line[i] === 0x2c || line[i] === CLOSE;
  return ended && i > from && line[from] !== 0x30 && Number.isSafeInteger(value)
    ? value
    : undefined;
}
