/** When something is in force: from `from` until just before `until`, in epoch milliseconds. */
import type { ReadyRepository } from "../decide/prepare.ts";
import { canonical, type Json } from "../json/value.ts";
import type { Grant, Label, Server } from "../policy/ir.ts";
import type { Target } from "../prove/rules.ts";
import { type Half, labelOf } from "./sides.ts";

export interface Interval {
  readonly from: number;
  readonly until: number;
}

const ALWAYS: Interval = { from: -Infinity, until: Infinity };
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

/** When calls of the target can be allowed at all, on one side. */
export function inForce(
  repository: ReadyRepository,
  grant: Grant,
  half: Half,
  target: Target,
): Interval {
  const time = grantInterval(grant);
  if (half.server === undefined) return time;
  const label: Label = labelOf(half, target);
  const agreement = baaInterval(repository, half.server, label);
  return intersect(time, agreement);
}

/** Whether the time of a call's agreement depends on its arguments: then there is no one interval. */
export function agreementUnclear(
  repository: ReadyRepository,
  grant: Grant,
  { server }: Half,
  target: Target,
): boolean {
  if (server === undefined) return false;
  const label = labelOf({ repository, policy: undefined, server }, target);
  return (
    typeof label.ephi === "object" &&
    !within(grantInterval(grant), baaInterval(repository, server, label))
  );
}

/** When calls of the target go through to the server, as text, with what that hangs on. */
export function agreementText(
  repository: ReadyRepository,
  { server }: Half,
  target: Target,
): string {
  if (server === undefined) return "";
  const label = labelOf({ repository, policy: undefined, server }, target);
  const { from, until } = baaInterval(repository, server, label);
  return canonical([String(from), String(until), label.ephi] as unknown as Json);
}
