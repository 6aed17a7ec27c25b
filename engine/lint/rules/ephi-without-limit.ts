import { own } from "../../json/value.ts";
import { REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const ephiWithoutLimit: LintRule = {
  id: "ephi-without-limit",
  severity: "warning",
  summary: "A policy reaches a tool or a method that may touch ePHI, and nothing limits how often.",
  why: "An agent that reads one record at a time still reads the whole hospital, if nothing counts. A limit is what turns a stolen token or a looping agent into a bounded event, and what the minimum necessary standard asks of routine use (45 CFR 164.502(b)).",
  fix: "Add a limit to the tool, or to `all_tools` for all of them; methods have only their own.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id]
  list_departments: {}
`,
    },
    findings: [
      "policies/lookup.yaml:4:3 warning: `get_patient_record` may touch ePHI, and nothing limits how often it is called",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id]
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
  list_departments: {}
`,
    },
  },
  *check({ reaches, policies, servers }) {
    const report = (name: string, place: (typeof reaches)[number]["place"]) => ({
      message: `${quoted(name)} may touch ePHI, and nothing limits how often it is called`,
      help: "add `limits: [{ counter: calls, window: hour, max: 100 }]`, with a number that the work needs",
      place,
    });
    for (const { label, rules, policy, tool, place } of reaches) {
      const limits = [...(rules?.limits ?? []), ...policy.allTools.limits];
      if (label.ephi !== false && limits.length === 0) yield report(tool, place);
    }
    for (const { policy, file, servers: ids } of policies) {
      for (const [method, { limits }] of Object.entries(policy.methods)) {
        const touches = ids.some((id) => {
          const server = servers.get(id)?.server;
          return server !== undefined && own(server.methods, method)?.ephi !== false;
        });
        if (touches && limits.length === 0)
          yield report(method, file.place(["methods", method], "key"));
      }
    }
  },
};
