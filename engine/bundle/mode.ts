/** How far what runs may still be believed: asked of the clock at every decision, not only at a poll. */
import { parseInstant } from "../policy/time.ts";
import type { ReleasePredicate } from "../schema/types.ts";
import type { Beat } from "./heartbeat.ts";
import { RELEASE_FRESH_MS } from "./limits.ts";

/**
 * `fresh`: somebody vouched for it lately. `stale`: nobody did, and the release allows for that: an
 * outage of the Git server stops nobody's care. `overdue`: for too long; patient data is denied.
 */
export type Freshness = "fresh" | "stale" | "overdue";

/** Epoch milliseconds at which the freshness changes; a state of one release and one heartbeat. */
export interface Limits {
  readonly freshUntil: number;
  readonly staleUntil: number;
}

/** `maxStaleMs`: the host may shorten the grace of a release, and never lengthen it. */
export function limitsOf(
  release: Pick<ReleasePredicate, "issued" | "expires" | "graceSeconds">,
  beat: Pick<Beat, "expiresAt"> | undefined,
  maxStaleMs = Number.POSITIVE_INFINITY,
): Limits {
  const issued = parseInstant(release.issued)!;
  const expires = parseInstant(release.expires)!;
  const freshUntil = Math.max(issued + RELEASE_FRESH_MS, beat?.expiresAt ?? 0);
  const grace = Math.min(release.graceSeconds * 1000, maxStaleMs);
  // Past its own end a release is not the right one any more, whoever vouches for it.
  return {
    freshUntil: Math.min(freshUntil, expires),
    staleUntil: Math.min(freshUntil + grace, expires),
  };
}

export function freshnessAt(now: number, { freshUntil, staleUntil }: Limits): Freshness {
  if (now < freshUntil) return "fresh";
  return now < staleUntil ? "stale" : "overdue";
}
