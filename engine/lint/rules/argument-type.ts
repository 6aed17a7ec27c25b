import { JUDGES, readyOperand, TAKES } from "../../decide/operators.ts";
import type { Received } from "../../json/value.ts";
import type { Condition, Operator } from "../../policy/ir.ts";
import { formatPath } from "../../policy/path.ts";
import { type Kind, kindsText, type Lookup } from "../argument.ts";
import { REGISTRY } from "../examples.ts";
import { type Mention, mentionsOf } from "../mentions.ts";
import { type LintRule, quoted, type Report } from "../rule.ts";

export const argumentType: LintRule = {
  id: "argument-type",
  severity: "error",
  summary: "A condition, a counter or a label reads an argument as a type that it never has.",
  why: 'There is no coercion: `"5"` is not 5, and comparing them is undetermined, which always denies. So a `require` on the wrong type denies every call, and a `deny_if` denies every call that it should only have narrowed. `integer` counts as a number; of a list of types one that fits is enough.',
  fix: "Compare with a value of the argument's type, or take the operator for that type: `length_*` for a string, `count_*`, `has_element` or `[*]` for an array.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query, limit]
    require:
      - { path: args.limit, op: lte, value: 20 }
      - { path: args.limit, op: neq, value: "0" }
      - { path: args.query, op: gte, value: 3 }
      - { path: "args.query[*]", quantifier: all, op: neq, value: "*" }
`,
    },
    findings: [
      "policies/lookup.yaml:8:45 error: `args.limit` of `search_patients` is a number, and is compared with a string",
      "policies/lookup.yaml:9:33 error: `gte` takes a number, and `args.query` of `search_patients` is a string",
      "policies/lookup.yaml:10:17 error: `args.query` of `search_patients` is a string, so `[*]` finds nothing in it",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query, limit]
    require:
      - { path: args.limit, op: lte, value: 20 }
      - { path: args.limit, op: neq, value: 0 }
      - { path: args.query, op: length_gte, value: 3 }
      - { path: args.query, op: neq, value: "*" }
`,
    },
  },
  *check(context) {
    for (const mention of mentionsOf(context)) {
      const bad = mention.lookups.filter((lookup) => !readable(mention, lookup));
      const first = bad.find((lookup) => lookup.found !== "nothing");
      if (first === undefined || bad.length < mention.lookups.length) continue;
      yield report(mention, first);
    }
  },
};

/** Whether some value that the schema accepts could be judged; otherwise no call can be. */
function readable({ use, site }: Mention, lookup: Lookup): boolean {
  if (lookup.found !== "kinds") return false;
  const has = (...kinds: Kind[]): boolean => kinds.some((kind) => lookup.kinds.has(kind));
  switch (use) {
    case "args":
      return true;
    case "increment_from":
      return has("number");
    case "by":
      return has("string");
    case "subject":
      return has("string", "number");
    case "condition":
      return site!.condition.op === "exists" || has(...takenKinds(site!.condition));
  }
}

/** One value of each kind. Whether an operator takes a value depends on its kind alone. */
const SAMPLES: Readonly<Record<Kind, Received>> = {
  string: "",
  number: 0,
  boolean: false,
  array: [],
  object: {},
  null: null,
};

/** What a grant's attribute may hold, which is not known here. */
const ATTRIBUTES: readonly Received[] = ["", 0, false, ["", 0, false]];

/** The kinds of value that the condition can be true or false of, as the decision itself judges. */
function takenKinds({ op, operand }: Condition): readonly Kind[] {
  const kinds = Object.keys(SAMPLES) as Kind[];
  if (op === "exists") return kinds;
  const operands = "literal" in operand ? [operand.literal] : ATTRIBUTES;
  return kinds.filter((kind) =>
    operands.some((value) => JUDGES[op](SAMPLES[kind], readyOperand(op, value)) !== "undetermined"),
  );
}

function report(
  { path, use, site, of, place }: Mention,
  lookup: Exclude<Lookup, { found: "nothing" }>,
): Report {
  if (lookup.found === "blocked") {
    const { at, step, kinds } = lookup;
    return {
      message: `${quoted(at)} of ${of} is ${kindsText(kinds)}, so ${quoted(step)} finds nothing in it`,
      help: `write ${quoted(at)}, or see the schema in the lock`,
      place,
    };
  }
  const argument = quoted(formatPath(path));
  const { kinds } = lookup;
  const is = kindsText(kinds);
  if (site === undefined) {
    return use === "increment_from"
      ? {
          message: `a limit counts up by a number, and ${argument} of ${of} is ${is}`,
          help: "name an argument that is a number, or leave `increment_from` out to count calls",
          place,
        }
      : use === "by"
        ? {
            message: `a label's cases are strings, and ${argument} of ${of} is ${is}`,
            help: "name an argument that is a string; any other value counts as the worst",
            place,
          }
        : {
            message: `a subject is a string or a number, and ${argument} of ${of} is ${is}`,
            help: kinds.has("array")
              ? `write \`${formatPath(path)}[*]\``
              : "name the argument inside that is the patient's id or reference",
            place,
          };
  }
  const { condition, file, pointer } = site;
  const taken = new Set(takenKinds(condition));
  if ("literal" in condition.operand && OF_ITS_TYPE.has(condition.op)) {
    return {
      message: `${argument} of ${of} is ${is}, and is compared with ${kindsText(taken)}`,
      help: literalHelp(kinds, taken, formatPath(path)),
      place: file.place([...pointer, "value"]),
    };
  }
  return {
    message: `\`${condition.op}\` takes ${TAKES[condition.op]}, and ${argument} of ${of} is ${is}`,
    help: operatorHelp(condition.op, kinds, formatPath(path)),
    place: file.place([...pointer, "op"]),
  };
}

const OF_ITS_TYPE: ReadonlySet<Operator> = new Set(["eq", "neq", "in", "not_in"]);

function literalHelp(kinds: ReadonlySet<Kind>, taken: ReadonlySet<Kind>, path: string): string {
  if (kinds.has("array")) return `use \`has_element\`, or \`${path}[*]\` with a quantifier`;
  if (kinds.has("string")) return "write the value in quotes";
  if (taken.has("string") && (kinds.has("number") || kinds.has("boolean")))
    return "write the value without quotes";
  return `compare with ${kindsText(kinds)}`;
}

function operatorHelp(op: Operator, kinds: ReadonlySet<Kind>, path: string): string {
  const end = /_?(lte?|gte?)$/.exec(op)?.[1];
  if (end !== undefined && kinds.has("string")) return `for its length, write \`length_${end}\``;
  if (end !== undefined && kinds.has("array")) return `for its size, write \`count_${end}\``;
  if (end !== undefined && kinds.has("number")) return `write \`${end}\``;
  if (kinds.has("array")) return `write \`${path}[*]\` with a quantifier`;
  return `take an operator for ${kindsText(kinds)}; \`explain\` shows how a call is judged`;
}
