/** What a result says about itself, for the outcome record: how much, and whose. Never the content. */
import { patientNames } from "../decide/label.ts";
import type { ReadyServer } from "../decide/prepare.ts";
import { readJson } from "../json/read.ts";
import { isObject, own, type Received, type ReceivedObject } from "../json/value.ts";

export interface ResultFacts {
  readonly status: "ok" | "tool_error";
  readonly items: number;
  /** The patients that stand where the catalogue says; pseudonymised before they are kept. */
  readonly subjects: readonly string[];
}

/** Members of a result that hold a list: what was listed, read or found. */
const LISTS = [
  "content",
  "contents",
  "tools",
  "resources",
  "resourceTemplates",
  "prompts",
  "messages",
];

export function resultFacts(
  result: ReceivedObject,
  server: ReadyServer,
  tool: string,
): ResultFacts {
  const status = own(result, "isError") === true ? "tool_error" : "ok";
  const listed = server.toolLabels.get(tool)?.source.resultSubjects ?? [];
  const paths = listed.length === 0 ? [] : pathsOf(listed);
  const documents = structured(result, paths.length > 0);
  const subjects = new Set<string>();
  for (const document of documents) {
    for (const path of paths) {
      for (const value of valuesAt(document, path)) {
        for (const patient of patientNames(value) ?? []) subjects.add(patient);
      }
    }
  }
  return { status, items: itemsOf(result, documents), subjects: [...subjects].sort() };
}

/** The result as data: `structuredContent`, or texts that are JSON documents. */
function structured(result: ReceivedObject, wanted: boolean): readonly Received[] {
  const content = own(result, "structuredContent");
  if (content !== undefined) return [content];
  const blocks = own(result, "content");
  if (!wanted || !Array.isArray(blocks)) return [];
  return blocks.flatMap((block) => {
    const text = isObject(block) ? own(block as ReceivedObject, "text") : undefined;
    if (typeof text !== "string" || !/^\s*[[{]/.test(text)) return [];
    const read = readJson("", text);
    return read.ok ? [read.value] : [];
  });
}

/** A FHIR bundle counts its entries, a list its members, anything else is one. */
function itemsOf(result: ReceivedObject, documents: readonly Received[]): number {
  let items = 0;
  for (const document of documents) {
    const entries = isObject(document) ? own(document as ReceivedObject, "entry") : document;
    items += Array.isArray(entries) ? entries.length : 1;
  }
  if (documents.length > 0) return items;
  for (const name of LISTS) {
    const list = own(result, name);
    if (Array.isArray(list)) return list.length;
  }
  return 1;
}

/** A member, an element by its index, or every element. */
type Step = { readonly name: string } | { readonly index: number } | { readonly every: true };

/** The paths of a label, taken apart once. */
const known = new WeakMap<readonly string[], readonly (readonly Step[])[]>();

function pathsOf(listed: readonly string[]): readonly (readonly Step[])[] {
  const paths = known.get(listed) ?? listed.map(stepsOf);
  known.set(listed, paths);
  return paths;
}

/** A path such as `entry[*].resource.subject.reference`, as the catalogue's `resultSubjects` write it. */
function stepsOf(path: string): readonly Step[] {
  return [...path.matchAll(/([^.[\]]+)|\[(\*|[0-9]+)\]/g)].map(([, name, index]): Step => {
    if (name !== undefined) return { name };
    return index === "*" ? { every: true } : { index: Number(index) };
  });
}

function valuesAt(document: Received, path: readonly Step[]): readonly Received[] {
  let values: readonly Received[] = [document];
  for (const step of path) values = values.flatMap((value) => stepFrom(value, step));
  return values;
}

function stepFrom(value: Received, step: Step): readonly Received[] {
  if ("name" in step) {
    const found = isObject(value) ? own(value as ReceivedObject, step.name) : undefined;
    return found === undefined ? [] : [found];
  }
  if (!Array.isArray(value)) return [];
  if ("every" in step) return value;
  const found = value[step.index] as Received | undefined;
  return found === undefined ? [] : [found];
}
