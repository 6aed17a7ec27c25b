/**
 * From a formula to clauses.
 *
 * Kinds are propositional. For each place, kinds that no atom at this place tells apart are one
 * group, and exactly one group is the case; all reasoning about which kind stands where, from
 * "the parent is no object" to "these two are equal, so of one type", is left to the SAT solver.
 * What remains for the theories are values of a kind that is known.
 *
 * Gates go one way only (Plaisted and Greenbaum): the formula is monotone in its literals, so "the
 * gate is true" need only imply its parts.
 */
import type { Atom, Formula } from "./formula.ts";
import { Exhausted, MAX_CLAUSES } from "./limits.ts";
import { neededKind, type Place } from "./places.ts";
import type { Clause, Solver } from "./sat.ts";
import { KIND, partialKinds, SCALAR } from "./values.ts";

/** A set of kinds of one place, and the literal that says that the value is of one of them. */
export interface Group {
  readonly kinds: number;
  /** 0 if the place has no other group. */
  readonly literal: number;
}

/** The key of the opaque atom "some number of the call does not survive being read". */
export const INEXACT = "inexact";

const EACH_KIND = Object.values(KIND);
const SCALAR_KINDS = [KIND.true, KIND.false, KIND.number, KIND.string];

export class Encoding {
  readonly clauses: Clause[] = [];
  readonly #solver: Solver;
  readonly #groups = new Map<Place, readonly Group[]>();
  readonly #atoms = new Map<Atom, number>();
  readonly #gates = new Map<string, number>();
  readonly always: number;

  constructor(solver: Solver, places: readonly Place[], formula: Formula) {
    this.#solver = solver;
    this.always = solver.variable(true);
    this.add([this.always]);
    const atoms = atomsOf(formula);
    const inexact = [...atoms].find((atom) => atom.is === "opaque" && atom.key === INEXACT);
    const relevant = relevantPlaces(places, atoms);
    const masks = masksOf(relevant, atoms, inexact !== undefined);
    for (const place of relevant) this.#groupsAt(place, masks.get(place)!);
    for (const place of relevant) this.#childAxioms(place, relevant);
    for (const atom of atoms) this.#atom(atom);
    if (inexact !== undefined) {
      for (const place of relevant) this.#implies(place, KIND.inexact, this.#atoms.get(inexact)!);
    }
    this.add([this.#gate(formula)]);
  }

  /** Adds a clause to the problem; the theories add theirs to the solver alone. */
  add(clause: Clause): void {
    if (this.clauses.length >= MAX_CLAUSES) throw new Exhausted("the number of conditions");
    this.clauses.push(clause);
    this.#solver.add(clause);
  }

  get places(): Iterable<Place> {
    return this.#groups.keys();
  }

  groups(place: Place): readonly Group[] {
    return this.#groups.get(place) ?? [];
  }

  /** The group that is the case. */
  groupOf(place: Place): Group | undefined {
    return this.groups(place).find(({ literal }) => literal === 0 || this.#solver.isTrue(literal));
  }

  /** The literal of the group that has just this kind, or a larger one. */
  kindLiteral(place: Place, kind: number): number {
    const group = this.groups(place).find(({ kinds }) => (kinds & kind) !== 0);
    return group === undefined ? -this.always : group.literal === 0 ? this.always : group.literal;
  }

  /** Literals of which one is true exactly if some place holds an inexact number. */
  inexactPlaces(): Clause {
    return [...this.#groups.keys()].flatMap((place) => this.#among(place, KIND.inexact));
  }

  /** The SAT literal of an atom that is more than a statement about kinds. */
  literalOf(atom: Atom): number {
    return this.#atoms.get(atom)!;
  }

  /** Whether a literal of the formula is true in the current assignment. */
  holds(atom: Atom, positive: boolean): boolean {
    if (atom.is === "in" && partialKinds(atom.set) === 0) {
      const group = this.groupOf(atom.place);
      return group !== undefined && ((group.kinds & atom.set.kinds) !== 0) === positive;
    }
    const literal = this.#atoms.get(atom);
    return literal !== undefined && this.#solver.isTrue(positive ? literal : -literal);
  }

  #groupsAt(place: Place, masks: ReadonlySet<number>): void {
    const bySignature = new Map<string, number>();
    for (const kind of EACH_KIND) {
      if ((place.domain & kind) === 0) continue;
      const signature = [...masks].map((mask) => ((mask & kind) === 0 ? 0 : 1)).join("");
      bySignature.set(signature, (bySignature.get(signature) ?? 0) | kind);
    }
    const kinds = [...bySignature.values()];
    const groups =
      kinds.length === 1
        ? [{ kinds: kinds[0]!, literal: 0 }]
        : kinds.map((mask) => ({
            kinds: mask,
            // Try absence first: a witness should hold nothing that it does not need.
            literal: this.#solver.variable((mask & KIND.absent) !== 0),
          }));
    this.#groups.set(place, groups);
    if (groups.length === 1) return;
    this.add(groups.map(({ literal }) => literal));
    for (const [i, a] of groups.entries()) {
      for (const b of groups.slice(i + 1)) this.add([-a.literal, -b.literal]);
    }
  }

  /** Literals of which one is true exactly if the kind at `place` is among `kinds`. */
  #among(place: Place, kinds: number): Clause {
    return this.groups(place)
      .filter((group) => (group.kinds & kinds) !== 0)
      .map(({ literal }) => (literal === 0 ? this.always : literal));
  }

  /** Every kind of `kinds` at `place` implies a literal. */
  #implies(place: Place, kinds: number, literal: number): void {
    for (const a of this.#among(place, kinds)) this.add([-a, literal]);
  }

  #childAxioms(parent: Place, relevant: ReadonlySet<Place>): void {
    const children = parent.children.filter((child) => relevant.has(child));
    const indexed: Place[] = [];
    for (const child of children) {
      const step = child.step!;
      const needed = neededKind(step);
      const unnamed = step.by === "element" || step.by === "other";
      if (step.by === "index") indexed.push(child);
      const absent = this.#among(child, KIND.absent);
      const bad = this.#among(child, KIND.bad);
      // Parent of the needed kind: the child is not bad. Parent absent: so is the child. Parent of
      // any other kind: the child is bad. An element that no path names is absent in both cases.
      for (const { kinds, literal } of this.groups(parent)) {
        const when = literal === 0 ? [] : [-literal];
        if ((kinds & needed) !== 0) for (const b of bad) this.add([...when, -b]);
        else if (unnamed || (kinds & KIND.absent) !== 0) this.add([...when, ...absent]);
        else this.add([...when, ...bad]);
      }
    }
    // No element without the one before it.
    indexed.sort(
      (a, b) => (a.step as { index: number }).index - (b.step as { index: number }).index,
    );
    for (let i = 1; i < indexed.length; i++) {
      const [gone] = this.#among(indexed[i]!, KIND.absent);
      for (const a of this.#among(indexed[i - 1]!, KIND.absent)) {
        if (gone !== undefined) this.add([-a, gone]);
      }
    }
  }

  #atom(atom: Atom): void {
    if (atom.is === "in") {
      const partial = partialKinds(atom.set);
      if (partial === 0) return;
      const v = this.#solver.variable();
      this.#atoms.set(atom, v);
      this.add([-v, ...this.#among(atom.place, atom.set.kinds)]);
      this.#implies(atom.place, atom.set.kinds & ~partial, v);
      return;
    }
    const v = this.#solver.variable();
    this.#atoms.set(atom, v);
    if (atom.is === "equal") {
      const { p, q } = atom;
      for (const place of [p, q]) this.add([-v, ...this.#among(place, SCALAR)]);
      for (const kind of SCALAR_KINDS) {
        for (const [x, y] of [
          [p, q],
          [q, p],
        ] as const) {
          for (const a of this.#among(x, kind)) this.add([-v, -a, ...this.#among(y, kind)]);
        }
      }
      for (const kind of [KIND.true, KIND.false]) {
        for (const a of this.#among(p, kind))
          for (const b of this.#among(q, kind)) this.add([-a, -b, v]);
      }
    }
    if (atom.is === "less") {
      for (const place of [atom.p, atom.q]) this.add([-v, ...this.#among(place, KIND.number)]);
    }
  }

  #gate(formula: Formula): number {
    switch (formula.is) {
      case "true":
        return this.always;
      case "false":
        return -this.always;
      case "literal": {
        const { atom, positive } = formula;
        if (atom.is !== "in" || partialKinds(atom.set) > 0) {
          const v = this.#atoms.get(atom)!;
          return positive ? v : -v;
        }
        const { place, set } = atom;
        const kinds = positive ? set.kinds : place.domain & ~set.kinds;
        return this.#either(`k ${place.id} ${kinds}`, () => this.#among(place, kinds));
      }
      case "or":
        return this.#either(`${formula.id}`, () => formula.parts.map((part) => this.#gate(part)));
      case "and": {
        const key = `${formula.id}`;
        let v = this.#gates.get(key);
        if (v === undefined) {
          v = this.#solver.variable();
          this.#gates.set(key, v);
          for (const part of formula.parts) this.add([-v, this.#gate(part)]);
        }
        return v;
      }
      case "some":
      case "every":
        throw new Error("a quantifier is left");
    }
  }

  #either(key: string, options: () => Clause): number {
    let v = this.#gates.get(key);
    if (v === undefined) {
      const literals = options();
      if (literals.length === 1) v = literals[0]!;
      else {
        v = this.#solver.variable();
        this.add([-v, ...literals]);
      }
      this.#gates.set(key, v);
    }
    return v;
  }
}

function atomsOf(formula: Formula): Set<Atom> {
  const atoms = new Set<Atom>();
  const seen = new Set<Formula>();
  const visit = (f: Formula): void => {
    if (seen.has(f)) return;
    seen.add(f);
    if (f.is === "literal") atoms.add(f.atom);
    else if (f.is === "and" || f.is === "or") for (const part of f.parts) visit(part);
  };
  visit(formula);
  return atoms;
}

/** The places that atoms mention, and all on the way to them. */
function relevantPlaces(places: readonly Place[], atoms: ReadonlySet<Atom>): Set<Place> {
  const mentioned = new Set<Place>();
  const mention = (place: Place): void => {
    for (let p: Place | undefined = place; p !== undefined && !mentioned.has(p); p = p.parent) {
      mentioned.add(p);
    }
  };
  for (const atom of atoms) {
    if (atom.is === "in") mention(atom.place);
    if (atom.is === "equal" || atom.is === "less") {
      mention(atom.p);
      mention(atom.q);
    }
  }
  // In the order in which they were made, so that parents come first and runs repeat.
  return new Set(places.filter((place) => mentioned.has(place)));
}

function masksOf(
  places: ReadonlySet<Place>,
  atoms: ReadonlySet<Atom>,
  inexact: boolean,
): Map<Place, Set<number>> {
  const masks = new Map([...places].map((place) => [place, new Set<number>()]));
  const cut = (place: Place, ...kinds: number[]): void => {
    for (const mask of kinds) masks.get(place)!.add(mask);
  };
  for (const place of places) {
    if (inexact) cut(place, KIND.inexact);
    if (place.parent === undefined || place.step === undefined) continue;
    cut(place, KIND.absent, KIND.bad);
    cut(place.parent, KIND.absent, neededKind(place.step));
  }
  for (const atom of atoms) {
    if (atom.is === "in") {
      cut(atom.place, atom.set.kinds);
      for (const kind of EACH_KIND)
        if ((partialKinds(atom.set) & kind) !== 0) cut(atom.place, kind);
    }
    if (atom.is === "equal") for (const place of [atom.p, atom.q]) cut(place, ...SCALAR_KINDS);
    if (atom.is === "less") for (const place of [atom.p, atom.q]) cut(place, KIND.number);
  }
  return masks;
}
