import { describeCondition } from "../../decide/condition.ts";
import { own } from "../../json/value.ts";
import type { Pointer } from "../../source.ts";
import type { PolicyFacts } from "../context.ts";
import { REGISTRY } from "../examples.ts";
import type { Constant } from "../proofs.ts";
import { type LintRule, quoted } from "../rule.ts";
import { entryPointer, judged } from "../witness.ts";

export const constantCondition: LintRule = {
  id: "constant-condition",
  severity: "warning",
  summary: "A condition that can never be true, or never be false, whatever the call.",
  why: "It tells nothing about a call beyond that its argument is there. Often the bound, the list or the pattern is not the one that was meant. Decided by the pinned schema and the operators, for every call and every grant; a call without the argument leaves it undetermined.",
  fix: "Correct the value. If only the presence of the argument matters, say that with `exists`; if the schema already says all of it, remove the condition.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query, limit]
    require:
      - { path: args.limit, op: neq, value: 2.5 }
    deny_if:
      - conditions:
          - { path: args.query, op: exists, value: true }
          - { path: args.query, op: length_lt, value: 3 }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    findings: [
      "policies/lookup.yaml:7:9 warning: `args.limit neq 2.5` can never be false of a call of `search_patients`",
      "policies/lookup.yaml:10:13 warning: `args.query exists true` can never be false of a call of `search_patients`",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query, limit]
    require:
      - { path: args.limit, op: lte, value: 25 }
    deny_if:
      - { path: args.query, op: length_lt, value: 3 }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
  },
  *check({ policies, proofs }) {
    for (const facts of policies) {
      for (const constant of proofs.of(facts.policy).constant) {
        const { site, condition, never, ruled } = constant;
        yield {
          message: `${quoted(describeCondition(condition))} can never be ${never} of a call of ${judged(site, ruled)}`,
          help: "correct its value; to ask only that the argument is there, write `exists`",
          place: facts.file.place(pointerOf(facts, constant)),
        };
      }
    }
  },
};

function pointerOf({ file }: PolicyFacts, { site, group, index }: Constant): Pointer {
  const at = entryPointer(site);
  const { section, name, kind } = site;
  const rules =
    section === "all_tools" ? file.value.all_tools : own(file.value[section] ?? {}, name);
  const written = rules?.[kind]?.[site.index];
  if (written?.any_of !== undefined) return [...at, "any_of", group, index];
  return written?.conditions === undefined ? at : [...at, "conditions", index];
}
