/** An issuer's keys over time: fetched, kept for a while, fetched again. */
import type { CryptoKey } from "jose";
import type { Compact } from "./compact.ts";
import type { FetchJson } from "./fetch-json.ts";
import { type KeySet, keySetOf } from "./key-set.ts";
import { keysAddress } from "./metadata.ts";
import { type Unproven, unproven } from "./problem.ts";
import type { IssuerSettings } from "./settings.ts";

/** Milliseconds. */
export const KEY_TIMES = {
  /** Keys older than this are fetched again: how long a key that was withdrawn may still count. */
  refresh: 5 * 60_000,
  /** Between two fetches: tokens with made-up key names must not make us flood the issuer. */
  pause: 10_000,
  /** How long the last good keys count while the issuer cannot be asked. */
  kept: 60 * 60_000,
} as const;

export interface Found {
  readonly key: CryptoKey;
  /** Tells it from another key of the same name. */
  readonly print: string;
}

export interface KeyRing {
  /** The key of a token. Asks the issuer when its keys are old, or do not have this one yet. */
  find(token: Compact, at: number): Promise<Found | Unproven>;
  /** Whether a key that was found is known to be the issuer's without asking it again now. */
  knows(kid: string | undefined, print: string, at: number): boolean;
  /** The same, as long as nobody has heard otherwise. */
  has(kid: string | undefined, print: string): boolean;
  /** Fetches the keys, if they were not fetched just now. */
  look(at: number): Promise<void>;
  /** How many keys there are. */
  readonly size: number;
  /** Why the last fetch failed, in words; undefined: it did not. */
  readonly problem: string | undefined;
}

/** Times `at` are epoch milliseconds. */
export function keyRing(
  settings: Pick<IssuerSettings, "issuer" | "jwks">,
  get: FetchJson,
): KeyRing {
  let set: KeySet | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let problem: string | undefined;
  let looking: Promise<void> | undefined;

  const isRecent = (then: number, at: number, ms: number): boolean => Math.abs(at - then) < ms;
  const isFresh = (at: number): boolean => isRecent(fetchedAt, at, KEY_TIMES.refresh);
  /** The keys that may be believed at this time. */
  const believed = (at: number): KeySet | undefined =>
    isRecent(fetchedAt, at, KEY_TIMES.kept) ? set : undefined;

  async function fetchKeys(at: number): Promise<void> {
    triedAt = at;
    const address = await keysAddress(settings, get);
    const fetched = "problem" in address ? address : await get(address.url);
    const read = "problem" in fetched ? undefined : keySetOf(fetched.object);
    problem = "problem" in fetched ? fetched.problem : undefined;
    if (read === undefined) {
      problem ??= "it publishes no keys that could be used";
      return;
    }
    fetchedAt = at;
    // The same object while nothing changed, so that what was found in it is not looked for again.
    if (read.digest !== set?.digest) set = read;
  }

  /** All who wait at one time wait for one fetch. */
  async function look(at: number): Promise<void> {
    if (looking === undefined) {
      if (isRecent(triedAt, at, KEY_TIMES.pause)) return;
      looking = fetchKeys(at).finally(() => {
        looking = undefined;
      });
    }
    await looking;
  }

  async function findIn(keys: KeySet | undefined, token: Compact): Promise<Found | undefined> {
    const key = await keys?.find(token);
    const print = keys?.printOf(token.kid);
    return key === undefined || print === undefined ? undefined : { key, print };
  }

  return {
    async find(token, at) {
      if (!isFresh(at)) await look(at);
      let found = await findIn(believed(at), token);
      if (found === undefined) {
        // A key that was made since the last fetch.
        await look(at);
        found = await findIn(believed(at), token);
      }
      if (found !== undefined) return found;
      return unproven(believed(at) === undefined ? "identity_unavailable" : "unknown_key");
    },
    knows: (kid, print, at) => isFresh(at) && set?.printOf(kid) === print,
    has: (kid, print) => set === undefined || set.printOf(kid) === print,
    look,
    get size() {
      return set?.size ?? 0;
    },
    get problem() {
      return problem;
    },
  };
}
