/**
 * Refusals that come in floods: whoever has no token could otherwise fill the disk with records of
 * being refused, until nothing can be recorded and everything is denied. The first of each kind in a
 * second are recorded one by one, the rest as one record that counts them.
 */
import type { RejectedEntry } from "../audit/record.ts";

const PER_SECOND = 50;

export class Flood {
  #second = 0;
  readonly #seen = new Map<string, number>();
  readonly #folded = new Map<string, { readonly entry: RejectedEntry; count: number }>();
  readonly #record: (entry: RejectedEntry) => void;

  constructor(record: (entry: RejectedEntry) => void) {
    this.#record = record;
  }

  /** Whether this one is recorded by itself; if not, it is counted. */
  admits(entry: RejectedEntry): boolean {
    this.tick(entry.at);
    // By code and grant: a flood of one must not hide a single refusal of another.
    const key = `${entry.code} ${entry.grant ?? ""}`;
    const seen = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, seen);
    if (seen <= PER_SECOND) return true;
    const folded = this.#folded.get(key);
    if (folded === undefined) this.#folded.set(key, { entry, count: 1 });
    else folded.count++;
    return false;
  }

  /** Records what was counted in a second that is over. `at`: epoch milliseconds. */
  tick(at: number): void {
    const second = Math.floor(at / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    this.#seen.clear();
    for (const { entry, count } of this.#folded.values()) this.#record({ ...entry, count });
    this.#folded.clear();
  }
}
