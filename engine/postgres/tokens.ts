/** The grant tokens of all nodes, behind the interface that one node's file has. */
import { type BoundGrants, isOrphan, type TokenEntry } from "../grant/entry.ts";
import { judgeToken, type Plan, type TokenStore } from "../grant/store.ts";
import { isTokenEntry } from "../grant/token-file.ts";
import { itemsOf, type KeptForm, keptIn, valuesOf } from "./kept.ts";
import type { Shared } from "./shared.ts";

const FORM: KeptForm<TokenEntry> = {
  kind: "token",
  word: "a token",
  isForm: isTokenEntry,
  idOf: ({ hash }) => hash,
  order: (a, b) => a.createdAt - b.createdAt || (a.hash < b.hash ? -1 : 1),
};

/** The newest release of which any node has noted the orphans. */
const RELEASE = "release";

export interface SharedTokensOptions {
  /** The number of the release in force; undefined where releases have none. */
  readonly release: () => number | undefined;
}

export function sharedTokens(shared: Shared, { release }: SharedTokensOptions): TokenStore {
  const kept = keptIn(shared, FORM);
  let unreconciled = false;

  function problem(): string | undefined {
    const lost = unreconciled ? "tokens that lost their grant could not be noted" : undefined;
    return kept.problem ?? lost;
  }

  async function change<Result>(
    plan: (entries: readonly TokenEntry[]) => Plan<Result>,
  ): Promise<Result> {
    return await shared.change(FORM.kind, (items) => {
      const { entries, events, result } = plan(valuesOf(items, FORM));
      return { items: itemsOf(entries, FORM), events, result };
    });
  }

  /**
   * Only a node with the newest release that any node has seen notes orphans: one that starts with an
   * older release would end tokens that were issued under the newer one.
   */
  async function isNewest(): Promise<boolean> {
    const own = release();
    if (own === undefined) return true;
    return await shared.change(RELEASE, (items) => {
      const newest = Number(items.get("newest") ?? 0);
      return own > newest
        ? { items: new Map([["newest", own]]), events: [], result: true }
        : { items, events: [], result: own === newest };
    });
  }

  async function reconcile(repository: BoundGrants, at: number): Promise<readonly TokenEntry[]> {
    const isLost = (entry: TokenEntry): boolean =>
      entry.orphanedAt === undefined && isOrphan(entry, repository);
    unreconciled = true;
    // The database may be down when a gateway starts; it is reconciled when it is back.
    if (kept.problem !== undefined) return [];
    const notes = (await isNewest()) && kept.list().some(isLost);
    const lost = notes ? await change(orphan(isLost, at)) : [];
    unreconciled = false;
    return lost;
  }

  return {
    get problem() {
      return problem();
    },
    refresh: kept.refresh,
    lookup: (hash, repository, at) =>
      problem() === undefined
        ? judgeToken(kept.get(hash), repository, at)
        : { ok: false, code: "store_unavailable" },
    list: kept.list,
    change,
    reconcile,
  };
}

function orphan(isLost: (entry: TokenEntry) => boolean, orphanedAt: number) {
  return (entries: readonly TokenEntry[]): Plan<readonly TokenEntry[]> => ({
    entries: entries.map((entry) => (isLost(entry) ? { ...entry, orphanedAt } : entry)),
    events: [],
    result: entries.filter(isLost),
  });
}
