import { REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const ephiDefaultAllow: LintRule = {
  id: "ephi-default-allow",
  severity: "warning",
  summary: "A policy with `default: allow` is used on a server that may carry ePHI.",
  why: "`default: allow` reaches every tool that the catalogue labels `ephi: false`, also those that a later version of the server adds: one wrong label and the tool is open to every agent under this policy. Access to ePHI is granted, not left over (45 CFR 164.308(a)(4)(ii)(B), access authorization).",
  fix: "Write `default: deny`, and list the tools that the work needs.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: allow
`,
    },
    findings: [
      "policies/lookup.yaml:2:10 warning: `default: allow` on `ehr`, which may carry ePHI",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  list_departments: {}
`,
    },
  },
  *check({ policies, servers }) {
    for (const { policy, file, servers: ids } of policies) {
      if (policy.default !== "allow") continue;
      for (const id of ids) {
        if (servers.get(id)?.mayCarryEphi !== true) continue;
        yield {
          message: `\`default: allow\` on ${quoted(id)}, which may carry ePHI`,
          help: "write `default: deny`, and list under `tools:` what the work needs",
          place: file.place(["default"]),
        };
      }
    }
  },
};
