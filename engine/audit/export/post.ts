/** Sends an export over HTTP: to a collector, which may be busy or away for a while. */
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { PhiwardError } from "../../errors.ts";
import type { ExportSink } from "./sink.ts";

export interface PostOptions {
  /** https, or http on loopback. */
  readonly url: URL;
  /** The media type of what is sent. */
  readonly type: string;
  /** Sent with each request: the collector's credential. */
  readonly headers: Readonly<Record<string, string>>;
  /** How often one batch is tried. */
  readonly tries?: number;
  /** Before the second try; doubled before each further one, up to a minute. */
  readonly waitMs?: number;
}

const TIMEOUT_MS = 30_000;
const TRIES = 8;
const WAIT_MS = 500;
const MAX_WAIT_MS = 60_000;
/** OTLP/HTTP, "Retryable Response Codes"; other collectors mean the same by them. */
const AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Throws EXPORT_FAILED when a batch was not taken; what is thrown names a status or a code alone. */
export function postSink({ tries = TRIES, waitMs = WAIT_MS, ...options }: PostOptions): ExportSink {
  return {
    async send(text) {
      for (let n = 1; ; n++) {
        const { taken, again, says, afterMs } = await post(options, text);
        if (taken) return;
        if (!again || n === tries) throw notTaken(options.url, says);
        await sleep(Math.min(MAX_WAIT_MS, afterMs ?? waitMs * 2 ** (n - 1)));
      }
    },
    close: async () => {},
  };
}

interface Answer {
  readonly taken: boolean;
  readonly again: boolean;
  readonly says: string;
  /** When the collector wants to be asked again. */
  readonly afterMs?: number;
}

async function post({ url, type, headers }: PostOptions, body: string): Promise<Answer> {
  try {
    // Redirects are not followed: one would carry the credential elsewhere.
    const answer = await request(url, {
      method: "POST",
      headers: { ...headers, "content-type": type },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { statusCode } = answer;
    const text = await answer.body.text();
    if (statusCode < 200 || statusCode > 299) {
      const wait = Number(answer.headers["retry-after"]);
      return {
        ...{ taken: false, again: AGAIN.has(statusCode), says: `HTTP ${statusCode}` },
        ...(wait > 0 ? { afterMs: wait * 1000 } : {}),
      };
    }
    const rejected = rejectedIn(text);
    // To send them again would only have them rejected again.
    if (rejected > 0) return { taken: false, again: false, says: `${rejected} records rejected` };
    return { taken: true, again: false, says: "" };
  } catch (error) {
    const { code, name } = error as { code?: string; name?: string };
    return { taken: false, again: true, says: code ?? name ?? "unknown" };
  }
}

/** OTLP's partial success: the answer is 200, and some were not taken. */
function rejectedIn(text: string): number {
  try {
    const { partialSuccess } = JSON.parse(text) as {
      partialSuccess?: { rejectedLogRecords?: string | number };
    };
    return Number(partialSuccess?.rejectedLogRecords ?? 0);
  } catch {
    return 0;
  }
}

function notTaken(url: URL, says: string): PhiwardError {
  return new PhiwardError("EXPORT_FAILED", `\`${url.origin}\` did not take the records: ${says}`, {
    help: "run it again with the same --cursor: it goes on with what was not taken",
  });
}
