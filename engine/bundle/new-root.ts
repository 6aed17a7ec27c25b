/** Roots before anybody signed them: the first one, and the next. */
import type { AllOf, RootFile, Signatory } from "../schema/types.ts";
import { type PublicKey, writeKey } from "./keys.ts";
import { wholeSecond } from "./whole-second.ts";

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
  /** In place of what a team that begins is given. */
  readonly seats?: NewSeats;
}

/** Who must sign what; what is left out stays as it is. */
export interface NewSeats {
  readonly roles?: Partial<RootFile["roles"]>;
  /** null: nobody can sign such a change. */
  readonly extraFor?: {
    readonly broader?: AllOf | null;
    readonly unknown?: AllOf | null;
  };
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
  seats = {},
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
      ...seats.roles,
    },
    extraFor: extraSigners({ broader: { allOf: more }, unknown: { allOf: more } }, seats),
    revoked: [],
    streams: { [stream]: { repository, epoch: 1, floor: 1 } },
  };
}

function extraSigners(
  before: RootFile["extraFor"],
  { extraFor = {} }: NewSeats,
): RootFile["extraFor"] {
  const all = Object.entries({ ...before, ...extraFor });
  return Object.fromEntries(all.filter(([, role]) => role !== null));
}

export interface RootChange {
  readonly add: readonly Person[];
  readonly remove: readonly string[];
  /** Key ids, and the last version that their signatures count for. */
  readonly revoke: readonly { readonly keyid: string; readonly lastVersion: number }[];
  readonly seats?: NewSeats;
  readonly now: number;
  readonly lifeMs: number;
}

/**
 * The next root. Somebody who is added again gets a new key in place of the old ones. A key that is
 * revoked from a version on stays with its owner, also with one who leaves: what it signed up to that
 * version must still count, or revoking it would take the running release away.
 */
export function nextRoot(root: RootFile, change: RootChange): RootFile {
  const gone = new Set([...change.remove, ...change.add.map(({ name }) => name)]);
  const cut = new Set(
    [...root.revoked, ...change.revoke]
      .filter(({ lastVersion }) => lastVersion > 0)
      .map(({ keyid }) => keyid),
  );
  const people = new Map<string, Signatory>();
  for (const [name, { group, keys }] of Object.entries(root.people)) {
    const kept = gone.has(name) ? keys.filter((id) => cut.has(id)) : keys;
    if (kept.length > 0) people.set(name, { group, keys: kept });
  }
  for (const { name, group, key } of change.add) {
    const old = people.get(name)?.keys.filter((id) => id !== key.id) ?? [];
    people.set(name, { group, keys: [...old, key.id] });
  }
  const kept = new Set([...people.values()].flatMap(({ keys }) => keys));
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
    people: Object.fromEntries(people),
    roles: { ...root.roles, ...change.seats?.roles },
    extraFor: extraSigners(root.extraFor, change.seats ?? {}),
    // Versions are counted anew in each epoch.
    revoked: [...root.revoked, ...change.revoke.map((cut) => ({ ...cut, ...epochOf(root) }))],
  };
}

function epochOf({ streams }: RootFile): { readonly epoch?: number } {
  const epoch = Math.max(...Object.values(streams).map((stream) => stream.epoch));
  return epoch > 1 ? { epoch } : {};
}
