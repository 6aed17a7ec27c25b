/** Which of the known phrases stand in a list of words. */
import {
  AUTHORITY,
  CLINICAL,
  DIRECTORY,
  GENOMIC,
  MACHINERY,
  REFERENCE,
  TRAILING,
  WHOLE_CHART,
} from "./terms/clinical.ts";
import {
  EVERYDAY_WORDS,
  OUTSIDE_BUT_CARRIES_PATIENTS,
  OUTSIDE_COMPARTMENT,
  PATIENT_COMPARTMENT,
} from "./terms/fhir.ts";
import { effectOfVerb } from "./verb.ts";
import { indexOfPhrase, singulars, words } from "./words.ts";

export type Kind = "clinical" | "genomic" | "authority" | "reference" | "directory" | "machinery";

export interface Match {
  readonly kind: Kind;
  readonly phrase: string;
  /** Where its last word stands. */
  readonly end: number;
  readonly length: number;
}

const phrase = (text: string): readonly string[] => singulars(words(text));
const everyday = new Set(EVERYDAY_WORDS);
const carries = new Set(OUTSIDE_BUT_CARRIES_PATIENTS);
const telling = (types: readonly string[]): readonly string[] =>
  types.filter((type) => !everyday.has(type) && !carries.has(type));

const TABLES: readonly (readonly [Kind, readonly (readonly string[])[]])[] = [
  ["clinical", [...CLINICAL, ...telling(PATIENT_COMPARTMENT)].map(phrase)],
  ["genomic", GENOMIC.map(phrase)],
  ["authority", AUTHORITY.map(phrase)],
  ["reference", [...REFERENCE, ...telling(OUTSIDE_COMPARTMENT)].map(phrase)],
  ["directory", DIRECTORY.map(phrase)],
  ["machinery", MACHINERY.map(phrase)],
];

/** Every match, the longest first where several share a place: a longer phrase hides what is in it. */
export function matches(list: readonly string[]): readonly Match[] {
  const all = TABLES.flatMap(([kind, phrases]) =>
    phrases.flatMap((one): Match[] => {
      const at = indexOfPhrase(list, one);
      return at < 0
        ? []
        : [{ kind, phrase: one.join(" "), end: at + one.length - 1, length: one.length }];
    }),
  );
  return all.filter(
    (one) =>
      !all.some(
        (other) =>
          other.length > one.length &&
          other.end >= one.end &&
          other.end - other.length < one.end - one.length + 1,
      ),
  );
}

/** What the thing is that a name is about: what stands last, less words such as `details`. */
export function headOf(list: readonly string[], found: readonly Match[]): Match | undefined {
  let last = list.length - 1;
  while (
    last > 0 &&
    effectOfVerb(list[last]!) !== undefined &&
    !found.some(({ end }) => end === last)
  )
    last--;
  const by = list.findIndex((word) => word === "by" || word === "for");
  if (by > 0) last = by - 1;
  const inside = found.filter(({ end }) => end <= last);
  while (last > 0 && TRAILING.has(list[last]!) && !inside.some(({ end }) => end === last)) last--;
  const at = inside.filter(({ end }) => end === last);
  return at.sort((a, b) => b.length - a.length || rank(a.kind) - rank(b.kind))[0];
}

/** Of two readings the one that protects more. */
const ORDER: readonly Kind[] = [
  "clinical",
  "genomic",
  "authority",
  "directory",
  "reference",
  "machinery",
];
const rank = (kind: Kind): number => ORDER.indexOf(kind);

const WHOLE = WHOLE_CHART.map(phrase);
export const wholeChart = (list: readonly string[]): string | undefined =>
  WHOLE.find((one) => indexOfPhrase(list, one) >= 0)?.join(" ");
