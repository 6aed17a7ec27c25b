/** The issuers whose tokens are taken, as the host's configuration lists them. */
import type { TlsFiles } from "../tls.ts";

/**
 * Signature algorithms with a key pair (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). `none` and the
 * algorithms with a shared secret are missing: with them whoever knows the public key could sign.
 */
export const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** Times are milliseconds. */
export interface IssuerSettings {
  /** As its tokens name it (`iss`), compared as it is. */
  readonly issuer: string;
  /** A token is for this gateway when it names one of these (`aud`). */
  readonly audience: readonly string[];
  /** Where its keys are; its metadata says so when absent. */
  readonly jwks?: string;
  readonly algorithms: readonly Algorithm[];
  /** How far its clock and ours may be apart. */
  readonly clockToleranceMs: number;
  /** How long after it was issued a token is taken at most; as long as it says when absent. */
  readonly maxAgeMs?: number;
  /** `at+jwt`: only what says that it is an access token (RFC 9068 §2.1). */
  readonly type: "at+jwt" | "any";
  /** What a token must be allowed, all of them (`scope`). */
  readonly scopes: readonly string[];
  /** Whether a token must prove that its sender holds its key (RFC 9449). */
  readonly dpop: "required" | "optional" | "off";
  /** How its own certificate is checked. */
  readonly tls?: TlsFiles;
}

export const ISSUER_DEFAULTS = {
  algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
  clockToleranceMs: 30_000,
  type: "at+jwt",
  scopes: [],
  dpop: "off",
} as const satisfies Partial<IssuerSettings>;

/** A tolerance of more would be a second life for every token. */
export const MAX_CLOCK_TOLERANCE_MS = 2 * 60_000;
