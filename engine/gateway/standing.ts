/** What proved who is calling, and which grant it stands for now. Asked again while a stream is open. */

import { isBarred } from "../grant/bar.ts";
import { grantOfSubject } from "../grant/subject.ts";
import { tokenId } from "../grant/token.ts";
import type { Verified } from "./oidc/issuers.ts";
import type { ActivePolicy } from "./policy-source.ts";
import type { RefusalCode } from "./refusal.ts";
import type { Runtime } from "./runtime.ts";

export type Proof =
  /** A grant token, by its SHA-256. */
  | { readonly kind: "token"; readonly hash: string }
  /** A token of an issuer, which was checked. */
  | { readonly kind: "jwt"; readonly verified: Verified };

export type Standing =
  | { readonly ok: true; readonly grant: string; readonly token: string }
  | {
      readonly ok: false;
      readonly code: RefusalCode;
      readonly grant?: string | undefined;
      readonly token?: string | undefined;
    };

/** Under the policy and the revocations of this moment; `at` in epoch milliseconds. */
export function standingOf(
  runtime: Runtime,
  proof: Proof,
  { repository }: ActivePolicy,
  at: number,
): Standing {
  runtime.tokens.refresh();
  if (proof.kind === "jwt") return standingOfSubject(runtime, proof.verified, repository, at);
  const found = runtime.tokens.lookup(proof.hash, repository.source, at);
  if (!found.ok) return { ...found, token: found.tokenId };
  const { grant, tokenId: token } = found;
  return repository.grants.has(grant)
    ? { ok: true, grant, token }
    : { ok: false, code: "orphaned_token", token };
}

function standingOfSubject(
  { tokens, identities }: Runtime,
  verified: Verified,
  { source }: ActivePolicy["repository"],
  at: number,
): Standing {
  const token = tokenId(verified.hash);
  const { issuer, subject, issuedAt, toleranceMs } = verified;
  if (identities === undefined) return { ok: false, code: "unknown_token", token };
  const { bars, issuers } = identities;
  bars.refresh();
  // Whoever cannot be told from a revoked identity is none.
  if (tokens.problem !== undefined || bars.problem !== undefined) {
    return { ok: false, code: "store_unavailable", token };
  }
  if (at >= verified.expiresAt) return { ok: false, code: "expired_token", token };
  // The issuer has withdrawn the key that had signed it.
  if (!issuers.holds(verified)) return { ok: false, code: "unknown_key", token };
  const grant = grantOfSubject(source, issuer, subject, at);
  if (grant === undefined) return { ok: false, code: "unknown_subject", token };
  if (isBarred(bars.of(grant.id), grant, issuedAt, toleranceMs)) {
    return { ok: false, code: "revoked_token", grant: grant.id, token };
  }
  return { ok: true, grant: grant.id, token };
}
