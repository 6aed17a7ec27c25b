/** Secrets that this process makes and knows again: shown once, kept as a hash. */
import { createHash } from "node:crypto";

/** Fills as many bytes as asked for with chance that nobody can guess. */
export type Random = (bytes: number) => Uint8Array;

const SECRET_BYTES = 32;

/** 256 random bits: 43 characters of base64url. */
export function newSecret(random: Random): string {
  return Buffer.from(random(SECRET_BYTES)).toString("base64url");
}

/**
 * Under which a secret is kept. The time that a look-up by hash takes tells nothing about the secret:
 * nobody can choose the SHA-256 of one that they do not know.
 */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
