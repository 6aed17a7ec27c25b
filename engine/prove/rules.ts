/**
 * When one policy allows one tool or method, as a formula over its arguments and the grant.
 *
 *     allowed  =  schema ∧ (passed ∨ watched)
 *     passed   =  reached ∧ args ∧ ⋀ require is true ∧ ⋀ deny_if is false ∧ limits
 *     watched  =  the rules are only watched (monitor mode), and no patient data is concerned
 *
 * in the terms of the ordinary decision; the order of its steps decides which rule is named, not
 * whether the call is allowed. Limits are taken with nothing used yet: what one call alone may
 * charge. How often it may be repeated is compared elsewhere.
 */
import { subjectCases } from "../decide/label.ts";
import { canonical, type Json, type JsonObject, own } from "../json/value.ts";
import {
  type Entry,
  type Label,
  type Limit,
  type Path,
  type Policy,
  type RuleSet,
  type Subject,
  WORST_LABEL,
} from "../policy/ir.ts";
import { Conditions, type GrantView } from "./conditions.ts";
import type { Formula, Workshop } from "./formula.ts";
import { whereEphi } from "./labels.ts";
import type { Place, Places } from "./places.ts";
import { INTEGERS, intersectNumbers, numbersBetween } from "./ranges.ts";
import { schemaFormula } from "./schema.ts";
import { KIND, textsAmong, valueSet } from "./values.ts";

/** What a call is of. */
export type Target = { readonly tool: string } | { readonly method: string };

/** One side of a comparison: everything that decides whether a call of the target is allowed. */
export interface Side {
  /** Absent: nothing is allowed. */
  readonly policy?: Policy | undefined;
  readonly target: Target;
  /** The pinned input schema; absent where nothing is pinned. */
  readonly schema?: JsonObject | undefined;
  /** What the catalogue says of the target; absent means the worst. */
  readonly label?: Label | undefined;
  readonly grant: GrantView;
  /** What has to be true besides. */
  readonly also?: Entry | undefined;
  /** The rules are only watched where no patient data is concerned: they deny nothing there. */
  readonly monitored?: boolean | undefined;
}

export class Rules {
  readonly #shop: Workshop;
  readonly #places: Places;
  readonly #side: Side;
  readonly conditions: Conditions;

  constructor(shop: Workshop, places: Places, side: Side) {
    this.#shop = shop;
    this.#places = places;
    this.#side = side;
    this.conditions = new Conditions(shop, places, side.grant);
  }

  /** The arguments satisfy the pinned schema. */
  wellFormed(): Formula {
    const { schema } = this.#side;
    return schema === undefined
      ? this.#shop.yes
      : schemaFormula(this.#shop, this.#places.args, schema);
  }

  /** The call is allowed. */
  allowed(): Formula {
    const shop = this.#shop;
    const sets = this.ruleSets();
    const passed = sets.length === 0 ? [shop.no] : sets.map((rules) => this.ruleSet(rules));
    const watched = this.#watched();
    const { also } = this.#side;
    return shop.and([
      this.wellFormed(),
      // Side by side where nothing is watched: the search then meets them in the order of the file.
      ...(watched === shop.no ? passed : [shop.or([shop.and(passed), watched])]),
      ...(also === undefined ? [] : [this.conditions.entry(also).whenTrue]),
    ]);
  }

  /** The rules' denials are only watched. A method that no policy lists is denied in every mode. */
  #watched(): Formula {
    const { policy, target, label, monitored } = this.#side;
    if (monitored !== true || policy === undefined) return this.#shop.no;
    if ("method" in target && own(policy.methods, target.method) === undefined) {
      return this.#shop.no;
    }
    return this.#shop.not(whereEphi(this.#shop, this, label ?? WORST_LABEL));
  }

  /** The rules that judge a call of the target; none if no call reaches it. */
  ruleSets(): readonly RuleSet[] {
    const { policy, target, label } = this.#side;
    if (policy === undefined) return [];
    if ("method" in target) {
      const rules = own(policy.methods, target.method);
      return rules === undefined ? [] : [rules];
    }
    if (policy.hide === "*" || policy.hide.includes(target.tool)) return [];
    const rules = own(policy.tools, target.tool);
    if (rules !== undefined) return [rules, policy.allTools];
    return policy.default === "allow" && label?.ephi === false ? [policy.allTools] : [];
  }

  ruleSet(rules: RuleSet): Formula {
    return this.#shop.and([
      this.#named(rules.args),
      ...rules.require.map((entry) => this.conditions.entry(entry).whenTrue),
      ...rules.denyIf.map((entry) => this.conditions.entry(entry).whenFalse),
      ...rules.limits.map((limit) => this.#limit(limit)),
    ]);
  }

  /** No argument but the granted ones. */
  #named(args: readonly string[] | undefined): Formula {
    if (args === undefined) return this.#shop.yes;
    const over = { by: "members", place: this.#places.args, except: new Set(args) } as const;
    return this.#shop.quantify("every", over, "none", () => this.#shop.no);
  }

  #limit({ max, incrementFrom, distinct }: Limit): Formula {
    const shop = this.#shop;
    if (distinct === "subject") return this.#countsPatients(max);
    if (incrementFrom === undefined) return max >= 1 ? shop.yes : shop.no;
    const amounts = numbersBetween(0, Math.min(max, Number.MAX_SAFE_INTEGER));
    const numbers = intersectNumbers(amounts, INTEGERS);
    return shop.in(this.#placeOf(incrementFrom), valueSet(KIND.number, { numbers }));
  }

  /**
   * The call says which patients, and they are not too many. How a patient is read out of an
   * argument is opaque; that some argument holds a text or a number is not, and neither is which
   * arguments are read.
   */
  #countsPatients(max: number): Formula {
    const shop = this.#shop;
    return shop.or(
      subjectCases(this.#side.label ?? WORST_LABEL).map(({ when, subject }) =>
        shop.and([
          ...when.map((condition) => this.conditions.condition(condition).whenTrue),
          this.#counts(subject, max),
        ]),
      ),
    );
  }

  #counts(subject: Subject, max: number): Formula {
    const shop = this.#shop;
    if (subject === "none") return shop.yes;
    if (subject === "unknown") return shop.no;
    const read = shop.opaque(
      `patients ${canonical([subject as unknown as Json, max])}`,
      "`distinct: subject`",
    );
    const named = subject.map((path) => {
      const here = (place: Place): Formula => shop.kind(place, KIND.string | KIND.number);
      const place = this.#placeOf(path);
      if (path.each === undefined) return here(place);
      const { steps } = path.each;
      const key = `patient ${JSON.stringify(steps)}`;
      return shop.quantify("some", { by: "elements", place }, key, (e) => here(e.at(steps)));
    });
    return shop.and([read, shop.or(named)]);
  }

  #placeOf({ root, steps }: Path): Place {
    return this.#places[root].at(steps);
  }
}

/** What a grant file can say, `schemas/grant.schema.json`. */
const PURPOSES = [
  "treatment",
  "payment",
  "operations",
  "research",
  "patient_request",
  "emergency",
  "other",
] as const;
const PRINCIPAL_KINDS = ["person", "agent", "service"] as const;

/** What holds of every grant, as far as the question mentions it. */
export function grantAxioms(shop: Workshop, { grant }: Places): Formula {
  const named = (parent: Place | undefined, name: string): Place | undefined =>
    parent?.children.find(({ step }) => step?.by === "name" && step.name === name);
  const among = (place: Place | undefined, words: readonly string[]): Formula =>
    place === undefined
      ? shop.yes
      : shop.in(place, valueSet(KIND.string, { texts: textsAmong(new Set(words)) }));
  return shop.and([
    among(named(grant, "purpose"), PURPOSES),
    among(named(named(grant, "principal"), "kind"), PRINCIPAL_KINDS),
  ]);
}
