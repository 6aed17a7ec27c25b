/** A policy document → the text of its file. */
import { Document, isMap, isNode, Scalar, visit } from "yaml";
import type { PolicyFile } from "../schema/types.ts";
import { formatPointer } from "../source.ts";

export interface Comments {
  /** Stands above the policy, and says where it comes from. */
  readonly top?: string;
  /** JSON Pointer of a part, and a line that stands above it. */
  readonly parts?: readonly (readonly [pointer: string, line: string])[];
}

/** A condition and a limit stand on one line each, as people write them. */
export function writePolicy(policy: PolicyFile, { top, parts = [] }: Comments): string {
  const document = new Document(policy, { aliasDuplicateObjects: false });
  visit(document, {
    Map(_, node) {
      if (node.has("path") || node.has("counter") || node.items.length === 0) node.flow = true;
    },
    Seq(key, node) {
      // A list of names, and the conditions of one alternative.
      const names = node.items.every((item) => item instanceof Scalar);
      const alternative = typeof key === "number" && node.items.length > 0;
      if (names || alternative) node.flow = true;
    },
    Pair(_, pair) {
      const { key, value } = pair as { key: { value?: unknown }; value: unknown };
      if (key.value === "tools" && isMap(value)) value.flow = false;
    },
    Scalar(_, node) {
      // In single quotes a backslash is one, so that a pattern reads as it is.
      if (typeof node.value === "string" && /[\\[\]{}]/.test(node.value))
        node.type = "QUOTE_SINGLE";
    },
  });
  for (const [pointer, comment] of parts) commentOn(document, pointer, comment);
  if (top !== undefined) document.commentBefore = top;
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function commentOn(document: Document, pointer: string, comment: string): void {
  const steps = pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const parent = document.getIn(steps.slice(0, -1), true);
  const last = steps.at(-1)!;
  const text = ` ${oneLine(comment)}`;
  const target = isMap(parent)
    ? parent.items.find(({ key }) => isNode(key) && (key as Scalar).value === last)?.key
    : document.getIn(steps, true);
  if (!isNode(target)) throw new TypeError(`there is no part ${formatPointer(steps)}`);
  target.commentBefore = [target.commentBefore, text].filter((line) => line != null).join("\n");
}

/** A name can come from a server, and a line break in it would end the comment. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e\u2190-\u21ff]/g, "?");
}
