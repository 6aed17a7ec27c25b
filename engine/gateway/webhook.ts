/**
 * Announcements to the host's webhook: sent from the outbox, oldest first, again and again until the
 * receiver takes them. A receiver that fails stops nobody's emergency; it is told in /readyz.
 */
import { Pool } from "undici";
import { announcementText, signedHeaders } from "../emergency/announcement.ts";
import type { Outbox } from "../emergency/outbox.ts";
import { connector, type TlsFiles } from "./tls.ts";

export interface WebhookSettings {
  /** https, or http on loopback. */
  readonly url: URL;
  /** The key under which messages are signed. */
  readonly key: Uint8Array;
  readonly tls?: TlsFiles;
}

export interface Webhook {
  /** Something new is in the outbox. */
  wake(): void;
  /** Why the latest message was not taken; undefined: it was. */
  readonly failing: string | undefined;
  stop(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;

export interface WebhookWorld {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** The first of the waits, which double; a second when absent. */
  readonly firstWaitMs?: number;
}

export function startWebhook(
  { url, key, tls }: WebhookSettings,
  outbox: Outbox,
  { now, firstWaitMs = FIRST_WAIT_MS }: WebhookWorld,
): Webhook {
  const pool = new Pool(url.origin, {
    connections: 1,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    connect: connector(tls),
  });
  const stopping = new AbortController();
  let wait = firstWaitMs;
  let failing: string | undefined;
  let busy: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  const send = async (): Promise<void> => {
    for (const announcement of outbox.waiting()) {
      const body = announcementText(announcement);
      const { statusCode, body: answer } = await pool.request({
        method: "POST",
        path: url.pathname + url.search,
        headers: {
          "content-type": "application/json",
          ...signedHeaders(key, announcement.id, body, now()),
        },
        body,
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await answer.dump();
      // Redirects are not followed: one would carry the message elsewhere.
      if (statusCode < 200 || statusCode > 299) throw new NotTaken(statusCode);
      outbox.remove(announcement.id);
    }
  };

  const wake = (): void => {
    clearTimeout(timer);
    if (stopping.signal.aborted) return;
    if (busy !== undefined) {
      again = true;
      return;
    }
    again = false;
    busy = send()
      .then(() => {
        failing = undefined;
        wait = firstWaitMs;
      })
      .catch((error: unknown) => {
        failing = wordsOf(error);
        timer = setTimeout(wake, wait).unref();
        wait = Math.min(2 * wait, LONGEST_WAIT_MS);
      })
      .finally(() => {
        busy = undefined;
        if (again) wake();
      });
  };
  wake();

  return {
    wake,
    get failing() {
      return failing;
    },
    async stop() {
      clearTimeout(timer);
      stopping.abort();
      await busy;
      await pool.destroy();
    },
  };
}

class NotTaken extends Error {
  constructor(status: number) {
    super(`HTTP ${status}`);
  }
}

/** A status or a code, and nothing that stands in an address or a header. */
function wordsOf(error: unknown): string {
  if (error instanceof NotTaken) return error.message;
  return (error as NodeJS.ErrnoException).code ?? (error as Error).name;
}
