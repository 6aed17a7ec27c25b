/**
 * The prover: questions about all calls, answered by a proof or by a call.
 *
 * There is one relation,
 *
 *     find(sides, φ)   is there a call, and a grant that makes it, of which φ is true?
 *
 * and it has three answers: no, with a certificate that a small checker accepts; yes, with such a
 * call; or unknown, with the construct that stopped it. Everything that is asked of policies is one
 * line in terms of it:
 *
 *     head allows more than base    find(allowed(head) ∧ ¬allowed(base))
 *     nothing is allowed            ¬ find(allowed)
 *     everything is allowed         ¬ find(schema ∧ ¬allowed)
 *     an entry is redundant         ¬ find(allowed without it ∧ ¬allowed)
 *     a condition is never true     ¬ find(schema ∧ condition is true)
 *     an invariant holds            ¬ find(allowed ∧ ¬invariant is true)
 *
 * How it is answered:
 *
 *   1. Conditions become formulas, one for true and one for false          conditions, rules, schema
 *   2. Quantifiers become finitely many places                             elements
 *   3. The formula becomes clauses, kinds of values included               cnf
 *   4. The SAT solver proposes a case; the theories look for values        sat, theory
 *      – none: the contradiction is a lemma, and the solver proposes again
 *      – found: values and kinds are the call                              witness
 *   5. No case is left: clauses, lemmas and learnt clauses are the proof   certificate
 *
 * Soundness of "no" rests on 1 to 3 and on the checker. "Yes" rests on nothing: whoever asks
 * replays the call through the ordinary decision.
 */

import type { Condition, Entry } from "../policy/ir.ts";
import { type Certificate, clauseOf, type Lemma } from "./certificate.ts";
import type { Fact } from "./classes.ts";
import { Encoding, INEXACT } from "./cnf.ts";
import { eliminate } from "./elements.ts";
import { type Atom, type Formula, Workshop } from "./formula.ts";
import { Exhausted, MAX_UNCONFIRMED } from "./limits.ts";
import { type Place, Places } from "./places.ts";
import { grantAxioms, Rules, type Side } from "./rules.ts";
import { Solver } from "./sat.ts";
import { decideValues, type Shape } from "./theory.ts";
import { KIND, partialKinds } from "./values.ts";
import { preferredKind, type Witness, WitnessBuilder } from "./witness.ts";

export type Answer =
  | { readonly answer: "no"; readonly certificate: Certificate }
  | { readonly answer: "yes"; readonly witness: Witness }
  | { readonly answer: "unknown"; readonly why: string };

export interface Options {
  /**
   * Whether a call is what was asked for, by the ordinary decision. It is asked of calls that were
   * found with the help of something that the prover does not interpret; without it such a question
   * is `unknown`.
   */
  readonly confirm?: (witness: Witness) => boolean;
}

/** What a question may speak of: the rules of each side, and the means to combine formulas. */
export interface Asked {
  readonly shop: Workshop;
  readonly places: Places;
  readonly rules: readonly Rules[];
}

/** Is there a call, and a grant that makes it, of which the formula is true? */
export function find(
  sides: readonly Side[],
  formula: (asked: Asked) => Formula,
  options: Options = {},
): Answer {
  const shop = new Workshop();
  const places = new Places();
  const rules = sides.map((side) => new Rules(shop, places, side));
  const freeGrant = sides.some(({ grant }) => grant === "free");
  try {
    return search(shop, places, formula({ shop, places, rules }), freeGrant, options);
  } catch (error) {
    if (error instanceof Exhausted) return { answer: "unknown", why: error.construct };
    throw error;
  }
}

function search(
  shop: Workshop,
  places: Places,
  question: Formula,
  freeGrant: boolean,
  { confirm }: Options,
): Answer {
  const { formula: bare, ranged } = eliminate(shop, question);
  const formula = shop.and([bare, grantAxioms(shop, places)]);
  const solver = new Solver();
  const encoding = new Encoding(solver, places.all, formula);
  const lemmas: Lemma[] = [];
  const obstacles = new Set<string>();
  let unconfirmed = 0;
  /** Rules out the present case without proof; what is left is unknown at best. */
  const giveUp = (why: string, facts: readonly Fact[], kindAt: Shape["kindAt"]): void => {
    obstacles.add(why);
    const kinds = facts.flatMap(({ atom }) =>
      placesOf(atom).map((place) => ({ place, kind: kindAt(place) })),
    );
    solver.add(clauseOf({ facts, kinds, presence: [] }, encoding));
  };

  while (solver.solve()) {
    const kinds = new Map<Place, number>();
    for (const place of encoding.places) {
      kinds.set(place, preferredKind(encoding.groupOf(place)?.kinds ?? 0));
    }
    const kindAt = (place: Place): number => kinds.get(place) ?? 0;
    const facts = caseOf(formula, encoding);
    const outcome = decideValues(facts, { places: encoding.places, kindAt, ranged });
    if ("conflicts" in outcome) {
      for (const conflict of outcome.conflicts) {
        const clause = clauseOf(conflict, encoding);
        lemmas.push({ clause, conflict });
        solver.add(clause);
      }
      continue;
    }
    if ("exhausted" in outcome) {
      giveUp(outcome.exhausted, outcome.facts, kindAt);
      continue;
    }
    const witness = new WitnessBuilder(outcome.values, kindAt).build(places, freeGrant);
    const holdsInexact = [...kinds.values()].includes(KIND.inexact);
    const opaque = facts.filter(
      ({ atom, positive }) =>
        atom.is === "opaque" && !(atom.key === INEXACT && positive === holdsInexact),
    );
    if (opaque.length === 0 || confirm?.(witness) === true) return { answer: "yes", witness };
    if (++unconfirmed > MAX_UNCONFIRMED) break;
    const [{ atom }] = opaque as [Fact];
    if (atom.is === "opaque" && atom.key === INEXACT) {
      // Look on only where a place that is mentioned holds such a number: there it can be shown.
      obstacles.add(atom.construct);
      solver.add([-encoding.literalOf(atom), ...encoding.inexactPlaces()]);
    } else giveUp(atom.is === "opaque" ? atom.construct : "", opaque, kindAt);
  }
  if (unconfirmed > MAX_UNCONFIRMED) obstacles.add("calls that the decision did not confirm");
  const [why] = obstacles;
  if (why !== undefined) return { answer: "unknown", why };
  return { answer: "no", certificate: { encoding, lemmas, learnt: solver.learnt } };
}

function placesOf(atom: Atom): readonly Place[] {
  if (atom.is === "in") return [atom.place];
  return atom.is === "opaque" ? [] : [atom.p, atom.q];
}

/**
 * The literals that make the formula true in the solver's assignment: of each "or" one true part,
 * the one that asks the theories for the least. Statements about kinds are settled and left out.
 */
function caseOf(formula: Formula, encoding: Encoding): readonly Fact[] {
  const costs = new Map<Formula, number>();
  const cost = (f: Formula): number => {
    let known = costs.get(f);
    if (known === undefined) {
      known = costOf(f);
      costs.set(f, known);
    }
    return known;
  };
  const costOf = (f: Formula): number => {
    switch (f.is) {
      case "true":
        return 0;
      case "literal":
        if (!encoding.holds(f.atom, f.positive)) return Number.POSITIVE_INFINITY;
        return COST[f.atom.is === "in" && partialKinds(f.atom.set) === 0 ? "kind" : f.atom.is];
      case "and":
        return f.parts.reduce((sum, part) => sum + cost(part), 0);
      case "or":
        return f.parts.reduce(
          (least, part) => Math.min(least, cost(part)),
          Number.POSITIVE_INFINITY,
        );
      default:
        return Number.POSITIVE_INFINITY;
    }
  };
  const facts: Fact[] = [];
  const taken = new Set<Formula>();
  const take = (f: Formula): void => {
    if (taken.has(f)) return;
    taken.add(f);
    if (f.is === "and") for (const part of f.parts) take(part);
    else if (f.is === "or") take(f.parts.reduce((a, b) => (cost(b) < cost(a) ? b : a)));
    else if (f.is === "literal" && cost(f) > 0) facts.push({ atom: f.atom, positive: f.positive });
  };
  take(formula);
  return facts;
}

const COST = { kind: 0, in: 1, less: 3, equal: 3, opaque: 100 } as const;

export type Verdict =
  | { readonly verdict: "same" | "narrower"; readonly certificate: Certificate }
  | { readonly verdict: "broader"; readonly witness: Witness }
  | { readonly verdict: "unknown"; readonly why: string };

/**
 * What a change from base to head does to the calls of one target, for the grants that the sides
 * speak of. `narrower` and `same` are proofs over all calls; `broader` comes with a call that head
 * allows and base denies, whatever else became narrower.
 */
export function proveTool(base: Side, head: Side, options: Options = {}): Verdict {
  const more = allowsMore(base, head, options);
  if (more.answer === "yes") return { verdict: "broader", witness: more.witness };
  if (more.answer === "unknown") return { verdict: "unknown", why: more.why };
  const { certificate } = more;
  const less = allowsMore(head, base);
  return { verdict: less.answer === "no" ? "same" : "narrower", certificate };
}

/** Is there a call that head allows and base does not? */
export function allowsMore(base: Side, head: Side, options?: Options): Answer {
  const difference = ({ shop, rules: [b, h] }: Asked): Formula =>
    shop.and([h!.allowed(), shop.not(b!.allowed())]);
  return find([base, head], difference, options);
}

/** Is there a call that is allowed? */
export function allowsAny(side: Side, options?: Options): Answer {
  return find([side], ({ rules: [s] }) => s!.allowed(), options);
}

/** Is there a call of the pinned form that is not allowed? */
export function deniesAny(side: Side, options?: Options): Answer {
  const denied = ({ shop, rules: [s] }: Asked): Formula =>
    shop.and([s!.wellFormed(), shop.not(s!.allowed())]);
  return find([side], denied, options);
}

/** Is there a call of the pinned form of which the entry, or the condition, is `truth`? */
export function canBe(
  truth: "true" | "false",
  judged: Entry | Condition,
  side: Side,
  options?: Options,
): Answer {
  const question = ({ shop, rules: [s] }: Asked): Formula => {
    const { whenTrue, whenFalse } =
      "anyOf" in judged ? s!.conditions.entry(judged) : s!.conditions.condition(judged);
    return shop.and([s!.wellFormed(), truth === "true" ? whenTrue : whenFalse]);
  };
  return find([side], question, options);
}

/** Is there an allowed call of which the entry is not true? No: the entry is an invariant. */
export function violates(invariant: Entry, side: Side, options?: Options): Answer {
  const question = ({ shop, rules: [s] }: Asked): Formula =>
    shop.and([s!.allowed(), shop.not(s!.conditions.entry(invariant).whenTrue)]);
  return find([side], question, options);
}

/** Is there a call of which the entry is true, and which is allowed? */
export function allowsSome(entry: Entry, side: Side, options?: Options): Answer {
  const question = ({ shop, rules: [s] }: Asked): Formula =>
    shop.and([s!.allowed(), s!.conditions.entry(entry).whenTrue]);
  return find([side], question, options);
}
