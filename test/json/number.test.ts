/** `isExact` against exact rational arithmetic. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EXACT_DIGITS, exactNumber, isExact } from "../../engine/json/number.ts";

/** A decimal's exact value as numerator / 10^scale. */
function rational(text: string): { numerator: bigint; scale: bigint } {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const negative = mantissa.startsWith("-");
  const [whole = "", fraction = ""] = mantissa.replace(/^[+-]/, "").split(".");
  const digits = BigInt(`${whole}${fraction}` || "0");
  const scale = BigInt(fraction.length) - BigInt(exponent);
  const numerator = negative ? -digits : digits;
  return scale >= 0n ? { numerator, scale } : { numerator: numerator * 10n ** -scale, scale: 0n };
}

function sameValue(a: string, b: string): boolean {
  const [x, y] = [rational(a), rational(b)];
  return x.numerator * 10n ** y.scale === y.numerator * 10n ** x.scale;
}

/** What the language says: the text has the value of the shortest decimal of its double. */
function oracle(text: string): boolean {
  const read = Number(text);
  return Number.isFinite(read) && sameValue(text, String(read));
}

const digits = (max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: max });
const decimal = fc
  .tuple(
    fc.constantFrom("", "-", "+"),
    fc.oneof(digits(3), digits(22)),
    fc.option(fc.oneof(digits(3), digits(25)), { nil: undefined }),
    fc.option(fc.integer({ min: -350, max: 320 }), { nil: undefined }),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${exponent === undefined ? "" : `e${exponent}`}`,
  );
/** A double in one of its many spellings. */
const spelled = fc
  .tuple(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(
      (x: number) => String(x),
      (x: number) => x.toExponential(),
      (x: number) => x.toExponential(20),
      (x: number) => x.toPrecision(17),
      (x: number) => x.toPrecision(18),
      (x: number) => x.toFixed(3),
      (x: number) => `${x.toExponential()}`.replace("e+", "e").replace("e", "E"),
    ),
  )
  .map(([x, spell]) => spell(x));
const integer = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String);

test("a number is exact when its text has the value of its double's shortest decimal", () => {
  const seen = { exact: 0, inexact: 0 };
  fc.assert(
    fc.property(fc.oneof(decimal, spelled, integer), (text) => {
      const expected = oracle(text);
      seen[expected ? "exact" : "inexact"]++;
      expect(isExact(text, Number(text))).toBe(expected);
    }),
    { numRuns: 20_000 },
  );
  expect(Math.min(seen.exact, seen.inexact)).toBeGreaterThan(2000);
});

describe("by hand", () => {
  test.each([
    ["0", true],
    ["-0", true],
    ["0.0e5", true],
    ["0e999999999999", true],
    ["1.0", true],
    ["1.10", true],
    ["100e-2", true],
    ["1e22", true],
    ["1e23", true],
    // 1e23 in full is not the double that 1e23 reads as, but it is its shortest decimal.
    ["100000000000000000000000", true],
    ["99999999999999991611392", false],
    ["9007199254740992", true],
    ["9007199254740993", false],
    ["9007199254740993.0", false],
    ["9007199254740994", true],
    ["0.1", true],
    ["0.10000000000000001", false],
    ["0.1000000000000000055511151231257827", false],
    ["5e-324", true],
    ["4e-324", false],
    ["2e-324", false],
    ["1e-400", false],
    ["1.7976931348623157e308", true],
    ["1.7976931348623158e308", false],
    ["1e309", false],
    ["-1e309", false],
    ["1e-99999999999999999999", false],
  ])("%s is exact: %s", (text, expected) => {
    expect(isExact(text, Number(text))).toBe(expected);
  });

  test("a text that is no decimal, or another double's, is not exact", () => {
    expect(isExact("0x10", 16)).toBe(false);
    expect(isExact("one", 1)).toBe(false);
    expect(isExact("1", 2)).toBe(false);
    expect(isExact("1", -1)).toBe(false);
    expect(isExact("1", 10)).toBe(false);
    expect(isExact("1", Number.NaN)).toBe(false);
  });
});

test(`${EXACT_DIGITS} digits without an exponent are exact, and are the quotient of two integers`, () => {
  const places = fc.nat(EXACT_DIGITS - 1);
  fc.assert(
    fc.property(digits(EXACT_DIGITS), places, fc.boolean(), (all, wanted, negative) => {
      const decimals = Math.min(wanted, all.length - 1);
      const whole = all.slice(0, all.length - decimals);
      const text = `${negative ? "-" : ""}${whole}${decimals === 0 ? "" : `.${all.slice(-decimals)}`}`;
      expect(oracle(text)).toBe(true);
      // toBe is Object.is, which tells -0 from 0.
      expect(exactNumber(negative ? -Number(all) : Number(all), decimals)).toBe(Number(text));
    }),
    { numRuns: 10_000 },
  );
});

test("time grows with the length of the text, not with its square", () => {
  const zeros = (n: number): (() => void) => {
    const text = `0.1${"0".repeat(n)}1`;
    return () => isExact(text, 0.1);
  };
  const measure = (run: () => void): number => {
    const from = performance.now();
    for (let i = 0; i < 5; i++) run();
    return performance.now() - from;
  };
  measure(zeros(20_000));
  // A square would take 400 times as long; at a hundred thousand zeros, minutes.
  expect(measure(zeros(400_000))).toBeLessThan(100 * Math.max(1, measure(zeros(20_000))));
});
