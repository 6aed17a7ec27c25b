import { subjectPaths } from "../../decide/label.ts";
import { REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const bulkWithoutSubjectLimit: LintRule = {
  id: "bulk-without-subject-limit",
  severity: "warning",
  summary: "A policy reaches a bulk ePHI tool without counting different patients.",
  why: "One call of a bulk tool can return many patients' data, so a limit on calls says little about how many people are exposed. The minimum necessary standard (45 CFR 164.502(b), and 164.514(d)(5) for whole records) is about people and their data, not about requests.",
  fix: "Add a limit with `distinct: subject`. It needs a label that says which argument names the patient; a call whose patient is not determined is denied. Where a tool has no such argument, narrow it with `require` and accept this until a date.",
  examples: {
    given: {
      ...REGISTRY,
      "servers/ehr.yaml": REGISTRY["servers/ehr.yaml"].replace(
        "subject: unknown",
        "subject: args.query",
      ),
    },
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query]
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    findings: [
      "policies/lookup.yaml:4:3 warning: `search_patients` is bulk on `ehr`, and nothing limits how many patients it is called for",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query]
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
`,
    },
  },
  *check({ reaches }) {
    for (const { label, rules, policy, server, tool, place } of reaches) {
      if (label.ephi === false || label.volume !== "bulk") continue;
      const limits = [...(rules?.limits ?? []), ...policy.allTools.limits];
      if (limits.some(({ distinct }) => distinct === "subject")) continue;
      const named = subjectPaths(label).length > 0;
      yield {
        message: `${quoted(tool)} is bulk on ${quoted(server.id)}, and nothing limits how many patients it is called for`,
        help: named
          ? "add `- { counter: patients, window: hour, max: 20, distinct: subject }` to its `limits`"
          : `say in servers/${server.id}.yaml which argument names the patient (\`subject\`), then add a limit with \`distinct: subject\``,
        place,
      };
    }
  },
};
