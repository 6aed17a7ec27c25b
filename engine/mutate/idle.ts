/**
 * Whether a limit never stops a call, because another one always stops it first. By arithmetic: let L
 * and K count the same thing for the same holder, on every call that L counts, and let W be windows.
 * Windows are aligned, so W(L) holds at most ⌈W(L) / W(K)⌉ windows of K, and
 *
 *     max(K) · ⌈W(L) / W(K)⌉ ≤ max(L)   ⇒   L always has room
 */
import type { PlacedLimit } from "../compare/quota.ts";
import { canonical, type Json } from "../json/value.ts";
import { WINDOW_MS } from "./window.ts";

/** Of each set of limits that has it, another limit of the same set must stop first. */
export function neverStops(limit: PlacedLimit, sets: readonly (readonly PlacedLimit[])[]): boolean {
  return sets.every(
    (set) => !set.includes(limit) || set.some((other) => other !== limit && first(other, limit)),
  );
}

function first(k: PlacedLimit, l: PlacedLimit): boolean {
  const counts = ({ limit }: PlacedLimit): string =>
    canonical([
      limit.scope,
      limit.incrementFrom ?? null,
      limit.distinct ?? null,
    ] as unknown as Json);
  // A limit of all tools counts every call that one of a tool counts; not the other way round.
  if (counts(k) !== counts(l) || (l.at === "all" && k.at === "own")) return false;
  const windows = Math.ceil(WINDOW_MS[l.limit.window] / WINDOW_MS[k.limit.window]);
  return k.limit.max * windows <= l.limit.max;
}
