/**
 * Bytes → a value of a format. A signed file is read, written again, and compared byte for byte: that
 * one rule refuses duplicate keys, `6e0`, escapes, white space, a byte order mark and bad UTF-8.
 */
import { readJson } from "../json/read.ts";
import { canonical, type Json } from "../json/value.ts";
import { type Format, type Formats, validate } from "../schema/validate.ts";
import type { Demand } from "./checks.ts";

/** `what` names the file in a refusal. */
export function readSigned<F extends Format>(
  format: F,
  what: string,
  bytes: Uint8Array,
  maxBytes: number,
  demand: Demand,
): Formats[F] {
  demand("size", bytes.length <= maxBytes, `${what} is larger than ${maxBytes} bytes`);
  const read = readJson(what, Buffer.from(bytes).toString("utf8"));
  demand("canonical", read.ok, `${what} is not strict JSON`);
  demand("canonical", isCanonical(read.value as Json, bytes), `${what} is not in canonical form`);
  const checked = validate(format, read.located);
  demand("form", checked.ok, `${what}: ${checked.ok ? "" : checked.findings[0]!.message}`);
  return checked.located.value;
}

function isCanonical(value: Json, bytes: Uint8Array): boolean {
  return Buffer.from(canonical(value), "utf8").equals(bytes);
}

/** Base64 that says the same in one way only; undefined for any other text. */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
