/**
 * Regular expressions, in RE2 syntax and in time linear in the text.
 *
 * JavaScript's own RegExp is not used on anything that a policy or a server supplies: it takes
 * exponential time on `(a+)+$`, and refuses `(?i)`, with which people write.
 */
import { RE2JS } from "re2js";

export interface Regex {
  /** A match anywhere. */
  search(text: string): boolean;
  /** A match of the whole text. */
  matches(text: string): boolean;
}

/** A pattern longer than this is data, not an expression. */
export const MAX_PATTERN_LENGTH = 4096;

/**
 * Instructions of one compiled expression. Time is linear in the text, but times this: `.{1000}`,
 * written five hundred times, takes seconds on one page.
 */
export const MAX_PROGRAM = 5000;

export type RegexResult =
  | { readonly regex: Regex }
  | { readonly problem: string; readonly help: string };

export function compileRegex(pattern: string): RegexResult {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    return {
      problem: `the expression is longer than ${MAX_PATTERN_LENGTH} characters`,
      help: "use `in` with a list",
    };
  }
  const tooManyStates = {
    problem: `the expression needs more than ${MAX_PROGRAM} states`,
    help: "repeat less: a length is better said with `length_lte`",
  };
  // Before compiling too, which takes seconds on `x{0,1000}` written five hundred times.
  if (repetitions(pattern) > MAX_PROGRAM) return tooManyStates;
  let compiled: RE2JS;
  try {
    // No flags: they would change the meaning that the pattern's own text has.
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    return { problem: problemOf(pattern, error), help: helpFor(pattern) };
  }
  if (compiled.programSize() > MAX_PROGRAM) return tooManyStates;
  return {
    regex: {
      search: (text) => compiled.test(text),
      matches: (text) => compiled.testExact(text),
    },
  };
}

/** The sum of the counts in braces, each of which copies what it repeats that often. */
function repetitions(pattern: string): number {
  let sum = 0;
  for (const [, least, most] of pattern.matchAll(/\{([0-9]{1,4})(?:,([0-9]{0,4}))?\}/g)) {
    sum += Math.max(Number(least), Number(most ?? 0));
  }
  return sum;
}

/**
 * A pattern that `compileRegex` has accepted, compiled when it first meets a text: a repository has
 * thousands of them, and one call meets a few.
 */
export function acceptedRegex(pattern: string): Regex {
  let compiled: RE2JS | undefined;
  const regex = (): RE2JS => {
    compiled ??= RE2JS.compile(pattern);
    return compiled;
  };
  return {
    search: (text) => regex().test(text),
    matches: (text) => regex().testExact(text),
  };
}

function problemOf(pattern: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const said = message
    .replace(/^error parsing regexp: /, "")
    .split(/[:`\n]/)[0]!
    .trim();
  return `not an RE2 expression: ${said === "" || said.length > 80 ? "syntax error" : said}${pattern === "" ? " (empty)" : ""}`;
}

function helpFor(pattern: string): string {
  if (/\(\?<?[=!]/.test(pattern)) {
    return "RE2 has no look-around: a second condition, with `not: true` where it forbids, says the same";
  }
  if (/\\[1-9]/.test(pattern)) return "RE2 has no back-references";
  return "see the syntax of RE2; a literal text is better said with `contains` or `eq`";
}
