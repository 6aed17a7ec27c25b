/**
 * Grant tokens: `phw_` and the base64url of 32 random bytes. A token proves who is calling; it is
 * shown once, and only its SHA-256 is kept.
 */
import { hash } from "node:crypto";

/** Fills as many bytes as asked for with chance that nobody can guess. */
export type Random = (bytes: number) => Uint8Array;

/** RFC 4648 §5 without padding: 32 bytes are 43 characters. */
const FORM = /^phw_[A-Za-z0-9_-]{43}$/;
const TOKEN_BYTES = 32;

export interface MintedToken {
  /** The secret. It goes to the one who asked, and nowhere else. */
  readonly token: string;
  /** 64 hexadecimal digits. */
  readonly hash: string;
}

export function mintToken(random: Random): MintedToken {
  const token = `phw_${Buffer.from(random(TOKEN_BYTES)).toString("base64url")}`;
  return { token, hash: sha256(token) };
}

/**
 * The hash under which a token is kept; undefined for a text that cannot be one. The form comes
 * first, so that a caller without a token cannot have us hash megabytes.
 */
export function hashToken(text: string): string | undefined {
  return FORM.test(text) ? sha256(text) : undefined;
}

/** What a person calls a token: the start of its hash, from which the token cannot be found. */
export function tokenId(hash: string): string {
  return hash.slice(0, 12);
}

function sha256(text: string): string {
  return hash("sha256", text, "hex");
}
