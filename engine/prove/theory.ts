/**
 * Values of a known kind: can texts, numbers and counts be found that meet all facts at once?
 *
 * The SAT solver has fixed the kind of every place, and hands over the literals that make the
 * formula true. Places that "equal" facts connect, positively or negatively, form a component; each
 * component is decided alone.
 *
 *   merge    places that must be equal form a class; what is said of one is said of all.
 *   members  a class of texts has the language that is the intersection of its parts, decided by
 *            automata; a class of numbers the intersection of its ranges of doubles.
 *   differ   classes that must differ are coloured. A class with d neighbours needs no more than
 *            d + 1 candidates: whatever the neighbours take, one is left.
 *   order    p < q and p <= q have a least solution: merge what is on a circle of <=, then go up
 *            from the least members. If it does not fit, nothing does. Numbers that must differ and
 *            are ordered are tried both ways round.
 *
 * If a component has no values, its facts are thinned out until each is needed. The rest, negated,
 * is a clause that holds of every call: a lemma, which the SAT solver never violates again.
 */

import { accepts } from "../regex/automata.ts";
import { classesOf, colour, type Fact, partOf, Union } from "./classes.ts";
import { Exhausted, MAX_WITNESS_ELEMENTS } from "./limits.ts";
import { solveNumbers } from "./order.ts";
import type { Place } from "./places.ts";
import {
  ALL_COUNTS,
  inRanges,
  intersectRanges,
  MAX_COUNT,
  otherCounts,
  type Ranges,
} from "./ranges.ts";
import { automatonOf, KIND, lengthOf, type Texts } from "./values.ts";
import { type Demand, findWords } from "./words.ts";

/** The kinds that the SAT solver chose, as the theories see them. */
export interface Shape {
  readonly places: Iterable<Place>;
  readonly kindAt: (place: Place) => number;
  /** Arrays whose elements are all spoken of: with none of them present, the array is empty. */
  readonly ranged: ReadonlySet<Place>;
}

/** Facts that cannot hold together with the kinds of the places that they speak of. */
export interface Conflict {
  readonly facts: readonly Fact[];
  readonly kinds: readonly { readonly place: Place; readonly kind: number }[];
  /** Elements whose presence, or absence, is part of the contradiction. */
  readonly presence: readonly { readonly place: Place; readonly present: boolean }[];
}

export interface Values {
  readonly texts: ReadonlyMap<Place, string>;
  readonly numbers: ReadonlyMap<Place, number>;
  readonly counts: ReadonlyMap<Place, number>;
}

export type Outcome =
  | { readonly values: Values }
  | { readonly conflicts: readonly Conflict[] }
  | { readonly exhausted: string; readonly facts: readonly Fact[] };

export function decideValues(facts: readonly Fact[], shape: Shape): Outcome {
  const texts = new Map<Place, string>();
  const numbers = new Map<Place, number>();
  const counts = new Map<Place, number>();
  const conflicts: Conflict[] = [];
  for (const { kind, members } of components(facts, shape)) {
    try {
      const solve = kind === KIND.string ? solveTexts : solveNumbers;
      const values = solve(members);
      if (values === undefined) conflicts.push(conflictOf(kind, members, (f) => !solve(f)));
      else {
        for (const [place, value] of values) {
          if (typeof value === "string") texts.set(place, value);
          else numbers.set(place, value);
        }
      }
    } catch (error) {
      if (error instanceof Exhausted) return { exhausted: error.construct, facts: members };
      throw error;
    }
  }
  for (const place of shape.places) {
    if (shape.kindAt(place) !== KIND.array) continue;
    const here = facts.filter(({ atom }) => atom.is === "in" && atom.place === place);
    const count = countOf(place, here, shape);
    if (typeof count !== "number") conflicts.push(count);
    else if (count > MAX_WITNESS_ELEMENTS)
      return { exhausted: `the count of ${place}`, facts: here };
    else counts.set(place, count);
  }
  return conflicts.length > 0 ? { conflicts } : { values: { texts, numbers, counts } };
}

/** The facts about texts and about numbers, by what is connected. */
function components(
  facts: readonly Fact[],
  shape: Shape,
): readonly { readonly kind: number; readonly members: readonly Fact[] }[] {
  const union = new Union<Place>();
  const relevant = facts.flatMap((fact) => {
    const { atom } = fact;
    if (atom.is === "opaque") return [];
    const [p, q] = atom.is === "in" ? [atom.place, atom.place] : [atom.p, atom.q];
    const kind = shape.kindAt(p);
    if (kind !== KIND.string && kind !== KIND.number) return [];
    if (atom.is === "in" && partOf(fact, kind) === undefined) return [];
    // Values of different kinds are not equal, and not in order: the SAT solver knows that.
    if (shape.kindAt(q) !== kind || (atom.is === "less" && kind !== KIND.number)) return [];
    union.join(p, q);
    return [{ fact, p, kind }];
  });
  const groups = new Map<Place, { readonly kind: number; readonly members: Fact[] }>();
  for (const { fact, p, kind } of relevant) {
    const root = union.find(p);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, { kind, members: [fact] });
    else group.members.push(fact);
  }
  return [...groups.values()];
}

/** Drops facts as long as the rest is still contradictory. */
function conflictOf(
  kind: number,
  facts: readonly Fact[],
  contradictory: (facts: readonly Fact[]) => boolean,
): Conflict {
  let needed = facts;
  for (const fact of facts) {
    const without = needed.filter((other) => other !== fact);
    if (contradictory(without)) needed = without;
  }
  const places = new Set(
    needed.flatMap(({ atom }) =>
      atom.is === "in" ? [atom.place] : atom.is === "opaque" ? [] : [atom.p, atom.q],
    ),
  );
  return { facts: needed, kinds: [...places].map((place) => ({ place, kind })), presence: [] };
}

/** The place, if all facts are about one; by far the most frequent component. */
function onlyPlace(facts: readonly Fact[]): Place | undefined {
  const [first] = facts;
  if (first === undefined || first.atom.is !== "in") return undefined;
  const { place } = first.atom;
  return facts.every(({ atom }) => atom.is === "in" && atom.place === place) ? place : undefined;
}

function solveTexts(facts: readonly Fact[]): Map<Place, string> | undefined {
  const only = onlyPlace(facts);
  if (only !== undefined) {
    const [text] = someTexts(
      facts.map((fact) => partOf(fact, KIND.string) as Texts),
      1,
    );
    return text === undefined ? undefined : new Map([[only, text]]);
  }
  const classes = classesOf(facts);
  if (classes === undefined) return undefined;
  const parts = classes.all.map(({ facts: own }) =>
    own.map((fact) => partOf(fact, KIND.string) as Texts),
  );
  return colour(classes, (i, count) => someTexts(parts[i]!, count));
}

const MAX_CACHED = 10_000;
const known = new Map<string, readonly string[]>();

/** Up to `count` texts that are in every set. */
function someTexts(sets: readonly Texts[], count: number): readonly string[] {
  const key = `${count} ${sets
    .map((set) => set.key)
    .sort()
    .join("\n")}`;
  let found = known.get(key);
  if (found === undefined) {
    found = findTexts(sets, count);
    if (known.size >= MAX_CACHED) known.clear();
    known.set(key, found);
  }
  return found;
}

function findTexts(sets: readonly Texts[], count: number): readonly string[] {
  let lengths: Ranges = ALL_COUNTS;
  let among: ReadonlySet<string> | undefined;
  const excluded = new Set<string>();
  const demands: Demand[] = [];
  for (const set of sets) {
    if (set.by === "length") lengths = intersectRanges(lengths, set.lengths);
    else if (set.by === "regex") demands.push({ automaton: automatonOf(set), accept: !set.others });
    else if (set.others) for (const word of set.words) excluded.add(word);
    else if (among === undefined) among = set.words;
    else among = new Set([...among].filter((word) => set.words.has(word)));
  }
  if (among === undefined) return findWords(demands, lengths, excluded, count);
  return [...among]
    .filter(
      (word) =>
        !excluded.has(word) &&
        inRanges(lengths, lengthOf(word)) &&
        demands.every(({ automaton, accept }) => accepts(automaton, word) === accept),
    )
    .slice(0, count);
}

/** How many elements an array has, or why there is no such number. */
function countOf(array: Place, facts: readonly Fact[], shape: Shape): number | Conflict {
  const about = facts.filter(({ atom }) => atom.is === "in" && atom.set.counts !== undefined);
  const elements = array.children.filter(
    (child) => child.step!.by === "index" || child.step!.by === "element",
  );
  const present = elements.filter((child) => {
    const kind = shape.kindAt(child);
    return kind !== KIND.absent && kind !== 0;
  });
  const gone = elements.filter((child) => shape.kindAt(child) === KIND.absent);
  let least = present.filter(({ step }) => step!.by === "element").length;
  for (const { step } of present)
    if (step!.by === "index") least = Math.max(least, step!.index + 1);
  let most = MAX_COUNT;
  for (const { step } of gone) if (step!.by === "index") most = Math.min(most, step!.index);
  if (shape.ranged.has(array) && present.length === 0 && gone.length > 0) most = 0;

  const solve = (some: readonly Fact[]): number | undefined => {
    let ranges: Ranges = least <= most ? [[least, most]] : [];
    for (const { atom, positive } of some) {
      if (atom.is !== "in") continue;
      const { counts } = atom.set;
      ranges = intersectRanges(ranges, positive ? counts! : otherCounts(counts!));
    }
    return ranges[0]?.[0];
  };
  const count = solve(about);
  if (count !== undefined) return count;
  const { facts: needed } = conflictOf(KIND.array, about, (some) => solve(some) === undefined);
  return {
    facts: needed,
    kinds: [{ place: array, kind: KIND.array }],
    presence: [
      ...present.map((place) => ({ place, present: true })),
      ...gone.map((place) => ({ place, present: false })),
    ],
  };
}
