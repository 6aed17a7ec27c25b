/** A file that is a list of lines, read in pieces: no more than a piece and a line of it is held. */
import type { Finding } from "../finding.ts";
import type { Tree } from "../host/tree.ts";
import { decode } from "../policy/bytes.ts";
import { MAX_LINE_BYTES } from "../policy/limits.ts";

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

/** Lines that are not empty, or what is wrong with the bytes of a piece: then its lines are left out. */
export type Piece = { readonly lines: readonly Line[] } | { readonly findings: readonly Finding[] };

const NEWLINE = 0x0a;
const MARK = [0xef, 0xbb, 0xbf];

export async function* readLines(tree: Tree, path: string): AsyncGenerator<Piece> {
  let number = 1;
  for await (const bytes of wholeLines(tree.stream?.(path) ?? once(tree.read(path)))) {
    if (bytes === "too long") {
      yield { findings: [tooLong(path, number)] };
      return;
    }
    // Only a file starts with a byte order mark; within one, it is a character that hides.
    const within = number > 1 && MARK.every((byte, i) => bytes[i] === byte);
    const decoded = within
      ? decode(path, Buffer.concat([Buffer.from("\n"), bytes]), Number.POSITIVE_INFINITY)
      : decode(path, bytes, Number.POSITIVE_INFINITY);
    const first = within ? number - 1 : number;
    if ("findings" in decoded) yield { findings: decoded.findings.map((f) => below(f, first)) };
    else yield { lines: linesOf(decoded.text, first) };
    number += count(bytes);
  }
}

async function* once(bytes: Promise<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield await bytes;
}

/** Pieces that end where a line ends. */
async function* wholeLines(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array | "too long"> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source) {
    const end = piece.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      yield join(held, piece.subarray(0, end));
      held = [];
      size = 0;
    }
    if (end < piece.length) {
      held.push(piece.subarray(end));
      size += piece.length - end;
    }
    // A line without an end would be held until the memory is used up.
    if (size > MAX_LINE_BYTES) return yield "too long";
  }
  if (held.length > 0) yield join(held, new Uint8Array(0));
}

function join(held: readonly Uint8Array[], last: Uint8Array): Uint8Array {
  return held.length === 0 ? last : Buffer.concat([...held, last]);
}

function count(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

function linesOf(text: string, first: number): Line[] {
  return text
    .split("\n")
    .flatMap((line, index) => (line.trim() === "" ? [] : [{ text: line, number: first + index }]));
}

function below(finding: Finding, first: number): Finding {
  return { ...finding, place: { ...finding.place, line: finding.place.line + first - 1 } };
}

function tooLong(file: string, line: number): Finding {
  return {
    rule: "too-large",
    severity: "error",
    message: `a line has more than ${MAX_LINE_BYTES} bytes; the file is not read further`,
    help: "one recorded call a line; remove what does not belong there",
    place: { file, line, column: 1 },
  };
}
