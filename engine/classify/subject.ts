/** Which arguments name a patient. */
import type { Argument } from "./arguments.ts";
import type { Context } from "./context.ts";
import {
  ANY_PERSON,
  DESCRIBES,
  KEY_WORDS,
  PATIENT_WORDS,
  PERSON_WORDS,
  PERSONAL_NUMBERS,
  QUALIFIERS,
} from "./terms/identifiers.ts";
import type { Tool } from "./tool.ts";
import { indexOfPhrase, singulars, words } from "./words.ts";

export interface NamedBy {
  readonly steps: readonly string[];
  /** A name or a birth date fits several patients: it finds one, and counts for none. */
  readonly how: "identifies" | "describes";
  /** A personal number rather than the id of a record. */
  readonly number?: true;
  readonly why: string;
}

export function subjectsOfTool(tool: Tool, context: Context, reads: boolean): readonly NamedBy[] {
  const all = tool.arguments.flatMap((argument) => identifies(argument, tool, context));
  // Beside the patient's own id a social security number is one more thing that is written down.
  const ids = all.filter(({ number }) => number !== true);
  const identifying = ids.length > 0 ? ids : all;
  const outer = identifying.filter(
    ({ steps }) => !identifying.some((other) => other !== undefined && within(steps, other.steps)),
  );
  if (outer.length > 0) return outer;
  return reads && isAboutPatients(tool) ? describing(tool) : [];
}

/** Whether `steps` lies below `outer`, which names the patient already. */
const within = (steps: readonly string[], outer: readonly string[]): boolean =>
  steps.length > outer.length && outer.every((step, i) => steps[i] === step);

const PLAIN = ["string", "integer", "number"];

function identifies(argument: Argument, tool: Tool, context: Context): readonly NamedBy[] {
  const { steps, types } = argument;
  const name = argument.words.filter((word) => !QUALIFIERS.has(word));
  const place = steps.join(".");
  const found = (why: string, more: readonly string[] = []): readonly NamedBy[] => [
    { steps: [...steps, ...more], how: "identifies", why: `\`${place}\` ${why}` },
  ];
  if (types.length > 0 && !types.some((type) => [...PLAIN, "object", "array"].includes(type))) {
    return [];
  }
  if (argument.values !== undefined) return [];
  const number = PERSONAL_NUMBERS.find((text) => indexOfPhrase(name, singulars(words(text))) >= 0);
  if (number !== undefined && argument.required && !isAboutPatients(tool)) {
    return found("is a number that is given to one person").map((one) => ({
      ...one,
      number: true,
    }));
  }
  if (number !== undefined && tool.arguments.every((one) => one === argument || !one.required)) {
    return isAboutPatients(tool) && !describing(tool).some(({ steps: s }) => s[0] !== place)
      ? found("is a number that is given to one person")
      : [];
  }
  const [first = "", ...rest] = name;
  const keys = rest.every((word) => KEY_WORDS.has(word));
  const isReference = argument.members.includes("reference");
  if (PATIENT_WORDS.has(first) && keys) {
    if (isReference) return found("is a reference to a patient", ["reference"]);
    // `patient: {name, birthDate}` is a record, and names nobody by itself.
    return types.includes("object") && !types.includes("string") && rest.length === 0
      ? []
      : found("names a patient");
  }
  if (PERSON_WORDS.has(first) && keys) {
    if (isReference) return found("is a FHIR reference", ["reference"]);
    if (rest.length > 0 && context.health) return found("names a person in health care");
    const says = /\b(patient|reference|fhir)\b/i.test(argument.description);
    if (first === "subject" && says) return found("names a patient, as its description says");
  }
  if (ANY_PERSON.has(first) && rest.length > 0 && keys && context.health) {
    if (context.personsArePatients) return found("is all that names a person here");
  }
  // An `identifier` that may be left out is a way to search.
  const isKey =
    name.every((word) => KEY_WORDS.has(word) || word === "resource") &&
    (argument.required || !name.includes("identifier"));
  if (
    isKey &&
    steps.length === 1 &&
    isAboutOnePatient(tool) &&
    types.some((t) => PLAIN.includes(t))
  ) {
    return found("is the id of a patient's record");
  }
  return [];
}

/** `get_patient`, `patient_everything`: what is named by an id there is the patient. */
function isAboutOnePatient(tool: Tool): boolean {
  const list = singulars(tool.nameWords);
  const at = list.findIndex((word) => PATIENT_WORDS.has(word));
  if (at < 0) return false;
  const rest = list.slice(at + 1);
  return rest.every((word) =>
    [
      "by",
      "id",
      "detail",
      "info",
      "record",
      "resource",
      "everything",
      "summary",
      "demographic",
      "get",
      "read",
      "update",
      "delete",
    ].includes(word),
  );
}

function isAboutPatients(tool: Tool): boolean {
  const list = singulars(tool.nameWords);
  const text = tool.sentences.slice(0, 1).join(" ");
  return (
    list.some((word) => word === "patient") ||
    /\b(?:search\w*|find\w*|filter\w*|look\w* up)\s+(?:\w+\s+){0,3}patients\b/i.test(text)
  );
}

function describing(tool: Tool): readonly NamedBy[] {
  for (const group of DESCRIBES) {
    const named = tool.arguments.filter(
      (argument) => argument.steps.length === 1 && group.includes(argument.words.join(" ")),
    );
    if (named.length === 0) continue;
    return named.map(({ steps }) => ({
      steps,
      how: "describes",
      why: `\`${steps.join(".")}\` finds patients without naming one`,
    }));
  }
  return [];
}
