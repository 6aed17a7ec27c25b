/**
 * Quotas: how much was used in a window, as pure arithmetic. Windows are aligned to UTC, so that
 * every node and every replay agrees where one ends.
 */

import type { Limit, Window } from "../policy/ir.ts";
import { DAY, HOUR, MINUTE } from "../policy/time.ts";

/** A part of a limit: so much, or these patients. */
export type Share =
  | { readonly key: string; readonly amount: number }
  | { readonly key: string; readonly subjects: readonly string[] };

/** What one call takes from one limit, if it is allowed; and how much there is for all of them. */
export type Charge = Share & { readonly max: number };

/** What has been used so far. A decision reads it; only a store changes it. */
export interface Usage {
  /** The sum charged to `key`. */
  used(key: string): number;
  /** How many distinct patients `key` would hold with these added. */
  distinct(key: string, subjects: readonly string[]): number;
}

/** Nothing used yet: how one call is judged by itself. */
export const UNUSED: Usage = {
  used: () => 0,
  distinct: (_, subjects) => new Set(subjects).size,
};

const WINDOW_MS: Readonly<Record<Window, number>> = { minute: MINUTE, hour: HOUR, day: DAY };

/** Epoch milliseconds of the start of the window that holds `at`. */
export function windowStart(window: Window, at: number): number {
  return Math.floor(at / WINDOW_MS[window]) * WINDOW_MS[window];
}

/** Who and what a limit counts for. */
export interface LimitHolder {
  readonly server: string;
  /** The tool's or method's name; undefined for `all_tools`. */
  readonly tool: string | undefined;
  readonly grant: string;
  readonly principal: string;
}

/** The identity of a limit (server, tool or all, counter, window, scope), for one holder and window. */
export function limitKey(limit: Limit, holder: LimitHolder, at: number): string {
  const scoped = limit.scope === "server" ? "" : holder[limit.scope];
  return JSON.stringify([
    holder.server,
    holder.tool ?? null,
    limit.counter,
    limit.window,
    limit.scope,
    scoped,
    windowStart(limit.window, at),
  ]);
}

/** Epoch milliseconds of the end of the window that a limit's key speaks of. */
export function windowEnd(key: string): number {
  const [, , , window, , , start] = JSON.parse(key) as [
    server: string,
    tool: string | null,
    counter: string,
    window: Window,
    scope: string,
    scoped: string,
    start: number,
  ];
  return start + WINDOW_MS[window];
}

/** Whether a charge fits below the limit's maximum. */
export function fits(limit: Limit, charge: Share, usage: Usage): boolean {
  return "subjects" in charge
    ? usage.distinct(charge.key, charge.subjects) <= limit.max
    : usage.used(charge.key) + charge.amount <= limit.max;
}

/** Usage in memory: for tests and simulation, in which time is virtual and one process decides. */
export class MemoryUsage implements Usage {
  readonly #sums = new Map<string, number>();
  readonly #subjects = new Map<string, Set<string>>();

  used(key: string): number {
    return this.#sums.get(key) ?? 0;
  }

  distinct(key: string, subjects: readonly string[]): number {
    const known = this.#subjects.get(key);
    const added = new Set(subjects.filter((subject) => known?.has(subject) !== true));
    return (known?.size ?? 0) + added.size;
  }

  /** Takes the charges of one allowed call, all of them. */
  charge(charges: readonly Share[]): void {
    for (const charge of charges) {
      if ("amount" in charge) this.#sums.set(charge.key, this.used(charge.key) + charge.amount);
      else {
        const known = this.#subjects.get(charge.key) ?? new Set();
        for (const subject of charge.subjects) known.add(subject);
        this.#subjects.set(charge.key, known);
      }
    }
  }
}
