/** Regular expressions: RE2's own cases, what RE2 refuses, and time that grows with the text. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compileRegex,
  MAX_PATTERN_LENGTH,
  MAX_PROGRAM,
  type Regex,
} from "../../engine/regex/regex.ts";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/peer-suites/${name}`, import.meta.url), "utf8"));

interface SearchCase {
  readonly regex: string;
  readonly text: string;
  readonly full: unknown;
  readonly partial: unknown;
}
const SEARCHES = read("re2-search.dev.json") as SearchCase[];
const INVALID = read("re2-invalid.json") as Record<
  "mustReject" | "notInRE2ButValidJS" | "acceptedOnlyInPerlMode" | "validRE2ThrowInNodeRegExp",
  string[]
>;

function compiled(pattern: string): Regex {
  const result = compileRegex(pattern);
  if (!("regex" in result)) throw new Error(`${pattern}: ${result.problem}`);
  return result.regex;
}

describe("RE2's search cases", () => {
  test(`all ${SEARCHES.length} are found, or not found, as RE2 does`, () => {
    const wrong: unknown[] = [];
    const seen = { found: 0, whole: 0 };
    for (const { regex, text, full, partial } of SEARCHES) {
      const { search, matches } = compiled(regex);
      if (search(text) !== (partial !== null)) wrong.push(["search", regex, text]);
      if (matches(text) !== (full !== null)) wrong.push(["matches", regex, text]);
      if (partial !== null) seen.found++;
      if (full !== null) seen.whole++;
    }
    expect(wrong).toEqual([]);
    expect(SEARCHES.length).toBe(864);
    expect(seen.found).toBeGreaterThan(200);
    expect(seen.whole).toBeGreaterThan(100);
  });
});

describe("expressions that RE2 refuses", () => {
  test.each([...INVALID.mustReject, ...INVALID.notInRE2ButValidJS])("%s", (pattern) => {
    const result = compileRegex(pattern);
    if (!("problem" in result)) throw new Error("it was accepted");
    expect(result.problem).toMatch(/^not an RE2 expression: [a-z]/);
    expect(result.help).not.toBe("");
  });

  test.each(INVALID.notInRE2ButValidJS)("%s is explained", (pattern) => {
    const result = compileRegex(pattern);
    expect("help" in result && result.help).toMatch(/^RE2 has no (look-around|back-references)/);
  });
});

describe("expressions that only RE2 knows, or its Perl mode", () => {
  test.each([...INVALID.validRE2ThrowInNodeRegExp, ...INVALID.acceptedOnlyInPerlMode])(
    "%s",
    (pattern) => {
      expect(compileRegex(pattern)).toHaveProperty("regex");
    },
  );
});

describe("by hand", () => {
  test.each<[string, string, boolean, boolean]>([
    // pattern, text, search, matches
    ["b", "abc", true, false],
    ["abc", "abc", true, true],
    ["", "", true, true],
    ["", "a", true, false],
    ["a|ab", "ab", true, true],
    ["^a$", "a\n", false, false],
    ["a$", "a\n", false, false],
    ["(?m)^b$", "a\nb\nc", true, false],
    [".", "\n", false, false],
    ["(?s).", "\n", true, true],
    // One code point, though two UTF-16 units.
    [".", "😀", true, true],
    ["^.{2}$", "😀", false, false],
    ["[😀-😂]", "😁", true, true],
    ["\\x{1F600}", "😀", true, true],
    ["é", "e\u0301", false, false],
    ["(?i)drop\\s+table", "x; DROP  TABLE y", true, false],
    ["(?i)k", "\u212A", true, true],
    ["(?i)ß", "SS", false, false],
    ["\\d", "٣", false, false],
    ["\\pN", "٣", true, true],
    ["\\w", "é", false, false],
    ["\\bb\\b", "a b c", true, false],
    ["[[:alpha:]]+", "abc", true, true],
    ["p-[0-9]{1,3}", "p-1234", true, false],
    ["a.c", "a\u2028c", true, true],
    ["\\Qa.b\\E", "axb", false, false],
    ["a\\z", "a", true, true],
    ["x*", "y", true, false],
  ])("%j on %j", (pattern, text, search, matches) => {
    const regex = compiled(pattern);
    expect([regex.search(text), regex.matches(text)]).toEqual([search, matches]);
  });
});

test("a literal is found exactly where it is contained, and matched only by itself", () => {
  const chars = fc.string({
    unit: fc.constantFrom("a", "b", ".", "*", "(", "\\", "😀", "\n"),
    maxLength: 5,
  });
  fc.assert(
    fc.property(chars, chars, (needle, text) => {
      // As code points: half of a pair is none.
      const quoted = [...needle]
        .map((c) => (/[a-zA-Z0-9\n]|\p{Extended_Pictographic}/u.test(c) ? c : `\\${c}`))
        .join("");
      const regex = compiled(quoted);
      expect(regex.search(text)).toBe(text.includes(needle));
      expect(regex.matches(text)).toBe(text === needle);
    }),
  );
});

test("a whole match is also found by a search", () => {
  const pattern = fc.constantFrom(
    "a+b*",
    "(a|b)*",
    "(?:ab|a)(?:c|bc)",
    "^a",
    "b$",
    "a?",
    "[^a]",
    "(a*)*b",
  );
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 }),
      (p, text) => {
        const regex = compiled(p);
        if (regex.matches(text)) expect(regex.search(text)).toBe(true);
        // JavaScript agrees on this small common language.
        expect(regex.search(text)).toBe(new RegExp(p).test(text));
        expect(regex.matches(text)).toBe(new RegExp(`^(?:${p})$`).test(text));
      },
    ),
  );
});

describe("bounds", () => {
  test("a pattern of the longest length is taken, one character more is not", () => {
    expect(compileRegex("a".repeat(MAX_PATTERN_LENGTH))).toHaveProperty("regex");
    expect(compileRegex("a".repeat(MAX_PATTERN_LENGTH + 1))).toHaveProperty("problem");
  });

  test.each([
    ["repetitions beside each other", "x{1000}".repeat(6)],
    ["an open repetition", "x{1000,}".repeat(6)],
    ["optional repetitions", "x{0,1000}".repeat(450)],
    ["a repeated alternative", `(?:${"a?".repeat(20)}){1000}`],
    ["classes", "\\pL{1000}".repeat(400)],
  ])(`%s need more than ${MAX_PROGRAM} states`, { timeout: 2000 }, (_, pattern) => {
    const result = compileRegex(pattern);
    expect("problem" in result && result.problem).toBe(
      `the expression needs more than ${MAX_PROGRAM} states`,
    );
  });

  test.each(["x{1000}", "(?:ab?){200}", "\\{9999\\}", "[0-9]{1,100}"])("%s does not", (pattern) => {
    expect(compileRegex(pattern)).toHaveProperty("regex");
  });

  test.each([
    `${"(".repeat(1500)}a${")".repeat(1500)}`,
    "(?:".repeat(1000),
    "[".repeat(4000),
    "\\Q".repeat(2000),
  ])("deep nesting ends in an answer (%#)", (pattern) => {
    const result = compileRegex(pattern);
    expect("regex" in result || result.problem !== "").toBe(true);
  });

  test("no text makes it throw", () => {
    const piece = fc.constantFrom(
      ..."()[]{}|*+?.^$\\-,:<>=!PpQEbdsw019ax",
      "(?i)",
      "(?P<n>",
      "\\p{L}",
      "{1,2}",
      "😀",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((p) => p.join("")),
        fc.string(),
        (p, text) => {
          const result = compileRegex(p);
          if ("regex" in result) {
            expect(typeof result.regex.search(text)).toBe("boolean");
            expect(typeof result.regex.matches(text)).toBe("boolean");
          } else expect(result.problem).toMatch(/^(not an RE2 expression|the expression)/);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("time grows with the text, not with its powers", () => {
  const EVIL = [
    "(a+)+$",
    "^(a|a)*$",
    "(a|aa)+$",
    "(.*a){12}$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
  ];
  const took = (run: () => void): number => {
    const from = performance.now();
    run();
    return performance.now() - from;
  };

  test.each(EVIL)("%s", { timeout: 10_000 }, (pattern) => {
    const regex = compiled(pattern);
    const text = (n: number): string =>
      `${pattern.startsWith("(x") ? "x".repeat(n) : "a".repeat(n)}!`;
    expect(regex.search(text(10))).toBe(false);
    const small = took(() => regex.search(text(2000)));
    // Fifty times the text. Time by its square would be 2500 times as long; JavaScript's own
    // expressions would not end at thirty characters.
    const large = took(() => regex.search(text(100_000)));
    expect(large).toBeLessThan(1000 * Math.max(small, 1));
    expect(regex.search(text(100_000))).toBe(false);
  });
});
