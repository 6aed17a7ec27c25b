/**
 * Changes of a file's values as edits of its text, so that everything else stays as it was written:
 * comments, order, quotes, indentation. What cannot be done without touching a comment is not done.
 */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  parseDocument,
  type Scalar as ScalarNode,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { Scalar } from "../../policy/ir.ts";
import type { Pointer } from "../../source.ts";
import type { Change } from "./change.ts";

/** Offsets in UTF-16 code units; the end is behind the last one. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Why a change cannot be made in the text: words for a person. */
export class CannotEdit extends Error {}

/** The text with all the changes, which are all of this file. Throws `CannotEdit`. */
export function edited(file: string, text: string, changes: readonly Change[]): string {
  const document = parseDocument(text, { version: "1.2", uniqueKeys: false });
  if (document.errors.length > 0) throw new CannotEdit("the file is not well-formed");
  const removals = withoutEmptied(
    document,
    changes.filter((change) => change.do === "remove"),
  );
  const edits = [
    ...removals.map(({ pointer }) => removal(document, text, pointer)),
    ...changes.flatMap((change) =>
      change.do === "set" ? [replacement(document, file, change.pointer, change.value)] : [],
    ),
  ];
  refuseComments(text, edits);
  return apply(text, edits);
}

function apply(text: string, edits: readonly Edit[]): string {
  const sorted = edits.toSorted((a, b) => a.start - b.start);
  let out = "";
  let at = 0;
  for (const { start, end, text: put } of sorted) {
    if (start < at) throw new CannotEdit("it overlaps another change");
    out += text.slice(at, start) + put;
    at = end;
  }
  return out + text.slice(at);
}

/** Where all members of a list go, the list goes too, if something stands beside it. */
function withoutEmptied(
  document: Document,
  removals: readonly Change[],
): readonly { readonly pointer: Pointer }[] {
  const gone = new Map<string, Pointer[]>();
  for (const { pointer } of removals) {
    const key = JSON.stringify(pointer.slice(0, -1));
    gone.set(key, [...(gone.get(key) ?? []), pointer]);
  }
  return [...gone].flatMap(([key, pointers]) => {
    const parent = JSON.parse(key) as Pointer;
    const list = nodeAt(document, parent);
    if (!isSeq(list) || list.items.length > new Set(pointers.map(String)).size) {
      return pointers.map((pointer) => ({ pointer }));
    }
    const holder = nodeAt(document, parent.slice(0, -1));
    if (!isMap(holder) || holder.items.length < 2) {
      throw new CannotEdit("nothing would be left around it");
    }
    return [{ pointer: parent }];
  });
}

function removal(document: Document, text: string, pointer: Pointer): Edit {
  const parent = nodeAt(document, pointer.slice(0, -1));
  const last = pointer.at(-1);
  if (isSeq(parent) && typeof last === "number") return removedFrom(text, parent, last);
  if (isMap(parent) && typeof last === "string") {
    const index = parent.items.findIndex(({ key }) => isScalar(key) && key.value === last);
    if (index !== -1) return removedFrom(text, parent, index);
  }
  throw new CannotEdit("its place was not found");
}

function removedFrom(text: string, parent: YAMLSeq | YAMLMap, index: number): Edit {
  const spans = parent.items.map((item) => spanOf(text, item));
  const own = spans[index];
  if (own === undefined) throw new CannotEdit("its place was not found");
  if (parent.flow === true) {
    const [before, after] = [spans[index - 1], spans[index + 1]];
    // With the comma before it; the first one with what leads to the second.
    if (before !== undefined) return { start: before.end, end: own.end, text: "" };
    return { start: own.start, end: after?.start ?? own.end, text: "" };
  }
  const lineStart = text.lastIndexOf("\n", own.start - 1) + 1;
  const lead = text.slice(lineStart, own.start);
  if (!(isSeq(parent) ? /^ *- +$/ : /^ *$/).test(lead)) {
    throw new CannotEdit("something else stands on its line");
  }
  const newline = text.indexOf("\n", own.end);
  return { start: lineStart, end: newline === -1 ? text.length : newline + 1, text: "" };
}

/** What a member of a collection takes in the text, without white space around it. */
function spanOf(text: string, item: unknown): { start: number; end: number } {
  const { key, value } =
    isCollection(item) || isScalar(item) || isAlias(item)
      ? { key: item, value: item }
      : (item as Pair);
  const first = (key as Node | null)?.range;
  const last = (value as Node | null)?.range ?? first;
  if (first == null || last == null) throw new CannotEdit("its place was not found");
  return { start: first[0], end: last[0] + text.slice(last[0], last[1]).trimEnd().length };
}

function replacement(
  document: Document,
  file: string,
  pointer: Pointer,
  value: Scalar | readonly Scalar[],
): Edit {
  const node = nodeAt(document, pointer);
  if (!isScalar(node) || node.range == null || node.anchor !== undefined) {
    throw new CannotEdit("it is no single value of its own");
  }
  if (node.type === "BLOCK_FOLDED" || node.type === "BLOCK_LITERAL") {
    throw new CannotEdit("it is written over several lines");
  }
  return { start: node.range[0], end: node.range[1], text: written(value, node, file) };
}

function written(value: Scalar | readonly Scalar[], like: ScalarNode, file: string): string {
  if (Array.isArray(value)) {
    return `[${value.map((member: Scalar) => written(member, like, file)).join(", ")}]`;
  }
  if (typeof value !== "string" || file.endsWith(".json")) return JSON.stringify(value);
  // An operator's name or a day needs no quotes, and has none where the old one had none.
  if (
    like.type === "PLAIN" &&
    /^([a-z]+(_[a-z]+)*|[0-9]{4}-[0-9]{2}-[0-9]{2})$/.test(value) &&
    !/^(true|false|null)$/.test(value)
  ) {
    return value;
  }
  const single = like.type === "QUOTE_SINGLE" || value.includes("\\");
  return single && /^[ -~]*$/.test(value)
    ? `'${value.replaceAll("'", "''")}'`
    : JSON.stringify(value);
}

function nodeAt(document: Document, pointer: Pointer): unknown {
  let node: unknown = document.contents;
  for (const step of pointer) {
    if (isMap(node)) {
      node = node.items.find(({ key }) => isScalar(key) && key.value === step)?.value;
    } else if (isSeq(node)) node = node.items[Number(step)];
    else throw new CannotEdit("its place was not found");
    // What an alias stands for stands elsewhere too.
    if (isAlias(node)) throw new CannotEdit("it is written elsewhere, with an anchor");
  }
  return node;
}

/** What a person wrote about a rule is theirs: who removes it should have read it. */
function refuseComments(text: string, edits: readonly Edit[]): void {
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    // The lexer's own marks stand for no text.
    if (token === "\u0002" || token === "\u0018" || token === "\u001f") continue;
    const at = offset;
    if (token.startsWith("#") && edits.some(({ start, end }) => start <= at && at < end)) {
      throw new CannotEdit("a comment stands in it or beside it");
    }
    offset += token.length;
  }
}
