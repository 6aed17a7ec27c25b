/**
 * Whether a number's text means exactly the double that JavaScript reads from it.
 *
 * A judge that rounds while the upstream does not would see another call than the one that is
 * executed: `9007199254740993` reads as …992. The language therefore calls a condition on a number
 * undetermined whose text differs in mathematical value from the shortest decimal of its double.
 */

interface Decimal {
  readonly negative: boolean;
  /** Without leading or trailing zeros; empty for zero. */
  readonly digits: string;
  /** The value is 0.digits × 10^exponent. */
  readonly exponent: bigint;
}

const DECIMAL = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/;

function decimal(text: string): Decimal | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const all = whole + fraction;
  const first = all.search(/[1-9]/);
  if (first === -1) return { negative: false, digits: "", exponent: 0n };
  // By hand: /0+$/ takes quadratic time on a megabyte of zeros that does not end the number.
  let end = all.length;
  while (all[end - 1] === "0") end--;
  return {
    negative: sign === "-",
    digits: all.slice(first, end),
    exponent: BigInt(exponent) + BigInt(whole.length - first),
  };
}

/** `text` is a decimal number; `value` is the double read from it. */
export function isExact(text: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (String(value) === text) return true;
  const written = decimal(text);
  const read = decimal(String(value));
  return (
    written !== undefined &&
    read !== undefined &&
    written.digits === read.digits &&
    (written.digits === "" ||
      (written.negative === read.negative && written.exponent === read.exponent))
  );
}

/**
 * A decimal of so many digits in all (zeros counted), without an exponent, is exact: no two decimals
 * of 15 digits lie as near to each other as two doubles do (10^15 < 2^52, and 15 digits without an
 * exponent are neither too large nor too small), so at most one of them reads as a given double. The
 * double's shortest decimal has no more digits than the text, so it is the text's value.
 */
export const EXACT_DIGITS = 15;

const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i);

/**
 * The double of a decimal of at most 15 digits: `digits` is all of them as one integer, the last
 * `decimals` of them stand behind the point. Both it and the power of ten are doubles (below 2^53), and
 * IEEE 754 rounds their quotient as it rounds the text. Zero keeps its sign.
 */
export function exactNumber(digits: number, decimals: number): number {
  return decimals === 0 ? digits : digits / POWERS[decimals]!;
}
