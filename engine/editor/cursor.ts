/** What stands at a place of a text: its pointer, whether it is a key, and where it begins and ends. */
import { isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import { LineMap, type Pointer } from "../source.ts";

export interface Cursor {
  readonly pointer: Pointer;
  readonly part: "key" | "value";
  /** The text of a scalar; undefined on a list or a mapping. */
  readonly text: string | undefined;
  readonly from: { readonly line: number; readonly column: number };
  readonly to: { readonly line: number; readonly column: number };
}

/** `line` and `column` start at 1. A text with errors is read as far as it makes sense. */
export function cursorAt(text: string, line: number, column: number): Cursor | undefined {
  const lines = new LineMap(text);
  const offset = offsetOf(text, line, column);
  const within = (node: unknown): node is Node => {
    const range = (node as Node | null)?.range;
    return range != null && range[0] <= offset && offset <= range[1];
  };
  let node: unknown = parseDocument(text, { uniqueKeys: false }).contents;
  const pointer: (string | number)[] = [];
  const answer = (at: Node, part: "key" | "value"): Cursor => ({
    pointer: [...pointer],
    part,
    text: isScalar(at) && at.value !== null ? String(at.value) : undefined,
    from: lines.at(at.range![0]),
    to: lines.at(at.range![1]),
  });
  while (within(node)) {
    if (isMap(node)) {
      const pair = node.items.find(({ key, value }) => within(key) || within(value));
      if (pair === undefined || !isScalar(pair.key)) return answer(node, "value");
      pointer.push(String(pair.key.value));
      if (within(pair.key)) return answer(pair.key, "key");
      node = pair.value;
    } else if (isSeq(node)) {
      const index = node.items.findIndex(within);
      if (index === -1) return answer(node, "value");
      pointer.push(index);
      node = node.items[index];
    } else return answer(node, "value");
  }
  return undefined;
}

/** In UTF-16 code units. A column behind the end of its line is its end. */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const next = text.indexOf("\n", start);
    if (next === -1) return text.length;
    start = next + 1;
  }
  const end = text.indexOf("\n", start);
  return Math.min(start + column - 1, end === -1 ? text.length : end);
}
