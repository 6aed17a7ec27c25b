/**
 * Words that several automata accept or refuse at once.
 *
 * The product is explored on the fly: a state is a tuple of states, one of each automaton, and a
 * letter is a tuple of letters that some code point has. A tuple is pruned as soon as one of its
 * automata can no longer be satisfied: it must accept and is `dead`, or must refuse and is `full`.
 *
 * First a breadth-first search, which ends at the shortest word in the best readable letters. If
 * more words are asked for, or some are excluded, or the length matters beyond the shortest one,
 * the words are listed by length n, for n = 0, 1, 2, …, with
 *
 *   R[n] = the states from which a word of exactly n letters is accepted,
 *
 * so that no path is entered that does not end in a word. If R[n] lacks the start for as many
 * consecutive n as there are states, then there is no longer word (the pumping lemma), and the list
 * is complete.
 */
import { type Automaton, rangeOf } from "../regex/automata.ts";
import { Exhausted, MAX_LAYER_CELLS, MAX_PRODUCT_STATES, MAX_WITNESS_LENGTH } from "./limits.ts";
import { inRanges, type Ranges } from "./ranges.ts";

export interface Demand {
  readonly automaton: Automaton;
  /** Whether the automaton must accept the word, or must refuse it. */
  readonly accept: boolean;
}

/**
 * Up to `count` words that meet every demand, have an allowed length and are not excluded, the
 * shortest and most readable first; fewer only if there are no more. The empty word comes last.
 */
export function findWords(
  demands: readonly Demand[],
  lengths: Ranges,
  excluded: ReadonlySet<string>,
  count: number,
): readonly string[] {
  if (lengths.length === 0) return [];
  const product = new Product(demands);
  if (count === 1 && excluded.size === 0) {
    const word = product.shortest(lengths);
    if (word !== undefined) return [word];
  }
  return product.list(lengths, excluded, count);
}

/** Letters that read well come first; control characters come last. */
const READABLE = [
  ..."abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./:@ ",
  ..."!\"#$%&'()*+,;<=>?[\\]^`{|}~",
].map((character) => character.codePointAt(0)!);
const LAST_CODE_POINT = 0x10ffff;

interface Letter {
  /** The letter of each automaton. */
  readonly parts: readonly number[];
  readonly ranges: (readonly [number, number])[];
  readonly readable: number[];
}

class Product {
  readonly #demands: readonly Demand[];
  readonly #letters: readonly Letter[];
  readonly #tuples: (readonly number[])[] = [];
  readonly #index = new Map<string, number>();
  /** `#next[state][letter]`, -1 where no word continues. */
  readonly #next: Int32Array[] = [];
  readonly #accepting: boolean[] = [];

  constructor(demands: readonly Demand[]) {
    this.#demands = demands;
    this.#letters = commonLetters(demands.map(({ automaton }) => automaton));
    this.#enter(demands.map(() => 0));
  }

  /** A shortest word into some accepting state other than the start; there may be words without. */
  shortest(lengths: Ranges): string | undefined {
    if (this.#tuples.length === 0) return undefined;
    const from: { readonly state: number; readonly letter: number }[] = [];
    const depth = [0];
    for (let state = 0; state < this.#tuples.length; state++) {
      if (state > 0 && this.#accepting[state] && inRanges(lengths, depth[state]!)) {
        let word = "";
        for (let at = state; at !== 0; at = from[at]!.state) {
          word = String.fromCodePoint(some(this.#letters[from[at]!.letter]!, 1)[0]!) + word;
        }
        return word;
      }
      for (const [letter, to] of this.#advance(state).entries()) {
        if (to >= 0 && depth[to] === undefined) {
          depth[to] = depth[state]! + 1;
          from[to] = { state, letter };
        }
      }
    }
    return undefined;
  }

  list(lengths: Ranges, excluded: ReadonlySet<string>, count: number): readonly string[] {
    if (this.#tuples.length === 0) return [];
    for (let state = 0; state < this.#tuples.length; state++) this.#advance(state);
    if (!this.#endsInAWord()) return [];
    const states = this.#tuples.length;
    const longest = lengths.at(-1)![1];
    const reach: Uint8Array[] = [Uint8Array.from(this.#accepting, (yes) => (yes ? 1 : 0))];
    const found: string[] = [];
    const alternatives = count + excluded.size;
    let gap = 0;
    for (let n = 0; n <= longest && gap <= states && found.length < count; n++) {
      if (n > 0) {
        if (n * states > MAX_LAYER_CELLS || n > MAX_WITNESS_LENGTH) {
          throw new Exhausted("a text of a very great length");
        }
        reach.push(this.#predecessors(reach[n - 1]!));
      }
      if (reach[n]![0] === 0) gap++;
      else {
        gap = 0;
        if (n > 0 && inRanges(lengths, n)) {
          for (const word of this.#wordsOf(n, reach, alternatives)) {
            if (!excluded.has(word)) found.push(word);
            if (found.length === count) break;
          }
        }
      }
    }
    const empty = reach[0]![0] === 1 && inRanges(lengths, 0) && !excluded.has("");
    return empty && found.length < count ? [...found, ""] : found;
  }

  /** Whether any accepting state was reached; every explored state is reachable. */
  #endsInAWord(): boolean {
    return this.#accepting.includes(true);
  }

  #predecessors(layer: Uint8Array): Uint8Array {
    const result = new Uint8Array(layer.length);
    for (const [state, moves] of this.#next.entries()) {
      for (const to of moves) {
        if (to >= 0 && layer[to] === 1) {
          result[state] = 1;
          break;
        }
      }
    }
    return result;
  }

  /** The words of exactly n letters, depth first, each letter in up to `alternatives` characters. */
  *#wordsOf(n: number, reach: readonly Uint8Array[], alternatives: number): Generator<string> {
    const characters = this.#letters.map((letter) => some(letter, alternatives));
    const states = [0];
    const letters = [0];
    const choices = [0];
    const word: string[] = [];
    while (states.length > 0) {
      const top = states.length - 1;
      if (top === n) {
        yield word.join("");
      } else {
        const left = n - top - 1;
        const moves = this.#next[states[top]!]!;
        while (
          letters[top]! < moves.length &&
          (moves[letters[top]!]! < 0 || reach[left]![moves[letters[top]!]!] === 0)
        ) {
          letters[top]!++;
        }
        const letter = letters[top]!;
        if (letter < moves.length) {
          const options = characters[letter]!;
          const choice = choices[top]!++;
          word.push(String.fromCodePoint(options[choice]!));
          if (choice + 1 === options.length) {
            letters[top]!++;
            choices[top] = 0;
          }
          states.push(moves[letter]!);
          letters.push(0);
          choices.push(0);
          continue;
        }
      }
      states.pop();
      letters.pop();
      choices.pop();
      word.pop();
    }
  }

  /** The number of a tuple; -1 if one of its automata can no longer be satisfied. */
  #enter(tuple: readonly number[]): number {
    const key = tuple.join();
    let state = this.#index.get(key);
    if (state === undefined) {
      const lost = this.#demands.some(
        ({ automaton, accept }, i) => tuple[i] === (accept ? automaton.dead : automaton.full),
      );
      if (lost) state = -1;
      else {
        if (this.#tuples.length >= MAX_PRODUCT_STATES) {
          throw new Exhausted("the regular expressions on one value, taken together");
        }
        state = this.#tuples.push(tuple) - 1;
        this.#accepting.push(
          this.#demands.every(
            ({ automaton, accept }, i) => (automaton.accepts[tuple[i]!] === 1) === accept,
          ),
        );
      }
      this.#index.set(key, state);
    }
    return state;
  }

  #advance(state: number): Int32Array {
    let moves = this.#next[state];
    if (moves === undefined) {
      const tuple = this.#tuples[state]!;
      moves = Int32Array.from(this.#letters, ({ parts }) =>
        this.#enter(
          tuple.map((at, i) => {
            const { next, letters } = this.#demands[i]!.automaton;
            return next[at * letters + parts[i]!]!;
          }),
        ),
      );
      this.#next[state] = moves;
    }
    return moves;
  }
}

/** The letters of a product: which tuples of classes have a code point in common. */
function commonLetters(automata: readonly Automaton[]): readonly Letter[] {
  const starts = [...new Set([0, ...automata.flatMap((automaton) => automaton.starts)])].sort(
    (a, b) => a - b,
  );
  const letters = new Map<string, Letter>();
  const cursor = automata.map(() => 0);
  for (const [i, start] of starts.entries()) {
    const end = (starts[i + 1] ?? LAST_CODE_POINT + 1) - 1;
    const parts = automata.map((automaton, k) => {
      while (automaton.starts[cursor[k]! + 1]! <= start) cursor[k]!++;
      return automaton.classes[cursor[k]!]!;
    });
    if (parts.includes(-1)) continue;
    const key = parts.join();
    const letter = letters.get(key);
    if (letter === undefined) letters.set(key, { parts, ranges: [[start, end]], readable: [] });
    else letter.ranges.push([start, end]);
  }
  // Without automata there is one letter, and it must not hold the surrogates.
  if (automata.length === 0) {
    const ranges: [number, number][] = [
      [0, 0xd7ff],
      [0xe000, LAST_CODE_POINT],
    ];
    letters.set("", { parts: [], ranges, readable: [] });
  }
  for (const codePoint of READABLE) {
    const parts = automata.map(({ starts, classes }) => classes[rangeOf(starts, codePoint)]!);
    letters.get(parts.join())!.readable.push(codePoint);
  }
  return [...letters.values()].sort((a, b) => rank(a) - rank(b));
}

function rank({ readable, ranges }: Letter): number {
  if (readable.length > 0) return READABLE.indexOf(readable[0]!);
  return READABLE.length + (ranges.some(([, end]) => end > 0xa0) ? 0 : 1);
}

/** Up to `count` code points of a letter, those that read well first. */
function some({ ranges, readable }: Letter, count: number): readonly number[] {
  const found = new Set(readable.slice(0, count));
  const take = (from: number, to: number): void => {
    for (const [start, end] of ranges) {
      const last = Math.min(end, to);
      for (let c = Math.max(start, from); c <= last && found.size < count; c++) found.add(c);
    }
  };
  take(0xa1, LAST_CODE_POINT);
  take(0x20, 0xa0);
  take(0, 0x1f);
  return [...found];
}
