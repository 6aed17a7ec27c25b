// Random policies, grants, servers and calls as a user would write them, all of them valid.
//
// Independent randomness would almost never let a condition meet a value: nearly every path would
// be absent and every call denied for that one reason. So `pair` draws the arguments first and
// shows them to the rest as hints: paths are mostly paths that exist in them, operands are mostly
// near the value found there, and grant attributes are mostly copies of values in the call.

import fc from "fast-check";
import type {
  Call,
  Condition,
  Entry,
  GrantDocument,
  Label,
  Labelled,
  PolicyDocument,
  Rules,
  ServerDocument,
} from "../oracle/decide.ts";

export interface Pair {
  policy: PolicyDocument;
  grant: GrantDocument | undefined;
  server: ServerDocument | undefined;
  call: Call;
}

/** `inexact` builds the value of a number whose text no double has; without it there are none. */
export interface Options {
  inexact?: (text: string) => unknown;
}

export const ARGUMENT_NAMES = ["a", "b", "c", "a.b", "x y", "constructor"] as const;
export const TOOL_NAMES = ["t1", "t2", "t3"] as const;
export const METHOD_NAMES = [
  "resources/read",
  "prompts/get",
  "completion/complete",
  "sampling/createMessage",
] as const;
/** Attribute names with what they mostly hold, and one that no grant has. */
export const ATTRIBUTE_NAMES = {
  text: ["department", "constructor"],
  number: ["level"],
  boolean: ["flag"],
  list: ["clinics", "levels", "mixed"],
  absent: ["missing"],
} as const;

export const OPERATORS = {
  equality: ["eq", "neq", "in", "not_in"],
  number: ["lt", "lte", "gt", "gte"],
  text: [
    ...["regex", "matches", "starts_with", "ends_with", "contains"],
    ...["length_lt", "length_lte", "length_gt", "length_gte"],
  ],
  array: ["has_element", "contains", "count_lt", "count_lte", "count_gt", "count_gte"],
  any: ["exists", "type"],
} as const;
export const ALL_OPERATORS: readonly string[] = [...new Set(Object.values(OPERATORS).flat())];

type Scalar = string | number | boolean;
const STAR: unique symbol = Symbol("[*]");
type Step = string | number | typeof STAR;
/** A place in the arguments, and a value that stands there. */
interface Leaf {
  steps: Step[];
  value: unknown;
}
const DAY = 86_400_000;

// ---------------------------------------------------------------- small helpers

const pickFrom = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const weighted = <T>(...choices: [number, fc.Arbitrary<T>][]): fc.Arbitrary<T> =>
  fc.oneof(
    ...choices
      .filter(([weight]) => weight > 0)
      .map(([weight, arbitrary]) => ({ weight, arbitrary })),
  );

/** The value in so many percent of the runs, nothing otherwise; shrinks to nothing. */
const maybe = <T>(percent: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: 100 - percent, arbitrary: fc.constant(undefined) },
    { weight: percent, arbitrary },
  );

/** A record without the keys whose value is undefined, since a file has no such value. */
const record = <T>(model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<T> =>
  fc
    .record(model, { noNullPrototype: true })
    .map(
      (made) => Object.fromEntries(Object.entries(made).filter(([, v]) => v !== undefined)) as T,
    );

// ---------------------------------------------------------------- values

// The two letters with a third case in Unicode (k with the Kelvin sign, s with the long s) stay
// out, and so does every other character whose case folding is not ASCII's.
const CHARACTERS = ["a", "b", "A", "B", "5", "1", " ", "-", ".", "\n", "😀"] as const;

export const shortText: fc.Arbitrary<string> = weighted(
  [5, pickFrom(["", "a", "b", "A", "ab", "aB", "a b", "5", "😀", "a😀b", "a.b", "a\n", "a-1"])],
  [1, fc.constant("constructor")],
  [4, fc.string({ unit: pickFrom(CHARACTERS), maxLength: 5 })],
);

const number: fc.Arbitrary<number> = pickFrom([0, -0, 1, 1.5, 5, -1, 2, 1e21, 0.1]);
const scalar: fc.Arbitrary<Scalar> = weighted<Scalar>(
  [5, shortText],
  [4, number],
  [1, fc.boolean()],
);

function argumentsWith({ inexact }: Options): fc.Arbitrary<Record<string, unknown>> {
  const odd: fc.Arbitrary<unknown> =
    inexact === undefined
      ? fc.constant(null)
      : pickFrom(["9007199254740993", "1e400", "0.10000000000000000001"]).map(inexact);
  const leaf = weighted<unknown>([9, scalar], [2, fc.constant(null)], [1, odd]);
  const flat = record<object>({ a: maybe(60, leaf), b: maybe(50, leaf), c: maybe(30, leaf) });
  const list = weighted<unknown[]>(
    [1, fc.constant([])],
    [3, fc.array(shortText, { minLength: 1, maxLength: 4 })],
    [2, fc.array(number, { minLength: 1, maxLength: 4 })],
    [2, fc.array(flat, { minLength: 1, maxLength: 3 })],
    [1, fc.array(weighted<unknown>([5, leaf], [1, flat]), { minLength: 1, maxLength: 3 })],
  );
  const nested = record<object>({
    a: maybe(60, weighted<unknown>([3, leaf], [1, list])),
    b: maybe(50, weighted<unknown>([3, leaf], [1, flat])),
    "a.b": maybe(20, leaf),
    "x y": maybe(20, leaf),
    constructor: maybe(20, leaf),
  });
  const anything = weighted<unknown>([5, leaf], [2, list], [2, nested]);
  return record<Record<string, unknown>>({
    a: maybe(75, weighted<unknown>([4, shortText], [2, anything])),
    b: maybe(65, weighted<unknown>([4, number], [2, anything])),
    c: maybe(65, weighted<unknown>([4, list], [2, anything])),
    "a.b": maybe(35, weighted<unknown>([3, nested], [2, anything])),
    "x y": maybe(35, weighted<unknown>([3, fc.boolean()], [2, anything])),
    constructor: maybe(35, weighted<unknown>([3, shortText], [2, anything])),
  });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** Every place below `value`; an array's elements by index and, once in a path, by `[*]`. */
function leavesOf(value: unknown, steps: Step[] = []): Leaf[] {
  const here: Leaf[] = steps.length === 0 ? [] : [{ steps, value }];
  if (Array.isArray(value)) {
    const byIndex = value.slice(0, 2).flatMap((e, i) => leavesOf(e, [...steps, i]));
    if (steps.includes(STAR)) return [...here, ...byIndex];
    const under: Step[] = [...steps, STAR];
    const starred = value.slice(0, 3).flatMap((e) => leavesOf(e, under));
    const empty: Leaf[] = value.length === 0 ? [{ steps: under, value: undefined }] : [];
    // Twice, since lists are fewer than scalars, and several elements are what any and all are for.
    return [...here, ...here, ...byIndex, ...starred, ...starred, ...empty];
  }
  if (!isPlainObject(value)) return here;
  return [...here, ...Object.entries(value).flatMap(([k, v]) => leavesOf(v, [...steps, k]))];
}

const isScalar = (value: unknown): value is Scalar =>
  ["string", "number", "boolean"].includes(typeof value);

// ---------------------------------------------------------------- regular expressions

const quote = (text: string): string =>
  [...text].map((c) => (c === "\n" ? "\\s" : /[a-zA-Z0-9 😀]/u.test(c) ? c : `\\${c}`)).join("");

const classItem = weighted(
  [4, pickFrom(["a", "b", "A", "5", "1", " ", "\\-", "\\.", "😀"])],
  [3, pickFrom(["a-b", "A-B", "a-z", "A-Z", "0-9", "1-5", "A-b"])],
  [2, pickFrom(["\\d", "\\s", "\\w", "\\D", "\\W"])],
);
const characterClass = fc
  .tuple(pickFrom(["[", "[", "[^"]), fc.array(classItem, { minLength: 1, maxLength: 3 }))
  .map(([open, items]) => `${open}${items.join("")}]`);

const { alternation } = fc.letrec<{ alternation: string; branch: string; piece: string }>(
  (tie) => ({
    alternation: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      { weight: 6, arbitrary: tie("branch") },
      {
        weight: 3,
        arbitrary: fc.tuple(tie("branch"), tie("branch")).map(([x, y]) => `${x}|${y}`),
      },
      { weight: 1, arbitrary: tie("branch").map((x) => `${x}|`) },
    ),
    branch: fc.array(tie("piece"), { minLength: 1, maxLength: 3 }).map((p) => p.join("")),
    piece: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      { weight: 6, arbitrary: pickFrom(CHARACTERS).map(quote) },
      {
        weight: 5,
        arbitrary: pickFrom([".", "\\d", "\\s", "\\w", "\\D", "\\S", "\\W", "^", "$"]),
      },
      { weight: 3, arbitrary: characterClass },
      {
        weight: 5,
        arbitrary: fc
          .tuple(
            weighted(
              [3, pickFrom(CHARACTERS).map(quote)],
              [2, fc.constant(".")],
              [2, characterClass],
              [2, tie("alternation").map((x) => `(${x})`)],
            ),
            pickFrom(["*", "+", "?", "{2}", "{1,}", "{0,2}", "{1,3}"]),
          )
          .map(([x, times]) => `${x}${times}`),
      },
      { weight: 2, arbitrary: tie("alternation").map((x) => `(?:${x})`) },
      { weight: 2, arbitrary: tie("alternation").map((x) => `(${x})`) },
    ),
  }),
);

/** A pattern of the subset that `test/oracle/regex.ts` knows, never empty. */
export const regexPattern: fc.Arbitrary<string> = fc
  .tuple(pickFrom(["", "", "", "(?i)"]), alternation)
  .map(([flag, pattern]) => flag + pattern);

function patternNear(value: unknown): fc.Arbitrary<string> {
  if (typeof value !== "string") return regexPattern;
  const chars = [...value];
  const whole = quote(value);
  const classes = chars.map((c) => (/\w/.test(c) ? "\\w" : c === "\n" ? "\\s" : "[^a]")).join("");
  return weighted(
    [5, regexPattern],
    [1, fc.constant(`^${whole}$`)],
    [1, fc.constant(`(?i)${quote(value.toUpperCase())}|5`)],
    [1, fc.constant(`^${quote(chars.slice(0, 1).join(""))}.*`)],
    [1, fc.constant(`(?:${classes}|-)+`)],
  );
}

// ---------------------------------------------------------------- paths

/** One of the legal spellings of a path; a name that is no word has to be quoted. */
function pathText(root: string, steps: readonly Step[]): fc.Arbitrary<string> {
  const spelled = steps.map((step) => {
    if (step === STAR) return fc.constant("[*]");
    if (typeof step === "number") return fc.constant(`[${step}]`);
    const quoted = fc.constant(`[${JSON.stringify(step)}]`);
    return /^[A-Za-z_]\w*$/.test(step)
      ? weighted([3, fc.constant(`.${step}`)], [1, quoted])
      : quoted;
  });
  return fc.tuple(...spelled).map((parts) => root + parts.join(""));
}

/** A typical value per top-level name, for paths drawn without having seen the arguments. */
const TYPICAL: Record<string, unknown> = {
  a: "a",
  b: 1,
  c: ["a", 1],
  "a.b": {},
  "x y": true,
  constructor: "b",
};

const blindPath: fc.Arbitrary<Leaf> = weighted<Leaf>(
  [3, pickFrom(ARGUMENT_NAMES).map((name) => ({ steps: [name], value: TYPICAL[name] }))],
  [1, pickFrom(["a", "b", undefined]).map((value) => ({ steps: ["c", STAR], value }))],
  [
    2,
    fc
      .tuple(
        pickFrom(ARGUMENT_NAMES),
        pickFrom<Step>([...ARGUMENT_NAMES, "toString", 0, 1, 7, STAR]),
        maybe(25, pickFrom<Step>(["a", "b", 0])),
      )
      .map(([first, second, third]) => ({
        steps: third === undefined ? [first, second] : [first, second, third],
        value: undefined,
      })),
  ],
);

const grantLeaf: fc.Arbitrary<Leaf> = pickFrom<Leaf>([
  { steps: ["department"], value: "a" },
  { steps: ["constructor"], value: "a" },
  { steps: ["toString"], value: undefined },
  { steps: ["level"], value: 1 },
  { steps: ["flag"], value: true },
  { steps: ["clinics"], value: ["a", "b"] },
  { steps: ["clinics", STAR], value: "a" },
  { steps: ["clinics", 0], value: "a" },
  { steps: ["levels", STAR], value: 1 },
  { steps: ["mixed", STAR], value: 1 },
  { steps: ["id"], value: "bot-1" },
  { steps: ["purpose"], value: "treatment" },
  { steps: ["principal", "kind"], value: "agent" },
  { steps: ["principal", "id"], value: "agent:bot-1" },
  { steps: ["principal", "responsible"], value: "person:a.example" },
]);

// ---------------------------------------------------------------- conditions

function operatorFor(value: unknown): fc.Arbitrary<string> {
  const fitting: Record<string, readonly string[]> = {
    string: [...OPERATORS.equality, ...OPERATORS.text],
    number: [...OPERATORS.equality, ...OPERATORS.number],
    boolean: OPERATORS.equality,
    array: OPERATORS.array,
    object: OPERATORS.any,
    undefined: ALL_OPERATORS,
  };
  const own = fitting[Array.isArray(value) ? "array" : typeof value] ?? OPERATORS.any;
  return weighted([16, pickFrom(own)], [4, pickFrom(OPERATORS.any)], [2, pickFrom(ALL_OPERATORS)]);
}

const numberNear = (value: unknown): fc.Arbitrary<number> =>
  typeof value === "number"
    ? weighted([3, pickFrom([value, value + 1, value - 1, value * 2])], [2, number])
    : number;

const sizeNear = (size: number): fc.Arbitrary<number> =>
  weighted([3, pickFrom([size, size + 1, Math.max(0, size - 1)])], [1, fc.nat({ max: 6 })]);

const textNear = (value: unknown): fc.Arbitrary<string> => {
  if (typeof value !== "string") return shortText;
  const chars = [...value];
  const pieces = [chars.slice(0, 1), chars.slice(-1), chars.slice(1, 3), chars.slice(0, 2), chars];
  return weighted([3, pickFrom(pieces).map((piece) => piece.join(""))], [2, shortText]);
};

const scalarNear = (value: unknown): fc.Arbitrary<Scalar> => {
  if (typeof value === "string")
    return weighted<Scalar>([5, fc.constant(value)], [4, shortText], [1, scalar]);
  if (typeof value === "number") return weighted<Scalar>([5, numberNear(value)], [1, scalar]);
  if (typeof value === "boolean") return weighted<Scalar>([5, fc.boolean()], [1, scalar]);
  return scalar;
};

const TYPES = ["string", "number", "integer", "boolean", "array", "object", "null"] as const;

/**
 * An operand of the kind that the operator takes, near `value` where there is one. `exists` and
 * `type` lean to being true or false as wished; the others are balanced as they are.
 */
function operandFor(op: string, value: unknown, wished: boolean): fc.Arbitrary<unknown> {
  const elements = Array.isArray(value) ? value : [];
  const scalars = elements.filter(isScalar);
  const element = scalars.length === 0 ? scalar : pickFrom(scalars).chain(scalarNear);
  switch (op) {
    case "eq":
    case "neq":
      return scalarNear(value);
    case "in":
    case "not_in":
      return fc.uniqueArray(scalarNear(value), {
        minLength: 1,
        maxLength: 4,
        comparator: "SameValueZero",
      });
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return numberNear(value);
    case "regex":
    case "matches":
      return patternNear(value);
    case "starts_with":
    case "ends_with":
      return textNear(value);
    case "contains":
      return Array.isArray(value)
        ? element
        : weighted<Scalar>([9, textNear(value)], [1, scalarNear(value)]);
    case "has_element":
      return element;
    case "exists":
      return weighted([5, fc.constant(wished)], [2, fc.constant(!wished)]);
    case "type": {
      const actual = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
      return weighted<string>(
        [3, pickFrom(TYPES)],
        [wished ? 5 : 1, pickFrom(TYPES.filter((type) => type === actual || type === "integer"))],
      );
    }
    default:
      return sizeNear(typeof value === "string" ? [...value].length : elements.length);
  }
}

const NO_VALUE_FROM = ["regex", "matches", "exists", "type"];

/** A path into the grant on the right: mostly an attribute of the kind that the operator takes. */
function valueFrom(op: string, held: unknown): fc.Arbitrary<string> {
  const value = Array.isArray(held) ? held[0] : held;
  const numeric = typeof value === "number" || /^(lte?|gte?|length_|count_)/.test(op);
  const fitting =
    op === "in" || op === "not_in"
      ? [numeric ? "levels" : "clinics", "mixed"]
      : numeric
        ? ATTRIBUTE_NAMES.number
        : typeof value === "boolean"
          ? ATTRIBUTE_NAMES.boolean
          : ATTRIBUTE_NAMES.text;
  return weighted<string[]>(
    [10, pickFrom<string>(fitting).map((name) => [name])],
    [1, pickFrom<string>(Object.values(ATTRIBUTE_NAMES).flat()).map((name) => [name])],
    [1, pickFrom([["id"], ["purpose"]])],
    [1, pickFrom(["kind", "id", "responsible"]).map((name) => ["principal", name])],
  ).chain((names) => pathText("grant", names));
}

function conditionOn(
  root: string,
  { steps, value }: Leaf,
  wished: boolean,
): fc.Arbitrary<Condition> {
  return operatorFor(value).chain((op) => {
    const literal = record<object>({ value: operandFor(op, value, wished) });
    const borrowed = record<object>({ value_from: valueFrom(op, value) });
    return fc
      .tuple(
        pathText(root, steps),
        weighted([8, literal], [NO_VALUE_FROM.includes(op) ? 0 : 2, borrowed]),
        steps.includes(STAR) ? pickFrom(["any", "all"] as const) : fc.constant(undefined),
        maybe(15, fc.constant(true)),
      )
      .map(
        ([path, right, quantifier, not]) =>
          ({
            path,
            op,
            ...right,
            ...(quantifier === undefined ? {} : { quantifier }),
            ...(not === undefined ? {} : { not }),
          }) as Condition,
      );
  });
}

function conditionArbitrary(leaves: readonly Leaf[], wished: boolean): fc.Arbitrary<Condition> {
  const blind = blindPath.chain((leaf) => conditionOn("args", leaf, wished));
  const seen = (): fc.Arbitrary<Condition> =>
    pickFrom(leaves).chain((leaf) => conditionOn("args", leaf, wished));
  return weighted<Condition>(
    [80, leaves.length === 0 ? blind : seen()],
    [8, blind],
    [8, grantLeaf.chain((leaf) => conditionOn("grant", leaf, wished))],
  );
}

/** `require` likes alternatives and `deny_if` conjunctions, so that calls get through both. */
function entryArbitrary(leaves: readonly Leaf[], list: "require" | "deny_if"): fc.Arbitrary<Entry> {
  const condition = conditionArbitrary(leaves, list === "require");
  const group = (minLength: number, maxLength: number) =>
    fc.array(condition, { minLength, maxLength });
  const conditions = record<Entry>({
    conditions: list === "require" ? group(1, 2) : weighted([1, group(1, 1)], [3, group(2, 3)]),
    on_deny: maybe(20, fc.constant("Ask the clinic.")),
    name: maybe(20, fc.constant("narrow")),
  });
  const anyOf = record<Entry>({
    any_of: fc.array(group(1, 2), { minLength: list === "require" ? 2 : 1, maxLength: 3 }),
  });
  return list === "require"
    ? weighted<Entry>([4, condition], [3, conditions], [8, anyOf])
    : weighted<Entry>([3, condition], [9, conditions], [2, anyOf]);
}

/** One entry or, less often, two: every further one lets fewer calls through. */
function entriesArbitrary(
  leaves: readonly Leaf[],
  list: "require" | "deny_if",
): fc.Arbitrary<Entry[]> {
  const entry = entryArbitrary(leaves, list);
  return weighted<Entry[]>([2, fc.tuple(entry)], [1, fc.tuple(entry, entry)]);
}

// ---------------------------------------------------------------- documents

function rulesArbitrary(args: Record<string, unknown> | undefined): fc.Arbitrary<Rules> {
  const leaves = leavesOf(args ?? {});
  const names = [...ARGUMENT_NAMES];
  const sent = Object.keys(args ?? {});
  return record<Rules>({
    args: maybe(
      20,
      weighted<string[]>(
        [
          3,
          fc
            .subarray(names)
            .map((more) => names.filter((n) => more.includes(n) || sent.includes(n))),
        ],
        [1, fc.shuffledSubarray(names)],
      ),
    ),
    require: maybe(37, entriesArbitrary(leaves, "require")),
    deny_if: maybe(37, entriesArbitrary(leaves, "deny_if")),
    on_deny: maybe(10, fc.constant("This agent reads one record at a time.")),
  });
}

function policyFor(args: Record<string, unknown> | undefined): fc.Arbitrary<PolicyDocument> {
  const rules = rulesArbitrary(args);
  const leaves = leavesOf(args ?? {});
  const table = (names: readonly string[], percent: number) =>
    record<Record<string, Rules>>(
      Object.fromEntries(names.map((name) => [name, maybe(percent, rules)])),
    );
  return record<PolicyDocument>({
    version: fc.constant("1"),
    description: maybe(20, fc.constant("A made-up policy.")),
    default: weighted([4, fc.constant("deny")], [5, fc.constant("allow")]),
    hide: maybe(
      8,
      weighted<string[] | "*">(
        [8, fc.subarray([...TOOL_NAMES, "t4"], { minLength: 1, maxLength: 2 })],
        [1, fc.constant("*")],
        [1, fc.constant(["*"])],
      ),
    ),
    all_tools: maybe(
      18,
      weighted(
        [1, record({ require: entriesArbitrary(leaves, "require") })],
        [1, record({ deny_if: entriesArbitrary(leaves, "deny_if") })],
        [
          1,
          record({
            require: entriesArbitrary(leaves, "require"),
            deny_if: entriesArbitrary(leaves, "deny_if"),
          }),
        ],
      ),
    ),
    tools: maybe(96, table(TOOL_NAMES, 88)),
    methods: maybe(85, table(METHOD_NAMES, 85)),
  });
}

const isoDate = (time: number): string => new Date(time).toISOString().slice(0, 10);

function grantFor(args: Record<string, unknown> | undefined): fc.Arbitrary<GrantDocument> {
  const scalars = leavesOf(args ?? {})
    .map((leaf) => leaf.value)
    .filter(isScalar);
  /** A value of that type, half the time one that the call holds. */
  const like = <T extends Scalar>(type: string, otherwise: fc.Arbitrary<T>): fc.Arbitrary<T> => {
    const held = scalars.filter((value): value is T => typeof value === type);
    return held.length === 0 ? otherwise : weighted([3, pickFrom(held)], [2, otherwise]);
  };
  const text = like("string", shortText);
  const amount = like("number", number);
  const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    weighted<T[]>([1, fc.constant([])], [7, fc.array(item, { minLength: 1, maxLength: 3 })]);
  const attributes = record<Record<string, unknown>>({
    department: maybe(92, weighted<Scalar>([9, text], [1, scalar])),
    constructor: maybe(85, text),
    level: maybe(92, weighted<Scalar>([9, amount], [1, scalar])),
    flag: maybe(92, fc.boolean()),
    clinics: maybe(92, list(text)),
    levels: maybe(92, list(amount)),
    mixed: maybe(92, list(weighted<Scalar>([1, text], [1, amount]))),
  });
  const principal = pickFrom<GrantDocument["principal"]>([
    { kind: "agent", id: "agent:bot-1", responsible: "person:a.example" },
    { kind: "service", id: "service:job-1", responsible: "person:b.example" },
    { kind: "person", id: "person:c.example" },
  ]);
  return fc
    .tuple(
      principal,
      pickFrom(["treatment", "payment", "operations", "research", "emergency"]),
      maybe(96, attributes),
      pickFrom(["2026-01-01", "2026-02-28", "2026-06-30"]),
      pickFrom([1, 30, 180, 366]),
    )
    .map(([who, purpose, held, issued, days]) => ({
      version: "1",
      id: "bot-1",
      principal: who,
      purpose,
      justification: "An example, ticket EX-1.",
      access: [{ server: "s1", policy: "p1" }],
      ...(held === undefined ? {} : { attributes: held }),
      issued,
      expires: isoDate(Date.parse(`${issued}T00:00:00Z`) + days * DAY),
    }));
}

function labelFor(args: Record<string, unknown> | undefined): fc.Arbitrary<Label> {
  const held = leavesOf(args ?? {}).filter(
    (leaf) => typeof leaf.value === "string" && !leaf.steps.includes(STAR),
  );
  const by = weighted<Leaf>(
    [held.length > 0 ? 3 : 0, pickFrom([...held, { steps: ["a"], value: "" }])],
    [1, pickFrom<Step[]>([["a"], ["b"], ["a.b", "a"]]).map((steps) => ({ steps, value: "a" }))],
  );
  const labelled = <T>(result: fc.Arbitrary<T>): fc.Arbitrary<Labelled<T>> =>
    by.chain(({ steps, value }) =>
      fc.record({
        by: pathText("args", steps),
        cases: fc
          .uniqueArray(
            weighted([2, fc.constant(String(value))], [2, pickFrom(["a", "b", "GET", "5"])]),
            { minLength: 1, maxLength: 3 },
          )
          .chain((keys) =>
            record<Record<string, T>>(Object.fromEntries(keys.map((k) => [k, result]))),
          ),
      }),
    );
  const effect = pickFrom(["read", "read", "write", "destructive", "execute", "financial"]);
  const subject = pickFrom<string | string[]>(["args.a", "none", "unknown", ["args.a", "args.c"]]);
  const harmless = record<Label>({
    effect: weighted<Labelled<string>>([4, effect], [1, labelled(effect)]),
    ephi: fc.constant(false),
  });
  const patientData = record<Label>({
    effect: weighted<Labelled<string>>([4, effect], [1, labelled(effect)]),
    ephi: weighted<Labelled<boolean>>([3, fc.constant(true)], [1, labelled(fc.boolean())]),
    volume: pickFrom(["single", "chart", "bulk"]),
    subject: weighted<Labelled<string | string[]>>([1, subject], [1, labelled(subject)]),
  });
  return weighted([9, harmless], [5, patientData]);
}

function serverFor(args: Record<string, unknown> | undefined): fc.Arbitrary<ServerDocument> {
  const label = labelFor(args);
  const table = (names: readonly string[], percent: number) =>
    record<Record<string, Label>>(
      Object.fromEntries(names.map((name) => [name, maybe(percent, label)])),
    );
  return record<ServerDocument>({
    version: fc.constant("1"),
    id: fc.constant("s1"),
    vendor: fc.constant({
      name: "Example EHR Inc.",
      baa: { status: "signed", signed: "2026-01-01", expires: "2028-01-01" },
    }),
    transport: fc.constant({ type: "http", url: "https://s1.example.org/mcp" }),
    tools: table([...TOOL_NAMES, "t4"], 88),
    methods: maybe(50, table(METHOD_NAMES, 60)),
  });
}

/** A time that is mostly inside the grant's dates, and otherwise at or beyond one of their ends. */
function timeFor(grant: GrantDocument | undefined): fc.Arbitrary<number> {
  if (grant === undefined) return fc.constant(Date.UTC(2026, 5, 1));
  const [from, to] = [grant.issued, grant.expires].map((day) => Date.parse(`${day}T00:00:00Z`)) as [
    number,
    number,
  ];
  return weighted(
    [92, fc.integer({ min: from, max: to - 1 })],
    [4, pickFrom([from, to - 1])],
    [2, pickFrom([to, to + 1, to + DAY])],
    [2, pickFrom([from - 1, from - DAY])],
  );
}

const target: fc.Arbitrary<{ method?: string; tool: string }> = weighted<{
  method?: string;
  tool: string;
}>(
  [86, pickFrom(TOOL_NAMES).map((tool) => ({ tool }))],
  [3, pickFrom(["t4", "constructor"]).map((tool) => ({ tool }))],
  [
    11,
    pickFrom([...METHOD_NAMES, ...METHOD_NAMES, "resources/subscribe"]).map((method) => ({
      method,
      tool: "",
    })),
  ],
);

export const policyDocument: fc.Arbitrary<PolicyDocument> = policyFor(undefined);
export const grantDocument: fc.Arbitrary<GrantDocument> = grantFor(undefined);
export const serverDocument: fc.Arbitrary<ServerDocument> = serverFor(undefined);

/** Call arguments over a small set of names, so that paths written without seeing them still hit. */
export function callArgumentsWith(options: Options): fc.Arbitrary<Record<string, unknown>> {
  return argumentsWith(options);
}
export const callArguments: fc.Arbitrary<Record<string, unknown>> = argumentsWith({});

/**
 * A policy, a grant or none, a server or none, and a call, made for each other. The grant gives
 * policy `p1` on server `s1`. A call always has a time; a method call has the tool name "".
 */
export function pairWith(options: Options): fc.Arbitrary<Pair> {
  return argumentsWith(options).chain((args) =>
    maybe(93, grantFor(args)).chain((grant) =>
      fc
        .tuple(
          policyFor(args),
          maybe(93, serverFor(args)),
          target,
          timeFor(grant),
          maybe(97, fc.constant(args)),
        )
        .map(([policy, server, aim, at, sent]) => ({
          policy,
          grant,
          server,
          call: { ...aim, at, ...(sent === undefined ? {} : { args: sent }) },
        })),
    ),
  );
}
export const pair: fc.Arbitrary<Pair> = pairWith({});
