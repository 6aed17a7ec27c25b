import type { Condition, Operator } from "../../policy/ir.ts";
import { REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const negatedOperator: LintRule = {
  id: "negated-operator",
  severity: "info",
  summary: "`not: true` stands beside an operator that has an opposite.",
  why: "A `not` at the end of a line is overlooked, and in a `deny_if` it is the second negation that a reader has to undo. Every comparison has an opposite that is undetermined of the same calls, so nothing is lost.",
  fix: "Write the opposite operator and remove `not`. `phiward lint --fix` does it where a proof shows that the same calls are allowed.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query, limit]
    require:
      # At most 25 at once.
      - path: args.limit
        op: gt
        value: 25
        not: true
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    findings: [
      "policies/lookup.yaml:11:9 info: `not` turns `gt` around, which `lte` says in one word",
    ],
    fixed: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query, limit]
    require:
      # At most 25 at once.
      - path: args.limit
        op: lte
        value: 25
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query, limit]
    require:
      - { path: args.limit, op: lte, value: 25 }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
  },
  *check({ conditions }) {
    for (const { condition, file, pointer } of conditions) {
      const opposite = oppositeOf(condition);
      if (opposite === undefined) continue;
      yield {
        message: `\`not\` turns ${quoted(condition.op)} around, which ${quoted(opposite)} says in one word`,
        help: `write \`op: ${opposite}\`, without \`not\``,
        place: file.place([...pointer, "not"], "key"),
        fix: {
          what: `write ${quoted(opposite)} for ${quoted(condition.op)} with \`not\``,
          changes: [
            { file: file.file, pointer: [...pointer, "op"], do: "set", value: opposite },
            { file: file.file, pointer: [...pointer, "not"], do: "remove" },
          ],
        },
      };
    }
  },
};

const OPPOSITES: readonly (readonly [Operator, Operator])[] = [
  ["eq", "neq"],
  ["in", "not_in"],
  ["lt", "gte"],
  ["gt", "lte"],
  ["length_lt", "length_gte"],
  ["length_gt", "length_lte"],
  ["count_lt", "count_gte"],
  ["count_gt", "count_lte"],
];

const OPPOSITE: ReadonlyMap<Operator, Operator> = new Map(
  OPPOSITES.flatMap(([a, b]) => [
    [a, b],
    [b, a],
  ]),
);

/** After a quantifier `not` is about all elements together, and no operator about one says that. */
function oppositeOf({ not, op, path }: Condition): Operator | undefined {
  return not && path.each === undefined ? OPPOSITE.get(op) : undefined;
}
