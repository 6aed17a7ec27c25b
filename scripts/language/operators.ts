/**
 * What each operator means, with examples. docs/language.md shows them, and a test asks the decision
 * and the independent oracle about every one.
 */
import type { Operator } from "../../engine/policy/ir.ts";
import type { Condition } from "../../engine/schema/types.ts";

export type Truth = "true" | "false" | "undetermined";

export interface Example {
  readonly condition: Condition;
  readonly args: Readonly<Record<string, unknown>>;
  readonly is: Truth;
}

export interface OperatorPage {
  readonly means: string;
  readonly examples: readonly Example[];
}

/** `path` is `args.x` throughout, so that a row shows what differs. */
function of(op: Operator, value: unknown) {
  return (x: unknown, is: Truth): Example => ({
    condition: { path: "args.x", op, value } as Condition,
    args: x === undefined ? {} : { x },
    is,
  });
}

const eq = of("eq", "north");
const five = of("eq", 5);
const neq = of("neq", "north");
const within = of("in", ["north", "east"]);
const mixed = of("in", ["north", 5]);
const notIn = of("not_in", ["north", "east"]);
const regex = of("regex", "p-[0-9]+");
const noCase = of("regex", "(?i)select");
const matches = of("matches", "p-[0-9]+");
const contains = of("contains", "north");
const has = of("has_element", "north");
const exists = of("exists", true);
const missing = of("exists", false);
const integer = of("type", "integer");

export const OPERATOR_PAGES: Readonly<Record<Operator, OperatorPage>> = {
  eq: {
    means: "equal, and of the same type: nothing is converted",
    examples: [
      eq("north", "true"),
      eq("North", "false"),
      five(5, "true"),
      five("5", "undetermined"),
      eq(undefined, "undetermined"),
      eq(null, "undetermined"),
    ],
  },
  neq: {
    means:
      "not equal, and of the same type; of an absent argument it is undetermined, so that `require` does not let a call without it through",
    examples: [
      neq("east", "true"),
      neq("north", "false"),
      neq(5, "undetermined"),
      neq(undefined, "undetermined"),
    ],
  },
  in: {
    means: "equal to a member of the list; one member at least has the value's type",
    examples: [
      within("north", "true"),
      within("south", "false"),
      within(5, "undetermined"),
      mixed(6, "false"),
    ],
  },
  not_in: {
    means: "equal to no member of the list; one member at least has the value's type",
    examples: [notIn("south", "true"), notIn("north", "false"), notIn(5, "undetermined")],
  },
  lt: {
    means: "less than a number",
    examples: [
      of("lt", 20)(19, "true"),
      of("lt", 20)(20, "false"),
      of("lt", 20)("19", "undetermined"),
    ],
  },
  lte: {
    means: "a number or less",
    examples: [
      of("lte", 20)(20, "true"),
      of("lte", 20)(20.5, "false"),
      of("lte", 20)([20], "undetermined"),
    ],
  },
  gt: {
    means: "more than a number",
    examples: [
      of("gt", 20)(21, "true"),
      of("gt", 20)(20, "false"),
      of("gt", 20)(true, "undetermined"),
    ],
  },
  gte: {
    means: "a number or more",
    examples: [
      of("gte", 20)(20, "true"),
      of("gte", 20)(19, "false"),
      of("gte", 20)(null, "undetermined"),
    ],
  },
  regex: {
    means: "the RE2 expression is found somewhere in the text; flags such as `(?i)` stand in it",
    examples: [
      regex("see p-100 too", "true"),
      regex("p-", "false"),
      noCase("Select 1", "true"),
      regex(100, "undetermined"),
    ],
  },
  matches: {
    means: "the RE2 expression describes the whole text",
    examples: [
      matches("p-100", "true"),
      matches("see p-100 too", "false"),
      matches(["p-100"], "undetermined"),
    ],
  },
  starts_with: {
    means: "the text begins so",
    examples: [
      of("starts_with", "Patient/")("Patient/p-1", "true"),
      of("starts_with", "Patient/")("patient/p-1", "false"),
      of("starts_with", "Patient/")(1, "undetermined"),
    ],
  },
  ends_with: {
    means: "the text ends so",
    examples: [
      of("ends_with", ".pdf")("scan.pdf", "true"),
      of("ends_with", ".pdf")("scan.pdf ", "false"),
      of("ends_with", ".pdf")({}, "undetermined"),
    ],
  },
  contains: {
    means: "the text has this piece; of an array the same as `has_element`",
    examples: [
      contains("the north ward", "true"),
      contains("the ward", "false"),
      contains(["north", "east"], "true"),
      contains(["east"], "false"),
      contains(7, "undetermined"),
    ],
  },
  has_element: {
    means:
      "an element of the array equals the value; false only if every element is of its type and differs",
    examples: [
      has(["east", "north"], "true"),
      has(["east"], "false"),
      has(["east", 5], "undetermined"),
      has([], "false"),
      has("north", "undetermined"),
    ],
  },
  length_lt: {
    means: "fewer code points than a number",
    examples: [
      of("length_lt", 3)("né", "true"),
      of("length_lt", 3)("abc", "false"),
      of("length_lt", 3)(["a"], "undetermined"),
    ],
  },
  length_lte: {
    means: "so many code points or fewer",
    examples: [
      of("length_lte", 2)("😀!", "true"),
      of("length_lte", 2)("abc", "false"),
      of("length_lte", 2)(12, "undetermined"),
    ],
  },
  length_gt: {
    means: "more code points than a number",
    examples: [
      of("length_gt", 2)("abc", "true"),
      of("length_gt", 2)("ab", "false"),
      of("length_gt", 2)(null, "undetermined"),
    ],
  },
  length_gte: {
    means: "so many code points or more",
    examples: [
      of("length_gte", 3)("abc", "true"),
      of("length_gte", 3)("", "false"),
      of("length_gte", 3)(undefined, "undetermined"),
    ],
  },
  count_lt: {
    means: "fewer elements than a number",
    examples: [
      of("count_lt", 2)(["a"], "true"),
      of("count_lt", 2)(["a", "b"], "false"),
      of("count_lt", 2)("a", "undetermined"),
    ],
  },
  count_lte: {
    means: "so many elements or fewer",
    examples: [
      of("count_lte", 2)(["a", "b"], "true"),
      of("count_lte", 2)([1, 2, 3], "false"),
      of("count_lte", 2)({}, "undetermined"),
    ],
  },
  count_gt: {
    means: "more elements than a number",
    examples: [
      of("count_gt", 0)(["a"], "true"),
      of("count_gt", 0)([], "false"),
      of("count_gt", 0)("a", "undetermined"),
    ],
  },
  count_gte: {
    means: "so many elements or more",
    examples: [
      of("count_gte", 1)([null], "true"),
      of("count_gte", 1)([], "false"),
      of("count_gte", 1)(undefined, "undetermined"),
    ],
  },
  exists: {
    means:
      "whether the argument is there, also as null; the one operator that speaks of what is absent",
    examples: [
      exists("", "true"),
      exists(null, "true"),
      exists(undefined, "false"),
      missing(undefined, "true"),
    ],
  },
  type: {
    means: "the JSON type; `integer` is a number without a fraction, and 1.0 is one",
    examples: [
      integer(1, "true"),
      integer(1.5, "false"),
      integer("1", "false"),
      of("type", "null")(null, "true"),
      integer(undefined, "undetermined"),
    ],
  },
};

/** What can stand as a path, and what it finds. */
export const PATH_EXAMPLES: readonly (Example & { readonly why: string })[] = [
  {
    condition: { path: "args.patient.id", op: "eq", value: "p-1" },
    args: { patient: { id: "p-1" } },
    is: "true",
    why: "a dot descends",
  },
  {
    condition: { path: 'args["patient.id"]', op: "eq", value: "p-1" },
    args: { "patient.id": "p-1" },
    is: "true",
    why: "a name with a dot in it",
  },
  {
    condition: { path: "args.ids[0]", op: "eq", value: "p-1" },
    args: { ids: ["p-1", "p-2"] },
    is: "true",
    why: "the first element",
  },
  {
    condition: { path: "args.ids[5]", op: "exists", value: true },
    args: { ids: ["p-1"] },
    is: "false",
    why: "out of range is absent",
  },
  {
    condition: { path: "args.patient.id", op: "exists", value: true },
    args: { patient: "p-1" },
    is: "undetermined",
    why: "something on the way is not an object, and nobody can say",
  },
  {
    condition: { path: "args.ids[*]", quantifier: "all", op: "starts_with", value: "p-" },
    args: { ids: ["p-1", "q-2"] },
    is: "false",
    why: "every element",
  },
  {
    condition: { path: "args.ids[*]", quantifier: "any", op: "eq", value: "p-2" },
    args: { ids: ["p-1", "p-2"] },
    is: "true",
    why: "some element",
  },
  {
    condition: { path: "args.ids[*]", quantifier: "all", op: "starts_with", value: "p-" },
    args: { ids: [] },
    is: "undetermined",
    why: "of no element nothing is true, and nothing false",
  },
  {
    condition: { path: "args.ids[*]", quantifier: "any", op: "eq", value: "p-2", not: true },
    args: { ids: ["p-1", "p-3"] },
    is: "true",
    why: "`not` comes after the quantifier: none is",
  },
  {
    condition: { path: "args.orders[*].ward", quantifier: "all", op: "eq", value: "north" },
    args: { orders: [{ ward: "north" }, {}] },
    is: "undetermined",
    why: "one element does not say",
  },
];
