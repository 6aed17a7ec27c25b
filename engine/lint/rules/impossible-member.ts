import type { Condition, Scalar } from "../../policy/ir.ts";
import { formatPath } from "../../policy/path.ts";
import { canBe } from "../../prove/prove.ts";
import { type ConditionSite, type LintContext, ruledBy } from "../context.ts";
import { lockText, REGISTRY } from "../examples.ts";
import { openSide } from "../proofs.ts";
import { type LintRule, quoted } from "../rule.ts";

export const impossibleMember: LintRule = {
  id: "impossible-member",
  severity: "warning",
  summary: "A list names a value that the argument never has.",
  why: 'A value in a list that no call can have is a misspelt one, or one of another type: `5` is not `"5"`. In a `require` somebody is denied who should not be; in a `deny_if` the call that was meant gets through. Decided by the pinned schema, for every call.',
  fix: "Write the value as the tool's schema does, or remove it.",
  examples: {
    given: {
      ...REGISTRY,
      "servers/ehr.lock.json": lockText("ehr", [
        {
          name: "search_patients",
          inputSchema: {
            type: "object",
            properties: { query: { enum: ["active", "planned", "finished"] } },
            required: ["query"],
            additionalProperties: false,
          },
        },
      ]),
      "servers/ehr.yaml": `version: "1"
id: ehr
vendor: { name: Example EHR Inc., baa: { status: signed, signed: 2026-02-01 } }
tools:
  search_patients: { effect: read, ephi: true, volume: bulk, subject: unknown }
`,
    },
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    require:
      - { path: args.query, op: in, value: [active, plannd] }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    findings: [
      "policies/lookup.yaml:6:53 warning: `args.query` of `search_patients` never has this value",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    require:
      - { path: args.query, op: in, value: [active, planned] }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
  },
  *check(context) {
    for (const site of context.conditions) {
      for (const index of impossible(context, site)) {
        const { condition, file, pointer, name } = site;
        yield {
          message: `${quoted(formatPath(condition.path))} of ${name === "" ? "every tool that is reached" : quoted(name)} never has this value`,
          help: "write it as the tool's schema does, in its type, or remove it",
          place: file.place([...pointer, "value", index]),
        };
      }
    }
  },
};

const LISTS: ReadonlySet<Condition["op"]> = new Set(["in", "not_in"]);

/** Members that no call of any target can have; none where that is true of all of them. */
function impossible(context: LintContext, site: ConditionSite): number[] {
  const { operand, op, path } = site.condition;
  if (!LISTS.has(op) || !("literal" in operand) || !Array.isArray(operand.literal)) return [];
  const members: readonly Scalar[] = operand.literal;
  // Without a schema every value can be there; that need not be asked.
  const ruled = ruledBy(context, site);
  if (ruled.length === 0 || ruled.some(({ server }) => server?.lock === undefined)) return [];
  const sides = ruled.map((one) => openSide(context.ready, one));
  const never = members.flatMap((literal, index) => {
    const is: Condition = { path, op: "eq", operand: { literal }, not: false };
    return sides.every((side) => canBe("true", is, side).answer === "no") ? [index] : [];
  });
  // All of them: the condition is a constant, which another rule says once.
  return never.length === members.length ? [] : never;
}
