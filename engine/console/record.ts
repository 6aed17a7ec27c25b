/**
 * What the console tells the audit log: who came in, what they were shown, what they took away.
 *
 * A view is on disk before its page is sent, in the inbox of the state folder, and in the chain a
 * moment later. What somebody signs or takes away is in the chain first, or waits for a gateway to
 * put it there, and the page says so.
 */
import { inboxOf } from "../grant/file-store.ts";
import { type AdminEvent, post } from "../grant/inbox.ts";
import {
  type AdminWords,
  adminEvent,
  drainOurselves,
  recordAdmin,
  type Told,
} from "../review/tell.ts";
import type { Random } from "./entry/secret.ts";

export interface Recorder {
  /** On disk when it returns. Throws when the disk refuses: then nothing may be shown. */
  note(words: AdminWords, at: number): void;
  /** Resolves when it is in the chain, or waits for a gateway. */
  tell(words: AdminWords, at: number): Promise<Told>;
  /** The last of the notes into the chain, as far as nobody else holds the log. */
  stop(): Promise<void>;
}

/** Notes of one moment go into the chain together: each time the log is opened costs a checkpoint. */
const GATHER_MS = 300;

export function openRecorder(
  state: string,
  {
    now,
    random,
    checkpointKey,
  }: {
    readonly now: () => number;
    readonly random: Random;
    readonly checkpointKey: string;
  },
): Recorder {
  let timer: NodeJS.Timeout | undefined;
  // One after the other: the log has one writer, and that is true of us as well.
  let busy: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = busy.then(work);
    busy = done.catch(() => {});
    return done;
  };
  const drain = (): Promise<unknown> =>
    // A gateway that holds the log takes them itself; what fails here is tried at the next note.
    inTurn(() => drainOurselves(state, checkpointKey, now)).catch(() => {});
  return {
    note(words, at) {
      post(inboxOf(state), event(words, at));
      timer ??= setTimeout(() => {
        timer = undefined;
        void drain();
      }, GATHER_MS);
    },
    tell: (words, at) => inTurn(() => recordAdmin(state, event(words, at), { now, checkpointKey })),
    async stop() {
      clearTimeout(timer);
      await drain();
    },
  };

  function event(words: AdminWords, at: number): AdminEvent {
    return adminEvent(words, at, random);
  }
}
