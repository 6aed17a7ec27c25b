/**
 * Sets of numbers as sorted, disjoint, closed ranges, over three domains: counts (natural numbers
 * up to what an array can have), and the doubles that are integral and those that are not.
 *
 * Doubles, not reals: between 0.1 and the next double there is nothing that a call can carry, so
 * `x > 0.1` is `x >= nextUp(0.1)`, exactly.
 */

export type Ranges = readonly (readonly [lowest: number, highest: number])[];

export function inRanges(ranges: Ranges, x: number): boolean {
  return ranges.some(([lowest, highest]) => lowest <= x && x <= highest);
}

export function intersectRanges(a: Ranges, b: Ranges): Ranges {
  const result: [number, number][] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [a0, a1] = a[i]!;
    const [b0, b1] = b[j]!;
    const lowest = Math.max(a0, b0);
    const highest = Math.min(a1, b1);
    if (lowest <= highest) result.push([lowest, highest]);
    if (a1 < b1) i++;
    else j++;
  }
  return result;
}

function complementRanges(
  ranges: Ranges,
  [least, greatest]: readonly [number, number],
  before: (x: number) => number,
  after: (x: number) => number,
): Ranges {
  const result: [number, number][] = [];
  let from = least;
  let open = true;
  for (const [lowest, highest] of ranges) {
    if (lowest > from) result.push([from, before(lowest)]);
    if (highest >= greatest) {
      open = false;
      break;
    }
    from = after(highest);
  }
  if (open) result.push([from, greatest]);
  return result;
}

/** No array can have more elements (ECMA-262), and no text of the run time is half as long. */
export const MAX_COUNT = 2 ** 32 - 1;

/** How many: lengths of texts and of arrays. */
export const ALL_COUNTS: Ranges = [[0, MAX_COUNT]];

export function otherCounts(ranges: Ranges): Ranges {
  return complementRanges(
    ranges,
    [0, MAX_COUNT],
    (x) => x - 1,
    (x) => x + 1,
  );
}

const bits = new DataView(new ArrayBuffer(8));

/** The least double above x. */
export function nextUp(x: number): number {
  if (x === Number.POSITIVE_INFINITY || Number.isNaN(x)) return x;
  if (x === 0) return Number.MIN_VALUE;
  bits.setFloat64(0, x);
  bits.setBigInt64(0, bits.getBigInt64(0) + (x > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}

/** The greatest double below x. */
export function nextDown(x: number): number {
  return -nextUp(-x);
}

/** A set of doubles: the integral ones in `whole`, the others in `fractional`. -0 is 0. */
export interface NumberSet {
  readonly whole: Ranges;
  readonly fractional: Ranges;
}

const EVERY_DOUBLE: readonly [number, number] = [-Number.MAX_VALUE, Number.MAX_VALUE];

export const ALL_NUMBERS: NumberSet = { whole: [EVERY_DOUBLE], fractional: [EVERY_DOUBLE] };
export const INTEGERS: NumberSet = { whole: [EVERY_DOUBLE], fractional: [] };

/** The numbers between two bounds, both included. */
export function numbersBetween(lowest: number, highest: number): NumberSet {
  const ranges = intersectRanges([[lowest, highest]], [EVERY_DOUBLE]);
  return { whole: ranges, fractional: ranges };
}

export function numbersEqualTo(values: Iterable<number>): NumberSet {
  // Adding 0 turns -0 into 0.
  const points = [...new Set([...values].map((x) => x + 0))].sort((a, b) => a - b);
  const ranges = points.map((x) => [x, x] as const);
  return { whole: ranges, fractional: ranges };
}

export function intersectNumbers(a: NumberSet, b: NumberSet): NumberSet {
  return {
    whole: intersectRanges(a.whole, b.whole),
    fractional: intersectRanges(a.fractional, b.fractional),
  };
}

export function otherNumbers({ whole, fractional }: NumberSet): NumberSet {
  return {
    whole: complementRanges(whole, EVERY_DOUBLE, nextDown, nextUp),
    fractional: complementRanges(fractional, EVERY_DOUBLE, nextDown, nextUp),
  };
}

export function inNumbers(set: NumberSet, x: number): boolean {
  return inRanges(Number.isInteger(x) ? set.whole : set.fractional, x);
}

/** From here on every double is integral. */
const LEAST_ALWAYS_INTEGRAL = 2 ** 52;

/** The least member that is at least x, or undefined. */
export function leastFrom({ whole, fractional }: NumberSet, x: number): number | undefined {
  let best: number | undefined;
  const offer = (y: number): void => {
    if (best === undefined || y < best) best = y;
  };
  for (const [lowest, highest] of whole) {
    const y = Math.ceil(Math.max(lowest, x)) + 0;
    if (y <= highest) {
      offer(y);
      break;
    }
  }
  for (const [lowest, highest] of fractional) {
    let y = Math.max(lowest, x, -LEAST_ALWAYS_INTEGRAL);
    if (Number.isInteger(y)) y = nextUp(y);
    if (y <= highest && y < LEAST_ALWAYS_INTEGRAL) {
      offer(y);
      break;
    }
  }
  return best;
}

/** Up to `count` members, those that a person would write first. */
export function someNumbers(set: NumberSet, count: number): readonly number[] {
  const found = new Set<number>();
  const offer = (x: number | undefined): void => {
    if (x !== undefined && found.size < count && inNumbers(set, x)) found.add(x + 0);
  };
  const spans = [...set.whole, ...set.fractional];
  // Integers next to zero and next to every bound, then halves, then whatever there is.
  for (let i = 0; i <= count; i++) {
    for (const [lowest, highest] of set.whole) {
      const from = Math.min(Math.max(0, Math.ceil(lowest)), Math.floor(highest));
      offer(from + i);
      offer(from - i);
    }
  }
  for (let i = 0; i <= count && found.size < count; i++) {
    for (const [lowest, highest] of spans) {
      for (const bound of [Math.max(lowest, -1e15), Math.min(highest, 1e15)]) {
        offer(Math.floor(bound) + i + 0.5);
        offer(Math.floor(bound) - i - 0.5);
      }
    }
  }
  for (let x = leastFrom(set, -Number.MAX_VALUE); x !== undefined && found.size < count; ) {
    offer(x);
    x = leastFrom(set, nextUp(x));
  }
  return [...found];
}
