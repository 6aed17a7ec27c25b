/**
 * Random pairs of policies that are nearly alike, and calls near their bounds.
 *
 * The second policy is the first one with a few edits, as changes are: two unrelated policies are
 * told apart by the first call one thinks of. Values come from small pools, so that conditions on
 * one place meet, and calls hit the bounds of both.
 */
import { InexactNumber, type Received, type ReceivedObject } from "../../engine/json/value.ts";
import type { Random } from "./random.ts";

interface ConditionDocument {
  path: string;
  op: string;
  value?: unknown;
  value_from?: string;
  quantifier?: "any" | "all";
  not?: boolean;
}
type EntryDocument = { conditions: ConditionDocument[] } | { any_of: ConditionDocument[][] };
export interface RulesDocument {
  args?: string[];
  require?: EntryDocument[];
  deny_if?: EntryDocument[];
  limits?: object[];
}
export interface SideDocument {
  readonly rules: RulesDocument;
  readonly allTools: Omit<RulesDocument, "args">;
  readonly schema: object | undefined;
  /** The label's subject; absent: nobody described the tool. */
  readonly subject?: unknown;
}
export interface PairDocument {
  readonly base: SideDocument;
  readonly head: SideDocument;
  /** Constants of the grant on each side; absent: the grant is free. */
  readonly constants: readonly [ReceivedObject, ReceivedObject] | undefined;
}

const TEXTS = ["", "a", "b", "ab", "ba", "aab", "A", "a b", "é", "😀"] as const;
const NUMBERS = [0, 1, 2, -1, 1.5, 3, 5, 0.1, 1e21] as const;
const PATTERNS = [
  "^a",
  "a$",
  "^a*$",
  "(?i)ab",
  "^[ab]{1,2}$",
  "b",
  "^$",
  "^\\w+$",
  "^.{2,3}$",
  "a|^b",
  "[^a]",
] as const;
const TYPES = ["string", "number", "integer", "boolean", "array", "object", "null"] as const;

const SCALAR_PATHS = [
  "args.a",
  "args.b",
  "args.c",
  "args.o.x",
  "args.o.y.z",
  "args.l[0]",
  "args.l[1]",
  "args.o",
  "args.l",
] as const;
const EACH_PATHS = ["args.l[*]", "args.m[*].k", "args.o.l[*]", "args.m[*]", "args.m[*].l"] as const;
const GRANT_PATHS = [
  "grant.s",
  "grant.n",
  "grant.f",
  "grant.purpose",
  "grant.principal.kind",
  "grant.missing",
  "grant.list[0]",
] as const;
const GRANT_EACH = ["grant.list[*]", "grant.more[*]"] as const;
const ATTRIBUTES = [
  "grant.s",
  "grant.n",
  "grant.f",
  "grant.t",
  "grant.purpose",
  "grant.id",
] as const;
const LISTS = ["grant.list", "grant.more", "grant.s"] as const;

const OPERATORS = [
  ...["eq", "eq", "neq", "in", "in", "not_in", "lt", "lte", "gt", "gte"],
  ...["regex", "matches", "starts_with", "ends_with", "contains", "has_element"],
  ...["length_lt", "length_lte", "length_gt", "length_gte"],
  ...["count_lt", "count_lte", "count_gt", "count_gte", "exists", "type"],
] as const;

export interface GenerateOptions {
  /** Only what the prover decides exactly with a free grant. */
  readonly grants?: boolean;
  readonly schemas?: boolean;
  /** Every policy counts patients, whom labels of all forms name. */
  readonly subjects?: boolean;
}

const SUBJECTS = ["args.a", ["args.a", "args.c"], "args.l[*]", "args.m[*].k", "none", "unknown"];

export class Generator {
  readonly #random: Random;
  readonly #options: GenerateOptions;

  constructor(random: Random, options: GenerateOptions = {}) {
    this.#random = random;
    this.#options = options;
  }

  #scalar(): string | number | boolean {
    const r = this.#random;
    return r.chance(0.55) ? r.pick(TEXTS) : r.chance(0.75) ? r.pick(NUMBERS) : r.chance(0.5);
  }

  #condition(): ConditionDocument {
    const r = this.#random;
    const ofGrant = this.#options.grants === true && r.chance(0.08);
    const each = r.chance(0.25);
    const path = ofGrant
      ? r.pick(each ? GRANT_EACH : GRANT_PATHS)
      : r.pick(each ? EACH_PATHS : SCALAR_PATHS);
    const op = r.pick(OPERATORS);
    return {
      path,
      op,
      ...this.#operand(op),
      ...(path.includes("[*]") ? { quantifier: r.chance(0.5) ? "any" : "all" } : {}),
      ...(r.chance(0.15) ? { not: true } : {}),
    };
  }

  #operand(op: string): { value: unknown } | { value_from: string } {
    const r = this.#random;
    const fromGrant = this.#options.grants === true && r.chance(0.35);
    if (fromGrant && !["regex", "matches", "exists", "type"].includes(op)) {
      return { value_from: r.pick(op === "in" || op === "not_in" ? LISTS : ATTRIBUTES) };
    }
    switch (op) {
      case "in":
      case "not_in": {
        const members = Array.from({ length: 1 + r.below(3) }, () => this.#scalar());
        return { value: [...new Set(members)] };
      }
      case "lt":
      case "lte":
      case "gt":
      case "gte":
        return { value: r.pick(NUMBERS) };
      case "regex":
      case "matches":
        return { value: r.pick(PATTERNS) };
      case "starts_with":
      case "ends_with":
        return { value: r.pick(TEXTS) };
      case "exists":
        return { value: r.chance(0.5) };
      case "type":
        return { value: r.pick(TYPES) };
      default:
        return { value: /^(length|count)_/.test(op) ? r.below(4) : this.#scalar() };
    }
  }

  #entry(): EntryDocument {
    const r = this.#random;
    const group = (): ConditionDocument[] =>
      Array.from({ length: 1 + r.below(r.chance(0.3) ? 3 : 2) }, () => this.#condition());
    return r.chance(0.3)
      ? { any_of: Array.from({ length: 1 + r.below(2) }, group) }
      : { conditions: group() };
  }

  #entries(most: number): EntryDocument[] {
    return Array.from({ length: this.#random.below(most + 1) }, () => this.#entry());
  }

  #rules(): RulesDocument {
    const r = this.#random;
    return {
      ...(r.chance(0.25)
        ? { args: ["a", "b", "c", "l", "m", "o"].filter(() => r.chance(0.75)) }
        : {}),
      require: this.#entries(2),
      deny_if: this.#entries(2),
      ...(r.chance(0.08)
        ? {
            limits: [
              { counter: "n", window: "hour", max: 1 + r.below(3), increment_from: "args.a" },
            ],
          }
        : {}),
    };
  }

  #schema(depth = 0): object {
    const r = this.#random;
    const schema: Record<string, unknown> = {};
    if (depth > 0 && r.chance(0.6))
      schema.type = r.chance(0.8) ? r.pick(TYPES) : [r.pick(["string", "number", "array"]), "null"];
    if (depth === 0) schema.type = "object";
    if (r.chance(0.1)) schema.minimum = r.pick([0, 1, 1.5]);
    if (r.chance(0.1)) schema.exclusiveMaximum = r.pick([2, 3]);
    if (r.chance(0.15)) schema.maxLength = r.below(3);
    if (r.chance(0.1)) schema.pattern = r.pick(PATTERNS);
    if (depth > 0 && r.chance(0.1))
      schema.enum = [this.#scalar(), this.#scalar(), null].slice(r.below(3));
    if (r.chance(0.15)) schema[r.chance(0.5) ? "minItems" : "maxItems"] = r.below(3);
    if (depth < 2 && (depth === 0 || r.chance(0.3))) {
      const names = (depth === 0 ? ["a", "b", "l", "m", "o"] : ["x", "k", "l"]).filter(() =>
        r.chance(0.5),
      );
      schema.properties = Object.fromEntries(names.map((name) => [name, this.#schema(depth + 1)]));
      if (r.chance(0.3)) schema.additionalProperties = r.chance(0.7) ? false : this.#schema(2);
      if (r.chance(0.3)) schema.required = names.slice(0, 1);
    }
    if (depth < 2 && depth > 0 && r.chance(0.2)) schema.items = this.#schema(2);
    if (depth === 1 && r.chance(0.1))
      schema[r.pick(["anyOf", "oneOf", "allOf"])] = [this.#schema(2), this.#schema(2)];
    if (depth === 2 && r.chance(0.05)) schema.not = this.#schema(3);
    return schema;
  }

  pair(): PairDocument {
    const r = this.#random;
    const rules = this.#rules();
    const allTools = r.chance(0.15) ? { deny_if: this.#entries(1) } : {};
    const schema = this.#options.schemas === true && r.chance(0.5) ? this.#schema() : undefined;
    const base: SideDocument = { rules, allTools, schema, ...this.#subjects(rules) };
    const head = structuredClone(base) as { -readonly [K in keyof SideDocument]: SideDocument[K] };
    for (let edits = 1 + r.below(2); edits > 0; edits--) this.#edit(head.rules);
    if (schema !== undefined && r.chance(0.4))
      head.schema = r.chance(0.2) ? undefined : this.#nearSchema(schema);
    if (base.subject !== undefined && r.chance(0.6)) head.subject = this.#subject();
    const pair = r.chance(0.5) ? { base, head } : { base: head, head: base };
    if (this.#options.grants !== true || r.chance(0.6)) return { ...pair, constants: undefined };
    const one = this.attributes();
    return { ...pair, constants: [one, r.chance(0.7) ? one : this.attributes()] };
  }

  /** The label's subject, and a limit that asks for it. */
  #subjects(rules: RulesDocument): Pick<SideDocument, "subject"> {
    const r = this.#random;
    if (this.#options.subjects !== true) return {};
    rules.limits = [{ counter: "p", window: "hour", max: 1 + r.below(2), distinct: "subject" }];
    return { subject: this.#subject() };
  }

  #subject(): unknown {
    const r = this.#random;
    if (r.chance(0.3)) return r.pick(SUBJECTS);
    const names = ["a", "ab", "", "b"].filter(() => r.chance(0.6));
    const cases = Object.fromEntries(["ba", ...names].map((name) => [name, r.pick(SUBJECTS)]));
    return { by: r.pick(["args.b", "args.b", "args.a", "args.o.x"]), cases };
  }

  #nearSchema(schema: object): object {
    const r = this.#random;
    const near = structuredClone(schema) as Record<string, unknown>;
    const at = r.chance(0.5) ? near : (Object.values((near.properties as object) ?? {})[0] ?? near);
    const target = at as Record<string, unknown>;
    const keys = Object.keys(target).filter((key) => target !== near || key !== "type");
    if (keys.length > 0 && r.chance(0.5)) delete target[r.pick(keys)];
    else Object.assign(target, r.chance(0.5) ? { maxLength: r.below(3) } : { minimum: r.below(2) });
    return near;
  }

  #edit(rules: RulesDocument): void {
    const r = this.#random;
    const which = r.chance(0.5) ? "require" : "deny_if";
    const list = rules[which] ?? [];
    rules[which] = list;
    const choice = r.below(10);
    if (choice === 0 || list.length === 0) list.splice(r.below(list.length + 1), 0, this.#entry());
    else if (choice === 1) list.splice(r.below(list.length), 1);
    else if (choice === 2) {
      if (rules.args === undefined || r.chance(0.3)) rules.args = ["a", "l", "o"];
      else if (r.chance(0.2)) delete rules.args;
      else rules.args = [...new Set([...rules.args, r.pick(["b", "d", "m"])])];
    } else {
      const entry = list[r.below(list.length)]!;
      const groups = "any_of" in entry ? entry.any_of : [entry.conditions];
      const group = r.pick(groups);
      const index = r.below(group.length);
      const condition = group[index]!;
      if (choice === 3) group.push(this.#condition());
      else if (choice === 4 && group.length > 1) group.splice(index, 1);
      else if (choice === 5 && "any_of" in entry) entry.any_of.push([this.#condition()]);
      else if (choice === 6 && condition.quantifier !== undefined) {
        condition.quantifier = condition.quantifier === "any" ? "all" : "any";
      } else if (choice === 7) {
        group[index] = { ...condition, ...this.#twin(condition) };
      } else {
        delete condition.value;
        delete condition.value_from;
        Object.assign(condition, this.#operand(condition.op));
      }
    }
  }

  /** Another way to write nearly the same condition. */
  #twin(condition: ConditionDocument): Partial<ConditionDocument> {
    const { op } = condition;
    const twins: Record<string, string> = {
      ...{
        eq: "neq",
        neq: "eq",
        in: "not_in",
        not_in: "in",
        lt: "gte",
        gte: "lt",
        lte: "gt",
        gt: "lte",
      },
      ...{
        regex: "matches",
        length_lt: "length_gte",
        length_gte: "length_lt",
        starts_with: "contains",
      },
    };
    const twin = twins[op];
    if (twin === undefined) return { not: condition.not !== true };
    return { op: twin, ...(this.#random.chance(0.6) ? { not: condition.not !== true } : {}) };
  }

  attributes(): ReceivedObject {
    const r = this.#random;
    const list = (): Received[] => Array.from({ length: r.below(4) }, () => this.#scalar());
    const facts: Record<string, Received> = {};
    if (r.chance(0.8)) facts.s = r.chance(0.8) ? r.pick(TEXTS) : this.#scalar();
    if (r.chance(0.8)) facts.n = r.pick(NUMBERS);
    if (r.chance(0.6)) facts.f = r.chance(0.5);
    if (r.chance(0.5)) facts.t = this.#scalar();
    if (r.chance(0.8)) facts.list = list();
    if (r.chance(0.6)) facts.more = r.chance(0.9) ? list() : this.#scalar();
    const kind = r.pick(["person", "agent", "service"]);
    return {
      ...facts,
      id: r.pick(["g", "a"]),
      purpose: r.pick(["treatment", "other"]),
      principal: { kind, id: "a" },
    };
  }

  #value(depth: number): Received {
    const r = this.#random;
    if (depth > 0 && r.chance(0.3)) {
      if (r.chance(0.5)) return Array.from({ length: r.below(4) }, () => this.#value(depth - 1));
      return this.#members(["x", "y", "k", "l", "z"], depth - 1, 0.4);
    }
    if (r.chance(0.06)) return null;
    if (r.chance(0.03)) return new InexactNumber("9007199254740993");
    return this.#scalar();
  }

  #members(names: readonly string[], depth: number, probability: number): ReceivedObject {
    const r = this.#random;
    return Object.fromEntries(
      names.flatMap((name) => (r.chance(probability) ? [[name, this.#named(name, depth)]] : [])),
    );
  }

  /** Mostly of the shape that paths expect under this name. */
  #named(name: string, depth: number): Received {
    const r = this.#random;
    if (depth <= 0 || r.chance(0.15)) return this.#value(depth);
    if (name === "o" || name === "y") return this.#members(["x", "y", "z", "l"], depth - 1, 0.6);
    if (name === "l") return Array.from({ length: r.below(4) }, () => this.#value(0));
    if (name === "m") {
      return Array.from({ length: r.below(4) }, () =>
        r.chance(0.6)
          ? this.#members(["k", "l"], depth - 1, 0.7)
          : r.chance(0.6)
            ? Array.from({ length: r.below(3) }, () => this.#value(0))
            : this.#value(1),
      );
    }
    return r.chance(0.85) ? this.#scalar() : this.#value(depth);
  }

  args(): ReceivedObject {
    const r = this.#random;
    return this.#members(
      ["a", "b", "c", "o", "l", "m", ...(r.chance(0.1) ? ["d"] : [])],
      3,
      r.pick([0.3, 0.6, 0.85]),
    );
  }
}
