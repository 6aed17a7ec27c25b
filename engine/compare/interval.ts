/** When something is in force: from `from` until just before `until`, in epoch milliseconds. */
import type { ReadyRepository } from "../decide/prepare.ts";
import type { Grant, Label, Server } from "../policy/ir.ts";

export interface Interval {
  readonly from: number;
  readonly until: number;
}

export const ALWAYS: Interval = { from: -Infinity, until: Infinity };
export const NEVER: Interval = { from: 0, until: 0 };

export function isEmpty({ from, until }: Interval): boolean {
  return from >= until;
}

export function intersect(a: Interval, b: Interval): Interval {
  return { from: Math.max(a.from, b.from), until: Math.min(a.until, b.until) };
}

export function within(inner: Interval, outer: Interval): boolean {
  return isEmpty(inner) || (inner.from >= outer.from && inner.until <= outer.until);
}

/** A moment of `a` that is not in `b`; `a` must not be within `b`. */
export function momentOutside(a: Interval, b: Interval): number {
  if (isEmpty(b)) return momentOf(a);
  return a.from < b.from
    ? momentOf({ from: a.from, until: Math.min(a.until, b.from) })
    : Math.max(a.from, b.until);
}

/** A moment of an interval that is not empty: its first, where it has one. */
export function momentOf({ from, until }: Interval): number {
  if (from !== -Infinity) return from;
  return until === Infinity ? 0 : until - 1;
}

export function grantInterval({ issued, expires }: Grant): Interval {
  return { from: issued, until: expires };
}

/**
 * When the project lets a call of this label through to the server: always, unless it demands a
 * business associate agreement and the call may touch ePHI.
 */
export function baaInterval(repository: ReadyRepository, server: Server, label: Label): Interval {
  if (!repository.source.requireBaa || label.ephi === false) return ALWAYS;
  const { status, signed, expires } = server.baa;
  if (status === "not_required") return ALWAYS;
  return status === "signed" ? { from: signed ?? -Infinity, until: expires ?? Infinity } : NEVER;
}
