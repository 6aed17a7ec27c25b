import { REGISTRY } from "../examples.ts";
import type { LintRule } from "../rule.ts";

const POLICY = 'version: "1"\ndefault: deny\n';

export const unusedPolicy: LintRule = {
  id: "unused-policy",
  severity: "info",
  summary: "No grant uses a policy.",
  why: "A policy that decides nothing is still read in reviews, and looks like protection. Rules that compare it with a server's tools also wait until a grant pairs the two.",
  fix: "Give it to a grant under `access`, or remove it.",
  examples: {
    given: { ...REGISTRY, "policies/lookup.yaml": POLICY },
    bad: { "policies/look-up.yaml": POLICY },
    findings: ["policies/look-up.yaml:1:1 info: no grant uses this policy"],
    ok: {},
  },
  *check({ policies, unreadGrants }) {
    if (unreadGrants) return;
    for (const { file, servers } of policies) {
      if (servers.length > 0) continue;
      yield {
        message: "no grant uses this policy",
        help: "name it in a grant's `access`, or remove the file",
        place: file.place([]),
      };
    }
  },
};
