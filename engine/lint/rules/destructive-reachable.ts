import { effectOf } from "../../decide/label.ts";
import type { ReadyRepository } from "../../decide/prepare.ts";
import type { ByArgument, Effect, Entry } from "../../policy/ir.ts";
import { formatPath } from "../../policy/path.ts";
import { type Answer, violates } from "../../prove/prove.ts";
import { rulesAllow } from "../../prove/replay.ts";
import type { Witness } from "../../prove/witness.ts";
import type { Reach } from "../context.ts";
import { REGISTRY } from "../examples.ts";
import { openSide } from "../proofs.ts";
import { type LintRule, quoted } from "../rule.ts";
import { witnessText } from "../witness.ts";

export const destructiveReachable: LintRule = {
  id: "destructive-reachable",
  severity: "warning",
  summary: "A policy reaches a tool that destroys data or executes what it is given.",
  why: "What an agent deletes by mistake, or is talked into running, is an integrity failure (45 CFR 164.312(c)(1)) that no audit record undoes. A tool without a label counts as `execute`. Where one argument decides the effect, any value that the label does not list counts as `execute` too, so it has to be proved that every allowed call has one of the harmless cases.",
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
  *check(context) {
    for (const reach of context.reaches) {
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
      } else {
        const { by, cases } = label.effect;
        const argument = quoted(formatPath(by));
        const found = strays(context.ready, reach, label.effect);
        if (found.answer === "no") continue;
        const such =
          found.answer === "yes"
            ? `such a call is allowed: ${witnessText(found.witness.args)}; `
            : "";
        const harmless = harmlessCases(cases).length > 0;
        yield {
          message: `the policy reaches ${quoted(tool)}, which ${argument} can make destructive on ${quoted(server.id)}`,
          help: `${such}${harmless ? `require ${argument} to be \`in\` the harmless cases; any other value counts as \`execute\`` : "take it out of `tools`: no case of its label is harmless"}`,
          place,
        };
      }
    }
  },
};

function isDangerous(effect: Effect): boolean {
  return effect === "destructive" || effect === "execute";
}

function harmlessCases(cases: ByArgument<Effect>["cases"]): string[] {
  return Object.keys(cases).filter((name) => !isDangerous(cases[name]!));
}

/** A call that is allowed although its argument is no harmless case: any other value is the worst. */
function strays(
  ready: ReadyRepository,
  { policy, server, tool, label }: Reach,
  { by, cases }: ByArgument<Effect>,
): Answer {
  const ruled = { policy, server, target: { tool } };
  const path = { root: by.root, steps: by.steps };
  const literal = harmlessCases(cases);
  const harmless: Entry = { anyOf: [[{ path, op: "in", operand: { literal }, not: false }]] };
  const confirm = ({ args, grant = {} }: Witness): boolean =>
    isDangerous(effectOf(label, args)) &&
    rulesAllow(ready, { policy, server: server.id, target: { tool } }, args, grant);
  return violates(harmless, openSide(ready, ruled), { confirm });
}
