/** Bytes to text: strict UTF-8, without characters that hide from a reviewer. */
import { isUtf8 } from "node:buffer";
import type { Finding } from "../finding.ts";
import { LineMap } from "../source.ts";
import { MAX_PROBLEMS } from "./limits.ts";

/**
 * Characters that change how a line looks without being seen: control characters, bidirectional
 * controls, zero-width and blank characters, separators that only some programs take for the end of
 * a line, tags and variation selectors beyond the usual ones. With them a policy can be shown to a
 * reviewer as something else than what is loaded (CVE-2021-42574, "Trojan Source").
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: combining characters are meant, one by one
  /(?!\t|\n|\r\n)[\u0000-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF0-\uFFFB\u{E0000}-\u{E0FFF}]/gu;

/** Text in which nothing can hide, as most files are: looked at before each character is. */
const PLAIN = /^[\t\n\u0020-\u007e]*$/;

export type Decoded = { readonly text: string } | { readonly findings: readonly Finding[] };

export function decode(file: string, bytes: Uint8Array, maxBytes: number): Decoded {
  if (bytes.length > maxBytes) return { findings: [tooLarge(file, bytes.length, maxBytes)] };
  if (!isUtf8(bytes)) {
    // Up to the first broken sequence: `stream` holds back one that only lacks its end.
    const before = utf8(bytes.subarray(0, invalidAt(bytes)), true);
    const text = withoutMark(before);
    const at = new LineMap(text).at(text.length);
    return {
      findings: [
        {
          rule: "invalid-encoding",
          severity: "error",
          message: "not valid UTF-8",
          help: "save the file as UTF-8",
          place: { file, ...at },
        },
      ],
    };
  }
  const text = withoutMark(utf8(bytes));
  if (PLAIN.test(text)) return { text };
  const lines = new LineMap(text);
  const findings: Finding[] = [];
  for (const match of text.matchAll(INVISIBLE)) {
    const code = match[0].codePointAt(0)!.toString(16).toUpperCase();
    const escaped = code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
    findings.push({
      rule: "invisible-character",
      severity: "error",
      message: `invisible character U+${code.padStart(4, "0")}, which can make the file look like something else`,
      help: `remove it; in a string of double quotes write ${escaped}`,
      place: { file, ...lines.at(match.index) },
    });
    // A text of nothing else would make a million of them.
    if (findings.length > MAX_PROBLEMS) break;
  }
  return findings.length > 0 ? { findings } : { text };
}

function utf8(bytes: Uint8Array, stream = false): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream });
}

/** A byte order mark at the start is no part of the text: no editor shows it or counts it. */
function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

export function tooLarge(file: string, bytes: number, maxBytes: number): Finding {
  return {
    rule: "too-large",
    severity: "error",
    message: `the file has ${bytes} bytes; at most ${maxBytes} are read`,
    help: "split it, or remove what does not belong there",
    place: { file, line: 1, column: 1 },
  };
}

/** The offset of the first byte that no valid UTF-8 text has there. */
function invalidAt(bytes: Uint8Array): number {
  // Grow by halving: the longest prefix that is valid, give or take an unfinished last character.
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (validPrefix(bytes, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function validPrefix(bytes: Uint8Array, length: number): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
    return true;
  } catch {
    return false;
  }
}
