/**
 * What looks like an identifier of a real person: the eighteen of 45 CFR 164.514(b)(2)(i), as far as a
 * form or a name gives them away. What says of itself that it is made up is left alone: reserved
 * numbers and domains, samples that authorities publish, words such as `test`.
 *
 * A form alone decides where it is rare enough (a social security number); elsewhere the name of the
 * value does (a family name). No result holds the value.
 */
import { isObject, type Received, type ReceivedObject } from "../json/value.ts";
import type { Pointer } from "../source.ts";
import { formIn } from "./forms.ts";
import { isMadeUp } from "./made-up.ts";
import { namedKind } from "./named.ts";

/** The paragraphs (A) to (O) and (R); the rest are no texts. */
export type IdentifierKind =
  | "a person's name"
  | "an address"
  | "a date of a person's life"
  | "an age over 89"
  | "a telephone number"
  | "an email address"
  | "a social security number"
  | "a medical record number"
  | "a health plan number"
  | "an account number"
  | "a licence number"
  | "a vehicle's number"
  | "a device's number"
  | "a web address with an id"
  | "an IP address"
  | "a patient's id";

export interface Hit {
  readonly kind: IdentifierKind;
  readonly pointer: Pointer;
}

/** Everything in a value that looks like an identifier, in order; the first kind of each part. */
export function identifiersIn(value: Received, at: Pointer = []): readonly Hit[] {
  const hits: Hit[] = [];
  visit(value, at, [], [], hits);
  return hits;
}

function visit(
  value: Received,
  pointer: Pointer,
  names: readonly string[],
  around: readonly ReceivedObject[],
  hits: Hit[],
): void {
  if (typeof value === "string" || typeof value === "number") {
    const text = String(value);
    // A sentence may speak of a test; the identifier within it is looked at by itself.
    const named = isMadeUp(text) ? undefined : namedKind(text, names, around);
    const kind = named ?? (typeof value === "string" ? formIn(text) : undefined);
    if (kind !== undefined) hits.push({ kind, pointer });
    return;
  }
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      visit(item as Received, [...pointer, i], names, around, hits);
    }
    return;
  }
  if (!isObject(value)) return;
  const object = value as ReceivedObject;
  for (const [name, member] of Object.entries(object)) {
    visit(member, [...pointer, name], [...names, meant(object, name)], [...around, object], hits);
  }
}

/** In a condition of a policy the path names what the value is of. */
function meant(object: ReceivedObject, name: string): string {
  const { path } = object;
  if (name !== "value" || typeof path !== "string") return name;
  return /([A-Za-z_][A-Za-z0-9_-]*)"?\]?(\[[0-9*]+\])?$/.exec(path)?.[1] ?? name;
}
