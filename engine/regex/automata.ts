/**
 * Deterministic automata over code points.
 *
 * A word is a sequence of Unicode scalar values: lone surrogates never reach a policy, they are
 * refused on entry. The letters of an automaton are classes of code points that it cannot tell
 * apart; class by class, not code point by code point, keeps `\pL` as cheap as `a`.
 *
 * From the program of a regular expression to its automaton. A state is (K, p):
 *
 *   K  the instructions that are waiting for the next character, closed under the moves that need
 *      no character and no assertion;
 *   p  what the assertions can ask about the character before: is this the beginning of the text,
 *      was it a newline, was it a word character.
 *
 * Reading the class c of the next character, or the end of the text, decides every assertion at
 * this place exactly, because an assertion looks at one character on each side and at nothing else.
 * So: close K under the assertions that (p, c) satisfies; if MATCH is in it a match ends here;
 * otherwise advance by c.
 *
 *   search  a match may begin anywhere, so the start is added to every K, and once a match has
 *           ended the rest of the text does not matter: the state is `full`;
 *   whole   a match counts only if it ends with the text.
 */
import { Exhausted, MAX_REGEX_STATES } from "./limits.ts";
import { ASSERT, type Instruction, OP, orbit, type Program, programOf } from "./program.ts";

export interface Automaton {
  /** First code points of the ranges, ascending, the first one 0. */
  readonly starts: readonly number[];
  /** The class of each range; -1 for the surrogates, which no word has. */
  readonly classes: readonly number[];
  readonly letters: number;
  /** `next[state * letters + letter]`; state 0 is the start. */
  readonly next: Int32Array;
  readonly accepts: Uint8Array;
  /** The state from which nothing is accepted, or -1. */
  readonly dead: number;
  /** The state from which everything is accepted, or -1. */
  readonly full: number;
}

const LAST_CODE_POINT = 0x10ffff;
const SURROGATES = [0xd800, 0xe000] as const;
const NEWLINE = 10;
/** Stands for the place before the first and after the last character. */
const NONE = -1;

/** The automaton of a regular expression, found anywhere in the text or matching all of it. */
export function regexAutomaton(pattern: string, whole: boolean): Automaton {
  const key = `${whole ? "w" : "s"}${pattern}`;
  let automaton = built.get(key);
  if (automaton === undefined) {
    automaton = simplify(subsets(programOf(pattern), whole, pattern));
    if (built.size >= MAX_CACHED) built.clear();
    built.set(key, automaton);
  }
  return automaton;
}

const MAX_CACHED = 4_096;
const built = new Map<string, Automaton>();

/**
 * How many states the automaton of a regular expression has, or "too many" for a policy. The number
 * is that of the subset construction, before anything is merged, because that is the work.
 */
export function regexStates(pattern: string, whole: boolean): number | "too many" {
  try {
    return subsets(programOf(pattern), whole, pattern).accepts.length;
  } catch (error) {
    if (error instanceof Exhausted) return "too many";
    throw error;
  }
}

/**
 * What to write instead of a regular expression that has too many states. A counted gap of a wide
 * class that may begin anywhere has to remember every place where it might have begun.
 */
export function regexAdvice(pattern: string): string {
  const gap = /(?:\.|\[\^?(?:\\.|[^\]\\])+\]|\\[DSWdsw])\{\d+(?:,\d*)?\}/.exec(pattern);
  return gap === null
    ? "split the expression into several conditions, or bound it with `^` and `$`"
    : `\`${gap[0]}\` is a counted gap: use \`x[^y]*y\` in place of \`x.{0,200}y\`, and bound the text with a length condition`;
}

/** The words that equal one of `words`. */
export function wordsAutomaton(words: Iterable<string>): Automaton {
  const characters = new Set<number>();
  const trie: Map<number, number>[] = [new Map()];
  const ends = new Set<number>();
  for (const word of words) {
    let at = 0;
    for (const character of word) {
      const codePoint = character.codePointAt(0)!;
      characters.add(codePoint);
      let to = trie[at]!.get(codePoint);
      if (to === undefined) {
        to = trie.push(new Map()) - 1;
        trie[at]!.set(codePoint, to);
      }
      at = to;
    }
    ends.add(at);
  }
  const { starts, classes, letters, sample } = classify(
    [...characters].flatMap((c) => [c, c + 1]),
    (c) => (characters.has(c) ? `${c}` : ""),
  );
  const dead = trie.length;
  const next = new Int32Array((dead + 1) * letters).fill(dead);
  for (const [state, moves] of trie.entries()) {
    for (let letter = 0; letter < letters; letter++) {
      next[state * letters + letter] = moves.get(sample[letter]!) ?? dead;
    }
  }
  const accepts = new Uint8Array(dead + 1);
  for (const end of ends) accepts[end] = 1;
  return { starts, classes, letters, next, accepts, dead, full: -1 };
}

/** The range of `starts` that a code point lies in. */
export function rangeOf(starts: readonly number[], codePoint: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= codePoint) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Whether the automaton accepts a word. */
export function accepts(automaton: Automaton, word: string): boolean {
  const { starts, classes, letters, next, full, dead } = automaton;
  let state = 0;
  for (const character of word) {
    if (state === full || state === dead) break;
    const letter = classes[rangeOf(starts, character.codePointAt(0)!)]!;
    state = next[state * letters + letter]!;
  }
  return automaton.accepts[state] === 1;
}

interface Alphabet {
  readonly starts: number[];
  readonly classes: number[];
  readonly letters: number;
  /** One code point of each class. */
  readonly sample: number[];
}

/** Cuts the code points at `bounds` and joins the ranges that have the same signature. */
function classify(bounds: readonly number[], signature: (codePoint: number) => string): Alphabet {
  const starts = [...new Set([0, ...SURROGATES, ...bounds])]
    .filter((bound) => bound <= LAST_CODE_POINT)
    .sort((a, b) => a - b);
  const sample: number[] = [];
  const known = new Map<string, number>();
  const classes = starts.map((start) => {
    if (start >= SURROGATES[0] && start < SURROGATES[1]) return -1;
    const text = signature(start);
    let letter = known.get(text);
    if (letter === undefined) {
      letter = sample.push(start) - 1;
      known.set(text, letter);
    }
    return letter;
  });
  return { starts, classes, letters: sample.length, sample };
}

function isWord(codePoint: number): boolean {
  return (
    (codePoint >= 48 && codePoint <= 57) ||
    (codePoint >= 65 && codePoint <= 90) ||
    codePoint === 95 ||
    (codePoint >= 97 && codePoint <= 122)
  );
}

/** The assertions that hold between two characters, as a mask. */
function holding(before: number, after: number): number {
  let mask = 0;
  if (before === NONE) mask |= ASSERT.BEGIN_TEXT | ASSERT.BEGIN_LINE;
  if (before === NEWLINE) mask |= ASSERT.BEGIN_LINE;
  if (after === NONE) mask |= ASSERT.END_TEXT | ASSERT.END_LINE;
  if (after === NEWLINE) mask |= ASSERT.END_LINE;
  const boundary = isWord(before) !== isWord(after);
  return mask | (boundary ? ASSERT.WORD_BOUNDARY : ASSERT.NO_WORD_BOUNDARY);
}

/** The classes of code points that neither a character test nor an assertion can tell apart. */
function alphabetOf(program: Program): Alphabet {
  const bounds: number[] = [];
  const tests = new Map<string, Instruction>();
  let asked = 0;
  for (const inst of program.inst) {
    if (inst.op === OP.EMPTY_WIDTH) asked |= inst.arg;
    if (inst.op === OP.RUNE_ANY_NOT_NL) bounds.push(NEWLINE, NEWLINE + 1);
    if (inst.op === OP.RUNE_ANY_NOT_NL || inst.op === OP.RUNE || inst.op === OP.RUNE1) {
      const { runes } = inst;
      tests.set(`${inst.op} ${inst.arg} ${Array.from(runes).join()}`, inst);
      const pairs = runes.length === 1 ? [runes[0]!, runes[0]!, ...orbit(runes[0]!)] : runes;
      for (let i = 0; i < pairs.length; i += 2) bounds.push(pairs[i]!, pairs[i + 1]! + 1);
    }
  }
  const asksLines = (asked & (ASSERT.BEGIN_LINE | ASSERT.END_LINE)) !== 0;
  const asksWords = (asked & (ASSERT.WORD_BOUNDARY | ASSERT.NO_WORD_BOUNDARY)) !== 0;
  if (asksLines) bounds.push(NEWLINE, NEWLINE + 1);
  if (asksWords) bounds.push(48, 58, 65, 91, 95, 96, 97, 123);
  const distinct = [...tests.values()];
  return classify(bounds, (c) => {
    let text = "";
    for (const inst of distinct) text += reads(inst, c) ? "1" : "0";
    if (asksLines) text += c === NEWLINE ? "n" : "-";
    if (asksWords) text += isWord(c) ? "w" : "-";
    return text;
  });
}

function reads(inst: Instruction, codePoint: number): boolean {
  if (inst.op === OP.RUNE_ANY) return true;
  if (inst.op === OP.RUNE_ANY_NOT_NL) return codePoint !== NEWLINE;
  return (inst.op === OP.RUNE || inst.op === OP.RUNE1) && inst.matchRune(codePoint);
}

/** The subset construction described at the top. */
function subsets(program: Program, whole: boolean, pattern: string): Automaton {
  const { inst } = program;
  const { starts, classes, letters, sample } = alphabetOf(program);
  let asked = 0;
  for (const { op, arg } of inst) if (op === OP.EMPTY_WIDTH) asked |= arg;

  /** Adds what can be waiting at `pc` to K. `mask` is what holds here; undefined: not known yet. */
  const close = (into: Set<number>, pc: number, mask: number | undefined): void => {
    const stack = [pc];
    const seen = new Set<number>();
    while (stack.length > 0) {
      const at = stack.pop()!;
      if (seen.has(at)) continue;
      seen.add(at);
      const { op, out, arg } = inst[at]!;
      if (op === OP.ALT || op === OP.ALT_MATCH) stack.push(arg, out);
      else if (op === OP.NOP || op === OP.CAPTURE) stack.push(out);
      else if (op === OP.EMPTY_WIDTH && mask !== undefined) {
        if ((arg & ~mask) === 0) stack.push(out);
      } else if (op !== OP.FAIL) into.add(at);
    }
  };

  /** What the assertions of this program can ask about the character before. */
  const past = (before: number): number => {
    if (before === NONE) return (asked & (ASSERT.BEGIN_LINE | ASSERT.BEGIN_TEXT)) !== 0 ? NONE : 0;
    if ((asked & (ASSERT.WORD_BOUNDARY | ASSERT.NO_WORD_BOUNDARY)) !== 0 && isWord(before))
      return 97;
    return (asked & ASSERT.BEGIN_LINE) !== 0 && before === NEWLINE ? NEWLINE : 0;
  };

  const states = new Map<string, number>();
  const kernels: { readonly K: readonly number[]; readonly p: number }[] = [];
  const state = (set: ReadonlySet<number>, before: number): number => {
    const K = [...set].sort((a, b) => a - b);
    // The past matters only to an assertion that is waiting.
    const p = K.some((pc) => inst[pc]!.op === OP.EMPTY_WIDTH) ? past(before) : 0;
    const key = `${p}:${K.join()}`;
    let index = states.get(key);
    if (index === undefined) {
      if (kernels.length >= MAX_REGEX_STATES) {
        throw new Exhausted(`the regular expression \`${pattern}\` has too many states`);
      }
      index = kernels.push({ K, p }) - 1;
      states.set(key, index);
    }
    return index;
  };

  const start = new Set<number>();
  close(start, program.start, undefined);
  const FULL = -1;
  const rows: number[] = [];
  const accepting: number[] = [];
  let full = false;
  state(start, NONE);
  for (let index = 0; index < kernels.length; index++) {
    const { K, p } = kernels[index]!;
    const asserting = K.some((pc) => inst[pc]!.op === OP.EMPTY_WIDTH);
    const here = (after: number): ReadonlySet<number> => {
      if (!asserting) return new Set(K);
      const closed = new Set<number>();
      for (const pc of K) close(closed, pc, holding(p, after));
      return closed;
    };
    const matches = (closed: ReadonlySet<number>): boolean =>
      [...closed].some((pc) => inst[pc]!.op === OP.MATCH);
    for (let letter = 0; letter < letters; letter++) {
      const c = sample[letter]!;
      const closed = here(c);
      if (!whole && matches(closed)) {
        rows.push(FULL);
        full = true;
        continue;
      }
      const advanced = whole ? new Set<number>() : new Set(start);
      for (const pc of closed) if (reads(inst[pc]!, c)) close(advanced, inst[pc]!.out, undefined);
      rows.push(state(advanced, c));
    }
    accepting.push(matches(here(NONE)) ? 1 : 0);
  }
  const count = kernels.length;
  const next = new Int32Array((count + (full ? 1 : 0)) * letters).fill(count);
  for (const [i, to] of rows.entries()) next[i] = to === FULL ? count : to;
  if (full) accepting.push(1);
  return {
    starts,
    classes,
    letters,
    next,
    accepts: Uint8Array.from(accepting),
    dead: -1,
    full: full ? count : -1,
  };
}

/** Rounds after which merging is given up; it only makes later products smaller. */
const MAX_ROUNDS = 40;

/** Merges states that accept the same words, and finds the state that is dead or full. */
function simplify(automaton: Automaton): Automaton {
  const { letters, next, accepts: accepting } = automaton;
  const count = accepting.length;
  // Blocks of states that no word of length n tells apart, for growing n (Moore).
  const mixed = accepting.includes(0) && accepting.includes(1);
  let block = mixed ? Int32Array.from(accepting) : new Int32Array(count);
  let blocks = mixed ? 2 : 1;
  for (let round = 0; ; round++) {
    let refined = block;
    for (let letter = 0; letter < letters; letter++) {
      const known = new Map<number, number>();
      const paired = new Int32Array(count);
      for (let s = 0; s < count; s++) {
        const pair = refined[s]! * (count + 1) + block[next[s * letters + letter]!]!;
        let id = known.get(pair);
        if (id === undefined) {
          id = known.size;
          known.set(pair, id);
        }
        paired[s] = id;
      }
      refined = paired;
    }
    const now = new Set(refined).size;
    if (now === blocks) break;
    if (round === MAX_ROUNDS) {
      block = Int32Array.from(accepting.keys());
      blocks = count;
      break;
    }
    blocks = now;
    block = refined;
  }
  // The start keeps number 0.
  const number = new Int32Array(blocks).fill(-1);
  let used = 0;
  for (let s = 0; s < count; s++) {
    if (number[block[s]!] === -1) number[block[s]!] = used++;
  }
  const merged = new Int32Array(blocks * letters);
  const ends = new Uint8Array(blocks);
  for (let s = 0; s < count; s++) {
    const to = number[block[s]!]!;
    ends[to] = accepting[s]!;
    for (let letter = 0; letter < letters; letter++) {
      merged[to * letters + letter] = number[block[next[s * letters + letter]!]!]!;
    }
  }
  let dead = -1;
  let full = -1;
  for (let s = 0; s < blocks; s++) {
    let loops = true;
    for (let letter = 0; loops && letter < letters; letter++) {
      loops = merged[s * letters + letter] === s;
    }
    if (loops && ends[s] === 1) full = s;
    if (loops && ends[s] === 0) dead = s;
  }
  return { ...automaton, next: merged, accepts: ends, dead, full };
}
