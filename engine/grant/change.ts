/** What every change of tokens has in common. */
import { PhiwardError } from "../errors.ts";
import type { Grant } from "../policy/ir.ts";
import { DAY, formatDay } from "../policy/time.ts";
import type { TokenEntry } from "./entry.ts";
import { type AdminEvent, eventId } from "./inbox.ts";
import { mintToken, type Random, tokenId } from "./token.ts";

/** A token's life when nobody says otherwise. */
const DEFAULT_LIFE_MS = 90 * DAY;
/** A token is listed this long after its end, so that a person can still see what became of it. */
const KEPT_MS = 90 * DAY;

/** When and by whom tokens are changed. */
export interface TokenChange {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by?: string | undefined;
  readonly random: Random;
}

/** A new token, and what is kept of it. */
export interface IssuedToken {
  readonly token: string;
  readonly entry: TokenEntry;
}

/** `wanted` is when the token is to end; it never outlives its grant. Refuses an expired grant, and one of an issuer's identity. */
export function mintFor(
  grant: Grant,
  wanted: number | undefined,
  { at, by, random }: TokenChange,
): IssuedToken {
  if (grant.oidc !== undefined) {
    // A second way in, beside the issuer, would stay open when the issuer closes its own.
    throw new PhiwardError(
      "SIGNS_IN_ELSEWHERE",
      `the grant \`${grant.id}\` is of an identity of \`${grant.oidc.issuer}\``,
      { help: "its tokens come from there; a grant without `authentication` has grant tokens" },
    );
  }
  if (at >= grant.expires) {
    throw new PhiwardError(
      "GRANT_EXPIRED",
      `the grant \`${grant.id}\` expired on ${formatDay(grant.expires)}`,
    );
  }
  const { token, hash } = mintToken(random);
  return {
    token,
    entry: {
      id: tokenId(hash),
      hash,
      grant: grant.id,
      principal: grant.principal.id,
      kind: grant.principal.kind,
      issued: grant.issued,
      createdAt: at,
      ...(by === undefined ? {} : { createdBy: by }),
      expiresAt: Math.min(wanted ?? at + DEFAULT_LIFE_MS, grant.expires),
    },
  };
}

export function eventOf(
  action: AdminEvent["action"],
  { grant, principal, id }: TokenEntry,
  { at, by, random }: TokenChange,
): AdminEvent {
  return {
    event: eventId(at, random),
    action,
    at,
    ...(by === undefined ? {} : { by }),
    grant,
    principal,
    token: id,
  };
}

/** Without the tokens that ended long ago, so that the store does not grow for ever. */
export function worthKeeping(entries: readonly TokenEntry[], at: number): readonly TokenEntry[] {
  return entries.filter(({ expiresAt }) => at < expiresAt + KEPT_MS);
}
