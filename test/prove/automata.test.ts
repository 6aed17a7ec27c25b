import { readFileSync } from "node:fs";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import {
  accepts,
  regexAdvice,
  regexAutomaton,
  regexStates,
  wordsAutomaton,
} from "../../engine/regex/automata.ts";
import { Random } from "./random.ts";

interface PeerCase {
  readonly regex: string;
  readonly text: string;
  readonly full: unknown;
  readonly partial: unknown;
}

const PATTERNS = [
  "drop",
  "(?i)drop\\s",
  "(?i)\\bdrop\\b",
  "^[a-z]+$",
  "^a*$",
  "(?m)^drop$",
  "(?m)^\\s*$",
  "\\Aab?c\\z",
  "a.c",
  "(?s)a.c",
  "(?i)kelvin|straSSe",
  "(?i)[k-s]{2}",
  "\\Bx\\B",
  "\\b",
  "\\B",
  "^\\b|\\b$",
  "(?:^|\\n)x",
  "$^",
  "^$",
  "(?m)$^",
  "(?m)^$",
  "x$|^y",
  "[^\\n]*",
  "(a|ab)(c|bcd)",
  "(a*)*b",
  "(?U)a+?b",
  "\\pL\\d",
  "\\p{Greek}+",
  "[^\\x00-\\x7F]",
  "😀+.",
  "\\d{3}-\\d{2}-\\d{4}",
  "^\\d{6}$",
  "^\\d{6,8}$",
  "(?i)^(select|with)\\s",
  "\\.\\.",
  "^/ehr/[^/]+$",
  "(?:)",
  "[[:alpha:]_]+\\w",
  "\\QA.b\\E",
  "(?i:ſ)x|\\x{212A}",
  "a{2,4}b{0,2}",
  "(^a|b$|c\\b)+",
] as const;

const ALPHABETS = [
  "ab",
  "abc\n",
  "dropDROP \t\n",
  "kKsS\u212a\u017fxX",
  "xy\n ",
  "a_1-. /",
  "0123456789-",
  "αΩaé😀\u{10ffff}\u0000\u007f\u0080",
  "selctwih SELCTWIH\n\v\u00a0",
  "/ehr.A b",
] as const;

function text(random: Random, alphabet: readonly string[]): string {
  let result = "";
  for (let length = random.below(10); length > 0; length--) result += random.pick(alphabet);
  return result;
}

describe("an automaton says what the engine says", () => {
  test("on random strings", () => {
    const random = new Random(1);
    let compared = 0;
    for (const pattern of PATTERNS) {
      const engine = RE2JS.compile(pattern);
      const search = regexAutomaton(pattern, false);
      const whole = regexAutomaton(pattern, true);
      for (const alphabet of ALPHABETS) {
        const letters = [...alphabet];
        for (let i = 0; i < 150; i++) {
          const word = text(random, letters);
          const expected = [engine.test(word), engine.testExact(word)];
          const got = [accepts(search, word), accepts(whole, word)];
          if (got[0] !== expected[0] || got[1] !== expected[1]) {
            expect.fail(`${pattern} on ${JSON.stringify(word)}: ${got}, engine ${expected}`);
          }
          compared += 2;
        }
      }
    }
    expect(compared).toBeGreaterThan(100_000);
  });

  test("on every case of the RE2 suite", () => {
    const file = new URL("../fixtures/peer-suites/re2-search.dev.json", import.meta.url);
    const cases = JSON.parse(readFileSync(file, "utf8")) as PeerCase[];
    const wrong = cases.filter(
      ({ regex, text, full, partial }) =>
        accepts(regexAutomaton(regex, true), text) !== (full !== null) ||
        accepts(regexAutomaton(regex, false), text) !== (partial !== null),
    );
    expect(cases.length).toBeGreaterThan(800);
    expect(wrong).toEqual([]);
  });
});

test("a finite set of words", () => {
  const automaton = wordsAutomaton(["", "ab", "abc", "😀"]);
  const tried = ["", "a", "ab", "abc", "abcd", "😀", "😀a", "b"];
  expect(tried.filter((word) => accepts(automaton, word))).toEqual(["", "ab", "abc", "😀"]);
  expect(accepts(wordsAutomaton([]), "")).toBe(false);
});

describe("the size of a regular expression", () => {
  test.each([
    ["(?i)drop\\s", 7],
    ["^[a-z]{1,100}$", 103],
    ["\\pL+", 3],
  ])("%s has at most %i states", (pattern, most) => {
    expect(regexStates(pattern, false)).toBeLessThanOrEqual(most);
  });

  test.each(["(a|b)*a(a|b){14}", "x.{0,200}y", "a.{20}b"])("%s has too many", (pattern) => {
    expect(regexStates(pattern, false)).toBe("too many");
  });

  test("the advice names the counted gap", () => {
    expect(regexAdvice("x.{0,200}y")).toContain("`.{0,200}` is a counted gap");
    expect(regexAdvice("(a|b)*a(a|b){14}")).toContain("split the expression");
  });
});
