import { readyOperand } from "../../decide/operators.ts";
import { own, type Received } from "../../json/value.ts";
import type { Condition, Grant } from "../../policy/ir.ts";
import type { Place } from "../../source.ts";
import { didYouMean } from "../../suggest.ts";
import type { ConditionSite, LintContext } from "../context.ts";
import { REGISTRY } from "../examples.ts";
import { type LintRule, quoted, type Report } from "../rule.ts";

const POLICY = `version: "1"
default: deny
tools:
  search_patients:
    args: [query, limit]
    require:
      - { path: args.query, op: in, value_from: grant.clinic }
    limits:
      - { counter: searches, window: hour, max: 20 }
`;
const WITH_CLINICS = (text: string): string => `${text}attributes: { clinics: [north, east] }\n`;

export const unknownAttribute: LintRule = {
  id: "unknown-attribute",
  severity: "error",
  otherwise: [{ severity: "warning", when: "some of the grants have it" }],
  summary: "A condition reads an attribute that the grants under its policy do not have.",
  why: "Compared with an attribute that is absent, or of a type that the operator does not take, a condition is undetermined, and that denies: every call under such a grant. Usually the name is misspelt, in the policy or in the grant.",
  fix: "Write the attribute's name as the grants do, or add it to each grant that uses the policy. Whether it is there can be asked with `exists`.",
  examples: {
    given: {
      ...REGISTRY,
      "grants/lookup-bot.yaml": WITH_CLINICS(REGISTRY["grants/lookup-bot.yaml"]),
    },
    bad: { "policies/lookup.yaml": POLICY },
    findings: [
      "policies/lookup.yaml:7:49 error: no grant under this policy has `grant.clinic` as `in` needs it",
    ],
    ok: { "policies/lookup.yaml": POLICY.replace("grant.clinic", "grant.clinics") },
  },
  *check(context) {
    // The grant that could not be read may be the one that has it.
    if (context.unreadGrants) return;
    for (const site of context.conditions) {
      const grants = grantsUnder(context, site);
      if (grants.length > 0) yield* [...compared(site, grants), ...read(site, grants)];
    }
  },
};

function grantsUnder({ loaded }: LintContext, { policy }: ConditionSite): readonly Grant[] {
  return [...loaded.grants.values()].flatMap(({ compiled }) =>
    compiled !== undefined && Object.values(compiled.access).includes(policy.name)
      ? [compiled]
      : [],
  );
}

/** `value_from: grant.x`. */
function compared({ condition, file, pointer }: ConditionSite, grants: readonly Grant[]): Report[] {
  const { operand, op } = condition;
  if (!("grant" in operand)) return [];
  const without = grants.filter((grant) => {
    const value = constantOf(grant, operand.grant);
    return value === undefined || readyOperand(op, value) === undefined;
  });
  return report(operand.grant, `as \`${op}\` needs it`, without, grants, () =>
    file.place([...pointer, "value_from"]),
  );
}

/** `path: grant.x`. */
function read({ condition, file, pointer }: ConditionSite, grants: readonly Grant[]): Report[] {
  const { path, op }: Condition = condition;
  const names = path.steps.filter((step) => typeof step === "string");
  if (path.root !== "grant" || op === "exists" || names.length === 0) return [];
  const without = grants.filter((grant) => constantOf(grant, names) === undefined);
  return report(names, "", without, grants, () => file.place([...pointer, "path"]));
}

function report(
  names: readonly string[],
  needed: string,
  without: readonly Grant[],
  grants: readonly Grant[],
  place: () => Place,
): Report[] {
  if (without.length === 0) return [];
  const attribute = quoted(`grant.${names.join(".")}`);
  const as = needed === "" ? "" : ` ${needed}`;
  const known = [...new Set(grants.flatMap(({ attributes }) => Object.keys(attributes)))].sort();
  const all = without.length === grants.length;
  return [
    {
      ...(all ? {} : { severity: "warning" as const }),
      message: all
        ? `no grant under this policy has ${attribute}${as}`
        : `the grant ${quoted(without[0]!.id)} does not have ${attribute}${as}`,
      help: all
        ? known.length === 0
          ? "add it under `attributes` of the grants"
          : didYouMean(names[0]!, known)
        : "add it to the grant; without it every call under it that comes here is denied",
      place: place(),
    },
  ];
}

/** What every grant has besides its attributes. */
const BUILT_IN: ReadonlySet<string> = new Set(["purpose", "principal", "id"]);

/** The constant that a condition reads; undefined where the grant has none of the name. */
function constantOf(
  { attributes, purpose, id }: Grant,
  names: readonly string[],
): Received | undefined {
  const [name] = names;
  if (name === undefined) return undefined;
  if (!BUILT_IN.has(name)) return own(attributes, name) as Received | undefined;
  return name === "purpose" ? purpose : name === "id" ? id : names.length > 1 ? "" : {};
}
