/** Roots before anybody signed them: the first one, and the next. */
import type { RootFile } from "../schema/types.ts";
import { wholeSecond } from "./draft.ts";
import { type PublicKey, writeKey } from "./keys.ts";

export interface Person {
  readonly name: string;
  readonly group: string;
  readonly key: PublicKey;
}

export interface FirstRoot {
  readonly domain: string;
  readonly stream: string;
  readonly repository: string;
  readonly people: readonly Person[];
  /** Epoch milliseconds. */
  readonly now: number;
  readonly lifeMs: number;
}

const BUILDER = "builder";

/**
 * A root for a team that begins: a release needs one builder and one person of every other group; what
 * is broader needs a second one of each group that has two; the root itself needs everybody but
 * builders; anybody but a builder can stop.
 */
export function firstRoot({
  domain,
  stream,
  repository,
  people,
  now,
  lifeMs,
}: FirstRoot): RootFile {
  const sizes = new Map<string, number>();
  for (const { group } of people) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const groups = [...sizes.keys()].sort();
  const officers = groups.filter((group) => group !== BUILDER);
  const one = (names: readonly string[]) => names.map((group) => ({ group, threshold: 1 }));
  const more = officers.map((group) => ({ group, threshold: Math.min(2, sizes.get(group)!) }));
  return {
    type: "phiward.root/1",
    domain,
    version: 1,
    issued: wholeSecond(now),
    expires: wholeSecond(now + lifeMs),
    keys: Object.fromEntries(people.map(({ key }) => [key.id, writeKey(key)])),
    people: Object.fromEntries(
      people.map(({ name, group, key }) => [name, { group, keys: [key.id] }]),
    ),
    roles: {
      root: { allOf: more },
      release: { allOf: one(groups) },
      heartbeat: { allOf: one([BUILDER]) },
      halt: { anyOf: one(officers) },
    },
    extraFor: { broader: { allOf: more }, unknown: { allOf: more } },
    revoked: [],
    streams: { [stream]: { repository, epoch: 1, floor: 1 } },
  };
}

export interface RootChange {
  readonly add: readonly Person[];
  readonly remove: readonly string[];
  /** Key ids, and the last version that their signatures count for. */
  readonly revoke: readonly { readonly keyid: string; readonly lastVersion: number }[];
  readonly now: number;
  readonly lifeMs: number;
}

/** The next root. Somebody who is added again gets a new key in place of the old ones. */
export function nextRoot(root: RootFile, change: RootChange): RootFile {
  const gone = new Set([...change.remove, ...change.add.map(({ name }) => name)]);
  const people: RootFile["people"] = Object.fromEntries([
    ...Object.entries(root.people).filter(([name]) => !gone.has(name)),
    ...change.add.map(({ name, group, key }) => [name, { group, keys: [key.id] }] as const),
  ]);
  const kept = new Set(Object.values(people).flatMap(({ keys }) => keys));
  const keys = Object.fromEntries([
    ...Object.entries(root.keys).filter(([id]) => kept.has(id)),
    ...change.add.map(({ key }) => [key.id, writeKey(key)] as const),
  ]);
  return {
    ...root,
    version: root.version + 1,
    issued: wholeSecond(change.now),
    expires: wholeSecond(change.now + change.lifeMs),
    keys,
    people,
    revoked: [...root.revoked, ...change.revoke],
  };
}
