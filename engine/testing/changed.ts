/** Which parts of the files a change touches: those that the base does not have in the same words. */
import { canonical, isObject, type Json } from "../json/value.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { Pointer } from "../source.ts";

/** Whether the part at a pointer of a file is new or changed. */
export type Touches = (file: string, pointer: Pointer) => boolean;

/** Members of these lists may be moved about without being changed. */
const LISTS: ReadonlySet<string | number> = new Set(["require", "deny_if", "limits"]);

export function touchedSince(base: LoadedRepository, head: LoadedRepository): Touches {
  const [before, after] = [valuesOf(base), valuesOf(head)];
  return (file, pointer) => {
    const [was, is] = [before.get(file), after.get(file)];
    if (was === undefined || is === undefined) return true;
    const list = pointer.findIndex((step) => LISTS.has(step));
    // A condition is part of its entry: whoever changed one of them had the whole in hand.
    const part = list === -1 ? pointer : pointer.slice(0, list + 2);
    const value = text(at(is, part));
    if (list === -1) return text(at(was, part)) !== value;
    const known = at(was, part.slice(0, -1));
    return !Array.isArray(known) || !known.some((member) => text(member) === value);
  };
}

function valuesOf({ policies, grants, servers }: LoadedRepository): ReadonlyMap<string, unknown> {
  return new Map(
    [...policies.values(), ...grants.values(), ...servers.values()].map(({ located }) => [
      located.file,
      located.value,
    ]),
  );
}

function at(value: unknown, pointer: Pointer): unknown {
  return pointer.reduce<unknown>(
    (found, step) =>
      (Array.isArray(found) || isObject(found)) && Object.hasOwn(found, step)
        ? (found as unknown as Record<string | number, unknown>)[step]
        : undefined,
    value,
  );
}

function text(value: unknown): string {
  return value === undefined ? "" : canonical(value as Json);
}
