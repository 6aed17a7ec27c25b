/**
 * Pairs of documents as questions to Z3, written from the language's description and sharing nothing
 * with the prover: no formula, no automaton, no notion of what makes a call.
 *
 * A place of the arguments is a variable for its kind, and one for its value as a text, a number, a
 * truth, and an array as far as conditions can see into it. A condition is a pair of SMT-LIB terms, of
 * which the first says that it is true and the second that it is false; neither is undetermined.
 *
 * Two things that Z3 and JSON mean differently do not matter here. Z3's numbers are reals: between two
 * different bounds out of a dozen there is a double wherever there is a real. Z3's characters end at
 * plane 2 and include surrogates: no condition tells planes apart, and surrogates are excluded.
 */
import type { RulesDocument, SideDocument } from "../prove/generate.ts";

/** What this translation does not cover; the pair is left out. */
export class Unsupported extends Error {}

type Condition = Extract<
  NonNullable<RulesDocument["require"]>[number],
  { conditions: unknown }
>["conditions"][number];
type Entry = NonNullable<RulesDocument["require"]>[number];
type Scalar = string | number | boolean;
type Terms = readonly [whenTrue: string, whenFalse: string];

const KINDS = [
  "absent",
  "bad",
  "null",
  "boolean",
  "number",
  "inexact",
  "string",
  "array",
  "object",
];
const NAMES = ["a", "b", "c", "d", "l", "m", "o", "any-other-name"];

const and = (parts: readonly string[]): string =>
  parts.length === 0 ? "true" : `(and ${parts.join(" ")})`;
const or = (parts: readonly string[]): string =>
  parts.length === 0 ? "false" : `(or ${parts.join(" ")})`;
const not = (part: string): string => `(not ${part})`;

function textTerm(text: string): string {
  const escaped = [...text].map((c) =>
    /[ !#-[\]-~]/.test(c) ? c : `\\u{${c.codePointAt(0)!.toString(16)}}`,
  );
  return `"${escaped.join("")}"`;
}

function numberTerm(n: number): string {
  const size = Math.abs(n);
  const digits = Number.isInteger(size) ? `${BigInt(size)}.0` : String(size);
  if (!/^\d+\.\d+$/.test(digits)) throw new Unsupported(`the number ${n}`);
  return n < 0 ? `(- ${digits})` : digits;
}

/** A place, with what was asked of it. */
class Place {
  readonly id: string;
  readonly children = new Map<string | number, Place>();
  readonly members = new Set<Scalar>();
  counted = false;

  constructor(id: string) {
    this.id = id;
  }

  is(...kinds: readonly string[]): string {
    return or(kinds.map((kind) => `(= k${this.id} ${KINDS.indexOf(kind)})`));
  }

  member(value: Scalar): string {
    this.members.add(value);
    return `m${this.id}_${[...this.members].indexOf(value)}`;
  }

  all(type: string): string {
    return `all_${type}${this.id}`;
  }
}

export class Question {
  readonly #root = new Place("_");
  #count = 0;

  constructor() {
    for (const name of NAMES) this.#step(this.#root, name);
  }

  /** The script: some call is allowed by `more` and not by `less`. */
  script(more: SideDocument, less: SideDocument): string {
    const question = `(assert ${and([this.#allowed(more), not(this.#allowed(less))])})`;
    const lines: string[] = [];
    this.#declare(this.#root, lines);
    lines.push(`(assert ${this.#root.is("object")})`);
    return `${[...lines, question].join("\n")}\n`;
  }

  #step(place: Place, step: string | number): Place {
    let child = place.children.get(step);
    if (child === undefined) {
      child = new Place(`_${this.#count++}`);
      place.children.set(step, child);
    }
    return child;
  }

  #place(path: string): Place {
    const [root, ...steps] = path.replace(/\[(\d+)\]/g, ".$1").split(".");
    if (root !== "args" || path.includes("[*]")) throw new Unsupported(`the path ${path}`);
    return steps.reduce(
      (place, step) => this.#step(place, /^\d+$/.test(step) ? Number(step) : step),
      this.#root,
    );
  }

  #declare(place: Place, lines: string[]): void {
    const { id, children, members } = place;
    lines.push(
      `(declare-const k${id} Int)`,
      `(assert (and (<= 0 k${id}) (< k${id} ${KINDS.length})))`,
      `(declare-const b${id} Bool)`,
      `(declare-const n${id} Real)`,
      `(declare-const s${id} String)`,
      `(assert (str.in_re s${id} (re.* (re.union (re.range "\\u{0}" "\\u{d7ff}") (re.range "\\u{e000}" "\\u{2ffff}")))))`,
      `(declare-const c${id} Int)`,
      `(assert (>= c${id} 0))`,
    );
    this.#declareElements(place, lines);
    for (const [step, child] of children) {
      this.#declare(child, lines);
      const holder = typeof step === "number" ? "array" : "object";
      lines.push(
        `(assert (= ${place.is("absent")} ${and([child.is("absent"), place.is("absent")])}))`,
        `(assert (=> ${place.is(holder)} ${not(child.is("bad"))}))`,
        `(assert (=> ${not(place.is(holder, "absent"))} ${child.is("bad")}))`,
      );
      if (typeof step === "number")
        lines.push(
          `(assert (=> ${place.is("array")} (= (> c${id} ${step}) ${not(child.is("absent"))})))`,
        );
      // How elements by index and members of the same array hang together is left out.
      if (typeof step === "number" && members.size > 0)
        throw new Unsupported("members and an index of one array");
    }
  }

  /** Which values are elements, and whether all elements are scalars of one type. */
  #declareElements(place: Place, lines: string[]): void {
    const { id, members, counted } = place;
    if (members.size === 0) return;
    if (counted) throw new Unsupported("members and the size of one array");
    for (const type of ["string", "number", "boolean"])
      lines.push(`(declare-const ${place.all(type)} Bool)`);
    for (const [index, value] of [...members].entries()) {
      lines.push(`(declare-const m${id}_${index} Bool)`);
      const others = ["string", "number", "boolean"].filter((type) => type !== typeof value);
      lines.push(
        `(assert (=> m${id}_${index} ${and(others.map((type) => not(place.all(type))))}))`,
      );
    }
    // Of the empty array everything is true; of any other, all elements are of one type at most.
    const all = ["string", "number", "boolean"].map((type) => place.all(type));
    const [text = "", number = "", truth = ""] = all;
    const two = or([and([text, number]), and([number, truth]), and([text, truth])]);
    lines.push(`(assert (=> ${two} ${and(all)}))`);
    // An element that is neither of the two truths is none.
    if (members.has(true) && members.has(false)) {
      const neither = [not(place.member(true)), not(place.member(false))];
      lines.push(`(assert (=> ${and([truth, ...neither])} ${and(all)}))`);
    }
  }

  #allowed({ rules, allTools, schema }: SideDocument): string {
    if (schema !== undefined) throw new Unsupported("a schema");
    const { args } = rules;
    const others = args === undefined ? [] : NAMES.filter((name) => !args.includes(name));
    return and([
      ...others.map((name) => this.#step(this.#root, name).is("absent")),
      ...[rules, allTools].flatMap(({ require = [], deny_if = [], limits = [] }) => [
        ...require.map((entry) => this.#entry(entry)[0]),
        ...deny_if.map((entry) => this.#entry(entry)[1]),
        ...limits.map((limit) => this.#limit(limit as Readonly<Record<string, unknown>>)),
      ]),
    ]);
  }

  #limit({ max, increment_from: path }: Readonly<Record<string, unknown>>): string {
    const place = this.#place(path as string);
    const n = `n${place.id}`;
    return and([
      place.is("number"),
      `(is_int ${n})`,
      `(<= 0.0 ${n})`,
      `(<= ${n} ${numberTerm(max as number)})`,
    ]);
  }

  #entry(entry: Entry): Terms {
    const groups = "any_of" in entry ? entry.any_of : [entry.conditions];
    const judged = groups.map((group) => group.map((condition) => this.#condition(condition)));
    return [
      or(judged.map((group) => and(group.map(([whenTrue]) => whenTrue)))),
      and(judged.map((group) => or(group.map(([, whenFalse]) => whenFalse)))),
    ];
  }

  #condition({ path, op, value, value_from: from, not: negated }: Condition): Terms {
    if (from !== undefined) throw new Unsupported("a constant of the grant");
    const [whenTrue, whenFalse] = this.#operator(this.#place(path), op, value);
    return negated === true ? [whenFalse, whenTrue] : [whenTrue, whenFalse];
  }

  #operator(place: Place, op: string, value: unknown): Terms {
    const judged = (kind: string, holds: string): Terms => [
      and([place.is(kind), holds]),
      and([place.is(kind), not(holds)]),
    ];
    const text = `s${place.id}`;
    const compare: Readonly<Record<string, string>> = { lt: "<", lte: "<=", gt: ">", gte: ">=" };
    switch (op) {
      case "exists": {
        const terms: Terms = [not(place.is("absent", "bad")), place.is("absent")];
        return value === true ? terms : [terms[1], terms[0]];
      }
      case "eq":
        return this.#among(place, [value as Scalar]);
      case "neq":
        return turn(this.#among(place, [value as Scalar]));
      case "in":
        return this.#among(place, value as Scalar[]);
      case "not_in":
        return turn(this.#among(place, value as Scalar[]));
      case "lt":
      case "lte":
      case "gt":
      case "gte":
        return judged("number", `(${compare[op]} n${place.id} ${numberTerm(value as number)})`);
      case "regex":
      case "matches":
        return judged(
          "string",
          `(str.in_re ${text} ${regexTerm(value as string, op === "matches")})`,
        );
      case "starts_with":
        return judged("string", `(str.prefixof ${textTerm(value as string)} ${text})`);
      case "ends_with":
        return judged("string", `(str.suffixof ${textTerm(value as string)} ${text})`);
      case "contains":
      case "has_element": {
        const has = place.member(value as Scalar);
        const elements: Terms = [
          and([place.is("array"), has]),
          and([place.is("array"), not(has), place.all(typeof value)]),
        ];
        if (op === "has_element" || typeof value !== "string") return elements;
        const within = judged("string", `(str.contains ${text} ${textTerm(value)})`);
        return [or([elements[0], within[0]]), or([elements[1], within[1]])];
      }
      case "type": {
        const known = not(place.is("absent", "bad", "inexact"));
        const holds =
          value === "integer"
            ? and([place.is("number"), `(is_int n${place.id})`])
            : place.is(value as string);
        return [and([known, holds]), and([known, not(holds)])];
      }
    }
    const [, measure, bound = ""] = /^(length|count)_(.*)$/.exec(op) ?? [];
    const symbol = compare[bound];
    if (symbol === undefined) throw new Unsupported(`the operator ${op}`);
    if (measure === "length") return judged("string", `(${symbol} (str.len ${text}) ${value})`);
    place.counted = true;
    return judged("array", `(${symbol} c${place.id} ${value})`);
  }

  /** Whether a scalar is one of the values; only those of its own type are compared. */
  #among(place: Place, values: readonly Scalar[]): Terms {
    const terms = [...new Set(values.map((value) => typeof value))].map((type): Terms => {
      const equal = values
        .filter((value) => typeof value === type)
        .map((value) =>
          typeof value === "string"
            ? `(= s${place.id} ${textTerm(value)})`
            : typeof value === "number"
              ? `(= n${place.id} ${numberTerm(value)})`
              : `(= b${place.id} ${value})`,
        );
      return [and([place.is(type), or(equal)]), and([place.is(type), not(or(equal))])];
    });
    return [or(terms.map(([t]) => t)), or(terms.map(([, f]) => f))];
  }
}

function turn([whenTrue, whenFalse]: Terms): Terms {
  return [whenFalse, whenTrue];
}

// ---------------------------------------------------------------- expressions

/** An expression of the few forms that the generator knows, as a regular language of SMT-LIB. */
function regexTerm(source: string, whole: boolean): string {
  const fold = source.startsWith("(?i)");
  const branches = (fold ? source.slice(4) : source).split("|").map((branch) => {
    const begins = branch.startsWith("^");
    const ends = branch.endsWith("$");
    const body = sequence(branch.slice(begins ? 1 : 0, ends ? -1 : undefined), fold);
    if (whole) return body;
    return concat([...(begins ? [] : ["re.all"]), body, ...(ends ? [] : ["re.all"])]);
  });
  return branches.length === 1 ? branches[0]! : `(re.union ${branches.join(" ")})`;
}

function concat(parts: readonly string[]): string {
  if (parts.length === 0) return `(str.to_re "")`;
  return parts.length === 1 ? parts[0]! : `(re.++ ${parts.join(" ")})`;
}

function sequence(source: string, fold: boolean): string {
  const parts: string[] = [];
  const piece = /(\\w|\.|\[\^?[a-z]+\]|[a-z])(\*|\+|\{(\d),(\d)\})?/gy;
  let end = 0;
  for (const [all, atom = "", times = "", from, to] of source.matchAll(piece)) {
    end += all.length;
    const set = atomTerm(atom, fold);
    parts.push(
      times === ""
        ? set
        : times === "*" || times === "+"
          ? `(re.${times} ${set})`
          : `((_ re.loop ${from} ${to}) ${set})`,
    );
  }
  if (end !== source.length) throw new Unsupported(`the expression ${source}`);
  return concat(parts);
}

function atomTerm(atom: string, fold: boolean): string {
  const one = (letter: string): string => {
    // These two have a third case, far away in Unicode.
    if (fold && /[ks]/.test(letter)) throw new Unsupported("a letter with a third case");
    const lower = `(str.to_re "${letter}")`;
    return fold ? `(re.union ${lower} (str.to_re "${letter.toUpperCase()}"))` : lower;
  };
  const except = (set: string): string => `(re.inter re.allchar (re.comp ${set}))`;
  if (atom === ".") return except(`(str.to_re "\\u{a}")`);
  if (atom === "\\w")
    return `(re.union (re.range "a" "z") (re.range "A" "Z") (re.range "0" "9") (str.to_re "_"))`;
  if (!atom.startsWith("[")) return one(atom);
  const letters = [...atom.replace(/^\[\^?|\]$/g, "")].map(one);
  const set = letters.length === 1 ? letters[0]! : `(re.union ${letters.join(" ")})`;
  return atom.startsWith("[^") ? except(set) : set;
}
