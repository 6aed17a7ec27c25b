/** What is kept of a token, and what it is worth under a policy repository at a time. */
import { own } from "../json/value.ts";
import type { Grant } from "../policy/ir.ts";

/** Times are epoch milliseconds. */
export interface TokenEntry {
  /** The first 12 hexadecimal digits of the hash. */
  readonly id: string;
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly hash: string;
  /** The grant that the token is bound to: its id, its principal, and when it was issued. */
  readonly grant: string;
  readonly principal: string;
  readonly kind: Grant["principal"]["kind"];
  readonly issued: number;
  readonly createdAt: number;
  readonly createdBy?: string;
  /** The token is valid until just before. */
  readonly expiresAt: number;
  readonly revokedAt?: number;
  readonly revokedBy?: string;
  /** When its grant was first seen gone or changed. */
  readonly orphanedAt?: number;
  /** The id of the token that it replaces. */
  readonly rotatedFrom?: string;
}

/** The grants of a policy repository, as far as a token is bound to them. */
export interface BoundGrants {
  readonly grants: Readonly<Record<string, Pick<Grant, "principal" | "issued" | "oidc">>>;
}

export type TokenState = "live" | "expired" | "revoked" | "orphaned";

/** Without a repository only what the store has noted tells an orphan. */
export function stateOf(
  entry: TokenEntry,
  repository: BoundGrants | undefined,
  at: number,
): TokenState {
  if (entry.revokedAt !== undefined) return "revoked";
  if (entry.orphanedAt !== undefined) return "orphaned";
  if (repository !== undefined && isOrphan(entry, repository)) return "orphaned";
  return at < entry.expiresAt ? "live" : "expired";
}

/**
 * Whether the grant is gone, issued anew, another principal's, or now of an identity that proves
 * itself at its issuer. A token that outlived such a change would let its holder in under a grant that
 * was never meant for them, or past the issuer.
 */
export function isOrphan(
  { grant: id, principal, kind, issued }: TokenEntry,
  { grants }: BoundGrants,
): boolean {
  const grant = own(grants, id);
  return (
    grant === undefined ||
    grant.principal.id !== principal ||
    grant.principal.kind !== kind ||
    grant.issued !== issued ||
    grant.oidc !== undefined
  );
}
