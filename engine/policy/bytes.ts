/** Bytes to text: strict UTF-8, without characters that hide from a reviewer. */
import { isUtf8 } from "node:buffer";
import type { Finding } from "../finding.ts";
import { LineMap } from "../source.ts";

/**
 * Characters that change how a line looks without being seen: bidirectional controls, zero-width
 * characters, a byte order mark in the middle. With them a policy can be shown to a reviewer as
 * something else than what is loaded (CVE-2021-42574, "Trojan Source").
 */
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\u061C\u180E]/g;

export type Decoded = { readonly text: string } | { readonly findings: readonly Finding[] };

export function decode(file: string, bytes: Uint8Array, maxBytes: number): Decoded {
  if (bytes.length > maxBytes) return { findings: [tooLarge(file, bytes.length, maxBytes)] };
  if (!isUtf8(bytes)) {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      bytes.subarray(0, invalidAt(bytes)),
    );
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
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const lines = new LineMap(text);
  const findings: Finding[] = [];
  for (const match of text.matchAll(INVISIBLE)) {
    if (match[0] === "\uFEFF" && match.index === 0) continue;
    const code = match[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    findings.push({
      rule: "invisible-character",
      severity: "error",
      message: `invisible character U+${code}, which can make the file look like something else`,
      help: `remove it; in a string of double quotes write \\u${code}`,
      place: { file, ...lines.at(match.index) },
    });
  }
  return findings.length > 0 ? { findings } : { text };
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
