/** What looks like chance in a generated hospital, and is the same in every run. */
import { createHash, createPrivateKey, type KeyObject } from "node:crypto";

/** Numbers from 0 up to, without, what is asked for. */
export type Chance = (below: number) => number;

/** 32 bytes for a key or a token. */
export function bytesOf(seed: number, what: string): Buffer {
  return createHash("sha256").update(`quarter ${seed} ${what}`).digest();
}

export function hexOf(seed: number, what: string): string {
  return bytesOf(seed, what).toString("hex");
}

/** RFC 8410 §7: the DER of an Ed25519 private key, less its 32 bytes. */
const ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");

export function signingKey(seed: number): KeyObject {
  const der = Buffer.concat([ED25519, bytesOf(seed, "checkpoint key")]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

/** A UUID of version 7 (RFC 9562 §5.7), with a counter where others have chance. */
export function uuidAt(at: number, n: number): string {
  const time = at.toString(16).padStart(12, "0");
  const low = n.toString(16).padStart(15, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${low.slice(0, 3)}-8${low.slice(0, 3)}-${low.slice(3)}`;
}
