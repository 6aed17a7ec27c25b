/**
 * The quotas of one node: what was taken in each window, and by whom it may be given back.
 *
 * Nothing here is written to disk. What a call takes rides in its decision record, so the audit log is
 * the journal: `restore` replays the records of the current windows after a restart. Patients are
 * held by pseudonym, as in the record.
 */
import type { Charge, Usage } from "./quota.ts";
import { windowEnd } from "./quota.ts";

/** What a call took, as it stands in the decision record. */
export type Taken =
  | { readonly key: string; readonly amount: number }
  | { readonly key: string; readonly subjects: readonly string[] };

export class QuotaStore implements Usage {
  readonly #sums = new Map<string, number>();
  /** By key: pseudonym → how many calls in the window named the patient. */
  readonly #subjects = new Map<string, Map<string, number>>();
  readonly #pseudonym: (subject: string) => string;

  constructor(pseudonym: (subject: string) => string) {
    this.#pseudonym = pseudonym;
  }

  used(key: string): number {
    return this.#sums.get(key) ?? 0;
  }

  distinct(key: string, subjects: readonly string[]): number {
    const known = this.#subjects.get(key);
    const added = new Set(subjects.map(this.#pseudonym).filter((s) => known?.has(s) !== true));
    return (known?.size ?? 0) + added.size;
  }

  /** Takes the charges of one allowed call, all of them. */
  take(charges: readonly Charge[]): readonly Taken[] {
    const taken = charges.map(
      (charge): Taken =>
        "amount" in charge
          ? charge
          : {
              key: charge.key,
              subjects: [...new Set(charge.subjects.map(this.#pseudonym))].sort(),
            },
    );
    this.restore(taken);
    return taken;
  }

  /** Takes what a record says was taken. */
  restore(taken: readonly Taken[]): void {
    for (const one of taken) {
      if ("amount" in one) this.#sums.set(one.key, this.used(one.key) + one.amount);
      else {
        const known = this.#subjects.get(one.key) ?? new Map<string, number>();
        for (const subject of one.subjects) known.set(subject, (known.get(subject) ?? 0) + 1);
        this.#subjects.set(one.key, known);
      }
    }
  }

  /** Gives back what a call took that never reached its server, in the window it was taken from. */
  giveBack(taken: readonly Taken[]): void {
    for (const one of taken) {
      if ("amount" in one) this.#sums.set(one.key, Math.max(0, this.used(one.key) - one.amount));
      else {
        const known = this.#subjects.get(one.key);
        for (const subject of one.subjects) {
          const calls = (known?.get(subject) ?? 0) - 1;
          // Another call of the window named the same patient: that one still counts.
          if (calls > 0) known?.set(subject, calls);
          else known?.delete(subject);
        }
      }
    }
  }

  /** Drops the windows that ended before `now` (epoch milliseconds). */
  forget(now: number): void {
    for (const windows of [this.#sums, this.#subjects]) {
      for (const key of windows.keys()) if (windowEnd(key) <= now) windows.delete(key);
    }
  }
}
