/** For one character, the characters that may stand in its place: of the same kind and neighbourhood. */

/** Neighbours in Unicode, so that a Greek letter becomes a Greek letter. */
const PAGE = 0x100;

const KINDS = [/\p{Lu}/u, /\p{Ll}/u, /\p{L}/u, /\p{M}/u, /\p{N}/u, /\p{S}/u, /./su] as const;
/** What separates, joins and compares: the structure of a text, which stays. */
const STRUCTURE = /[\p{P}\p{Z}\p{Sm}\p{Cc}\p{Cf}\p{Cs}]/u;

const DIGITS = [..."0123456789"];
/** Where a number begins or ends, a zero would be lost. */
export const NOT_ZERO: readonly string[] = DIGITS.slice(1);
const UPPER = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const LOWER = [..."abcdefghijklmnopqrstuvwxyz"];

const pages = new Map<string, readonly string[]>();

/** Undefined for a character that is part of the structure. */
export function alphabetOf(character: string): readonly string[] | undefined {
  if (character >= "0" && character <= "9") return DIGITS;
  if (character >= "a" && character <= "z") return LOWER;
  if (character >= "A" && character <= "Z") return UPPER;
  const code = character.codePointAt(0)!;
  if (code < 0x80 || STRUCTURE.test(character)) return undefined;
  const kind = KINDS.findIndex((pattern) => pattern.test(character));
  const page = Math.floor(code / PAGE);
  const name = `${page} ${kind}`;
  const known = pages.get(name) ?? pageOf(page, kind);
  pages.set(name, known);
  return known.length > 1 ? known : undefined;
}

function pageOf(page: number, kind: number): readonly string[] {
  const members: string[] = [];
  for (let code = Math.max(0x80, page * PAGE); code < (page + 1) * PAGE; code++) {
    const character = String.fromCodePoint(code);
    if (STRUCTURE.test(character)) continue;
    if (KINDS.findIndex((pattern) => pattern.test(character)) === kind) members.push(character);
  }
  return members;
}
