/**
 * An administrative event, recorded: by the gateway that holds the log, or, where none runs, by us.
 *
 *     inbox ─▶ the gateway drains it
 *        └──▶ no gateway: open the log, drain, close
 */
import { join } from "node:path";
import { reopenLog } from "../audit/reopen-log.ts";
import { inboxOf } from "../grant/file-store.ts";
import { type AdminEvent, drain, entryOfEvent, eventId, isWaiting, post } from "../grant/inbox.ts";
import type { Random } from "../grant/token.ts";

export interface Recording {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How long to wait for the gateway; 5 seconds when absent. */
  readonly waitMs?: number;
  /** Where the log's checkpoint key is; in the state folder when absent. */
  readonly checkpointKey?: string | undefined;
}

/** `waiting`: it is on disk, and goes into the chain when a gateway starts there. */
export type Told = "recorded" | "waiting";

/** What is to be recorded, without its id and its time. */
export type AdminWords = Omit<AdminEvent, "event" | "at">;

export function adminEvent(words: AdminWords, at: number, random: Random): AdminEvent {
  return { event: eventId(at, random), at, ...words };
}

const WAIT_MS = 5_000;
const LOOK_MS = 100;

/** Resolves when the event is in the chain, or after a while says that it waits. */
export async function recordAdmin(
  state: string,
  event: AdminEvent,
  { now, waitMs = WAIT_MS, checkpointKey }: Recording,
): Promise<Told> {
  const inbox = inboxOf(state);
  post(inbox, event);
  const key = checkpointKey ?? join(state, "keys", "checkpoint.pem");
  for (let waited = 0; ; waited += LOOK_MS) {
    if (!isWaiting(inbox, event.event)) return "recorded";
    if (waited >= waitMs) return "waiting";
    if ((await drainOurselves(state, key, now)) === "absent") return "waiting";
    if (!isWaiting(inbox, event.event)) return "recorded";
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** What waits in the inbox goes into the chain, unless somebody else holds the log, or there is none. */
export async function drainOurselves(
  state: string,
  key: string,
  now: () => number,
): Promise<"drained" | "held" | "absent"> {
  const log = await reopenLog(state, key, now);
  if (typeof log === "string") return log;
  try {
    await drain(inboxOf(state), (event) => log.append(entryOfEvent(event)).durable);
  } finally {
    await log.close();
  }
  return "drained";
}
