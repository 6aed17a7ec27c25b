/** The end of tokens, at once. */
import { PhiwardError } from "../errors.ts";
import { eventOf, type TokenChange } from "./change.ts";
import type { TokenEntry } from "./entry.ts";
import type { Plan } from "./store.ts";

export interface RevokedTokens {
  readonly revoked: readonly TokenEntry[];
  /** Those that were revoked before. */
  readonly already: readonly TokenEntry[];
}

/** A plan for `TokenStore.change`. Refuses when `which` picks no token: a slip would revoke nothing. */
export function revokeTokens(which: (entry: TokenEntry) => boolean, change: TokenChange) {
  return (entries: readonly TokenEntry[]): Plan<RevokedTokens> => {
    const meant = entries.filter(which);
    if (meant.length === 0) {
      throw new PhiwardError("UNKNOWN_NAME", "there is no such token to revoke", {
        help: "see `phiward token list`",
      });
    }
    const already = meant.filter(({ revokedAt }) => revokedAt !== undefined);
    const revoked = new Map(
      meant
        .filter(({ revokedAt }) => revokedAt === undefined)
        .map((entry) => [entry, revoke(entry, change)]),
    );
    return {
      entries: entries.map((entry) => revoked.get(entry) ?? entry),
      events: [...revoked.keys()].map((entry) => eventOf("token.revoked", entry, change)),
      result: { revoked: [...revoked.values()], already },
    };
  };
}

function revoke(entry: TokenEntry, { at, by }: TokenChange): TokenEntry {
  return { ...entry, revokedAt: at, ...(by === undefined ? {} : { revokedBy: by }) };
}
