/**
 * Facts about places, the classes of places that must be equal, and values for classes that must
 * differ. A class with d neighbours needs no more than d + 1 candidates: whatever the neighbours
 * take, one is left.
 */
import type { Atom } from "./formula.ts";
import { Exhausted, MAX_COLOURING_STEPS } from "./limits.ts";
import type { Place } from "./places.ts";
import { type NumberSet, otherNumbers } from "./ranges.ts";
import { KIND, otherTexts, type Texts } from "./values.ts";

/** An atom and whether it holds. */
export interface Fact {
  readonly atom: Atom;
  readonly positive: boolean;
}

/** What a fact about one place says of values of `kind`; undefined if it says nothing. */
export function partOf({ atom, positive }: Fact, kind: number): Texts | NumberSet | undefined {
  if (atom.is !== "in" || (atom.set.kinds & kind) === 0) return undefined;
  if (kind === KIND.string) {
    const { texts } = atom.set;
    return texts === undefined || positive ? texts : otherTexts(texts);
  }
  const { numbers } = atom.set;
  return numbers === undefined || positive ? numbers : otherNumbers(numbers);
}

export class Union<T> {
  readonly #parent = new Map<T, T>();

  find(x: T): T {
    let root = x;
    for (let p = this.#parent.get(root); p !== undefined; p = this.#parent.get(root)) root = p;
    return root;
  }

  join(x: T, y: T): void {
    const a = this.find(x);
    const b = this.find(y);
    if (a !== b) this.#parent.set(b, a);
  }
}

interface Classes {
  readonly all: readonly { readonly places: readonly Place[]; readonly facts: readonly Fact[] }[];
  readonly indexOf: ReadonlyMap<Place, number>;
  /** Pairs of classes that must differ. */
  readonly different: readonly (readonly [number, number])[];
}

/** Merges what must be equal; undefined if two places of one class must differ. */
export function classesOf(facts: readonly Fact[]): Classes | undefined {
  const union = new Union<Place>();
  const places = new Set<Place>();
  for (const { atom, positive } of facts) {
    if (atom.is === "opaque") continue;
    for (const place of atom.is === "in" ? [atom.place] : [atom.p, atom.q]) places.add(place);
    if (atom.is === "equal" && positive) union.join(atom.p, atom.q);
  }
  const roots = [...new Set([...places].map((place) => union.find(place)))];
  const indexOf = new Map([...places].map((place) => [place, roots.indexOf(union.find(place))]));
  const all = roots.map((root) => ({
    places: [...places].filter((place) => union.find(place) === root),
    facts: facts.filter(({ atom }) => atom.is === "in" && union.find(atom.place) === root),
  }));
  const different = facts.flatMap(({ atom, positive }) =>
    atom.is === "equal" && !positive ? [[indexOf.get(atom.p)!, indexOf.get(atom.q)!] as const] : [],
  );
  return different.some(([a, b]) => a === b) ? undefined : { all, indexOf, different };
}

/** One value for each class, different where they must be; undefined if there are none. */
export function colour<T>(
  classes: Classes,
  candidates: (index: number, count: number) => readonly T[],
): Map<Place, T> | undefined {
  const { all, different } = classes;
  const neighbours = all.map((_, i) => [
    ...new Set(different.flatMap(([a, b]) => (a === i ? [b] : b === i ? [a] : []))),
  ]);
  const options = all.map((_, i) => candidates(i, neighbours[i]!.length + 1));
  if (options.some((list) => list.length === 0)) return undefined;
  const chosen: (T | undefined)[] = all.map(() => undefined);
  // A class with more candidates than neighbours always finds one, so those come last.
  const order = all.map((_, i) => i).sort((a, b) => options[a]!.length - options[b]!.length);
  let steps = 0;
  const place = (n: number): boolean => {
    if (n === order.length) return true;
    if (++steps > MAX_COLOURING_STEPS) throw new Exhausted("values that must all differ");
    const i = order[n]!;
    for (const value of options[i]!) {
      if (neighbours[i]!.some((j) => chosen[j] === value)) continue;
      chosen[i] = value;
      if (place(n + 1)) return true;
    }
    chosen[i] = undefined;
    return false;
  };
  if (!place(0)) return undefined;
  return new Map(all.flatMap(({ places }, i) => places.map((p) => [p, chosen[i]!] as const)));
}
