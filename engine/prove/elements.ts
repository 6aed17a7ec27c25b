/**
 * Quantifiers become finitely many places.
 *
 * Let X be an array, and let D be the demands on it: the distinct formulas "some element satisfies
 * b". If a call makes a formula true, so does the call in which X keeps, of its elements, those at
 * the indices that are mentioned and one witness for each demand that holds: fewer elements cannot
 * break an "every", and the witnesses are still there. Hence |D| places besides the mentioned
 * indices are enough, and
 *
 *     some b   =  X is an array and one of its places is present and satisfies b
 *     every b  =  X is no array, or each of its places is absent or satisfies b
 *
 * Two ways of laying them out:
 *
 *   apart     every demand d has a place of its own, s_d, and "some b_d" is about s_d alone. Sound
 *             always; complete when witnesses may be told apart without harm, that is when no index
 *             is mentioned and no bound on the count lies below |D|.
 *   in order  the places are the indices 0 … m-1, each present only if the one before is, and any
 *             of them may serve any demand. The count decides which are present. Always exact, and
 *             slower to search.
 *
 * The count itself is restored by repeating an element: that breaks neither some nor every.
 *
 * Members of an object under names that nobody mentions are treated the same way, apart, as there
 * are no bounds on their count; mentioned members that are not excepted take part as they are.
 *
 * Inner arrays after outer ones, the grant's lists last: bodies speak of what lies deeper, or of
 * lists of the grant. Where lists of the grant are compared with each other in a circle, the
 * circle is not cut open: that question ends as `unknown` (with constants it is decided).
 */
import type { Formula, Over, Quantified, Workshop } from "./formula.ts";
import { Exhausted, MAX_ELEMENTS } from "./limits.ts";
import type { Place } from "./places.ts";
import { MAX_COUNT } from "./ranges.ts";
import { KIND } from "./values.ts";

export interface Eliminated {
  readonly formula: Formula;
  /** The arrays of which elements were made: with none of them present, such an array is empty. */
  readonly ranged: ReadonlySet<Place>;
}

export function eliminate(shop: Workshop, question: Formula): Eliminated {
  const ranged = new Set<Place>();
  let made = 0;
  let formula = question;
  for (;;) {
    const surface = quantifiersOf(formula);
    if (surface.length === 0) return { formula, ranged };
    const { place, by } = nextRange(surface);
    const here = surface.filter(({ over }) => over.place === place && over.by === by);
    const demands = here.filter(({ is }) => is === "some");
    const range =
      by === "elements" ? arrayElements(shop, place, demands) : otherMembers(place, here, demands);
    if (by === "elements") ranged.add(place);
    made += range.all.length;
    if (made > MAX_ELEMENTS) throw new Exhausted(`the conditions on the elements of ${place}`);
    formula = substitute(shop, formula, new Map(here.map((q) => [q, expand(shop, q, range)])));
  }
}

interface Range {
  readonly all: readonly Place[];
  /** The places that may serve a demand. */
  readonly serving: (demand: Quantified) => readonly Place[];
}

function expand(shop: Workshop, quantified: Quantified, range: Range): Formula {
  const { is, over, body } = quantified;
  const needed = over.by === "elements" ? KIND.array : KIND.object;
  const excepted = (place: Place): boolean =>
    over.by === "members" && place.step?.by === "name" && over.except.has(place.step.name);
  const absent = (place: Place): Formula => shop.kind(place, KIND.absent);
  if (is === "every") {
    const each = range.all
      .filter((place) => !excepted(place))
      .map((place) => shop.or([absent(place), body(place)]));
    return shop.or([shop.not(shop.kind(over.place, needed)), shop.and(each)]);
  }
  const one = range
    .serving(quantified)
    .filter((place) => !excepted(place))
    .map((place) => shop.and([shop.not(absent(place)), body(place)]));
  return shop.and([shop.kind(over.place, needed), shop.or(one)]);
}

function arrayElements(shop: Workshop, array: Place, demands: readonly Quantified[]): Range {
  const indices = array.children.flatMap(({ step }) => (step?.by === "index" ? [step.index] : []));
  const bounds = countBounds(shop, array);
  // A bound on the count can demand an element that no "some" speaks of.
  const m = Math.max(demands.length, bounds.length > 0 ? 1 : 0);
  if (indices.length === 0 && bounds.every((t) => t === 0 || t >= m)) {
    const all = Array.from({ length: m }, (_, number) => array.child({ by: "element", number }));
    return { all, serving: (demand) => [all[demands.indexOf(demand)]!] };
  }
  const length = Math.max(-1, ...indices) + 1 + m;
  if (length > MAX_ELEMENTS) throw new Exhausted(`an index of ${array}`);
  const all = Array.from({ length }, (_, index) => array.child({ by: "index", index }));
  return { all, serving: () => all };
}

/** The numbers t such that some condition tells arrays of t elements from those of t + 1. */
function countBounds(shop: Workshop, array: Place): readonly number[] {
  const bounds = new Set<number>();
  for (const atom of shop.atoms) {
    if (atom.is !== "in" || atom.place !== array) continue;
    for (const [lowest, highest] of atom.set.counts ?? []) {
      bounds.add(lowest - 1).add(highest);
    }
  }
  return [...bounds].filter((t) => t >= 0 && t < MAX_COUNT);
}

function otherMembers(
  object: Place,
  here: readonly Quantified[],
  demands: readonly Quantified[],
): Range {
  for (const { over } of here) {
    if (over.by === "members") for (const name of over.except) object.child({ by: "name", name });
  }
  const named = object.children.filter(({ step }) => step?.by === "name");
  const others = demands.map((_, number) => object.child({ by: "other", number }));
  return {
    all: [...named, ...others],
    serving: (demand) => [...named, others[demands.indexOf(demand)]!],
  };
}

function nextRange(surface: readonly Quantified[]): Over {
  const rank = ({ place }: Over): number => (place.root === "args" ? place.depth : 1_000_000);
  const touched = (over: Over): boolean => surface.some(({ touches }) => touches === over.place);
  const [first] = surface
    .map(({ over }) => over)
    .sort((a, b) => rank(a) - rank(b) || Number(touched(a)) - Number(touched(b)));
  if (first!.place.root === "grant" && touched(first!)) {
    throw new Exhausted("lists of the grant compared with each other");
  }
  return first!;
}

function quantifiersOf(formula: Formula): readonly Quantified[] {
  const found: Quantified[] = [];
  const seen = new Set<Formula>();
  const visit = (f: Formula): void => {
    if (seen.has(f)) return;
    seen.add(f);
    if (f.is === "some" || f.is === "every") found.push(f);
    else if (f.is === "and" || f.is === "or") for (const part of f.parts) visit(part);
  };
  visit(formula);
  return found;
}

function substitute(
  shop: Workshop,
  formula: Formula,
  replacements: ReadonlyMap<Formula, Formula>,
): Formula {
  const done = new Map<Formula, Formula>(replacements);
  const visit = (f: Formula): Formula => {
    let result = done.get(f);
    if (result === undefined) {
      result =
        f.is === "and"
          ? shop.and(f.parts.map(visit))
          : f.is === "or"
            ? shop.or(f.parts.map(visit))
            : f;
      done.set(f, result);
    }
    return result;
  };
  return visit(formula);
}
