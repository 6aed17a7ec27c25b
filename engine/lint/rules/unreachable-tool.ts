import { REGISTRY } from "../examples.ts";
import type { Unreachable } from "../proofs.ts";
import { type LintRule, quoted } from "../rule.ts";
import { entryPointer, partNames } from "../witness.ts";

export const unreachableTool: LintRule = {
  id: "unreachable-tool",
  severity: "error",
  summary: "A policy lists a tool or a method of which it can allow no call at all.",
  why: "The rules contradict each other, or the pinned schema. This is proved for every call and every grant, so it is never what was meant: the next person finds that the agent cannot do its work, and loosens the policy in a hurry.",
  fix: "Look at the rules that are named: together they let no call through, and with any one of them gone some call would pass. Correct the one that is wrong. If the tool is not wanted, take it out of `tools`.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    require:
      - { path: args.patient_id, op: matches, value: "[0-9]{3}" }
    deny_if:
      # Meant: longer than 8. Every id of three digits is shorter than that.
      - { path: args.patient_id, op: length_lt, value: 8 }
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
  search_patients:
    args: [query, limit]
    deny_if:
      - { path: args.query, op: type, value: string }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    findings: [
      "policies/lookup.yaml:4:3 error: no call of `get_patient_record` can be allowed: `require/0` and `deny_if/0` exclude each other",
      "policies/lookup.yaml:15:9 error: no call of `search_patients` can be allowed: `deny_if/0` lets none through",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    require:
      - { path: args.patient_id, op: matches, value: "[0-9]{3}" }
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
  search_patients:
    args: [query, limit]
    deny_if:
      - { path: args.query, op: length_lt, value: 3 }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
  },
  *check({ policies, proofs }) {
    for (const { policy, file } of policies) {
      for (const unreachable of proofs.of(policy).unreachable) {
        const { section, name, parts } = unreachable;
        const [first, ...others] = parts;
        const alone = first?.part === "entry" && others.length === 0;
        yield {
          message: `no call of ${quoted(name)} can be allowed: ${reason(unreachable)}`,
          help: `correct ${parts.length === 0 ? "the pinned schema" : "the rule that is wrong"}, or take it out of \`${section}\``,
          place: alone ? file.place(entryPointer(first.site)) : file.place([section, name], "key"),
        };
      }
    }
  },
};

function reason({ parts, servers }: Unreachable): string {
  if (parts.length === 0) return "its pinned schema accepts none";
  if (parts.length === 1) return `${partNames(parts)} lets none through`;
  const where = servers.length > 1 ? ` on ${quoted(servers[0]!)}` : "";
  return `${partNames(parts)} exclude each other${where}`;
}
