/**
 * Formulas in negation normal form, shared: what is written twice is built once.
 *
 * An atom is one elementary statement about values at places. A condition of the policy has two
 * formulas, one that says that it is true and one that says that it is false; whatever neither says
 * is undetermined. Because base and head build their formulas in one workshop, what did not change
 * is the same formula on both sides, and mostly cancels before any theory is asked.
 */
import type { Place } from "./places.ts";
import { KIND, partialKinds, SCALAR, type ValueSet, valueSet } from "./values.ts";

export type Atom =
  /** The value at `place` is in `set`. */
  | { readonly is: "in"; readonly id: number; readonly place: Place; readonly set: ValueSet }
  /** Scalars of one type that are equal. */
  | { readonly is: "equal"; readonly id: number; readonly p: Place; readonly q: Place }
  /** Numbers, p < q. */
  | { readonly is: "less"; readonly id: number; readonly p: Place; readonly q: Place }
  /** Something that the prover does not interpret: the same text at the same place is the same atom. */
  | {
      readonly is: "opaque";
      readonly id: number;
      readonly key: string;
      readonly construct: string;
    };

/** What a quantifier ranges over. */
export type Over =
  /** The elements of an array. */
  | { readonly by: "elements"; readonly place: Place }
  /** The members of an object, but for those of the given names. */
  | { readonly by: "members"; readonly place: Place; readonly except: ReadonlySet<string> };

export interface Quantified {
  readonly is: "some" | "every";
  readonly id: number;
  /**
   * `some` says that the place is an array (an object) and that some element satisfies the body,
   * `every` that none dissatisfies it, which holds where there are no elements. So each is the
   * negation of the other with the body negated.
   */
  readonly over: Over;
  readonly body: (element: Place) => Formula;
  /** The list of the grant that the body ranges over in turn. */
  readonly touches: Place | undefined;
}

export type Formula =
  | { readonly is: "true"; readonly id: number }
  | { readonly is: "false"; readonly id: number }
  | { readonly is: "literal"; readonly id: number; readonly atom: Atom; readonly positive: boolean }
  | { readonly is: "and" | "or"; readonly id: number; readonly parts: readonly Formula[] }
  | Quantified;

export class Workshop {
  readonly atoms: Atom[] = [];
  readonly #atoms = new Map<string, Atom>();
  readonly #formulas = new Map<string, Formula>();
  readonly #negations = new Map<Formula, Formula>();
  readonly yes: Formula = this.#share("true", (id) => ({ is: "true", id }));
  readonly no: Formula = this.#share("false", (id) => ({ is: "false", id }));

  #share(key: string, make: (id: number) => Formula): Formula {
    let formula = this.#formulas.get(key);
    if (formula === undefined) {
      formula = make(this.#formulas.size);
      this.#formulas.set(key, formula);
    }
    return formula;
  }

  #literal(key: string, make: (id: number) => Atom): Formula {
    let atom = this.#atoms.get(key);
    if (atom === undefined) {
      atom = make(this.atoms.length);
      this.atoms.push(atom);
      this.#atoms.set(key, atom);
    }
    const known = atom;
    return this.#share(`+${atom.id}`, (id) => ({ is: "literal", id, atom: known, positive: true }));
  }

  /** The value at `place` is in `set`. */
  in(place: Place, set: ValueSet): Formula {
    const kinds = set.kinds & place.domain;
    if (kinds === 0) return this.no;
    const restricted = kinds === set.kinds ? set : valueSet(kinds, set);
    if (kinds === place.domain && partialKinds(restricted) === 0) return this.yes;
    return this.#literal(`in ${place.id} ${restricted.key}`, (id) => ({
      is: "in",
      id,
      place,
      set: restricted,
    }));
  }

  /** The value at `place` is of one of `kinds`. */
  kind(place: Place, kinds: number): Formula {
    return this.in(place, valueSet(kinds & place.domain));
  }

  equal(p: Place, q: Place): Formula {
    if (p === q) return this.kind(p, SCALAR);
    const [a, b] = p.id < q.id ? [p, q] : [q, p];
    return this.#literal(`= ${a.id} ${b.id}`, (id) => ({ is: "equal", id, p: a, q: b }));
  }

  less(p: Place, q: Place): Formula {
    if (p === q) return this.no;
    return this.#literal(`< ${p.id} ${q.id}`, (id) => ({ is: "less", id, p, q }));
  }

  opaque(key: string, construct: string): Formula {
    return this.#literal(`opaque ${key}`, (id) => ({ is: "opaque", id, key, construct }));
  }

  /** Scalars of one type, whatever their values. */
  sameType(p: Place, q: Place): Formula {
    return this.or(
      [KIND.true | KIND.false, KIND.number, KIND.string].map((kind) =>
        this.and([this.kind(p, kind), this.kind(q, kind)]),
      ),
    );
  }

  and(parts: readonly Formula[]): Formula {
    return this.#join("and", parts, this.yes, this.no);
  }

  or(parts: readonly Formula[]): Formula {
    return this.#join("or", parts, this.no, this.yes);
  }

  #join(is: "and" | "or", parts: readonly Formula[], unit: Formula, zero: Formula): Formula {
    const flat = new Set<Formula>();
    for (const part of parts) {
      const negation = this.#negations.get(part);
      if (negation !== undefined && parts.includes(negation)) return zero;
      if (part === zero) return zero;
      if (part.is === is) for (const inner of part.parts) flat.add(inner);
      else if (part !== unit) flat.add(part);
    }
    for (const part of flat) {
      if (part.is === "literal" && flat.has(this.not(part))) return zero;
    }
    const [only] = flat;
    if (only === undefined) return unit;
    if (flat.size === 1) return only;
    const sorted = [...flat].sort((a, b) => a.id - b.id);
    return this.#share(`${is} ${sorted.map(({ id }) => id).join()}`, (id) => ({
      is,
      id,
      parts: sorted,
    }));
  }

  /** `key` names the body: two bodies of one key say the same of every element. */
  quantify(
    is: "some" | "every",
    over: Over,
    key: string,
    body: (element: Place) => Formula,
    touches?: Place,
  ): Formula {
    const range =
      over.by === "elements"
        ? `${over.place.id}`
        : `${over.place.id} but ${JSON.stringify([...over.except].sort())}`;
    return this.#share(`${is} ${over.by} ${range} ${key}`, (id) => ({
      is,
      id,
      over,
      body,
      touches,
    }));
  }

  not(formula: Formula): Formula {
    let negation = this.#negations.get(formula);
    if (negation === undefined) {
      negation = this.#negate(formula);
      this.#negations.set(formula, negation);
      this.#negations.set(negation, formula);
    }
    return negation;
  }

  #negate(formula: Formula): Formula {
    switch (formula.is) {
      case "true":
        return this.no;
      case "false":
        return this.yes;
      case "literal": {
        const { atom, positive } = formula;
        return this.#share(`${positive ? "-" : "+"}${atom.id}`, (id) => ({
          is: "literal",
          id,
          atom,
          positive: !positive,
        }));
      }
      case "and":
        return this.or(formula.parts.map((part) => this.not(part)));
      case "or":
        return this.and(formula.parts.map((part) => this.not(part)));
      case "some":
      case "every": {
        const { over, body, touches, id } = formula;
        return this.quantify(
          formula.is === "some" ? "every" : "some",
          over,
          `not ${id}`,
          (element) => this.not(body(element)),
          touches,
        );
      }
    }
  }
}
