/** What stands at a path of a call: a value, nothing, or something on the way that is no way. */
import { InexactNumber, isObject, type Received, type ReceivedObject } from "../json/value.ts";

export const ABSENT = Symbol("absent");
/** An ancestor is present, but no object where a name follows or no array where an index does. */
export const BLOCKED = Symbol("blocked");

export type Found = Received | typeof ABSENT | typeof BLOCKED;

/** Own properties only: `constructor` is absent unless the sender sent it. */
export function walk(root: Received, steps: readonly (string | number)[]): Found {
  let value: Received = root;
  for (const step of steps) {
    if (typeof step === "string") {
      if (!isObject(value)) return BLOCKED;
      if (!Object.hasOwn(value, step)) return ABSENT;
      value = (value as ReceivedObject)[step]!;
    } else {
      if (!Array.isArray(value)) return BLOCKED;
      if (step >= value.length) return ABSENT;
      value = value[step] as Received;
    }
  }
  return value;
}

export type Kind =
  | "absent"
  | "blocked"
  | "inexact"
  | "null"
  | "boolean"
  | "number"
  | "string"
  | "array"
  | "object";

export function kindOf(found: Found): Kind {
  if (found === ABSENT) return "absent";
  if (found === BLOCKED) return "blocked";
  if (found === null) return "null";
  if (Array.isArray(found)) return "array";
  if (found instanceof InexactNumber) return "inexact";
  return typeof found as "boolean" | "number" | "string" | "object";
}

/** The number of code points, which is what a person counts and what JSON Schema does. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) {
      const next = text.charCodeAt(i + 1);
      if (next >= 0xdc00 && next < 0xe000) {
        count--;
        i++;
      }
    }
  }
  return count;
}
