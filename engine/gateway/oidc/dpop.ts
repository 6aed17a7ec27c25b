/**
 * DPoP (RFC 9449): beside its token a sender shows, for each request, that it holds the token's key.
 * A token that was stolen from a log or a proxy is worth nothing without that key.
 */
import { hash } from "node:crypto";
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from "jose";
import { asDoubles, canonical, isObject, type Json, own } from "../../json/value.ts";
import { type Compact, hasExtension, readCompact } from "./compact.ts";
import { isUnproven, type Unproven, unproven } from "./problem.ts";
import { type Replays, rememberProofs } from "./replays.ts";
import { ALGORITHMS } from "./settings.ts";
import { isSigned } from "./signature.ts";

/** A request, as far as a proof is about it. */
export interface Sender {
  /** How the token was sent: `Authorization: Bearer …` or `DPoP …`. */
  readonly scheme: "bearer" | "dpop";
  /** The `DPoP` header. */
  readonly proof: string | undefined;
  readonly method: string;
  /** The URL that the client called, as the outside knows it. */
  readonly url: string;
}

/** A proof is made for its request, and is good this long after. */
const PROOF_LIFE_MS = 60_000;
const MAX_ID = 512;
/** Keys that are kept ready. */
const MAX_KEYS = 1_000;

/** The token that a proof is for, and what it is bound to. */
interface BoundToken {
  readonly token: string;
  /** The thumbprint of the key that its sender must hold (RFC 7638). */
  readonly boundTo: string;
  readonly toleranceMs: number;
}

/**
 * Checks the proof of a request (RFC 9449 §4.3), at a time in epoch milliseconds. undefined: it holds,
 * and is spent.
 */
export type JudgeProof = (
  sender: Sender,
  bound: BoundToken,
  at: number,
) => Promise<Unproven | undefined>;

export function proofJudge(): JudgeProof {
  const replays = rememberProofs();
  // To make a key ready costs more than a signature, and a sender has one for long.
  const keys = new Map<string, CryptoKey>();
  return async (sender, bound, at) => {
    if (sender.proof === undefined) return unproven("sender_unproven");
    const proof = readCompact(sender.proof);
    if (isUnproven(proof) || !isProof(proof)) return unproven("bad_proof");
    const key = await keyOf(proof, bound, keys);
    if (key === undefined || !(await isSigned(proof, key))) return unproven("bad_proof");
    if (!isForRequest(proof, sender, bound)) return unproven("bad_proof");
    return spend(proof, bound, replays, at);
  };
}

function isProof({ header, type, algorithm }: Compact): boolean {
  return (
    type === "dpop+jwt" &&
    (ALGORITHMS as readonly string[]).includes(algorithm) &&
    !hasExtension(header) &&
    !["jku", "x5u", "x5c"].some((name) => Object.hasOwn(header, name))
  );
}

/** The key in the header counts for one thing: that its thumbprint is the token's. */
async function keyOf(
  { header, algorithm }: Compact,
  { boundTo }: BoundToken,
  keys: Map<string, CryptoKey>,
): Promise<CryptoKey | undefined> {
  const given = own(header, "jwk");
  // A private key in a proof is everybody's by now (RFC 9449 §4.3, check 7).
  if (!isObject(given) || Object.hasOwn(given, "d") || Object.hasOwn(given, "k")) return undefined;
  try {
    const jwk = asDoubles(given) as JWK;
    const name = `${boundTo} ${algorithm} ${canonical(jwk as Json)}`;
    const known = keys.get(name);
    if (known !== undefined) return known;
    if ((await calculateJwkThumbprint(jwk, "sha256")) !== boundTo) return undefined;
    const key = await importJWK(jwk, algorithm);
    if (key instanceof Uint8Array) return undefined;
    if (keys.size >= MAX_KEYS) keys.delete(keys.keys().next().value!);
    keys.set(name, key);
    return key;
  } catch {
    // It is no key, or not one of this algorithm.
    return undefined;
  }
}

/** A proof that was made for another request, or for another token, is none. */
function isForRequest({ payload }: Compact, { method, url }: Sender, { token }: BoundToken) {
  return (
    own(payload, "htm") === method &&
    isSameTarget(own(payload, "htu"), url) &&
    own(payload, "ath") === hash("sha256", token, "base64url")
  );
}

function spend(
  { payload }: Compact,
  { boundTo, toleranceMs }: BoundToken,
  replays: Replays,
  at: number,
): Unproven | undefined {
  const [id, seconds] = [own(payload, "jti"), own(payload, "iat")];
  if (typeof id !== "string" || id === "" || id.length > MAX_ID) return unproven("bad_proof");
  if (typeof seconds !== "number") return unproven("bad_proof");
  const issued = seconds * 1_000;
  const end = issued + PROOF_LIFE_MS + toleranceMs;
  if (at >= end || issued > at + toleranceMs) return unproven("bad_proof");
  switch (replays.note(`${boundTo} ${id}`, end, at)) {
    case "new":
      return undefined;
    case "seen":
      return unproven("replayed_proof");
    case "full":
      return unproven("identity_unavailable");
  }
}

/** Query and fragment are left out of the comparison (RFC 9449 §4.3, check 9). */
function isSameTarget(said: unknown, url: string): boolean {
  const [one, other] = [typeof said === "string" ? URL.parse(said) : null, URL.parse(url)];
  if (one === null || other === null) return false;
  return one.origin === other.origin && one.pathname === other.pathname;
}
