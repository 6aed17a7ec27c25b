/** JSON as this project means it: the value types, their canonical form, and its digest. */
import { createHash } from "node:crypto";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * A number whose text does not survive a round trip through a double, such as 9007199254740993 or
 * 1e999. It stands in a received value where a plain number would lie about what the sender wrote:
 * a judge that rounds and an upstream that does not would see two different calls.
 */
export class InexactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A value as it was received: JSON in which some numbers may be inexact. */
export type Received =
  | null
  | boolean
  | number
  | string
  | InexactNumber
  | readonly Received[]
  | ReceivedObject;
export interface ReceivedObject {
  readonly [key: string]: Received;
}

export function isObject<T>(value: T): value is Extract<T, { readonly [key: string]: unknown }> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof InexactNumber)
  );
}

/** Own properties only: an inherited `constructor` or `toString` is never a match. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The canonical text of a value (RFC 8785): keys sorted by UTF-16 code unit, no white space. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (isObject(value)) {
    const object = value as JsonObject;
    const members = Object.keys(object)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(object[key]!)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError("a number that is not finite has no canonical form");
  }
  return JSON.stringify(value);
}

/**
 * The value as every reader of JSON in JavaScript sees it. Real servers bound an integer by
 * 18446744073709551615, which is read as the double beside it; a pin is of what is read.
 */
export function asDoubles(value: Received): Json {
  if (value instanceof InexactNumber) return Number(value.text);
  if (Array.isArray(value)) return value.map((item) => asDoubles(item as Received));
  if (!isObject(value)) return value as Json;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, asDoubles(member as Received)]),
  );
}

declare const digest: unique symbol;
/** `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}` & { readonly [digest]: true };

export function sha256(text: string): Digest {
  return `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}` as Digest;
}

/** The digest of a value's canonical text. */
export function digestOf(value: unknown): Digest {
  return sha256(canonical(value as Json));
}
