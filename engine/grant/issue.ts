/** A new token of a grant. */
import { PhiwardError } from "../errors.ts";
import { own } from "../json/value.ts";
import type { Grant, Repository } from "../policy/ir.ts";
import { didYouMean } from "../suggest.ts";
import { eventOf, type IssuedToken, mintFor, type TokenChange, worthKeeping } from "./change.ts";
import type { TokenEntry } from "./entry.ts";
import type { Plan } from "./store.ts";

/** Throws UNKNOWN_NAME for a grant that is not in the repository. */
export function grantNamed({ grants }: Pick<Repository, "grants">, id: string): Grant {
  const grant = own(grants, id);
  if (grant !== undefined) return grant;
  throw new PhiwardError("UNKNOWN_NAME", `there is no grant \`${id}\``, {
    help: didYouMean(id, Object.keys(grants)),
  });
}

/**
 * A plan for `TokenStore.change`. The token is valid until just before `expiresAt` (90 days where
 * that is undefined), and never longer than its grant.
 */
export function issueToken(grant: Grant, expiresAt: number | undefined, change: TokenChange) {
  return (entries: readonly TokenEntry[]): Plan<IssuedToken> => {
    const issued = mintFor(grant, expiresAt, change);
    const { entry } = issued;
    return {
      entries: [...worthKeeping(entries, change.at), entry],
      events: [{ ...eventOf("token.issued", entry, change), expires: entry.expiresAt }],
      result: issued,
    };
  };
}
