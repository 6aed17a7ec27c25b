/** Adds cases to the text of a suite, which otherwise stays as it is to the byte. */
import { Document, isCollection, isSeq, parseDocument, visit, type YAMLSeq } from "yaml";
import type { Home, WrittenCase } from "./written-case.ts";

/** Whether the cases are a list with a line for each, to which more can be added. */
export function canAppend(text: string, file: string): boolean {
  return !file.endsWith(".json") && listOf(text) !== undefined;
}

export function appendCases(text: string, cases: readonly WrittenCase[]): string {
  const list = listOf(text)!;
  const end = endOf(text, list);
  const indent = indentOf(text, list);
  const added = casesText(cases)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => `${indent}${line}\n`)
    .join("");
  const before = text.slice(0, end);
  return `${before}${before.endsWith("\n") ? "" : "\n"}${added}${text.slice(end)}`;
}

export function newSuite(head: Home["head"], cases: readonly WrittenCase[]): string {
  const indented = casesText(cases).replace(/^(?=.)/gm, "  ");
  return `${new Document(head).toString({ lineWidth: 0 })}cases:\n${indented}`;
}

function listOf(text: string): YAMLSeq | undefined {
  const document = parseDocument(text);
  const cases = document.get("cases", true);
  if (document.errors.length > 0 || !isSeq(cases)) return undefined;
  return cases.flow === true || cases.items.length === 0 ? undefined : cases;
}

/** After the line on which the last case ends, a comment on that line included. */
function endOf(text: string, { items }: YAMLSeq): number {
  const [, valueEnd] = rangeOf(items.at(-1));
  const ended = text.slice(0, valueEnd).trimEnd().length;
  const newline = text.indexOf("\n", ended);
  return newline === -1 ? text.length : newline + 1;
}

function indentOf(text: string, { items }: YAMLSeq): string {
  const [start] = rangeOf(items[0]);
  const line = text.slice(text.lastIndexOf("\n", start) + 1, start);
  return /^ */.exec(line)![0];
}

function rangeOf(node: unknown): readonly [start: number, valueEnd: number] {
  return isCollection(node) ? [node.range![0], node.range![1]] : [0, 0];
}

/** A case to a few lines, as people write them: what is asked and what is expected on a line each. */
function casesText(cases: readonly WrittenCase[]): string {
  // No anchors: a case is read, moved and removed by itself.
  const document = new Document(cases, { aliasDuplicateObjects: false });
  visit(document, {
    Collection(key, node, path) {
      // The list, each case in it, and a sequence of several steps are written out.
      const depth = path.filter(isCollection).length;
      const steps = depth === 2 && key === "value" && isSeq(node);
      if (depth >= 2 && !steps) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
