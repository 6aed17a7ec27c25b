/**
 * What recorded calls have used, in bounded memory: a year of calls opens many windows, and one that
 * is over is never charged again. So once much is held, windows that ended long before the newest call
 * are let go of. Calls that are older than that are counted, so that a report can say so.
 */
import { DAY } from "../policy/time.ts";
import { type Share, type Usage, windowEnd } from "../quota/quota.ts";

/** Sums and patients that are held before old windows are looked for. */
const MAX_HELD = 250_000;

export interface BoundedUsage extends Usage {
  /** Hears the time of the call that is decided next. */
  at(time: number): void;
  charge(charges: readonly Share[]): void;
  /** How many calls were older than a window that had been let go of. */
  late(): number;
}

export function boundedUsage(maxHeld: number = MAX_HELD): BoundedUsage {
  const sums = new Map<string, number>();
  const patients = new Map<string, Set<string>>();
  let held = 0;
  let limit = maxHeld;
  let newest = -Infinity;
  let horizon = -Infinity;
  let late = 0;

  const letGo = (): void => {
    horizon = newest - DAY;
    for (const key of sums.keys()) {
      if (windowEnd(key) > horizon) continue;
      sums.delete(key);
      held--;
    }
    for (const [key, known] of patients) {
      if (windowEnd(key) > horizon) continue;
      patients.delete(key);
      held -= known.size;
    }
    // What is left is in use; looking again at once would find nothing.
    limit = Math.max(maxHeld, 2 * held);
  };

  return {
    at(time) {
      if (time < horizon) late++;
      newest = Math.max(newest, time);
    },
    used: (key) => sums.get(key) ?? 0,
    distinct(key, subjects) {
      const known = patients.get(key);
      const size = known?.size ?? 0;
      if (subjects.length === 1) return size + (known?.has(subjects[0]!) ? 0 : 1);
      return size + new Set(subjects.filter((subject) => known?.has(subject) !== true)).size;
    },
    charge(charges) {
      for (const charge of charges) {
        if ("amount" in charge) {
          const used = sums.get(charge.key);
          if (used === undefined) held++;
          sums.set(charge.key, (used ?? 0) + charge.amount);
        } else {
          const known = patients.get(charge.key) ?? new Set();
          const before = known.size;
          for (const subject of charge.subjects) known.add(subject);
          patients.set(charge.key, known);
          held += known.size - before;
        }
      }
      if (held > limit) letGo();
    },
    late: () => late,
  };
}
