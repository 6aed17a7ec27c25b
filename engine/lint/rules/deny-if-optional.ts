import { lineToPaste } from "../../decide/condition.ts";
import type { Condition, Entry, Path } from "../../policy/ir.ts";
import { formatPath } from "../../policy/path.ts";
import { type Reach, targetsOf } from "../context.ts";
import { REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const denyIfOptional: LintRule = {
  id: "deny-if-optional",
  severity: "warning",
  summary: "A `deny_if` looks at an argument that a call may leave out, without saying what then.",
  why: "A `deny_if` fires unless it is false, and a condition on an absent argument is undetermined. So a call without the argument is denied, which is the safe way and often not the meant one. Engines that let such a call through turn the same line into a hole; here it should be said which of the two is wanted.",
  fix: "To let a call without the argument pass, put an `exists` condition on it first in the group: false AND undetermined is false. To keep such calls denied, require the argument: `require: [{ path: …, op: exists, value: true }]`.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query, limit]
    deny_if:
      - { path: args.limit, op: gt, value: 20 }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    findings: [
      "policies/lookup.yaml:7:17 warning: `args.limit` is optional in `search_patients`, and a call without it is denied",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query, limit]
    deny_if:
      - conditions:
          - { path: args.limit, op: exists, value: true }
          - { path: args.limit, op: gt, value: 20 }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
  },
  *check(context) {
    for (const site of context.conditions) {
      const { kind, condition, group, bare, file, pointer } = site;
      const { path, op } = condition;
      if (kind !== "deny_if" || path.root !== "args" || op === "exists") continue;
      if (group.some((other) => startsWith(other.path, path) && saysExists(other))) continue;
      const targets = targetsOf(context, site).filter(({ schema }) => schema !== undefined);
      // A name that no tool has is a slip, and another rule's finding.
      if (!targets.some(({ schema }) => schema!.lookUp(path).found === "kinds")) continue;
      const target = targets.find((reach) => leavesOpen(reach, path));
      if (target === undefined) continue;
      const line = lineToPaste(condition, { args: {}, grant: {} });
      yield {
        message: `${quoted(formatPath({ root: "args", steps: path.steps }))} is optional in ${quoted(target.tool)}, and a call without it is denied`,
        help: `to let such a call pass, ${bare ? "make this an entry with `conditions:`, and put" : "put"} \`${line}\` first; to deny it, say so in \`require\``,
        place: file.place([...pointer, "path"]),
      };
    }
  },
};

/** Whether a call may come without the argument, and meet no earlier rule that asks for it. */
function leavesOpen({ schema, rules, policy }: Reach, path: Path): boolean {
  if (schema!.requires(path.steps) || schema!.lookUp(path).found === "blocked") return false;
  return ![...(rules?.require ?? []), ...policy.allTools.require].some((entry) =>
    needs(entry, path),
  );
}

/** Whether the entry cannot be true of a call without the argument. */
function needs({ anyOf }: Entry, path: Path): boolean {
  return anyOf.every((group) =>
    group.some((condition) => startsWith(condition.path, path) && !allowsAbsence(condition)),
  );
}

/** A path below an absent one is absent too. */
function startsWith(path: Path, start: Path): boolean {
  return path.root === start.root && start.steps.every((step, i) => path.steps[i] === step);
}

function allowsAbsence({ op, operand, not }: Condition): boolean {
  return op === "exists" && "literal" in operand && operand.literal === not;
}

function saysExists({ op, operand, not }: Condition): boolean {
  return op === "exists" && "literal" in operand && operand.literal !== not;
}
