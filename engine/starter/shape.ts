/**
 * The shape of texts: a pattern that all of them have, and that tells of none of them more than its
 * kind, its length and which sorts of letters occur. A policy is read by people who may not see a
 * patient's data, so nothing that was a value may stand in it.
 */

import { extentOf } from "./extent.ts";

/** Texts of a published form, which say more to a reader than their letters. */
const FORMS: readonly { readonly of: RegExp; readonly pattern: string; readonly words: string }[] =
  [
    {
      of: /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
      pattern: "[0-9]{4}-[0-9]{2}-[0-9]{2}",
      words: "a date",
    },
    {
      of: /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$/,
      pattern:
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})",
      words: "a time",
    },
    {
      of: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
      pattern: "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
      words: "a UUID",
    },
    // FHIR search by date: a comparison and a date.
    {
      of: /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
      pattern: "(eq|ne|gt|lt|ge|le|sa|eb|ap)?[0-9]{4}-[0-9]{2}-[0-9]{2}",
      words: "a date to compare with",
    },
  ];

export interface Shape {
  /** RE2, for the operator `matches`. */
  readonly pattern: string;
  /** In code points; where the pattern does not count them itself. */
  readonly lengths?: readonly [least: number, most: number];
  readonly words: string;
}

/** A pattern that counts further than this has more states than are worth it. */
const MAX_COUNTED = 64;

/** A FHIR reference: the type of a resource, which is no secret, before an id, which is one. */
const REFERENCE = /^([A-Z][A-Za-z]{2,40})\/(.+)$/s;

/** The shape that all of these texts have; there is at least one. */
export function shapeOf(texts: ReadonlySet<string>): Shape {
  const all = [...texts];
  const form = FORMS.find(({ of }) => all.every((text) => of.test(text)));
  if (form !== undefined) return { pattern: form.pattern, words: form.words };
  const references = all.map((text) => REFERENCE.exec(text));
  const [first] = references;
  if (first != null && references.every((one) => one?.[1] === first[1])) {
    const id = plainShape(references.map((one) => one![2]!));
    if (id.lengths === undefined) {
      return { pattern: `${first[1]}/${id.pattern}`, words: `a reference to a ${first[1]}` };
    }
  }
  return plainShape(all);
}

const SORTS: readonly { readonly of: RegExp; readonly range: string; readonly word: string }[] = [
  { of: /[A-Z]/u, range: "A-Z", word: "capitals" },
  { of: /[a-z]/u, range: "a-z", word: "small letters" },
  { of: /[0-9]/u, range: "0-9", word: "digits" },
];
/** What stands for itself within the brackets of a pattern when it is escaped. */
const SIGN = /[!-/:-@[-`{-~ ]/gu;

function plainShape(texts: readonly string[]): Shape {
  const whole = texts.join("");
  const sorts = SORTS.filter(({ of }) => of.test(whole));
  const signs = [...new Set(whole.match(SIGN) ?? [])].sort();
  const other = [...whole].some((letter) => letter > "~" || letter < " ");
  const sizes = texts.map((text) => [...text].length);
  const { least, most } = extentOf(sizes);
  const counted = most <= MAX_COUNTED;
  const often = !counted ? "*" : least === most ? `{${least}}` : `{${least},${most}}`;
  const lengths = counted ? {} : { lengths: [least, most] as const };
  const size = least === most ? `${least} characters` : `${least} to ${most} characters`;
  if (most === 0) return { pattern: "", words: "an empty text" };
  if (other) return { pattern: `(?s).${often}`, ...lengths, words: `a text of ${size}` };
  const inside = [
    ...sorts.map(({ range }) => range),
    ...signs.map((sign) => (/[\\\]^[-]/.test(sign) ? `\\${sign}` : sign)),
  ].join("");
  const made = [
    ...sorts.map(({ word }) => word),
    ...(signs.length === 0 ? [] : [signs.every((sign) => sign === " ") ? "spaces" : "signs"]),
  ];
  return { pattern: `[${inside}]${often}`, ...lengths, words: `${size}: ${made.join(", ")}` };
}
