/** A signed token in its compact form (RFC 7515 §7.1), read once and strictly. */
import { hash } from "node:crypto";
import { tokenId } from "../../grant/token.ts";
import { readJson } from "../../json/read.ts";
import { isObject, own, type ReceivedObject } from "../../json/value.ts";
import { type Unproven, unproven } from "./problem.ts";

/** Longer ones do not fit a request's headers with anything else. */
const MAX_CHARACTERS = 12 * 1024;

export interface Compact {
  readonly header: ReceivedObject;
  readonly payload: ReceivedObject;
  readonly algorithm: string;
  readonly kid: string | undefined;
  /** `typ`, in small letters and without `application/` (RFC 7515 §4.1.9). */
  readonly type: string | undefined;
  /** The token as it came. */
  readonly text: string;
}

/** What a person calls a token, whatever it is: the start of its hash (SHA-256). */
export function tokenIdOf(text: string): string {
  return tokenId(hash("sha256", text, "hex"));
}

/** Nothing in what comes back is believed: no signature was looked at. */
export function readCompact(text: string): Compact | Unproven {
  if (text.length > MAX_CHARACTERS) return unproven("malformed_token");
  const [first, second, third, ...more] = text.split(".");
  if (first === undefined || second === undefined || third === undefined || more.length > 0) {
    return unproven("malformed_token");
  }
  const header = objectIn(first);
  const payload = objectIn(second);
  // Bits that no reader looks at would let one signature stand in several texts.
  if (header === undefined || payload === undefined || bytesIn(third) === undefined) {
    return unproven("malformed_token");
  }
  const algorithm = own(header, "alg");
  const kid = own(header, "kid");
  const type = own(header, "typ");
  if (typeof algorithm !== "string" || !isTextOrAbsent(kid) || !isTextOrAbsent(type)) {
    return unproven("token_header");
  }
  return { header, payload, algorithm, kid, type: mediaType(type), text };
}

/**
 * Header members that say which key to trust, and extensions (RFC 8725 §3.9, §3.10): a token that
 * could bring its own key, or have us fetch one, would be its own witness. RFC 7515 lets a reader
 * ignore them; nobody who means well sends them here.
 */
const OWN_KEYS = ["jwk", "jku", "x5u", "x5c"];
const EXTENSIONS = ["crit", "b64", "zip", "enc"];

export function hasExtension(header: ReceivedObject): boolean {
  return EXTENSIONS.some((name) => Object.hasOwn(header, name));
}

export function bringsKey(header: ReceivedObject): boolean {
  return OWN_KEYS.some((name) => Object.hasOwn(header, name));
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function mediaType(type: string | undefined): string | undefined {
  return type?.toLowerCase().replace(/^application\/(?=[^/]*$)/, "");
}

/** The object in a part; its keys stand once, since two readers may take another of the two. */
function objectIn(part: string): ReceivedObject | undefined {
  const bytes = bytesIn(part);
  if (bytes === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
  const read = readJson("", text);
  return read.ok && isObject(read.value) ? read.value : undefined;
}

/** base64url as RFC 7515 §2 writes it: without padding, and the one text that these bytes have. */
function bytesIn(part: string): Buffer | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(part)) return undefined;
  const bytes = Buffer.from(part, "base64url");
  return bytes.toString("base64url") === part ? bytes : undefined;
}
