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
