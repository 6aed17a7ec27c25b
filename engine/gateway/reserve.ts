/** Decided → Reserved: the quota is taken before anything is forwarded, all of it or nothing. */
import type { QuotaStore, Taken } from "../quota/store.ts";
import { type Decided, type Reserved, reserved } from "./call.ts";

export interface Reservation {
  readonly taken: readonly Taken[];
}

/**
 * Takes what the decision charges. It runs in the same turn of the event loop as the decision that
 * found room, so no other call can take that room in between.
 */
export function reserve(quotas: QuotaStore, decided: Decided): Reserved {
  return reserved(decided, { taken: quotas.take(decided.charges) });
}
