/**
 * The compiled program of a regular expression, read from the engine that will run it.
 *
 * There is no second parser of regular expressions in this project, and so no second opinion about
 * what `(?i)k` or `\s` means: the prover reads the instructions that RE2JS executes. They are not
 * public API, therefore the package is pinned exactly and the tests compare the automata with the
 * engine on random strings.
 */
import { RE2JS } from "re2js";

/** One instruction. `arg` is the second way out of an alternative, or the flags of an assertion. */
export interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  /** Pairs of lowest and highest code point, or one code point. */
  readonly runes: ArrayLike<number>;
  matchRune(codePoint: number): boolean;
}

export interface Program {
  readonly start: number;
  readonly inst: readonly Instruction[];
}

export const OP = {
  ALT: 1,
  ALT_MATCH: 2,
  CAPTURE: 3,
  EMPTY_WIDTH: 4,
  FAIL: 5,
  MATCH: 6,
  NOP: 7,
  RUNE: 8,
  RUNE1: 9,
  RUNE_ANY: 10,
  RUNE_ANY_NOT_NL: 11,
} as const;

/** Assertions about the place between two characters. */
export const ASSERT = {
  BEGIN_LINE: 1,
  END_LINE: 2,
  BEGIN_TEXT: 4,
  END_TEXT: 8,
  WORD_BOUNDARY: 16,
  NO_WORD_BOUNDARY: 32,
} as const;

const KNOWN: ReadonlySet<number> = new Set(Object.values(OP));

/** The program of a pattern. Throws what RE2JS throws when the pattern is not a regular expression. */
export function programOf(pattern: string): Program {
  const program = RE2JS.compile(pattern).re2().prog as Program & { readonly numLb: number };
  // Look-behind is an opt-in extension of the engine that no finite automaton of ours covers. It is
  // never switched on; this stops a future default from going unnoticed.
  if (program.numLb > 0 || program.inst.some(({ op }) => !KNOWN.has(op))) {
    throw new Error(
      "the regular expression engine produced an instruction the prover does not know",
    );
  }
  return program;
}

const orbits = new Map<number, readonly number[]>();

/**
 * The code points that equal `codePoint` when case is ignored, as the engine folds it: K, k and the
 * Kelvin sign are one. Read from the class that the engine itself expands.
 */
export function orbit(codePoint: number): readonly number[] {
  let members = orbits.get(codePoint);
  if (members === undefined) {
    const hex = codePoint.toString(16);
    // The second member keeps the engine from turning the class into a single folded character.
    const second = codePoint === 0x21 ? "x{22}" : "x{21}";
    const runes = programOf(`(?i)[\\x{${hex}}\\${second}]`).inst.flatMap(({ op, runes }) =>
      op === OP.RUNE ? [...Array.from(runes)] : [],
    );
    members = runes;
    orbits.set(codePoint, members);
  }
  return members;
}
