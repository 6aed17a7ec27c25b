/** What the catalogue says of one call: its effect, whether it touches ePHI, which patients it names. */
import type { ReceivedObject } from "../json/value.ts";
import type { ByArgument, Effect, Label } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import { ABSENT, type Found, walk } from "./value.ts";

export function effectOf(label: Label, args: ReceivedObject): Effect {
  return typeof label.effect === "string" ? label.effect : byCase(label.effect, args, "execute");
}

export function ephiOf(label: Label, args: ReceivedObject): boolean {
  return typeof label.ephi === "boolean" ? label.ephi : byCase(label.ephi, args, true);
}

/** Anything but a case that the label names is the worst: an unknown verb must not look harmless. */
function byCase<T>(label: ByArgument<T>, args: ReceivedObject, worst: T): T {
  const value = walk(args, label.by.steps);
  if (typeof value !== "string" || !Object.hasOwn(label.cases, value)) return worst;
  return label.cases[value]!;
}

/** The patients that a call names; undefined when that cannot be told. */
export function subjectsOf(label: Label, args: ReceivedObject): readonly string[] | undefined {
  if (label.subject === "none") return [];
  if (label.subject === "unknown") return undefined;
  const names = new Set<string>();
  let named = false;
  for (const path of label.subject) {
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
function patientNames(value: Found): string[] | undefined {
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

/** The label's subject as it is written in the server's file. */
export function subjectText(label: Label): string | string[] {
  if (typeof label.subject === "string") return label.subject;
  const paths = label.subject.map(formatPath);
  return paths.length === 1 ? paths[0]! : paths;
}
