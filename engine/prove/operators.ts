/**
 * What the operators that look at one value make of it: the values of which a condition is true,
 * and those of which it is false. Of all others it is undetermined.
 */
import { RE2JS } from "re2js";
import type { Operator, Scalar } from "../policy/ir.ts";
import {
  INTEGERS,
  MAX_COUNT,
  type NumberSet,
  nextDown,
  nextUp,
  numbersBetween,
  numbersEqualTo,
  otherCounts,
  otherNumbers,
  type Ranges,
} from "./ranges.ts";
import {
  BOOLEAN,
  KIND,
  ofKinds,
  otherTexts,
  PRESENT,
  type Texts,
  textsAmong,
  textsMatching,
  textsOfLength,
  type ValueSet,
  valueSet,
} from "./values.ts";

export interface SetPair {
  readonly whenTrue: ValueSet;
  readonly whenFalse: ValueSet;
}

export function textSets(texts: Texts): SetPair {
  return {
    whenTrue: valueSet(KIND.string, { texts }),
    whenFalse: valueSet(KIND.string, { texts: otherTexts(texts) }),
  };
}

function numberSets(numbers: NumberSet): SetPair {
  return {
    whenTrue: valueSet(KIND.number, { numbers }),
    whenFalse: valueSet(KIND.number, { numbers: otherNumbers(numbers) }),
  };
}

const LAST = Number.MAX_VALUE;

/** The values of which an operator that looks at one value is true, and those of which it is false. */
export function unarySets(op: Operator, operand: Scalar | readonly Scalar[]): SetPair {
  const n = operand as number;
  const text = operand as string;
  switch (op) {
    case "eq":
      return among([operand as Scalar]);
    case "in":
      return among(operand as readonly Scalar[]);
    case "lt":
      return numberSets(numbersBetween(-LAST, nextDown(n)));
    case "lte":
      return numberSets(numbersBetween(-LAST, n));
    case "gt":
      return numberSets(numbersBetween(nextUp(n), LAST));
    case "gte":
      return numberSets(numbersBetween(n, LAST));
    case "regex":
      return textSets(textsMatching(text, false));
    case "matches":
      return textSets(textsMatching(text, true));
    case "starts_with":
      return textSets(textsMatching(`\\A${RE2JS.quote(text)}`, false));
    case "ends_with":
      return textSets(textsMatching(`${RE2JS.quote(text)}\\z`, false));
    case "length_lt":
    case "length_lte":
    case "length_gt":
    case "length_gte": {
      const lengths = countRanges(op.slice("length_".length), n);
      return textSets(textsOfLength(lengths));
    }
    case "count_lt":
    case "count_lte":
    case "count_gt":
    case "count_gte": {
      const counts = countRanges(op.slice("count_".length), n);
      return {
        whenTrue: valueSet(KIND.array, { counts }),
        whenFalse: valueSet(KIND.array, { counts: otherCounts(counts) }),
      };
    }
    case "exists": {
      const present = ofKinds(PRESENT);
      const absent = ofKinds(KIND.absent);
      return operand === true
        ? { whenTrue: present, whenFalse: absent }
        : { whenTrue: absent, whenFalse: present };
    }
    case "type":
      return typeSets(text);
    default:
      throw new Error(`\`${op}\` does not look at one value alone`);
  }
}

function countRanges(comparison: string, n: number): Ranges {
  const least = comparison === "gt" ? Math.floor(n) + 1 : comparison === "gte" ? Math.ceil(n) : 0;
  const most =
    comparison === "lt" ? Math.ceil(n) - 1 : comparison === "lte" ? Math.floor(n) : MAX_COUNT;
  const last = Math.min(most, MAX_COUNT);
  const from = Math.max(0, least);
  return from <= last ? [[from, last]] : [];
}

/** One of a list; false only of values of a type that the list has. */
function among(members: readonly Scalar[]): SetPair {
  const texts = new Set(members.filter((m) => typeof m === "string"));
  const numbers = members.filter((m) => typeof m === "number");
  const booleans = members.filter((m) => typeof m === "boolean");
  const kinds = (texts.size > 0 ? KIND.string : 0) | (numbers.length > 0 ? KIND.number : 0);
  const named =
    (booleans.includes(true) ? KIND.true : 0) | (booleans.includes(false) ? KIND.false : 0);
  const others = booleans.length > 0 ? BOOLEAN & ~named : 0;
  const words = textsAmong(texts);
  const points = numbersEqualTo(numbers);
  return {
    whenTrue: valueSet(kinds | named, {
      ...(texts.size > 0 ? { texts: words } : {}),
      ...(numbers.length > 0 ? { numbers: points } : {}),
    }),
    whenFalse: valueSet(kinds | others, {
      ...(texts.size > 0 ? { texts: otherTexts(words) } : {}),
      ...(numbers.length > 0 ? { numbers: otherNumbers(points) } : {}),
    }),
  };
}

const KINDS_OF_TYPE: Readonly<Record<string, number>> = {
  string: KIND.string,
  number: KIND.number,
  boolean: BOOLEAN,
  array: KIND.array,
  object: KIND.object,
  null: KIND.null,
};

function typeSets(type: string): SetPair {
  const present = PRESENT & ~KIND.inexact;
  if (type === "integer") {
    return {
      whenTrue: valueSet(KIND.number, { numbers: INTEGERS }),
      whenFalse: valueSet(present, { numbers: otherNumbers(INTEGERS) }),
    };
  }
  const kinds = KINDS_OF_TYPE[type]!;
  return { whenTrue: ofKinds(kinds), whenFalse: ofKinds(present & ~kinds) };
}
