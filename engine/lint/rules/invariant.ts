import { readsGrant } from "../../compare/sides.ts";
import { readyCondition } from "../../decide/condition.ts";
import { effectOf, ephiOf, subjectCases } from "../../decide/label.ts";
import { allOf, anyOf } from "../../decide/truth.ts";
import { isObject, type Received, type ReceivedObject } from "../../json/value.ts";
import type { Condition, Entry, Grant, Label, Path, Scalar } from "../../policy/ir.ts";
import type { LoadedRepository } from "../../policy/load.ts";
import type { Formula } from "../../prove/formula.ts";
import { whereEffect, whereEphi } from "../../prove/labels.ts";
import { type Answer, type Asked, find } from "../../prove/prove.ts";
import { rulesAllow } from "../../prove/replay.ts";
import type { Side } from "../../prove/rules.ts";
import type { Witness } from "../../prove/witness.ts";
import { didYouMean } from "../../suggest.ts";
import type { LintContext, Reach } from "../context.ts";
import { REGISTRY } from "../examples.ts";
import { halfOf, openSide } from "../proofs.ts";
import { type LintRule, quoted, type Report } from "../rule.ts";
import { witnessText } from "../witness.ts";

type Invariant = LoadedRepository["invariants"][number];

export const invariant: LintRule = {
  id: "invariant",
  severity: "error",
  summary:
    "A policy allows a call that breaks an invariant of phiward.yaml, or it could not be proved that none does.",
  why: "An invariant is what has to be true whoever edits which policy: that every read of patient data names a patient, that nothing is written outside one's own clinics (45 CFR 164.502(b), minimum necessary). It is proved for every policy on every server with which a grant pairs it, over all calls, on every run. Where a grant's attributes matter, each grant is asked with its own.",
  fix: "Add the condition to the policy: the call that is shown is one that it allows. If the invariant itself is wrong, change it in phiward.yaml; the gate's reviewers see that.",
  examples: {
    given: REGISTRY,
    bad: {
      "phiward.yaml": `version: "1"
gate: { approvers: [{ team: privacy-officers }] }
invariants:
  - name: every read of patient data names a patient
    tools: ephi
    effect: [read]
    require: { subject: named }
  - name: no search for everything
    tools: [search_patients]
    require: { path: args.query, op: neq, value: "*" }
  - name: nothing is exported
    tools: [export_patient]
    require: { path: args.to, op: eq, value: nowhere }
`,
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
  search_patients:
    args: [query]
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    findings: [
      "phiward.yaml:12:13 error: the invariant `nothing is exported` names `export_patient`, which no server has",
      "policies/lookup.yaml:7:3 error: `search_patients` on `ehr` breaks the invariant `every read of patient data names a patient`",
      "policies/lookup.yaml:7:3 error: `search_patients` on `ehr` breaks the invariant `no search for everything`",
    ],
    ok: {
      "phiward.yaml": `version: "1"
gate: { approvers: [{ team: privacy-officers }] }
invariants:
  - name: every read of patient data names a patient
    tools: ephi
    effect: [read]
    require: { subject: named }
`,
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
`,
    },
  },
  *check(context) {
    const { loaded, reaches } = context;
    for (const [index, one] of loaded.invariants.entries()) {
      yield* unknownTools(context, one, index);
      for (const reach of reaches) {
        const { tool, server, place } = reach;
        if (typeof one.tools !== "string" && !one.tools.includes(tool)) continue;
        const found = broken(context, one, reach);
        if (found === undefined) continue;
        const what = `${quoted(tool)} on ${quoted(server.id)}`;
        if (found.answer === "unknown") {
          yield {
            message: `whether ${what} keeps the invariant ${quoted(one.name)} could not be proved`,
            help: `say it in \`require\` without what stopped the proof: ${found.why}`,
            place,
          };
          continue;
        }
        const { witness, grant } = found;
        const who = grant === undefined ? "such a call is allowed" : `${quoted(grant.id)} may call`;
        const args = grant === undefined ? witness.args : masked(witness.args, grant);
        yield {
          message: `${what} breaks the invariant ${quoted(one.name)}`,
          help: `${who}: ${witnessText(args)}; add to \`require\` what rules it out`,
          place,
        };
      }
    }
  },
};

/** A name that is written wrong would make an invariant of nothing. */
function unknownTools({ loaded, servers }: LintContext, one: Invariant, index: number): Report[] {
  const facts = [...servers.values()];
  // Where one server's tools are not known, it may have any.
  if (typeof one.tools === "string" || facts.length < loaded.servers.size) return [];
  if (facts.length === 0 || facts.some(({ catalogue }) => catalogue === undefined)) return [];
  const known = new Set(facts.flatMap(({ catalogue }) => [...catalogue!]));
  const written = loaded.project!.value.invariants![index]!.tools as readonly string[];
  return written.flatMap((tool, i) =>
    known.has(tool)
      ? []
      : [
          {
            message: `the invariant ${quoted(one.name)} names ${quoted(tool)}, which no server has`,
            help: didYouMean(tool, known),
            place: loaded.project!.place(["invariants", index, "tools", i]),
          },
        ],
  );
}

/** A call that breaks it, and whose, where it takes the constants of a grant; or what stopped the proof. */
type Broken =
  | { readonly answer: "yes"; readonly witness: Witness; readonly grant?: Grant }
  | { readonly answer: "unknown"; readonly why: string };

/** Why the invariant is not proved of a target; undefined where it is. */
function broken(context: LintContext, one: Invariant, reach: Reach): Broken | undefined {
  const { ready } = context;
  const { policy, server, tool } = reach;
  const ruled = { policy, server, target: { tool } };
  const require = one.require === "named" ? namesPatient(reach.label) : one.require;
  const ask = (grant: Side["grant"]): Answer =>
    violation(context, one, reach, require, { ...openSide(ready, ruled), grant });
  const open = ask("free");
  if (open.answer === "no") return undefined;
  const conditional = readsGrant(halfOf(ready, ruled), ruled.target) || entryReadsGrant(require);
  if (!conditional) return open;
  // Some grant could break it; do those that there are?
  let stopped: Broken | undefined;
  for (const { access, facts, source } of ready.grants.values()) {
    if (access.get(server.id) !== policy.name) continue;
    const answer = ask(facts);
    if (answer.answer === "yes") return { ...answer, grant: source };
    if (answer.answer === "unknown") stopped ??= answer;
  }
  return stopped;
}

/** The call without what it has from the grant: a report never shows the value of an attribute. */
function masked(args: ReceivedObject, { attributes }: Grant): ReceivedObject {
  const values = Object.entries(attributes).flatMap(([name, value]) =>
    [value].flat().map((one) => ({ name, value: one as Scalar })),
  );
  const mask = (value: Received): Received => {
    if (Array.isArray(value)) return value.map(mask);
    if (isObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mask(member)]));
    }
    const from = values.find(({ value: one }) =>
      typeof one === "string" && one !== "" && typeof value === "string"
        ? value.includes(one)
        : typeof one === "number" && value === one,
    );
    return from === undefined ? value : `(grant.${from.name})`;
  };
  return mask(args) as ReceivedObject;
}

function violation(
  { ready }: LintContext,
  one: Invariant,
  { policy, server, tool, label }: Reach,
  require: Entry,
  side: Side,
): Answer {
  const question = ({ shop, rules: [rules] }: Asked): Formula => {
    return shop.and([
      rules!.allowed(),
      one.tools === "ephi" ? whereEphi(shop, rules!, label) : shop.yes,
      one.effects === undefined ? shop.yes : whereEffect(shop, rules!, label, one.effects),
      shop.not(rules!.conditions.entry(require).whenTrue),
    ]);
  };
  const holds = anyOf(
    require.anyOf.map((group) => allOf(group.map((condition) => readyCondition(condition).judge))),
  );
  const confirm = ({ args, grant }: Witness): boolean => {
    const facts: ReceivedObject = side.grant === "free" ? (grant ?? {}) : side.grant;
    return (
      (one.tools !== "ephi" || ephiOf(label, args)) &&
      (one.effects?.includes(effectOf(label, args)) ?? true) &&
      holds({ args, grant: facts }) !== "true" &&
      rulesAllow(ready, { policy, server: server.id, target: { tool } }, args, facts)
    );
  };
  return find([side], question, { confirm });
}

/** Some argument that the label names as the patient holds a text or a number. */
function namesPatient(label: Label): Entry {
  return {
    anyOf: subjectCases(label).flatMap(({ when, subject }) =>
      typeof subject === "string"
        ? []
        : subject.flatMap((path) => holdsId(path).map((condition) => [...when, condition])),
    ),
  };
}

/** A text or a number; of a list, in some element. */
function holdsId({ root, steps, each }: Path): Condition[] {
  const any = each === undefined ? {} : { each: { ...each, quantifier: "any" as const } };
  return ["string", "number"].map((literal) => ({
    path: { root, steps, ...any },
    op: "type",
    operand: { literal },
    not: false,
  }));
}

function entryReadsGrant({ anyOf: groups }: Entry): boolean {
  return groups.some((group) =>
    group.some(({ path, operand }) => path.root === "grant" || "grant" in operand),
  );
}
