import { describeCondition } from "../../decide/condition.ts";
import type { Condition } from "../../policy/ir.ts";
import { allowedText } from "../allowed.ts";
import { type ConditionSite, type LintContext, ruledBy } from "../context.ts";
import { REGISTRY } from "../examples.ts";
import { plainForm } from "../pattern.ts";
import { type LintRule, quoted } from "../rule.ts";
import { textOfWitness } from "../witness.ts";

export const unanchoredPattern: LintRule = {
  id: "unanchored-pattern",
  severity: "warning",
  summary: "A `require` finds its pattern inside a longer text, and the policy allows such a text.",
  why: "`regex` searches: `[a-z]+-[0-9]+` is true of every text that holds such a piece somewhere, whatever stands around it. The text that is shown passes this condition and all other rules, found by the prover; that it is longer than the pattern says is mostly not what was meant.",
  fix: "Write `matches`, which compares the whole text. Where a piece is really meant, say it with `contains`, `starts_with` or `ends_with`, or with `matches` and `.*` around it.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id]
    require:
      - { path: args.patient_id, op: regex, value: "p-[0-9]{1,9}" }
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
`,
    },
    findings: [
      'policies/lookup.yaml:7:38 warning: `args.patient_id regex "p-[0-9]{1,9}"` of `get_patient_record` lets "ap-0" through, of which it describes only a piece',
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id]
    require:
      - { path: args.patient_id, op: matches, value: "p-[0-9]{1,9}" }
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
`,
    },
  },
  *check(context) {
    for (const site of context.conditions) {
      if (!searches(site)) continue;
      const found = longerText(context, site);
      if (found === undefined) continue;
      const { condition, file, pointer, name } = site;
      const of = name === "" ? "every tool that is reached" : quoted(name);
      yield {
        message: `${quoted(describeCondition(condition))} of ${of} lets ${textOfWitness(found)} through, of which it describes only a piece`,
        help: "write `matches` for the whole text; `contains`, `starts_with` or `ends_with` for a piece",
        place: file.place([...pointer, "op"]),
      };
    }
  },
};

/** A text that a pattern is plainly about another rule offers to write with a plainer operator. */
function searches({ kind, condition }: ConditionSite): boolean {
  const { op, not, path, operand } = condition;
  return (
    kind === "require" &&
    op === "regex" &&
    !not &&
    path.root === "args" &&
    path.each === undefined &&
    "literal" in operand &&
    plainForm(String(operand.literal)) === undefined
  );
}

/** A text of an allowed call in which the pattern is found, and which it does not describe. */
function longerText(context: LintContext, site: ConditionSite): string | undefined {
  const { condition } = site;
  const whole: Condition = { ...condition, op: "matches", not: true };
  for (const ruled of ruledBy(context, site)) {
    const text = allowedText(context, ruled, [condition, whole]);
    if (text !== undefined) return text;
  }
  return undefined;
}
