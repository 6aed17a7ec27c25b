/** What the catalogue says of one call: its effect, whether it touches ePHI, which patients it names. */
import type { ReceivedObject } from "../json/value.ts";
import {
  type ByArgument,
  type Condition,
  type Effect,
  type Label,
  type Path,
  type Subject,
  WORST_LABEL,
} from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import { ABSENT, type Found, walk } from "./value.ts";

/** What one part of a label says of a call. */
export type LabelPart = string | boolean | readonly unknown[];

export function effectOf(label: Label, args: ReceivedObject): Effect {
  return pick(label.effect, args, WORST_LABEL.effect);
}

export function ephiOf(label: Label, args: ReceivedObject): boolean {
  return pick(label.ephi, args, WORST_LABEL.ephi);
}

/** The arguments that name the patient in this call. */
export function subjectOf(label: Label, args: ReceivedObject): Subject {
  return pick(label.subject, args, WORST_LABEL.subject);
}

export function isByArgument<T extends LabelPart>(part: T | ByArgument<T>): part is ByArgument<T> {
  return typeof part === "object" && "by" in part;
}

/**
 * What a label says of this call. Anything but a case that it names is the worst: an unknown verb
 * must not look harmless.
 */
export function pick<T extends LabelPart>(
  part: T | ByArgument<T>,
  args: ReceivedObject,
  worst: T,
): T {
  if (!isByArgument(part)) return part;
  const value = walk(args, part.by.steps);
  if (typeof value !== "string" || !Object.hasOwn(part.cases, value)) return worst;
  return part.cases[value]!;
}

/** The patients that a call names; undefined when that cannot be told. */
export function subjectsOf(label: Label, args: ReceivedObject): readonly string[] | undefined {
  const subject = subjectOf(label, args);
  if (subject === "none") return [];
  if (subject === "unknown") return undefined;
  const names = new Set<string>();
  let named = false;
  for (const path of subject) {
    const found = walk(args, path.steps);
    const each = path.each;
    let values: Found[] = [found];
    if (each !== undefined && Array.isArray(found)) {
      values = found.map((element) => walk(element, each.steps));
    } else if (each !== undefined && each.steps.length > 0 && found !== ABSENT) {
      // A text where a list of objects is expected is nobody's id.
      return undefined;
    }
    for (const value of values) {
      // One of several arguments may be absent; one that is present must be readable, and every
      // element of a list must say whose it is.
      if (value === ABSENT && value === found) continue;
      const parsed = patientNames(value);
      if (parsed === undefined) return undefined;
      named = true;
      for (const name of parsed) names.add(name);
    }
  }
  return named ? [...names] : undefined;
}

/**
 * The patients in one value: an id, or a FHIR reference, or a comma list of them (FHIR R4 §3.1.0.5,
 * search by reference). `Patient/p-1`, `p-1`, `https://ehr.example/fhir/Patient/p-1` and
 * `Patient/p-1/_history/2` are the same patient.
 */
export function patientNames(value: Found): string[] | undefined {
  if (typeof value === "number") return [String(value)];
  if (typeof value !== "string") return undefined;
  const names: string[] = [];
  for (const part of value.split(",")) {
    const text = part.trim().replace(/\/_history\/[^/]*$/, "");
    const reference = /^(?:.*\/)?([A-Z][A-Za-z]*)\/([^/]+)$/.exec(text);
    // A reference to a group or an encounter names patients that cannot be told from here.
    if (reference !== null && reference[1] !== "Patient") return undefined;
    const name = reference?.[2] ?? text;
    if (name === "" || name.includes("/")) return undefined;
    names.push(name);
  }
  return names;
}

/** A subject, and what has to be true of a call that has it. */
export interface SubjectCase {
  readonly when: readonly Condition[];
  readonly subject: Subject;
}

/** Every subject that a call can have; where none of the cases holds it is unknown. */
export function subjectCases({ subject }: Label): readonly SubjectCase[] {
  if (!isByArgument(subject)) return [{ when: [], subject }];
  const { by, cases } = subject;
  const path: Path = { root: by.root, steps: by.steps };
  return Object.entries(cases).map(([literal, subject]) => ({
    when: [{ path, op: "eq", operand: { literal }, not: false }],
    subject,
  }));
}

/** Every argument that names the patient in some call, as the server's file writes them. */
export function subjectPaths(label: Label): readonly string[] {
  const paths = subjectCases(label).flatMap(({ subject }) =>
    typeof subject === "string" ? [] : subject.map(formatPath),
  );
  return [...new Set(paths)];
}

/** A subject as it is written in the server's file. */
export type SubjectText = string | readonly string[];

export function subjectText({ subject }: Label): SubjectText | ByArgument<SubjectText> {
  if (!isByArgument(subject)) return written(subject);
  const cases = Object.entries(subject.cases).map(([name, one]) => [name, written(one)]);
  return { by: subject.by, cases: Object.fromEntries(cases) };
}

function written(subject: Subject): SubjectText {
  if (typeof subject === "string") return subject;
  const paths = subject.map(formatPath);
  return paths.length === 1 ? paths[0]! : paths;
}
