/**
 * Values of a call → values that nobody had, of the same structure, type and length class. Keyed and
 * deterministic: the same value becomes the same wherever it stands, two values never become one, and
 * without the key nothing leads back.
 *
 *     words that the repository or FHIR names   stay (vocabulary.ts)
 *     dates and times                           move by one offset (dates.ts)
 *     what is put together                      is taken apart (spelling.ts)
 *     everything else, numbers too              becomes another of its shape (permute.ts)
 */
import { InexactNumber, isObject, type Received, type ReceivedObject } from "../json/value.ts";
import { formatPath } from "../policy/path.ts";
import { alphabetOf, NOT_ZERO } from "./alphabet.ts";
import { type Offset, offsetOf, shiftDate } from "./dates.ts";
import { next, type Shape } from "./permute.ts";
import { spelled } from "./spelling.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface Pseudonymiser {
  /** The arguments of a call, replaced. */
  args(args: ReceivedObject): Replaced;
  /** One text, replaced like a value of a call. */
  text(text: string): string;
}

export interface Replaced {
  readonly args: ReceivedObject;
  /** Where values or keys were replaced, such as `args.entry[*].id`: of the replaced arguments. */
  readonly paths: readonly string[];
  /** How many keys were replaced: nobody names them, so they may be somebody's. */
  readonly keys: number;
}

/** More than this many places of a call are told by what holds them. */
export const MAX_PATHS = 100;
/** UTF-16 units of one place. */
const MAX_PATH = 1_000;
/** Steps towards a text that the policy judges alike; over a long one each step takes longer. */
const MAX_STEPS = 300;
/** Characters of all steps together. */
const MAX_WALKED = 100_000;
/** Texts whose replacement is remembered. */
const REMEMBERED = 20_000;

export function pseudonymiser(key: Uint8Array, vocabulary: Vocabulary): Pseudonymiser {
  const offset = offsetOf(key);
  const known = new Map<string, string>();
  const text = (raw: string): string => {
    const before = known.get(raw);
    if (before !== undefined) return before;
    const made = replaceText(raw, { key, vocabulary, offset });
    if (known.size >= REMEMBERED) known.clear();
    known.set(raw, made);
    return made;
  };
  return { text, args: (args) => replaceArgs(args, text, vocabulary) };
}

interface World {
  readonly key: Uint8Array;
  readonly vocabulary: Vocabulary;
  readonly offset: Offset;
}

const EMAIL = /^([^\s@,|/:]+)@([^\s@,|/:]+\.[^\s@,|/:]+)$/;
/** Nobody can own an address below it (RFC 2606 §2). */
const NO_DOMAIN = ".example";

function replaceText(text: string, world: World): string {
  const { vocabulary, offset } = world;
  if (vocabulary.has(text)) return text;
  const moved = shiftDate(text, offset);
  if (moved !== undefined) return moved;
  const email = EMAIL.exec(text);
  if (email !== null) {
    const [, local, domain] = email;
    // Each a piece as it is: `2001-02-03@…` is nobody's birthday, and must not meet one.
    const end = vocabulary.hasDomain(domain!) ? domain! : piece(domain!, world) + NO_DOMAIN;
    return `${piece(local!, world)}@${end}`;
  }
  if (isWholeNumberDate(text)) return piece(text, world);
  const parts = spelled(text);
  if (parts === undefined) return piece(text, world);
  return parts
    .map((part) => {
      if ("joint" in part) return part.joint;
      if ("name" in part) {
        return vocabulary.hasKey(part.name) ? part.name : piece(part.name, world);
      }
      return replaceText(part.text, world);
    })
    .join("");
}

/** Digits in the form of a date that is none: taken apart, its pieces could come to form one. */
function isWholeNumberDate(text: string): boolean {
  return /^[0-9]{1,2}\/[0-9]{1,2}\/[0-9]{4}$/.test(text);
}

/**
 * A text of one piece: the next of its shape that is of its kind too — no date, no word of the
 * vocabulary, and judged alike by every question of the policy. The walk goes round one circle of all
 * texts of the shape, so two texts of a kind never end at the same one.
 */
function piece(text: string, { key, vocabulary, offset }: World): string {
  const kept = placesOf(text, vocabulary);
  const shape = shapeOf(text, kept);
  const first = next(key, shape);
  // Nothing but structure, or pieces that the policy names.
  if (first === undefined) return text;
  const wanted = vocabulary.signature(text);
  const edges = edgesOf(text);
  // What JavaScript writes of a number it must read again.
  const plain = isNumber(text) && String(Number(text)) === text;
  let candidate: string | undefined = first;
  let fallback: string | undefined;
  const steps = Math.min(MAX_STEPS, Math.max(2, Math.floor(MAX_WALKED / text.length)));
  for (let step = 0; step < steps && candidate !== text; step++) {
    if (
      !vocabulary.has(candidate!) &&
      shiftDate(candidate!, offset) === undefined &&
      placesOf(candidate!, vocabulary) === kept &&
      sameEdges(candidate!, edges) &&
      (!plain || String(Number(candidate)) === candidate)
    ) {
      if (vocabulary.signature(candidate!) === wanted) return candidate!;
      fallback ??= candidate;
    }
    // By the alphabets of the text that it began with: those of another form are another circle.
    candidate = next(key, { ...shape, characters: [...candidate!] });
  }
  // The policy tells it from every other that was tried. The recorder compares verdicts, and says so.
  return fallback ?? first;
}

/** The units of the text that stay, as text, so that two can be compared. */
function placesOf(text: string, vocabulary: Vocabulary): string {
  const kept = vocabulary.pieces(text).map(([from, to]) => `${from}-${to}`);
  const exponent = NUMBER.exec(text)?.[2];
  if (exponent !== undefined) kept.push(`${text.length - exponent.length}-${text.length}`);
  return [...new Set(kept)].sort().join(" ");
}

const NUMBER = /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

function isNumber(text: string): boolean {
  return NUMBER.test(text);
}

function shapeOf(text: string, kept: string): Shape {
  const characters = [...text];
  const ranges = kept === "" ? [] : kept.split(" ").map((range) => range.split("-").map(Number));
  const { first, last, zero } = edgesOf(text);
  let unit = 0;
  const alphabets = characters.map((character) => {
    const at = unit;
    unit += character.length;
    if (ranges.some(([from, to]) => at >= from! && at < to!)) return undefined;
    if (at === zero) return undefined;
    if (at === first || at === last) return NOT_ZERO;
    return alphabetOf(character);
  });
  return { characters, alphabets };
}

interface Edges {
  readonly first: number;
  readonly last: number;
  readonly zero: number;
}

/** Texts of other edges are moved among themselves: `012` is no number, and must not become one. */
function sameEdges(text: string, { first, last, zero }: Edges): boolean {
  const edges = edgesOf(text);
  return edges.first === first && edges.last === last && edges.zero === zero;
}

/**
 * Where a zero would change the length of a number: in front of it, and at the end of its decimals. A
 * zero that is the whole part stays: it is the magnitude. Units, -1 for none.
 */
function edgesOf(text: string): Edges {
  const number = /^(-?)([0-9]+)(\.[0-9]*[1-9](?=$|[eE]))?/.exec(text);
  if (number === null || !isNumber(text)) return { first: -1, last: -1, zero: -1 };
  const [all, sign, whole, decimals] = number;
  const lead = sign!.length;
  return {
    first: whole!.startsWith("0") ? -1 : lead,
    last: decimals === undefined ? -1 : all.length - 1,
    zero: whole === "0" ? lead : -1,
  };
}

function replaceArgs(
  args: ReceivedObject,
  text: (raw: string) => string,
  vocabulary: Vocabulary,
): Replaced {
  const paths = new Set<string>();
  let keys = 0;
  const walk = (value: Received, path: string): Received => {
    if (typeof value === "string") return noted(value, text(value), path);
    if (typeof value === "number") return noted(value, Number(text(String(value))), path);
    if (value instanceof InexactNumber) {
      paths.add(path);
      return new InexactNumber(text(value.text));
    }
    if (Array.isArray(value)) return value.map((item) => walk(item as Received, `${path}[*]`));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value as ReceivedObject).map(([name, member]) => {
        const stays = vocabulary.hasKey(name) || vocabulary.has(name);
        const written = stays ? name : text(name);
        const at = path + formatPath({ root: "args", steps: [written] }).slice("args".length);
        if (written !== name) {
          keys++;
          paths.add(at);
        }
        return [written, walk(member, at)];
      }),
    );
  };
  const noted = <T>(before: T, after: T, path: string): T => {
    if (after !== before) paths.add(path);
    return after;
  };
  const replaced = walk(args, "args") as ReceivedObject;
  return { args: replaced, paths: shortened(paths), keys };
}

/** A path stands for everything below it, so many paths can be told by few. */
function shortened(paths: ReadonlySet<string>): readonly string[] {
  // A key may be as long as a line; what holds it is told instead.
  let all = [...new Set([...paths].map((path) => (path.length > MAX_PATH ? "args" : path)))].sort();
  while (all.length > MAX_PATHS) {
    const parents = all.map((path) =>
      path.replace(/(\.[^.[\]"]+|\["(?:[^"\\]|\\.)*"\]|\[\*\])$/, ""),
    );
    const shorter = [...new Set(parents)].sort();
    if (shorter.length === all.length && shorter.every((path, i) => path === all[i])) break;
    all = shorter;
  }
  return all;
}
