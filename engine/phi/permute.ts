/**
 * A keyed permutation of all texts of one shape, without a fixed point and with a single cycle:
 *
 *     next(x) = E⁻¹(E(x) + 1)
 *
 * E is a Feistel network over the digits of x, each in the number system of its own alphabet; + 1 is
 * counting on, with carry. E is a bijection whatever its round function is, so two texts never become
 * one; + 1 moves every text, and takes as many steps as there are texts to come back.
 */
import { drawn } from "./key.ts";

/** A text as digits: where an alphabet is undefined the character stays. */
export interface Shape {
  readonly characters: readonly string[];
  readonly alphabets: readonly (readonly string[] | undefined)[];
}

/** NIST SP 800-38G r1 takes ten rounds for networks over small domains. */
const ROUNDS = 10;

/** The next text of the same shape; undefined where nothing in it can be another. */
export function next(key: Uint8Array, { characters, alphabets }: Shape): string | undefined {
  const places = alphabets.flatMap((alphabet, at) => (alphabet === undefined ? [] : [at]));
  if (places.length === 0) return undefined;
  const radices = places.map((at) => alphabets[at]!.length);
  const digits = places.map((at) => alphabets[at]!.indexOf(characters[at]!));
  const tweak = tweakOf(characters, alphabets);
  const moved =
    digits.length === 1
      ? nextOfOne(key, tweak, digits[0]!, radices[0]!)
      : decipher(key, tweak, increment(encipher(key, tweak, digits, radices), radices), radices);
  const result = [...characters];
  for (const [i, at] of places.entries()) result[at] = alphabets[at]![moved[i]!]!;
  return result.join("");
}

/** What stays of a text: texts of different shapes are permuted independently. */
function tweakOf(
  characters: readonly string[],
  alphabets: readonly (readonly string[] | undefined)[],
): string {
  return alphabets
    .map((alphabet, at) =>
      alphabet === undefined ? `=${characters[at]}` : `${alphabet[0]}${alphabet.length}`,
    )
    .join("\0");
}

/** One digit: a shuffled circle. */
function nextOfOne(key: Uint8Array, tweak: string, digit: number, radix: number): [number] {
  const order = Array.from({ length: radix }, (_, value) => value);
  const ranks = order.map((value) => drawn(key, "one", `${tweak}\n${value}`, 16).toString("hex"));
  order.sort((a, b) => (ranks[a]! < ranks[b]! ? -1 : 1));
  return [order[(order.indexOf(digit) + 1) % radix]!];
}

function encipher(
  key: Uint8Array,
  tweak: string,
  digits: readonly number[],
  radices: readonly number[],
): number[] {
  const state = [...digits];
  for (let round = 0; round < ROUNDS; round++) turn(key, tweak, state, radices, round, 1);
  return state;
}

function decipher(
  key: Uint8Array,
  tweak: string,
  digits: readonly number[],
  radices: readonly number[],
): number[] {
  const state = [...digits];
  for (let round = ROUNDS - 1; round >= 0; round--) turn(key, tweak, state, radices, round, -1);
  return state;
}

/** One round: a half is moved by what the other half says. */
function turn(
  key: Uint8Array,
  tweak: string,
  state: number[],
  radices: readonly number[],
  round: number,
  sign: 1 | -1,
): void {
  const half = state.length >> 1;
  const [from, to] = round % 2 === 0 ? [0, half] : [half, state.length];
  const other = round % 2 === 0 ? state.slice(half) : state.slice(0, half);
  const bytes = drawn(key, `round ${round}`, `${tweak}\n${other.join(",")}`, 4 * (to - from));
  for (let i = from; i < to; i++) {
    const radix = radices[i]!;
    const shift = bytes.readUInt32BE(4 * (i - from)) % radix;
    state[i] = (state[i]! + sign * shift + radix) % radix;
  }
}

function increment(digits: readonly number[], radices: readonly number[]): number[] {
  const result = [...digits];
  for (let i = result.length - 1; i >= 0; i--) {
    result[i] = (result[i]! + 1) % radices[i]!;
    if (result[i] !== 0) break;
  }
  return result;
}
