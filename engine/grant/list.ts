/** What a person is shown of the tokens: no hash, and no token. */
import { compareText } from "../finding.ts";
import { type BoundGrants, stateOf, type TokenEntry, type TokenState } from "./entry.ts";

export interface ListedToken {
  readonly id: string;
  readonly grant: string;
  readonly principal: string;
  readonly state: TokenState;
  /** RFC 3339, UTC. */
  readonly created: string;
  readonly createdBy: string | null;
  /** RFC 3339, UTC. The token is valid until just before. */
  readonly expires: string;
  /** The id of the token that it replaces. */
  readonly replaces: string | null;
}

/** By grant, and of each grant the newest first. Without a repository an orphan is one that the store has noted. */
export function listTokens(
  entries: readonly TokenEntry[],
  repository: BoundGrants | undefined,
  at: number,
): readonly ListedToken[] {
  return [...entries]
    .sort((a, b) => compareText(a.grant, b.grant) || b.createdAt - a.createdAt)
    .map((entry) => ({
      id: entry.id,
      grant: entry.grant,
      principal: entry.principal,
      state: stateOf(entry, repository, at),
      created: new Date(entry.createdAt).toISOString(),
      createdBy: entry.createdBy ?? null,
      expires: new Date(entry.expiresAt).toISOString(),
      replaces: entry.rotatedFrom ?? null,
    }));
}
