import type { Effect, Label, Path, Policy } from "../../policy/ir.ts";
import { formatPath } from "../../policy/path.ts";
import type { Reach } from "../context.ts";
import { REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const destructiveReachable: LintRule = {
  id: "destructive-reachable",
  severity: "warning",
  summary: "A policy reaches a tool that destroys data or executes what it is given.",
  why: "What an agent deletes by mistake, or is talked into running, is an integrity failure (45 CFR 164.312(c)(1)) that no audit record undoes. A tool without a label counts as `execute`. Where one argument decides the effect, a condition of the policy has to speak of that argument.",
  fix: "Take the tool out of the policy or hide it; label it, where nobody has; add a condition on the argument that decides its effect. Where the work does need it, accept this until a date.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  delete_patient:
    require:
      - { path: args.patient_id, op: matches, value: "test-[0-9]+" }
`,
    },
    findings: [
      "policies/lookup.yaml:4:3 warning: the policy reaches `delete_patient`, which is `destructive` on `ehr`",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  list_departments: {}
`,
    },
  },
  *check({ reaches }) {
    for (const reach of reaches) {
      const { tool, server, label, described, place } = reach;
      if (!described) {
        yield {
          message: `the policy reaches ${quoted(tool)}, which has no label on ${quoted(server.id)} and so counts as \`execute\``,
          help: `describe it in servers/${server.id}.yaml, or take it out of the policy`,
          place,
        };
      } else if (typeof label.effect === "string") {
        if (!isDangerous(label.effect)) continue;
        yield {
          message: `the policy reaches ${quoted(tool)}, which is \`${label.effect}\` on ${quoted(server.id)}`,
          help: "take it out of `tools`, or accept it in phiward.yaml until a date",
          place,
        };
      } else if (unguarded(reach, label.effect)) {
        const by = formatPath(label.effect.by);
        yield {
          message: `the policy reaches ${quoted(tool)}, which ${quoted(by)} can make destructive on ${quoted(server.id)}`,
          help: `add a condition on ${quoted(by)} to \`require\`, such as \`op: in\` with the harmless cases`,
          place,
        };
      }
    }
  },
};

function isDangerous(effect: Effect): boolean {
  return effect === "destructive" || effect === "execute";
}

/** Whether a case is dangerous, and no condition of the tool speaks of the argument that decides. */
function unguarded(
  { rules, policy }: Reach,
  { by, cases }: Exclude<Label["effect"], string>,
): boolean {
  return Object.values(cases).some(isDangerous) && !speaksOf(by, [rules, policy.allTools]);
}

function speaksOf(by: Path, ruleSets: readonly (Policy["allTools"] | undefined)[]): boolean {
  return ruleSets
    .flatMap((rules) => [...(rules?.require ?? []), ...(rules?.denyIf ?? [])])
    .flatMap(({ anyOf }) => anyOf.flat())
    .some(({ path }) => formatPath(path) === formatPath(by));
}
