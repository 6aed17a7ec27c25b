import { subjectPaths } from "../../decide/label.ts";
import { own } from "../../json/value.ts";
import type { Condition, Label, Operator, Scalar } from "../../policy/ir.ts";
import { formatPath } from "../../policy/path.ts";
import { type ConditionSite, type LintContext, targetsOf } from "../context.ts";
import { GRANT, REGISTRY } from "../examples.ts";
import { type LintRule, quoted, type Report } from "../rule.ts";

export const patientInPolicy: LintRule = {
  id: "patient-in-policy",
  severity: "error",
  summary: "A policy or a grant's attributes look as if they name a patient.",
  why: "Policies and grants are in Git: copied, reviewed, signed and kept for years. A patient's id there is ePHI at rest in a place that nobody guards as such, and it cannot be taken out of the history. The 18 identifiers are listed in 45 CFR 164.514(b)(2)(i). What it finds is never repeated in a message.",
  fix: "Say which form an id has (`matches` with a pattern) and how many different patients may be read (`distinct: subject`); who the patient is belongs into the call alone. Rename an attribute that only sounds like a patient's.",
  examples: {
    given: {
      "servers/ehr.yaml": REGISTRY["servers/ehr.yaml"],
      "servers/ehr.lock.json": REGISTRY["servers/ehr.lock.json"],
    },
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id]
    require:
      - { path: args.patient_id, op: in, value: [p-100, p-101] }
    limits:
      - { counter: records, window: hour, max: 20 }
`,
      "grants/lookup-bot.yaml": `${GRANT}attributes:
  wards: [north, Patient/p-100]
  patient_ids: [p-100]
`,
    },
    findings: [
      "grants/lookup-bot.yaml:10:18 error: a value of `wards` looks like a patient's identifier",
      "grants/lookup-bot.yaml:11:3 error: the attribute `patient_ids` looks like a patient's identifier",
      "policies/lookup.yaml:7:49 error: `args.patient_id` names the patient, and is compared with a fixed value",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id]
    require:
      - { path: args.patient_id, op: matches, value: "p-[0-9]+" }
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
`,
      "grants/lookup-bot.yaml": `${GRANT}attributes:
  wards: [north, east]
`,
    },
  },
  *check(context) {
    for (const site of context.conditions) {
      const { condition, file, pointer } = site;
      const literals = fixedTexts(condition);
      if (literals === undefined) continue;
      const path = formatPath(condition.path);
      const subject = condition.path.root === "args" && subjectsUnder(context, site).has(path);
      const place = file.place([...pointer, "value"]);
      if (subject && literals.some(mayBePatient)) {
        yield {
          message: `${quoted(path)} names the patient, and is compared with a fixed value`,
          help: "say the form of an id instead (`op: matches`), and limit with `distinct: subject`",
          place,
        };
      } else if (literals.some(looksLikePatient)) {
        yield {
          message: `the value that ${quoted(path)} is compared with looks like a patient's identifier`,
          help: "say the form of an id instead (`op: matches`)",
          place,
        };
      }
    }
    for (const { located } of context.loaded.grants.values()) {
      for (const [name, value] of Object.entries(located.value.attributes ?? {})) {
        yield* attributeReports(name, value, (at, part) =>
          located.place(["attributes", name, ...at], part),
        );
      }
    }
  },
};

function* attributeReports(
  name: string,
  value: Scalar | readonly Scalar[],
  place: (at: number[], part?: "key") => Report["place"],
): Iterable<Report> {
  const help = "an attribute says what work the grant is for, never about whom";
  const values = [value].flat();
  if (isPatientName(name, values)) {
    const message = `the attribute ${quoted(name)} looks like a patient's identifier`;
    yield { message, help, place: place([], "key") };
    return;
  }
  for (const [index, member] of values.entries()) {
    if (!looksLikePatient(member)) continue;
    const message = `a value of ${quoted(name)} looks like a patient's identifier`;
    yield { message, help, place: place(Array.isArray(value) ? [index] : []) };
  }
}

/** The arguments that name the patient, as the labels of the servers under the policy say. */
function subjectsUnder(context: LintContext, site: ConditionSite): ReadonlySet<string> {
  const labels: readonly (Label | undefined)[] =
    site.section === "methods"
      ? context.policies
          .filter(({ policy }) => policy === site.policy)
          .flatMap(({ servers }) => servers)
          .map((id) => own(context.servers.get(id)?.server.methods ?? {}, site.name))
      : targetsOf(context, site).map(({ label }) => label);
  return new Set(labels.flatMap((label) => (label === undefined ? [] : subjectPaths(label))));
}

const EQUALITY: ReadonlySet<Operator> = new Set(["eq", "neq", "in", "not_in", "has_element"]);

/** The values that the condition compares with as they are; undefined where it describes a form. */
function fixedTexts({ op, operand }: Condition): readonly Scalar[] | undefined {
  if (!("literal" in operand)) return undefined;
  const literals = [operand.literal].flat();
  if (EQUALITY.has(op)) return literals;
  // In an array it is an element; in a text it is a piece, and one without a digit is no id.
  if (op === "contains") return literals.filter((value) => /[0-9]/.test(String(value)));
  const pattern = String(operand.literal);
  const whole = op === "matches" || (op === "regex" && /^(\^|\\A).*(\$|\\z)$/s.test(pattern));
  return whole ? literalPattern(pattern) : undefined;
}

/**
 * The texts of a pattern that leaves no choice but between them: `^p-100$`, `(Patient/)?p-100`,
 * `p-100|p-101`. A dot is taken for the dot of an id.
 */
function literalPattern(pattern: string): readonly string[] | undefined {
  const alternatives = pattern
    .replace(/^(\^|\\A)/, "")
    .replace(/(\$|\\z)$/, "")
    .replace(/^\((\?:)?(.*)\)$/, (all, _, inner: string) => (/[()]/.test(inner) ? all : inner))
    .split("|")
    .map((text) => text.replace(/^\((\?:)?Patient\/\)\??/, "").replace(/\\([^A-Za-z0-9])/g, "$1"));
  return alternatives.some((text) => /[*+?()[\]{}^$\\]/.test(text)) ? undefined : alternatives;
}

/** Words that a tool may take in a patient's place. */
const NOBODY: ReadonlySet<string> = new Set([
  "all",
  "any",
  "current",
  "me",
  "none",
  "null",
  "self",
  "undefined",
  "unknown",
]);

/** Whether a value of an argument that names the patient can be one. */
function mayBePatient(value: Scalar): boolean {
  if (typeof value !== "string") return typeof value === "number";
  const id = value.replace(/^.*Patient\//s, "");
  return /[\p{L}\p{N}]/u.test(id) && !NOBODY.has(id.toLowerCase());
}

/** A FHIR reference to one patient, or the form of a US social security number, anywhere in it. */
const IDENTIFIER = /(^|\/)Patient\/[A-Za-z0-9.-]+|(^|[^0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}([^0-9-]|$)/;

function looksLikePatient(value: Scalar): boolean {
  return typeof value === "string" && IDENTIFIER.test(value);
}

/** The name of one thing that identifies a person, at the end of a name or as the whole of it. */
const IDENTIFYING =
  /(^| )(mrns?|ssns?|dobs?|birth ?dates?|dates? of birth|medical record (numbers?|nos?)|social security( numbers?)?|patients? (ids?|identifiers?|names?|numbers?|refs?|references?|keys?))$/;

function isPatientName(name: string, values: readonly Scalar[]): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[^A-Za-z0-9]+/g, " ")
    .trim()
    .toLowerCase();
  if (IDENTIFYING.test(words) || /^patients?$/.test(words)) return true;
  // `max_patients: 20` counts them.
  return / patients?$/.test(words) && values.some((value) => typeof value === "string");
}
