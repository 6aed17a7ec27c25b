import { formatPath } from "../../policy/path.ts";
import { didYouMean } from "../../suggest.ts";
import type { Lookup } from "../argument.ts";
import type { ConditionSite } from "../context.ts";
import { REGISTRY } from "../examples.ts";
import { mentionsOf } from "../mentions.ts";
import { type LintRule, quoted } from "../rule.ts";

type Nothing = Extract<Lookup, { found: "nothing" }>;

export const unknownArgument: LintRule = {
  id: "unknown-argument",
  severity: "error",
  summary: "A policy or a label names an argument that the tool's pinned schema does not describe.",
  why: "A condition on a misspelled argument is never determined, so it denies every call; a misspelled `subject` leaves every call without a patient in the audit record (45 CFR 164.312(b), audit controls). One condition may name what no schema describes: an `exists` that keeps it out (`deny_if` with `value: true`, `require` with `value: false`), as long as the schema does not forbid the name already.",
  fix: "Write the argument's name as the schema in the lock has it.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id, feilds]
    require:
      - { path: args.patientId, op: matches, value: "[a-z0-9-]+" }
    limits:
      - { counter: records, window: hour, max: 20 }
`,
    },
    findings: [
      "policies/lookup.yaml:5:24 error: `feilds` is not in the pinned schema of `get_patient_record`",
      "policies/lookup.yaml:7:17 error: `args.patientId` is not in the pinned schema of `get_patient_record`",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id, fields]
    require:
      - { path: args.patient_id, op: matches, value: "[a-z0-9-]+" }
    limits:
      - { counter: records, window: hour, max: 20 }
`,
    },
  },
  *check(context) {
    for (const { path, use, site, of, lookups, place } of mentionsOf(context)) {
      const nothing = lookups.filter((lookup): lookup is Nothing => lookup.found === "nothing");
      const [first] = nothing;
      if (first === undefined || nothing.length < lookups.length) continue;
      if (site !== undefined && keepsOut(site) && nothing.some(({ closed }) => !closed)) continue;
      const text = use === "args" ? first.name : formatPath(path);
      const names = nothing.flatMap((lookup) => lookup.names);
      yield {
        message: `${quoted(text)} is not in the pinned schema of ${of}`,
        help: names.length === 0 ? "no argument is described here" : didYouMean(first.name, names),
        place,
      };
    }
  },
};

/** Whether the condition says that the argument must be absent. */
function keepsOut({ kind, condition: { op, operand, not } }: ConditionSite): boolean {
  if (op !== "exists" || !("literal" in operand)) return false;
  return (operand.literal !== not) === (kind === "deny_if");
}
