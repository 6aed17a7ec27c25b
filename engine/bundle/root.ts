/** The root of trust: who may sign what. Its signatures are counted elsewhere; this is what it says. */
import { type Digest, digestOf } from "../json/value.ts";
import { parseInstant } from "../policy/time.ts";
import type { AllOf, AnyOf, RootFile, Seats } from "../schema/types.ts";
import type { Demand } from "./checks.ts";
import { type PublicKey, readKey } from "./keys.ts";
import { MAX_ENVELOPE_BYTES } from "./limits.ts";
import { before, type Ordered } from "./order.ts";
import { readSigned } from "./read.ts";

export interface Owner {
  readonly person: string;
  readonly group: string;
  readonly key: PublicKey;
}

/** A root whose form and sense are checked; whether to believe it is another question. */
export interface Root {
  readonly file: RootFile;
  /** Of the payload. */
  readonly digest: Digest;
  /** By key id. */
  readonly owners: ReadonlyMap<string, Owner>;
  /** Key id → the last release that its signature counts for. */
  readonly revoked: ReadonlyMap<string, Ordered>;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export function readRoot(payload: Uint8Array, demand: Demand): Root {
  const file = readSigned("root", "the root", payload, MAX_ENVELOPE_BYTES, demand);
  const expiresAt = parseInstant(file.expires);
  const issuedAt = parseInstant(file.issued);
  const inOrder = expiresAt !== undefined && issuedAt !== undefined && issuedAt < expiresAt;
  demand("form", inOrder, "the root expires before it begins");
  const owners = ownersOf(file, demand);
  checkSeats(file, demand);
  return {
    file,
    digest: digestOf(file),
    owners,
    revoked: cutOffs(file),
    expiresAt,
  };
}

function ownersOf(file: RootFile, demand: Demand): ReadonlyMap<string, Owner> {
  const keys = new Map<string, PublicKey>();
  const raw = new Set<string>();
  for (const [id, written] of Object.entries(file.keys)) {
    const key = readKey(written);
    demand("form", key !== undefined, "the root lists a key that is none");
    demand("root-key-id", key.id === id, "the root lists a key under another key's id");
    demand("root-key-shared", !raw.has(key.raw), "the root lists one key twice");
    raw.add(key.raw);
    keys.set(id, key);
  }
  const owners = new Map<string, Owner>();
  for (const [person, { group, keys: ids }] of Object.entries(file.people)) {
    for (const id of ids) {
      const key = keys.get(id);
      demand("root-person", key !== undefined, `the key of \`${person}\` is not in the root`);
      demand("root-key-shared", !owners.has(id), `\`${person}\` has a key of somebody else`);
      owners.set(id, { person, group, key });
    }
  }
  demand("root-person", owners.size === keys.size, "the root lists a key that nobody owns");
  return owners;
}

/** A key that is cut off twice is cut off at the lower place: a second entry must not bring it back. */
function cutOffs({ revoked }: RootFile): ReadonlyMap<string, Ordered> {
  const cuts = new Map<string, Ordered>();
  for (const { keyid, lastVersion, epoch = 1 } of revoked) {
    const cut = { epoch, version: lastVersion };
    const known = cuts.get(keyid);
    if (known === undefined || before(cut, known)) cuts.set(keyid, cut);
  }
  return cuts;
}

/** A threshold above its group can never be met; a group that is named twice is one condition less. */
function checkSeats({ people, roles, extraFor }: RootFile, demand: Demand): void {
  const sizes = new Map<string, number>();
  for (const { group } of Object.values(people)) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  for (const role of [...Object.values(roles), ...Object.values(extraFor)]) {
    const seats = seatsOf(role);
    const fillable = seats.every(({ group, threshold }) => threshold <= (sizes.get(group) ?? 0));
    demand("root-threshold", fillable, "a role asks for more people than its group has");
    const groups = new Set(seats.map(({ group }) => group));
    demand("root-threshold", groups.size === seats.length, "a role names one group twice");
  }
}

export function seatsOf(role: AllOf | AnyOf): readonly Seats[] {
  return "allOf" in role ? role.allOf : role.anyOf;
}
