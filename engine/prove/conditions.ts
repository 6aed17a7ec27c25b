/**
 * What a condition says, as two formulas: one for "it is true", one for "it is false".
 *
 * Kleene's connectives need no third formula. With T and F for the two:
 *
 *     not c       T = F(c)                  F = T(c)
 *     c and d     T = T(c) ∧ T(d)           F = F(c) ∨ F(d)
 *     c or d      T = T(c) ∨ T(d)           F = F(c) ∧ F(d)
 *     any, over a non-empty array           T = some T            F = non-empty ∧ every F
 *     all, over a non-empty array           T = non-empty ∧ every T        F = some F
 *
 * They are monotone in T and F, so what is proved of these formulas is proved of the language.
 */
import { RE2JS } from "re2js";
import { readyCondition } from "../decide/condition.ts";
import { walk } from "../decide/value.ts";
import type { ReceivedObject } from "../json/value.ts";
import type { Condition, Entry, Operator, Scalar } from "../policy/ir.ts";
import type { Formula, Workshop } from "./formula.ts";
import { type SetPair, textSets, unarySets } from "./operators.ts";
import type { Place, Places } from "./places.ts";
import { KIND, SCALAR, textsMatching } from "./values.ts";

/** The grant's constants as conditions see them, see `ReadyGrant`. */
export type GrantFacts = ReceivedObject;

/** Whom the question is about: everyone, or one grant. */
export type GrantView = "free" | GrantFacts;

/** When a condition, a group or an entry is true, and when it is false. */
export interface Judgement {
  readonly whenTrue: Formula;
  readonly whenFalse: Formula;
}

export class Conditions {
  readonly #shop: Workshop;
  readonly #places: Places;
  readonly #grant: GrantView;

  constructor(shop: Workshop, places: Places, grant: GrantView) {
    this.#shop = shop;
    this.#places = places;
    this.#grant = grant;
  }

  entry({ anyOf }: Entry): Judgement {
    const shop = this.#shop;
    const groups = anyOf.map((group) => {
      const judged = group.map((condition) => this.condition(condition));
      return {
        whenTrue: shop.and(judged.map(({ whenTrue }) => whenTrue)),
        whenFalse: shop.or(judged.map(({ whenFalse }) => whenFalse)),
      };
    });
    return {
      whenTrue: shop.or(groups.map(({ whenTrue }) => whenTrue)),
      whenFalse: shop.and(groups.map(({ whenFalse }) => whenFalse)),
    };
  }

  condition(condition: Condition): Judgement {
    const judged = this.#quantified(condition);
    return condition.not ? { whenTrue: judged.whenFalse, whenFalse: judged.whenTrue } : judged;
  }

  #quantified(condition: Condition): Judgement {
    const { path, op } = condition;
    const shop = this.#shop;
    if (path.root === "grant" && this.#grant !== "free") return this.#constant(condition);
    const place = this.#places[path.root].at(path.steps);
    if (path.each === undefined) return this.#plain(condition, place);

    const { quantifier, steps } = path.each;
    const over = { by: "elements", place } as const;
    const body = (element: Place): Judgement => this.#plain(condition, element.at(steps));
    const key = JSON.stringify([steps, op, this.#operandOf(condition)]);
    const touches = this.#listOf(condition);
    const some = (which: keyof Judgement): Formula =>
      shop.quantify("some", over, `${which} ${key}`, (e) => body(e)[which], touches);
    const every = (which: keyof Judgement): Formula =>
      shop.quantify("every", over, `${which} ${key}`, (e) => body(e)[which], touches);
    const nonEmpty = shop.quantify("some", over, "any element", () => shop.yes);
    const folded =
      quantifier === "any"
        ? { whenTrue: some("whenTrue"), whenFalse: shop.and([nonEmpty, every("whenFalse")]) }
        : { whenTrue: shop.and([nonEmpty, every("whenTrue")]), whenFalse: some("whenFalse") };
    if (op !== "exists") return folded;
    // Where the array itself is absent, `exists` is judged as at an absent path.
    const absent = shop.kind(place, KIND.absent);
    return literalOf(condition) === true
      ? { ...folded, whenFalse: shop.or([absent, folded.whenFalse]) }
      : { ...folded, whenTrue: shop.or([absent, folded.whenTrue]) };
  }

  /** What the condition compares with on this side: names of bodies must not mix up two grants. */
  #operandOf({ operand, op }: Condition): unknown {
    if ("literal" in operand || this.#grant === "free") return operand;
    const literal = constantAt(this.#grant, operand.grant);
    return literal !== undefined && takes(op, literal) ? { literal } : "undetermined";
  }

  /** The list of the free grant that the condition compares with. */
  #listOf({ operand, op }: Condition): Place | undefined {
    if (this.#grant !== "free" || "literal" in operand) return undefined;
    return op === "in" || op === "not_in" ? this.#places.grant.at(operand.grant) : undefined;
  }

  /** A condition on one place, without its `[*]` and its `not`. */
  #plain(condition: Condition, place: Place): Judgement {
    const { op, operand } = condition;
    if ("grant" in operand) {
      if (this.#grant === "free") {
        return this.#compare(op, place, this.#places.grant.at(operand.grant));
      }
      const value = constantAt(this.#grant, operand.grant);
      // An absent constant, or one of the wrong type, makes the condition undetermined.
      return value !== undefined && takes(op, value)
        ? this.#judge(op, place, value)
        : this.#undetermined();
    }
    return this.#judge(op, place, operand.literal);
  }

  #undetermined(): Judgement {
    return { whenTrue: this.#shop.no, whenFalse: this.#shop.no };
  }

  #judge(op: Operator, place: Place, operand: Scalar | readonly Scalar[]): Judgement {
    switch (op) {
      case "neq":
        return swap(this.#judge("eq", place, operand));
      case "not_in":
        return swap(this.#judge("in", place, operand));
      case "has_element":
        return this.#hasElement(place, operand as Scalar);
      case "contains": {
        const array = this.#hasElement(place, operand as Scalar);
        if (typeof operand !== "string") return array;
        const text = this.#split(place, textSets(textsMatching(RE2JS.quote(operand), false)));
        return {
          whenTrue: this.#shop.or([array.whenTrue, text.whenTrue]),
          whenFalse: this.#shop.or([array.whenFalse, text.whenFalse]),
        };
      }
      default:
        return this.#split(place, unarySets(op, operand));
    }
  }

  #split(place: Place, { whenTrue, whenFalse }: SetPair): Judgement {
    return { whenTrue: this.#shop.in(place, whenTrue), whenFalse: this.#shop.in(place, whenFalse) };
  }

  /** True if an element equals the value, false if all are scalars of its type and differ. */
  #hasElement(place: Place, value: Scalar): Judgement {
    const { whenTrue, whenFalse } = unarySets("eq", value);
    const shop = this.#shop;
    const over = { by: "elements", place } as const;
    const equal = (element: Place): Formula => shop.in(element, whenTrue);
    const differs = (element: Place): Formula => shop.in(element, whenFalse);
    return {
      whenTrue: shop.quantify("some", over, whenTrue.key, equal),
      whenFalse: shop.and([
        shop.kind(place, KIND.array),
        shop.quantify("every", over, whenFalse.key, differs),
      ]),
    };
  }

  /** An operator between a place and an attribute of the free grant. */
  #compare(op: Operator, p: Place, g: Place): Judgement {
    const shop = this.#shop;
    const numbers = shop.and([shop.kind(p, KIND.number), shop.kind(g, KIND.number)]);
    switch (op) {
      case "eq":
        return {
          whenTrue: shop.equal(p, g),
          whenFalse: shop.and([shop.sameType(p, g), shop.not(shop.equal(p, g))]),
        };
      case "neq":
        return swap(this.#compare("eq", p, g));
      case "in": {
        const over = { by: "elements", place: g } as const;
        return {
          whenTrue: shop.quantify("some", over, `= ${p.id}`, (e) => shop.equal(p, e)),
          whenFalse: shop.and([
            shop.quantify("some", over, `type ${p.id}`, (e) => shop.sameType(p, e)),
            shop.quantify("every", over, `!= ${p.id}`, (e) => shop.not(shop.equal(p, e))),
          ]),
        };
      }
      case "not_in":
        return swap(this.#compare("in", p, g));
      case "lt":
        return {
          whenTrue: shop.less(p, g),
          whenFalse: shop.and([numbers, shop.not(shop.less(p, g))]),
        };
      case "gt":
        return {
          whenTrue: shop.less(g, p),
          whenFalse: shop.and([numbers, shop.not(shop.less(g, p))]),
        };
      case "lte":
        return swap(this.#compare("gt", p, g));
      case "gte":
        return swap(this.#compare("lt", p, g));
      case "has_element":
        return this.#hasElementOf(p, g);
      case "contains": {
        const array = this.#hasElementOf(p, g);
        const text = this.#uninterpreted(op, p, KIND.string, g, KIND.string);
        return {
          whenTrue: shop.or([array.whenTrue, text.whenTrue]),
          whenFalse: shop.or([array.whenFalse, text.whenFalse]),
        };
      }
      case "starts_with":
      case "ends_with":
        return this.#uninterpreted(op, p, KIND.string, g, KIND.string);
      case "length_lt":
      case "length_gt":
        return this.#uninterpreted(op, p, KIND.string, g, KIND.number);
      case "count_lt":
      case "count_gt":
        return this.#uninterpreted(op, p, KIND.array, g, KIND.number);
      case "length_lte":
        return swap(this.#compare("length_gt", p, g));
      case "length_gte":
        return swap(this.#compare("length_lt", p, g));
      case "count_lte":
        return swap(this.#compare("count_gt", p, g));
      case "count_gte":
        return swap(this.#compare("count_lt", p, g));
      default:
        return this.#undetermined();
    }
  }

  #hasElementOf(p: Place, g: Place): Judgement {
    const shop = this.#shop;
    const over = { by: "elements", place: p } as const;
    const differs = (e: Place): Formula =>
      shop.and([shop.sameType(e, g), shop.not(shop.equal(e, g))]);
    return {
      whenTrue: shop.quantify("some", over, `= ${g.id}`, (e) => shop.equal(e, g)),
      whenFalse: shop.and([
        shop.kind(p, KIND.array),
        shop.kind(g, SCALAR),
        shop.quantify("every", over, `!= ${g.id}`, differs),
      ]),
    };
  }

  /**
   * Concatenation of two unknown texts has no automaton, so between a value and a free attribute
   * these operators are opaque. The proof for one grant has the attribute's constant, and is exact.
   */
  #uninterpreted(op: Operator, p: Place, kindOfP: number, g: Place, kindOfG: number): Judgement {
    const shop = this.#shop;
    const types = shop.and([shop.kind(p, kindOfP), shop.kind(g, kindOfG)]);
    const holds = shop.opaque(`${op} ${p.id} ${g.id}`, `\`${op}\` with \`value_from: ${g}\``);
    return { whenTrue: shop.and([types, holds]), whenFalse: shop.and([types, shop.not(holds)]) };
  }

  /** A condition on the grant alone, when its constants are known: it is simply judged. */
  #constant(condition: Condition): Judgement {
    const truth = readyCondition({ ...condition, not: false }).judge({
      args: {},
      grant: this.#grant as GrantFacts,
    });
    return {
      whenTrue: truth === "true" ? this.#shop.yes : this.#shop.no,
      whenFalse: truth === "false" ? this.#shop.yes : this.#shop.no,
    };
  }
}

function swap({ whenTrue, whenFalse }: Judgement): Judgement {
  return { whenTrue: whenFalse, whenFalse: whenTrue };
}

function literalOf({ operand }: Condition): Scalar | readonly Scalar[] | undefined {
  return "literal" in operand ? operand.literal : undefined;
}

/** Whether a constant of the grant has a type that the operator compares with. */
function takes(op: Operator, value: Scalar | readonly Scalar[]): boolean {
  if (op === "in" || op === "not_in") return Array.isArray(value);
  if (/^(lt|gt|length_|count_)/.test(op)) return typeof value === "number";
  if (op === "starts_with" || op === "ends_with") return typeof value === "string";
  return !Array.isArray(value);
}

/** The constant that `value_from` names, or undefined if there is none that can be compared with. */
function constantAt(
  facts: GrantFacts,
  steps: readonly string[],
): Scalar | readonly Scalar[] | undefined {
  const found = walk(facts, steps);
  if (Array.isArray(found)) return found as readonly Scalar[];
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean"
    ? found
    : undefined;
}
