/** Decided → Reserved: the quota is taken before anything is forwarded, all of it or nothing. */
import type { Usage } from "../quota/quota.ts";
import type { Taken } from "../quota/store.ts";
import { type Decided, type Reserved, reserved } from "./call.ts";
import { type Denied, isDenied } from "./judge.ts";
import type { Refusal } from "./refusal.ts";
import type { Runtime } from "./runtime.ts";

export interface Reservation {
  readonly taken: readonly Taken[];
}

/**
 * Takes what the decision charges. To be called in the same turn of the event loop as the decision:
 * a store of this node alone takes it in that turn, so no other call can take the room in between. A
 * store that several nodes share may find that there is none after all; then the call is judged
 * `again`, with what is used in truth, and is denied by its limit like any other.
 */
export async function reserve(
  runtime: Runtime,
  judged: Decided,
  again: (usage: Usage) => Decided | Denied | Refusal,
): Promise<Reserved | Denied> {
  const taking = runtime.quotas.take(judged.charges);
  const settled = taking instanceof Promise ? await taking : taking;
  if (settled.ok) return reserved(judged, { taken: settled.taken });
  const rejudged = settled.why === "full" ? again(settled.usage) : undefined;
  return rejudged !== undefined && isDenied(rejudged) ? rejudged : uncounted(judged);
}

/** What cannot be counted does not happen. */
function uncounted({ from, call, decision, subjects, round, opening }: Decided): Denied {
  const message = "the quota of this call cannot be counted at the moment, so it is not made";
  return {
    from,
    call,
    decision: {
      ...decision,
      verdict: "deny",
      rule: "(store unavailable)",
      reason: "the store of quotas does not answer",
      message,
    },
    charges: [],
    subjects,
    round,
    opening,
    denied: true,
  };
}
