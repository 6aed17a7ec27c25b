/** The grant tokens of one engine: who looks them up, and who changes them. */
import { type BoundGrants, stateOf, type TokenEntry } from "./entry.ts";
import type { AdminEvent } from "./inbox.ts";

export type LookupProblem =
  | "unknown_token"
  | "expired_token"
  | "revoked_token"
  | "orphaned_token"
  | "store_unavailable";

/** Ids alone: `grant` is a key of the repository's grants when the token is good. */
export type Lookup =
  | { readonly ok: true; readonly grant: string; readonly tokenId: string }
  | {
      readonly ok: false;
      readonly code: LookupProblem;
      readonly grant?: string;
      readonly tokenId?: string;
    };

/** What a change leaves behind, the events that tell of it, and its answer. */
export interface Plan<Result> {
  readonly entries: readonly TokenEntry[];
  readonly events: readonly AdminEvent[];
  readonly result: Result;
}

export interface TokenStore {
  /** Why every lookup is refused; undefined while all is well. */
  readonly problem: string | undefined;
  /**
   * Looks whether another process changed the tokens, and takes the change over. Costs one `stat`;
   * asked before every message, so that a revocation stops the next one. True when there was a change.
   */
  refresh(): boolean;
  /** The grant that a token's hash stands for, under the grants of a repository. Total. */
  lookup(hash: string, repository: BoundGrants, at: number): Lookup;
  /** Every token that is kept. Throws when the store cannot be read. */
  list(): readonly TokenEntry[];
  /**
   * Changes the tokens, one change at a time across processes. The events are on disk before the
   * tokens, so that no token works without a record to come. Rejects, with the tokens as they were
   * or as planned, when the disk refuses.
   */
  change<Result>(plan: (entries: readonly TokenEntry[]) => Plan<Result>): Promise<Result>;
  /**
   * Notes which tokens have lost their grant, so that a grant that comes back under the same id
   * revives none of them. To be called at start and whenever a repository becomes the one in force.
   * When it rejects, every lookup is refused until a later call succeeds: a token that should have
   * died could otherwise come back. Returns the tokens that died.
   */
  reconcile(repository: BoundGrants, at: number): Promise<readonly TokenEntry[]>;
}

const CODES = {
  expired: "expired_token",
  revoked: "revoked_token",
  orphaned: "orphaned_token",
} as const;

export function judgeToken(
  entry: TokenEntry | undefined,
  repository: BoundGrants,
  at: number,
): Lookup {
  if (entry === undefined) return { ok: false, code: "unknown_token" };
  const { grant, id } = entry;
  const state = stateOf(entry, repository, at);
  return state === "live"
    ? { ok: true, grant, tokenId: id }
    : { ok: false, code: CODES[state], grant, tokenId: id };
}
