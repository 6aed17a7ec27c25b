/**
 * What recorded calls looked like, place by place: how often an argument was there, of which types,
 * and which values it had. The values stay here: a policy gets their shape.
 */
import { InexactNumber, isObject, type Received, type ReceivedObject } from "../json/value.ts";

/** One place of a tool's arguments, over all recorded calls of the tool by one grant. */
export interface Seen {
  /** In how many calls, or elements, something stood here. */
  count: number;
  readonly texts: Set<string>;
  readonly numbers: Set<number>;
  readonly booleans: Set<boolean>;
  nulls: number;
  /** Numbers that no double holds: no condition can speak of them. */
  inexact: number;
  lists: number;
  /** Of the lists: the fewest and the most elements. */
  fewest: number;
  most: number;
  /** Every element of every list. */
  readonly elements?: Seen;
  objects: number;
  readonly members: Map<string, Seen>;
  /** Which members stood together, as sorted names; no more than a person would read. */
  readonly together: Map<string, readonly string[]>;
}

/** Different sets of members that are kept; with more of them no rule is made. */
export const MAX_TOGETHER = 12;

type Growing = { -readonly [K in keyof Seen]: Seen[K] };

export function nothingSeen(): Seen {
  return {
    count: 0,
    texts: new Set(),
    numbers: new Set(),
    booleans: new Set(),
    nulls: 0,
    inexact: 0,
    lists: 0,
    fewest: Number.POSITIVE_INFINITY,
    most: 0,
    objects: 0,
    members: new Map(),
    together: new Map(),
  };
}

/** Adds one value to what was seen at its place, and at the places in it. */
export function see(seen: Seen, value: Received): void {
  seen.count++;
  if (value === null) seen.nulls++;
  else if (typeof value === "string") seen.texts.add(value);
  else if (typeof value === "number") seen.numbers.add(value);
  else if (typeof value === "boolean") seen.booleans.add(value);
  else if (value instanceof InexactNumber) seen.inexact++;
  else if (isObject(value)) seeMembers(seen, value);
  else seeElements(seen, value as readonly Received[]);
}

function seeMembers(seen: Seen, object: ReceivedObject): void {
  seen.objects++;
  const names = Object.keys(object).sort();
  if (seen.together.size <= MAX_TOGETHER) seen.together.set(JSON.stringify(names), names);
  for (const [name, member] of Object.entries(object)) {
    const known = seen.members.get(name) ?? nothingSeen();
    seen.members.set(name, known);
    see(known, member);
  }
}

function seeElements(seen: Growing, list: readonly Received[]): void {
  seen.lists++;
  seen.fewest = Math.min(seen.fewest, list.length);
  seen.most = Math.max(seen.most, list.length);
  seen.elements ??= nothingSeen();
  for (const element of list) see(seen.elements, element);
}
