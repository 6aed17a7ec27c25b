import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRegex } from "../../engine/regex/regex.ts";
import { shapeOf } from "../../engine/starter/shape.ts";

describe("the shape of recorded texts", () => {
  test.each<[string, string[], string, string]>([
    ["dates", ["1980-01-31", "2026-11-24"], "[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date"],
    [
      "dates to compare with",
      ["ge2026-01-01", "2026-11-24"],
      "(eq|ne|gt|lt|ge|le|sa|eb|ap)?[0-9]{4}-[0-9]{2}-[0-9]{2}",
      "a date to compare with",
    ],
    ["one letter case", ["abc", "defgh"], "[a-z]{3,5}", "3 to 5 characters: small letters"],
    ["ids", ["p-1", "p-22"], "[a-z0-9\\-]{3,4}", "3 to 4 characters: small letters, digits, signs"],
    [
      "references",
      ["Patient/p1", "Patient/q22"],
      "Patient/[a-z0-9]{2,3}",
      "a reference to a Patient",
    ],
    // Of two types the type is no common beginning; the shape is of the whole text.
    [
      "references of two types",
      ["Patient/p1", "Group/g1"],
      "[A-Za-z0-9/]{8,10}",
      "8 to 10 characters: capitals, small letters, digits, signs",
    ],
    [
      "signs with a meaning in brackets",
      ["a]b", "c^\\"],
      "[a-z\\\\\\]\\^]{3}",
      "3 characters: small letters, signs",
    ],
    ["letters beyond ASCII", ["Zoë", "Ann"], "(?s).{3}", "a text of 3 characters"],
    [
      "long texts, whose length is counted apart",
      ["a".repeat(70), "b".repeat(2000)],
      "[a-z]*",
      "70 to 2000 characters: small letters",
    ],
    ["nothing", [""], "", "an empty text"],
    ["nothing and something", ["", "ab"], "[a-z]{0,2}", "0 to 2 characters: small letters"],
  ])("%s", (_, texts, pattern, words) => {
    expect(shapeOf(new Set(texts))).toMatchObject({ pattern, words });
  });

  test("is told of more texts than a call takes arguments", () => {
    const texts = new Set(Array.from({ length: 200_000 }, (_, i) => `p${i}`));
    expect(shapeOf(texts).pattern).toBe("[a-z0-9]{2,7}");
  });

  test("fits every text that it was made of, and holds no part of one", () => {
    const text = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.stringMatching(/^[A-Z][a-z]{2,9} [A-Z][a-z]{2,9}$/),
      fc.stringMatching(/^Patient\/[a-z0-9]{3,9}$/),
    );
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 1, maxLength: 6 }), (texts) => {
        fc.pre(texts.every((one) => one.isWellFormed()));
        const { pattern } = shapeOf(new Set(texts));
        const compiled = compileRegex(pattern);
        if (!("regex" in compiled)) throw new Error("the pattern is none");
        for (const one of texts) expect(compiled.regex.matches(one)).toBe(true);
        for (const word of texts.flatMap((one) => one.match(/[A-Za-z]{4,}/g) ?? [])) {
          if (word !== "Patient") expect(pattern).not.toContain(word);
        }
      }),
    );
  });
});
