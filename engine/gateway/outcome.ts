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
  const paths = server.toolLabels.get(tool)?.source.resultSubjects ?? [];
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

/** A path such as `entry[*].resource.subject.reference`, as the catalogue's `resultSubjects` write it. */
function valuesAt(document: Received, path: string): readonly Received[] {
  let values: Received[] = [document];
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(\*|[0-9]+)\]/g)) {
    values = values.flatMap((value): Received[] => {
      if (name !== undefined) {
        const found = isObject(value) ? own(value as ReceivedObject, name) : undefined;
        return found === undefined ? [] : [found];
      }
      if (!Array.isArray(value)) return [];
      if (index === "*") return [...value];
      const found = value[Number(index)];
      return found === undefined ? [] : [found];
    });
  }
  return values;
}
