/** Quotas as the gateway uses them, and as one node keeps them by itself. */
import { type Charge, type Share, type Usage, windowEnd } from "./quota.ts";

/** What a call took, as it stands in the decision record: patients by pseudonym, sorted. */
export type Taken = Share;

/** What came of taking the charges of one call. */
export type Taking =
  | { readonly ok: true; readonly taken: readonly Taken[] }
  /** Another node was faster. `usage` is what these charges met. */
  | { readonly ok: false; readonly why: "full"; readonly usage: Usage }
  /** Nobody can tell whether there is room, or whether it was taken. */
  | { readonly ok: false; readonly why: "unavailable" };

/** As a `Usage` it says what this node knows: enough to decide on, never more than was used. */
export interface Quotas extends Usage {
  /**
   * Takes the charges of one allowed call, all of them or none. A store of this node alone answers in
   * the same turn, a shared one when the charges are durable. Never rejects.
   */
  take(charges: readonly Charge[]): Taking | Promise<Taking>;
  /** Gives back what a call took that never reached its server, in the window it was taken from. */
  giveBack(taken: readonly Taken[]): void;
  /** Drops the windows that ended before `now` (epoch milliseconds). */
  forget(now: number): void;
}

/** What a charge takes, with patients by pseudonym. */
export function takenOf(charge: Charge, pseudonym: (subject: string) => string): Taken {
  return "amount" in charge
    ? { key: charge.key, amount: charge.amount }
    : { key: charge.key, subjects: [...new Set(charge.subjects.map(pseudonym))].sort() };
}

/**
 * The quotas of one node. Nothing here is written to disk. What a call takes rides in its decision
 * record, so the audit log is the journal: `restore` replays the records of the current windows after
 * a restart.
 */
export class QuotaStore implements Quotas {
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

  take(charges: readonly Charge[]): Taking {
    const taken = charges.map((charge) => takenOf(charge, this.#pseudonym));
    this.restore(taken);
    return { ok: true, taken };
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

  forget(now: number): void {
    for (const windows of [this.#sums, this.#subjects]) {
      for (const key of windows.keys()) if (windowEnd(key) <= now) windows.delete(key);
    }
  }
}
