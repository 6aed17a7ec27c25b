/**
 * Numbers that are equal, different and in order.
 *
 * p < q and p <= q have a least solution: merge what is on a circle of <=, then go up from the least
 * members. If it does not fit, nothing does. Numbers that must differ and are ordered are tried both
 * ways round.
 */
import { classesOf, colour, type Fact, partOf } from "./classes.ts";
import { Exhausted, MAX_COLOURING_STEPS } from "./limits.ts";
import type { Place } from "./places.ts";
import {
  ALL_NUMBERS,
  intersectNumbers,
  leastFrom,
  type NumberSet,
  nextUp,
  someNumbers,
} from "./ranges.ts";
import { KIND } from "./values.ts";

export function solveNumbers(facts: readonly Fact[]): Map<Place, number> | undefined {
  const classes = classesOf(facts);
  if (classes === undefined) return undefined;
  const sets = classes.all.map(({ facts: own }) =>
    own.map((fact) => partOf(fact, KIND.number) as NumberSet).reduce(intersectNumbers, ALL_NUMBERS),
  );
  const orders = facts.flatMap(({ atom, positive }): Order[] => {
    if (atom.is !== "less") return [];
    const p = classes.indexOf.get(atom.p)!;
    const q = classes.indexOf.get(atom.q)!;
    // Not p < q means q <= p.
    return [
      positive ? { below: p, above: q, strict: true } : { below: q, above: p, strict: false },
    ];
  });
  if (orders.length === 0) return colour(classes, (i, count) => someNumbers(sets[i]!, count));
  const values = ordered(sets, orders, classes.different, { steps: 0 });
  if (values === undefined) return undefined;
  return new Map(
    classes.all.flatMap(({ places }, i) => places.map((place) => [place, values[i]!] as const)),
  );
}

interface Order {
  readonly below: number;
  readonly above: number;
  readonly strict: boolean;
}

function ordered(
  sets: readonly NumberSet[],
  orders: readonly Order[],
  different: readonly (readonly [number, number])[],
  budget: { steps: number },
): readonly number[] | undefined {
  if (++budget.steps > MAX_COLOURING_STEPS)
    throw new Exhausted("numbers in order that must differ");
  const values = leastSolution(sets, orders, 0) ?? leastSolution(sets, orders, LEAST);
  if (values === undefined) return undefined;
  const clash = different.find(([a, b]) => values[a] === values[b]);
  if (clash === undefined) return values;
  const [a, b] = clash;
  const rest = different.filter((pair) => pair !== clash);
  return (
    ordered(sets, [...orders, { below: a, above: b, strict: true }], rest, budget) ??
    ordered(sets, [...orders, { below: b, above: a, strict: true }], rest, budget)
  );
}

const LEAST = -Number.MAX_VALUE;

/** The least solution of which no value is below `floor`. From 0 up it reads better. */
function leastSolution(
  sets: readonly NumberSet[],
  orders: readonly Order[],
  floor: number,
): readonly number[] | undefined {
  const n = sets.length;
  const reach = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => i === j));
  for (const { below, above } of orders) reach[below]![above] = true;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      if (!reach[i]![k]) continue;
      for (let j = 0; j < n; j++) if (reach[k]![j]) reach[i]![j] = true;
    }
  }
  const circle = (i: number, j: number): boolean => reach[i]![j]! && reach[j]![i]!;
  if (orders.some(({ below, above, strict }) => strict && circle(below, above))) return undefined;
  // What is on one circle of <= has one value.
  const together = sets.map((_, i) =>
    sets.filter((_, j) => circle(i, j)).reduce(intersectNumbers, ALL_NUMBERS),
  );
  const values = sets.map(() => floor);
  // Upwards: i before j if i reaches j and not the other way round.
  const upwards = sets
    .map((_, i) => i)
    .sort((a, b) => reach.filter((row) => row[a]).length - reach.filter((row) => row[b]).length);
  for (const i of upwards) {
    let from = floor;
    for (const { below, above, strict } of orders) {
      if (!circle(above, i) || circle(below, i)) continue;
      from = Math.max(from, strict ? nextUp(values[below]!) : values[below]!);
    }
    const least = leastFrom(together[i]!, from);
    if (least === undefined) return undefined;
    values[i] = least;
  }
  return values;
}
