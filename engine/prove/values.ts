/**
 * Kinds of values, and sets of values: what a single condition can say about a single place.
 *
 * A set of values is a mask of kinds and, for texts, numbers and arrays, a part of that kind. Such
 * sets are closed under complement, which is all that is needed: a condition that is true says
 * `value ∈ S`, one that is not true says `value ∉ S`.
 */
import { type Automaton, regexAutomaton, wordsAutomaton } from "../regex/automata.ts";
import { leastFrom, MAX_COUNT, type NumberSet, otherCounts, type Ranges } from "./ranges.ts";

/** One bit each, so that a set of kinds is a mask. The two booleans are kinds of their own. */
export const KIND = {
  absent: 1,
  /** An ancestor is present but not an object, or not an array, as the step needs. */
  bad: 2,
  null: 4,
  true: 8,
  false: 16,
  number: 32,
  inexact: 64,
  string: 128,
  array: 256,
  object: 512,
} as const;
const ANY_KIND = 1023;
export const BOOLEAN = KIND.true | KIND.false;
export const SCALAR = BOOLEAN | KIND.number | KIND.string;
export const PRESENT = ANY_KIND & ~(KIND.absent | KIND.bad);

/** A set of texts; two sets of one key are equal. `others`: all but these. */
export type Texts =
  | {
      readonly by: "regex";
      readonly key: string;
      readonly pattern: string;
      readonly whole: boolean;
      readonly others: boolean;
    }
  | {
      readonly by: "words";
      readonly key: string;
      readonly words: ReadonlySet<string>;
      readonly others: boolean;
    }
  | { readonly by: "length"; readonly key: string; readonly lengths: Ranges };

/**
 * The values whose kind is in `kinds` and which, for a text, a number or an array, lie in the part
 * that is given. A part that is not given is all of its kind.
 */
export interface ValueSet {
  readonly key: string;
  readonly kinds: number;
  readonly texts?: Texts;
  readonly numbers?: NumberSet;
  /** How many elements an array has. */
  readonly counts?: Ranges;
}

/** Kinds of which `set` has some values and not others. */
export function partialKinds(set: ValueSet): number {
  return (
    ((set.texts === undefined ? 0 : KIND.string) |
      (set.numbers === undefined ? 0 : KIND.number) |
      (set.counts === undefined ? 0 : KIND.array)) &
    set.kinds
  );
}

export function valueSet(
  kinds: number,
  { texts, numbers, counts }: Pick<ValueSet, "texts" | "numbers" | "counts"> = {},
): ValueSet {
  // Only parts that are neither nothing nor everything of their kind are parts.
  const set: { -readonly [K in "kinds" | "texts" | "numbers" | "counts"]?: ValueSet[K] } = {
    kinds,
  };
  let left = kinds;
  const part = (kind: number, none: boolean, every: boolean): boolean => {
    if ((kinds & kind) !== 0 && none) left &= ~kind;
    return (kinds & kind) !== 0 && !none && !every;
  };
  if (texts !== undefined) {
    const lengths = texts.by === "length" ? texts.lengths : undefined;
    const none = lengths?.length === 0;
    if (part(KIND.string, none, lengths !== undefined && isEveryCount(lengths))) set.texts = texts;
  }
  if (numbers !== undefined && part(KIND.number, isNoNumber(numbers), false)) set.numbers = numbers;
  if (counts !== undefined && part(KIND.array, counts.length === 0, isEveryCount(counts))) {
    set.counts = counts;
  }
  const key = [
    left,
    set.texts?.key ?? "",
    set.numbers === undefined ? "" : JSON.stringify([numbers!.whole, numbers!.fractional]),
    set.counts?.join(" ") ?? "",
  ].join("|");
  return { ...set, kinds: left, key };
}

function isEveryCount(ranges: Ranges): boolean {
  return ranges.length === 1 && ranges[0]![0] === 0 && ranges[0]![1] === MAX_COUNT;
}

function isNoNumber(numbers: NumberSet): boolean {
  return leastFrom(numbers, -Number.MAX_VALUE) === undefined;
}

export function ofKinds(kinds: number): ValueSet {
  return valueSet(kinds);
}

export function textsMatching(pattern: string, whole: boolean): Texts {
  return { by: "regex", key: `+${whole ? "w" : "s"}/${pattern}`, pattern, whole, others: false };
}

export function textsAmong(words: ReadonlySet<string>): Texts {
  return { by: "words", key: `+=${JSON.stringify([...words].sort())}`, words, others: false };
}

/** The texts that are not in a set. */
export function otherTexts(texts: Texts): Texts {
  if (texts.by === "length") return textsOfLength(otherCounts(texts.lengths));
  const { others, key } = texts;
  return { ...texts, others: !others, key: `${others ? "+" : "-"}${key.slice(1)}` };
}

export function textsOfLength(lengths: Ranges): Texts {
  return { by: "length", key: `#${lengths.join(" ")}`, lengths };
}

export function automatonOf(texts: Exclude<Texts, { readonly by: "length" }>): Automaton {
  return texts.by === "regex"
    ? regexAutomaton(texts.pattern, texts.whole)
    : wordsAutomaton(texts.words);
}

/** The number of code points. */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}
