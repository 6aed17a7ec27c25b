/**
 * What one side lets a grant do with one tool, in words for a reader who knows no policy: how much, by
 * which arguments, of whose records, under which conditions and how often. It is said from what the
 * catalogue and the rules say, and proves nothing; the verdict does.
 */
import { isByArgument, subjectCases } from "../decide/label.ts";
import { own } from "../json/value.ts";
import {
  EFFECTS,
  type Effect,
  type Label,
  type Path,
  type RuleSet,
  type Volume,
} from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import type { Target } from "../prove/rules.ts";
import { describeLimit, limitsOf } from "./quota.ts";
import type { Reach } from "./report.ts";
import { type Half, labelOf, reached, rulesOf, targetName } from "./sides.ts";
import { list } from "./words.ts";

const VERB: Readonly<Record<Effect, string>> = {
  read: "read",
  write: "write",
  financial: "move money with",
  destructive: "delete or overwrite",
  execute: "do anything with",
};

const AMOUNT: Readonly<Record<Volume, string>> = {
  single: "one record",
  chart: "one patient's whole chart",
  bulk: "any number of records",
};

/** Limits that are told before the rest is counted. */
const MAX_LIMITS = 2;

const NOTHING: Reach = { what: "nothing", whose: "nobody's", conditions: [], howOften: "never" };

export function reachOn(half: Half, target: Target): Reach {
  if (half.policy === undefined || !reached(half, target)) return NOTHING;
  const label = labelOf(half, target);
  const rules = rulesOf(half.policy, target, label);
  return {
    what: `${amount(label)}${by(half, target, rules, label)}${isByArgument(label.effect) ? ", as the call says" : ""}`,
    whose: whose(label, rules),
    conditions: conditions(rules),
    howOften: howOften(half, target),
  };
}

function amount({ effect, ephi, volume }: Label): string {
  const what = ephi === false ? "data that is no patient's" : AMOUNT[volume];
  if (!isByArgument(effect)) return `${VERB[effect]} ${what}`;
  // An argument decides, and any value that is not named means the worst.
  const possible = new Set<Effect>([...Object.values(effect.cases), "execute"]);
  const verbs = EFFECTS.filter((one) => possible.has(one)).map((one) => VERB[one]);
  return verbs.length === 1
    ? `${verbs[0]} ${what}`
    : `${verbs.slice(0, -1).join(", ")} or ${verbs.at(-1)} ${what}`;
}

/** The arguments that a call may have: what a person who looks something up has to know. */
function by(half: Half, target: Target, rules: readonly RuleSet[], label: Label): string {
  const given = rules.find(({ args }) => args !== undefined)?.args ?? schemaArgs(half, target);
  const names = given ?? topLevel(subjectPaths(label));
  return names.length === 0 ? "" : ` by ${list(names.map((name) => `\`${name}\``))}`;
}

function schemaArgs({ server }: Half, target: Target): readonly string[] | undefined {
  const pin = "tool" in target ? own(server?.lock?.tools ?? {}, targetName(target)) : undefined;
  const schema = pin?.definition.inputSchema as { properties?: object } | undefined;
  return schema?.properties === undefined ? undefined : Object.keys(schema.properties);
}

function subjectPaths(label: Label): Path[] {
  return subjectCases(label).flatMap(({ subject }) =>
    typeof subject === "string" ? [] : [...subject],
  );
}

function topLevel(paths: readonly Path[]): string[] {
  return [...new Set(paths.flatMap(({ steps }) => (typeof steps[0] === "string" ? steps[0] : [])))];
}

/** Any patient's, unless every allowed call must say something about the patient that it names. */
function whose(label: Label, rules: readonly RuleSet[]): string {
  if (label.ephi === false || label.subject === "none") return "no patient's";
  const subjects = new Set(subjectPaths(label).map(formatPath));
  if (subjects.size === 0) return "any patient's: the call does not say whose";
  const demanded = rules.some(({ require }) =>
    require.some(({ anyOf }) =>
      anyOf.every((group) => group.some(({ path }) => subjects.has(formatPath(path)))),
    ),
  );
  return demanded ? "a patient's whom the call must name" : "any patient's";
}

function conditions(rules: readonly RuleSet[]): string[] {
  const entries = rules.flatMap(({ require, denyIf }) => [...require, ...denyIf]);
  const named = entries.flatMap(({ name }) => (name === undefined ? [] : [`\`${name}\``]));
  const unnamed = entries.filter(({ name }) => name === undefined);
  if (unnamed.length === 0) return named;
  const count = `${unnamed.length} condition${unnamed.length === 1 ? "" : "s"}`;
  const paths = unnamed.flatMap(({ anyOf }) => anyOf.flat().map(({ path }) => path));
  const on = topLevel(paths.filter(({ root }) => root === "args")).map((name) => `\`${name}\``);
  return [...named, on.length === 0 ? count : `${count} on ${list(on)}`];
}

function howOften(half: Half, target: Target): string {
  const placed = limitsOf(half, target).map(({ limit }) => `at most ${describeLimit(limit)}`);
  if (placed.length === 0) return "as often as it likes";
  const rest = placed.length - MAX_LIMITS;
  const more = rest > 0 ? [`${rest} more limit${rest === 1 ? "" : "s"}`] : [];
  return [...placed.slice(0, MAX_LIMITS), ...more].join(" and ");
}
