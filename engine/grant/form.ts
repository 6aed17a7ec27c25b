/** The form of a record that we wrote ourselves; one that was altered is refused, never repaired. */
import { readJson } from "../json/read.ts";
import { isObject } from "../json/value.ts";

type Check = (value: unknown) => boolean;

/** Which keys a record has; any other key is refused. */
export interface Form {
  readonly required: Readonly<Record<string, Check>>;
  readonly optional: Readonly<Record<string, Check>>;
}

export const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === "string" && pattern.test(value);

/** Epoch milliseconds that a calendar can show (ECMA-262 §21.4.1.1). */
export const isTime: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 8.64e15;

/** A grant, a principal, or whoever did it: as long as a grant file allows, in UTF-16 code units. */
export const isName: Check = (value) =>
  typeof value === "string" && value.length >= 1 && value.length <= 512;
export const isTokenId = matches(/^[0-9a-f]{12}$/);

/** The form's own type, asserted here once. */
export function hasForm<T>(form: Form, value: unknown): value is T {
  if (!isObject(value)) return false;
  const record = value as Readonly<Record<string, unknown>>;
  const has = ([key, check]: [string, Check]): boolean =>
    Object.hasOwn(record, key) && check(record[key]);
  return (
    Object.entries(form.required).every(has) &&
    Object.entries(form.optional).every((one) => !Object.hasOwn(record, one[0]) || has(one)) &&
    Object.keys(record).every(
      (key) => Object.hasOwn(form.required, key) || Object.hasOwn(form.optional, key),
    )
  );
}

/** The value of a JSON text of the form; undefined for any other text. */
export function parseForm<T>(form: Form, text: string): T | undefined {
  const read = readJson("", text);
  return read.ok && hasForm<T>(form, read.value) ? read.value : undefined;
}
