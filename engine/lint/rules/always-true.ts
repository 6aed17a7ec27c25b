import { REGISTRY } from "../examples.ts";
import type { LintRule } from "../rule.ts";
import { entryName, entryPointer, judged } from "../witness.ts";

export const alwaysTrue: LintRule = {
  id: "always-true",
  severity: "warning",
  summary: "A `require` entry that every call of the pinned form satisfies.",
  why: "It reads like a restriction and restricts nothing, so whoever reviews the policy counts on something that is not there. Proved for every call that the pinned schema accepts and every grant.",
  fix: "Remove it, or write what it was meant to exclude. A `deny_if` that stops every call is not found here but by `unreachable-tool`.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    require:
      - { path: args.patient_id, op: length_gte, value: 0 }
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
`,
    },
    findings: [
      "policies/lookup.yaml:6:9 warning: `require/0` is true of every call of `get_patient_record`, and so restricts nothing",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    require:
      - { path: args.patient_id, op: length_gte, value: 3 }
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
`,
    },
  },
  *check({ policies, proofs }) {
    for (const { policy, file } of policies) {
      for (const { site, group, why, ruled } of proofs.of(policy).superfluous) {
        if (site.kind !== "require" || group !== undefined || why !== "says nothing") continue;
        yield {
          message: `${entryName(site)} is true of every call of ${judged(site, ruled)}, and so restricts nothing`,
          help: "remove it, or write what it was meant to exclude",
          place: file.place(entryPointer(site)),
        };
      }
    }
  },
};
