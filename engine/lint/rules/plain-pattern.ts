import type { Condition } from "../../policy/ir.ts";
import { REGISTRY } from "../examples.ts";
import { plainForm } from "../pattern.ts";
import { type LintRule, quoted } from "../rule.ts";

export const plainPattern: LintRule = {
  id: "plain-pattern",
  severity: "info",
  summary: "A regular expression says what a plainer operator says.",
  why: "Who reviews a policy reads `eq`, `in` and `starts_with` without error; of a pattern the anchors, the dots and the escapes have to be checked one by one. A list also shows in a diff which of its values is new.",
  fix: "Write the operator that is named. `phiward lint --fix` does it where a proof shows that the same calls are allowed.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query]
    require:
      - { path: args.query, op: regex, value: '^(active|planned)$' }   # the two wards' lists
    deny_if:
      - { path: args.query, op: regex, value: "^[a-c]{1,2}$" }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    findings: [
      "policies/lookup.yaml:7:33 info: this pattern is a list of texts, which `in` says plainly",
      "policies/lookup.yaml:9:33 info: this pattern is about the whole text, which `matches` says without anchors",
    ],
    fixed: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query]
    require:
      - { path: args.query, op: in, value: ['active', 'planned'] }   # the two wards' lists
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
      - { path: args.query, op: in, value: [active, planned] }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
  },
  *check({ conditions }) {
    for (const { condition, file, pointer } of conditions) {
      const plain = plainOf(condition);
      if (plain === undefined) continue;
      yield {
        message: `this pattern is ${WHAT[plain.op]}, which ${quoted(plain.op)} says ${plain.op === "matches" ? "without anchors" : "plainly"}`,
        help: `write \`op: ${plain.op}\` with ${Array.isArray(plain.value) ? "the list" : plain.op === "matches" ? "the pattern without its anchors" : "the text itself"}`,
        place: file.place([...pointer, "op"]),
        fix: {
          what: `write ${quoted(plain.op)} for a pattern that says the same`,
          changes: [
            { file: file.file, pointer: [...pointer, "op"], do: "set", value: plain.op },
            { file: file.file, pointer: [...pointer, "value"], do: "set", value: plain.value },
          ],
        },
      };
    }
  },
};

const WHAT: Readonly<Record<string, string>> = {
  eq: "one text",
  in: "a list of texts",
  contains: "a piece of a text",
  starts_with: "the start of a text",
  ends_with: "the end of a text",
  matches: "about the whole text",
};

function plainOf({ op, operand }: Condition): ReturnType<typeof plainForm> {
  return op === "regex" && "literal" in operand ? plainForm(String(operand.literal)) : undefined;
}
