/**
 * The certificate of "no such call", and its checker.
 *
 * A certificate has three parts: the clauses of the question, lemmas about values, and the clauses
 * that the SAT solver learnt on its way to the contradiction. It is checked without searching:
 *
 *   lemmas  each names the facts that it says cannot hold together. That is established anew, by
 *           plainer means than those that found it: the product of the automata is walked in full,
 *           numbers and counts are tried next to every bound.
 *   learnt  each follows from what stands before it by unit propagation (RUP), the last one, which
 *           is the empty clause, included.
 *
 * To be trusted remain: this file, the translation of conditions to clauses (formula, conditions,
 * elements, cnf) and the automata of single expressions. The solver and its theories are not among
 * them.
 */

import { type Automaton, rangeOf } from "../regex/automata.ts";
import type { Fact } from "./classes.ts";
import type { Encoding } from "./cnf.ts";
import { MAX_WITNESS_LENGTH } from "./limits.ts";
import type { Place } from "./places.ts";
import { inNumbers, inRanges, MAX_COUNT, type NumberSet, nextUp } from "./ranges.ts";
import type { Clause } from "./sat.ts";
import { type Conflict, decideValues } from "./theory.ts";
import { automatonOf, KIND, lengthOf } from "./values.ts";

export interface Lemma {
  readonly clause: Clause;
  readonly conflict: Conflict;
}

export interface Certificate {
  readonly encoding: Pick<Encoding, "clauses" | "literalOf" | "kindLiteral">;
  readonly lemmas: readonly Lemma[];
  readonly learnt: readonly Clause[];
}

/** The clause that a conflict amounts to: not all of this. */
export function clauseOf(
  { facts, kinds, presence }: Conflict,
  encoding: Certificate["encoding"],
): Clause {
  return [
    ...facts.map(({ atom, positive }) =>
      positive ? -encoding.literalOf(atom) : encoding.literalOf(atom),
    ),
    ...kinds.map(({ place, kind }) => -encoding.kindLiteral(place, kind)),
    ...presence.map(({ place, present }) => {
      const absent = encoding.kindLiteral(place, KIND.absent);
      return present ? absent : -absent;
    }),
  ];
}

/** Undefined if the certificate proves that no call answers the question; otherwise what is wrong. */
export function checkCertificate({ encoding, lemmas, learnt }: Certificate): string | undefined {
  for (const { clause, conflict } of lemmas) {
    const expected = new Set(clauseOf(conflict, encoding));
    if (clause.some((a) => !expected.has(a)) || expected.size !== new Set(clause).size) {
      return "a lemma says something else than the facts it rests on";
    }
    if (!contradictory(conflict)) return "a lemma does not hold";
  }
  const propagation = new Propagation();
  for (const clause of encoding.clauses) propagation.add(clause);
  for (const { clause } of lemmas) propagation.add(clause);
  for (const clause of learnt) {
    if (!propagation.refutes(clause)) return "a learnt clause does not follow";
    propagation.add(clause);
  }
  return propagation.refutes([]) ? undefined : "the contradiction does not follow";
}

/** Unit propagation with two watched literals, and nothing else. */
class Propagation {
  readonly #clauses: number[][] = [];
  readonly #watches = new Map<number, number[]>();
  readonly #true = new Set<number>();
  readonly #trail: number[] = [];
  #done = 0;
  #contradiction = false;

  add(clause: Clause): void {
    const literals = [...new Set(clause)].filter((a) => !this.#true.has(-a));
    if (literals.some((a) => this.#true.has(a) || literals.includes(-a))) return;
    if (literals.length === 0) this.#contradiction = true;
    else if (literals.length === 1) {
      this.#assume(literals[0]!);
      if (!this.#propagate()) this.#contradiction = true;
    } else {
      const index = this.#clauses.push(literals) - 1;
      this.#watch(literals[0]!, index);
      this.#watch(literals[1]!, index);
    }
  }

  /** Whether assuming every literal of the clause false leads to a contradiction. */
  refutes(clause: Clause): boolean {
    if (this.#contradiction) return true;
    const mark = this.#trail.length;
    let refuted = false;
    for (const a of clause) {
      if (this.#true.has(a)) refuted = true;
      else if (!this.#true.has(-a)) this.#assume(-a);
    }
    refuted ||= !this.#propagate();
    for (const a of this.#trail.splice(mark)) this.#true.delete(a);
    this.#done = mark;
    return refuted;
  }

  #watch(a: number, index: number): void {
    const list = this.#watches.get(a);
    if (list === undefined) this.#watches.set(a, [index]);
    else list.push(index);
  }

  #assume(a: number): void {
    this.#true.add(a);
    this.#trail.push(a);
  }

  #propagate(): boolean {
    while (this.#done < this.#trail.length) {
      const falsified = -this.#trail[this.#done++]!;
      const watching = this.#watches.get(falsified) ?? [];
      const kept: number[] = [];
      for (const [i, index] of watching.entries()) {
        const clause = this.#clauses[index]!;
        if (clause[0] === falsified) {
          clause[0] = clause[1]!;
          clause[1] = falsified;
        }
        if (this.#true.has(clause[0]!)) {
          kept.push(index);
          continue;
        }
        const next = clause.findIndex((a, k) => k > 1 && !this.#true.has(-a));
        if (next > 0) {
          clause[1] = clause[next]!;
          clause[next] = falsified;
          this.#watch(clause[1]!, index);
          continue;
        }
        kept.push(index);
        if (this.#true.has(-clause[0]!)) {
          this.#watches.set(falsified, [...kept, ...watching.slice(i + 1)]);
          return false;
        }
        this.#assume(clause[0]!);
      }
      this.#watches.set(falsified, kept);
    }
    return true;
  }
}

/** Whether the facts really cannot hold together. */
function contradictory(conflict: Conflict): boolean {
  const { facts, kinds, presence } = conflict;
  const [first] = kinds;
  if (first === undefined) return false;
  if (first.kind === KIND.array) return noCount(first.place, conflict);
  if (presence.length > 0 || kinds.some(({ kind }) => kind !== first.kind)) return false;
  const single = facts.every(({ atom }) => atom.is === "in" && atom.place === first.place);
  if (single) return first.kind === KIND.string ? noText(facts) : noNumber(facts);
  // Several places: decided again with nothing but these facts.
  const kindAt = (place: Place): number => kinds.find((k) => k.place === place)?.kind ?? 0;
  return "conflicts" in decideValues(facts, { places: [], kindAt, ranged: new Set() });
}

/** No text meets all facts: every state that the automata reach together, length counted, refuses. */
function noText(facts: readonly Fact[]): boolean {
  const machines: { readonly automaton: Automaton; readonly accept: boolean }[] = [];
  const lengths: { readonly within: (n: number) => boolean; readonly bounds: number[] }[] = [];
  let longest = 0;
  for (const { atom, positive } of facts) {
    if (atom.is !== "in") return false;
    const { texts } = atom.set;
    if (texts === undefined) return false;
    if (texts.by === "length") {
      const ranges = texts.lengths;
      const bounds = ranges.flat().filter((n) => n < MAX_COUNT);
      lengths.push({ within: (n) => inRanges(ranges, n) === positive, bounds });
      longest = Math.max(longest, ...bounds);
      continue;
    }
    if (texts.by === "words" && texts.others !== positive) {
      // Finitely many candidates.
      return [...texts.words].every((word) => facts.some((fact) => !textMeets(word, fact)));
    }
    machines.push({ automaton: automatonOf(texts), accept: texts.others !== positive });
  }
  // Beyond the longest bound all lengths are alike.
  const lastLength = lengths.length === 0 ? 0 : longest + 1;
  const allowed = (length: number): boolean => lengths.every(({ within }) => within(length));
  const bounds = lengths.flatMap(({ bounds }) => bounds);
  if (![0, ...bounds, ...bounds.map((n) => n + 1)].some(allowed)) return true;
  const samples = [
    ...new Set(machines.flatMap(({ automaton }) => automaton.starts).concat(0)),
  ].filter((c) => c < 0xd800 || c > 0xdfff);
  const letters = new Map(
    samples.map((c) => {
      const parts = machines.map(({ automaton: a }) => a.classes[rangeOf(a.starts, c)]!);
      return [parts.join(), parts];
    }),
  );
  // All tuples of states that words of one length reach, length after length.
  const last = new Set<string>();
  let layer: readonly (readonly number[])[] = [machines.map(() => 0)];
  for (let length = 0; layer.length > 0; length = Math.min(length + 1, lastLength)) {
    if (length > MAX_WITNESS_LENGTH) return false;
    const next = new Map<string, readonly number[]>();
    for (const states of layer) {
      const accepted = machines.every(
        ({ automaton, accept }, i) => (automaton.accepts[states[i]!] === 1) === accept,
      );
      if (accepted && allowed(length)) return false;
      if (states.some((s, i) => s === hopeless(machines[i]!))) continue;
      for (const parts of letters.values()) {
        const to = states.map((s, i) => {
          const { next: moves, letters: width } = machines[i]!.automaton;
          return moves[s * width + parts[i]!]!;
        });
        const key = to.join();
        if (length + 1 >= lastLength) {
          if (last.has(key)) continue;
          last.add(key);
        }
        next.set(key, to);
      }
    }
    layer = [...next.values()];
  }
  return true;
}

/** The state from which a machine can no longer be satisfied. */
function hopeless({ automaton, accept }: { automaton: Automaton; accept: boolean }): number {
  return accept ? automaton.dead : automaton.full;
}

function textMeets(word: string, { atom, positive }: Fact): boolean {
  if (atom.is !== "in" || atom.set.texts === undefined) return true;
  const { texts } = atom.set;
  if (texts.by === "length") return inRanges(texts.lengths, lengthOf(word)) === positive;
  if (texts.by === "words") return (texts.words.has(word) !== texts.others) === positive;
  let state = 0;
  const { starts, classes, letters, next, accepts } = automatonOf(texts);
  for (const character of word) {
    state = next[state * letters + classes[rangeOf(starts, character.codePointAt(0)!)]!]!;
  }
  return ((accepts[state] === 1) !== texts.others) === positive;
}

/** No number meets all facts: if one did, so would one at, or next to, a lower bound of some range. */
function noNumber(facts: readonly Fact[]): boolean {
  const sets = facts.flatMap(({ atom, positive }): { set: NumberSet; positive: boolean }[] =>
    atom.is === "in" && atom.set.numbers !== undefined ? [{ set: atom.set.numbers, positive }] : [],
  );
  if (sets.length !== facts.length) return false;
  // The lower bounds of a complement lie just above upper bounds.
  const bounds = sets
    .flatMap(({ set }) => [...set.whole, ...set.fractional].flat())
    .concat(-Number.MAX_VALUE, -(2 ** 52));
  const tried = bounds.flatMap((x) => {
    const up = nextUp(x);
    return [
      x,
      up,
      nextUp(up),
      Math.ceil(x),
      Math.ceil(up),
      nextUp(Math.ceil(x)),
      nextUp(Math.ceil(up)),
    ];
  });
  return !tried.some(
    (x) => Number.isFinite(x) && sets.every(({ set, positive }) => inNumbers(set, x) === positive),
  );
}

/** No count fits: tried next to every bound. */
function noCount(array: Place, { facts, kinds, presence }: Conflict): boolean {
  if (kinds.length !== 1 || presence.some(({ place }) => place.parent !== array)) return false;
  const present = presence.filter((p) => p.present).map(({ place }) => place.step!);
  const gone = presence.filter((p) => !p.present).map(({ place }) => place.step!);
  const fits = (count: number): boolean =>
    present.every((step) => step.by !== "index" || step.index < count) &&
    gone.every((step) => step.by !== "index" || step.index >= count) &&
    present.filter((step) => step.by === "element").length <= count &&
    // All elements are spoken of, so an array without any of them is empty.
    (present.length > 0 || gone.length === 0 || count === 0) &&
    facts.every(
      ({ atom, positive }) =>
        atom.is === "in" &&
        atom.set.counts !== undefined &&
        inRanges(atom.set.counts, count) === positive,
    );
  // Between these, nothing changes.
  const bounds = [
    0,
    present.length,
    ...[...present, ...gone].flatMap((step) => (step.by === "index" ? [step.index] : [])),
    ...facts.flatMap(({ atom }) => (atom.is === "in" ? (atom.set.counts ?? []).flat() : [])),
  ];
  return !bounds
    .flatMap((bound) => [bound - 1, bound, bound + 1])
    .some((count) => count >= 0 && count <= MAX_COUNT && fits(count));
}
