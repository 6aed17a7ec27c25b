import type { Scalar } from "../../policy/ir.ts";
import { REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const repeatedMember: LintRule = {
  id: "repeated-member",
  severity: "warning",
  summary: "A value stands twice in the list of a condition.",
  why: "The second one says nothing. Mostly it was copied to be changed, and the value that was meant is missing.",
  fix: "Write the value that was meant. `phiward lint --fix` removes the second one.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query]
    require:
      - path: args.query
        op: in
        value:
          - active
          - planned   # since March
          - active
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    findings: [
      "policies/lookup.yaml:12:13 warning: this value stands in the list already, as number 1",
    ],
    fixed: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query]
    require:
      - path: args.query
        op: in
        value:
          - active
          - planned   # since March
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query]
    require:
      - { path: args.query, op: in, value: [active, planned, finished] }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
  },
  *check({ conditions }) {
    for (const { condition, file, pointer } of conditions) {
      const { operand, path } = condition;
      if (!("literal" in operand) || !Array.isArray(operand.literal)) continue;
      const members: readonly Scalar[] = operand.literal;
      for (const [index, member] of members.entries()) {
        const first = members.indexOf(member);
        if (first === index) continue;
        const at = [...pointer, "value", index];
        yield {
          message: `this value stands in the list already, as number ${first + 1}`,
          help: "write the value that was meant, or remove it",
          place: file.place(at),
          fix: {
            what: `remove a value that ${quoted(String(path.steps.at(-1)))} is compared with twice`,
            changes: [{ file: file.file, pointer: at, do: "remove" }],
          },
        };
      }
    }
  },
};
