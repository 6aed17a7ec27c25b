import { REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const ephiOpenArguments: LintRule = {
  id: "ephi-open-arguments",
  severity: "warning",
  summary: "A tool that may touch ePHI accepts arguments that nobody has named.",
  why: "What a server does with an argument that its schema does not describe is up to the server: `_include`, `format: export`, a second patient. Unless the policy lists `args`, or the pinned schema has `additionalProperties: false`, an agent may send any of them. Access is to be granted explicitly (45 CFR 164.312(a)(1), access control).",
  fix: "List the arguments that the work needs under `args`.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
all_tools:
  limits:
    - { counter: calls, window: hour, max: 100 }
tools:
  get_patient_record: {}
  search_patients: {}
`,
    },
    findings: [
      "policies/lookup.yaml:8:3 warning: `search_patients` may touch ePHI, and takes arguments that nobody has named",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
all_tools:
  limits:
    - { counter: calls, window: hour, max: 100 }
tools:
  get_patient_record: {}
  search_patients:
    args: [query, limit]
`,
    },
  },
  *check({ reaches }) {
    for (const { label, rules, schema, tool, place } of reaches) {
      if (label.ephi === false || rules?.args !== undefined || schema?.closed() === true) continue;
      yield {
        message: `${quoted(tool)} may touch ePHI, and takes arguments that nobody has named`,
        help: "add `args: […]` with the arguments that the work needs",
        place,
      };
    }
  },
};
