/** The quotas of all nodes: counted in the database, exactly, all charges of a call or none. */
import type pg from "pg";
import { type Charge, UNUSED, type Usage, windowEnd } from "../quota/quota.ts";
import { type Quotas, type Taken, type Taking, takenOf } from "../quota/store.ts";

interface Waiting {
  readonly charges: readonly Charge[];
  readonly taken: readonly Taken[];
  readonly settle: (taking: Taking) => void;
}

/** What a charge without room met; as the function `take` tells it. */
interface Met {
  readonly key: string;
  readonly used: number;
  /** Of a charge of patients: how many of them the window does not hold yet. */
  readonly fresh: number;
}

const UNAVAILABLE: Taking = { ok: false, why: "unavailable" };
const NOTHING: Taking = { ok: true, taken: [] };
/** Calls in one statement. */
const BATCH = 200;
/** A window that ended is kept a while longer: another node's clock may be behind. */
const KEPT_MS = 3_600_000;
const FORGET_EVERY_MS = 60_000;

/**
 * Calls that wait while a statement is on its way go with the next one, together: under load one commit
 * serves many calls, and none waits longer than two.
 *
 * What is reserved is counted from then on. A node that dies between the reservation and the record of
 * its call, or that never hears whether it was made, leaves it counted until its window ends: that can
 * deny a call too many, and never allow one.
 */
export function sharedQuotas(pool: pg.Pool, pseudonym: (subject: string) => string): Quotas {
  let waiting: Waiting[] = [];
  let given: Taken[] = [];
  let busy = false;
  let forgotten = 0;

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    // The calls of this turn of the event loop go together.
    await Promise.resolve();
    while (waiting.length + given.length > 0) {
      const back = given;
      given = [];
      // What was not given back stays counted: to give it back twice would be worse.
      if (back.length > 0) {
        await pool.query("SELECT give_back($1)", [JSON.stringify(back)]).catch(() => {});
      }
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      if (batch.length > 0) settle(batch, await ask(batch));
    }
    busy = false;
  }

  async function ask(batch: readonly Waiting[]): Promise<readonly (Met | null)[] | undefined> {
    const calls = batch.map(({ charges, taken }) =>
      taken.map((one, index) => ({ ...one, max: charges[index]!.max, ends: windowEnd(one.key) })),
    );
    try {
      const { rows } = await pool.query({
        name: "take",
        text: "SELECT take($1) AS answers",
        values: [JSON.stringify(calls)],
      });
      return (rows[0] as { answers: (Met | null)[] }).answers;
    } catch {
      return undefined;
    }
  }

  return {
    used: UNUSED.used,
    distinct: UNUSED.distinct,
    take(charges) {
      if (charges.length === 0) return NOTHING;
      const taken = charges.map((charge) => takenOf(charge, pseudonym));
      return new Promise((settle) => {
        waiting.push({ charges, taken, settle });
        void work();
      });
    },
    giveBack(taken) {
      given.push(...taken);
      void work();
    },
    forget(now) {
      if (now - forgotten < FORGET_EVERY_MS) return;
      forgotten = now;
      pool
        .query(
          "DELETE FROM quota WHERE key IN (SELECT key FROM quota WHERE ends < $1 ORDER BY key LIMIT 1000 FOR UPDATE SKIP LOCKED)",
          [now - KEPT_MS],
        )
        .catch(() => {});
    },
  };
}

function settle(batch: readonly Waiting[], answers: readonly (Met | null)[] | undefined): void {
  for (const [index, { taken, settle }] of batch.entries()) {
    const met = answers?.[index];
    if (met === undefined) settle(UNAVAILABLE);
    else if (met === null) settle({ ok: true, taken });
    else settle({ ok: false, why: "full", usage: usageOf(met) });
  }
}

/** The usage that a charge met: under it the limit denies, for the reason that it has. */
function usageOf({ key, used, fresh }: Met): Usage {
  return {
    used: (asked) => (asked === key ? used : 0),
    distinct: (asked, subjects) =>
      asked === key ? used + fresh : UNUSED.distinct(asked, subjects),
  };
}
