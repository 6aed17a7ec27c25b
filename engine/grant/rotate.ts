/** A new token in the place of an old one, which goes on for a while. */
import { PhiwardError } from "../errors.ts";
import { own } from "../json/value.ts";
import type { Repository } from "../policy/ir.ts";
import { eventOf, type IssuedToken, mintFor, type TokenChange, worthKeeping } from "./change.ts";
import { stateOf, type TokenEntry } from "./entry.ts";
import type { Plan } from "./store.ts";

export interface RotatedToken extends IssuedToken {
  /** The old token, with the end that it has now. */
  readonly old: TokenEntry;
}

/**
 * A plan for `TokenStore.change`. Of the live tokens that `which` picks and that no other token has
 * replaced yet, exactly one must be there: of several the person has to say which one they mean,
 * since the others may be in use elsewhere. The old token ends after `overlapMs`, or before.
 */
export function rotateToken(
  which: (entry: TokenEntry) => boolean,
  repository: Pick<Repository, "grants">,
  { expiresAt, overlapMs }: { readonly expiresAt: number | undefined; readonly overlapMs: number },
  change: TokenChange,
) {
  return (entries: readonly TokenEntry[]): Plan<RotatedToken> => {
    const before = theOne(entries, which, repository, change.at);
    const old = { ...before, expiresAt: Math.min(before.expiresAt, change.at + overlapMs) };
    // The token is live, so its grant is there.
    const minted = mintFor(own(repository.grants, old.grant)!, expiresAt, change);
    const entry = { ...minted.entry, rotatedFrom: old.id };
    return {
      entries: [
        ...worthKeeping(entries, change.at).map((one) => (one === before ? old : one)),
        entry,
      ],
      events: [
        {
          ...eventOf("token.rotated", entry, change),
          expires: entry.expiresAt,
          details: { replaces: old.id, replacedUntil: new Date(old.expiresAt).toISOString() },
        },
      ],
      result: { token: minted.token, entry, old },
    };
  };
}

function theOne(
  entries: readonly TokenEntry[],
  which: (entry: TokenEntry) => boolean,
  repository: Pick<Repository, "grants">,
  at: number,
): TokenEntry {
  const replaced = new Set(entries.map(({ rotatedFrom }) => rotatedFrom));
  const [one, ...others] = entries.filter(
    (entry) => which(entry) && !replaced.has(entry.id) && stateOf(entry, repository, at) === "live",
  );
  if (one === undefined) {
    throw new PhiwardError("UNKNOWN_NAME", "there is no such token to rotate", {
      help: "a token that is dead or already replaced cannot be rotated: see `phiward token list`, and issue a new one",
    });
  }
  if (others.length > 0) {
    throw new PhiwardError("USAGE", `${others.length + 1} tokens of the grant could be meant`, {
      help: `name one with --token: ${[one, ...others].map(({ id }) => id).join(", ")}`,
    });
  }
  return one;
}
