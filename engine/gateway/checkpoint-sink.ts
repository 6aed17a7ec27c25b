/**
 * Checkpoints leave the machine: each note is POSTed to an address of somebody else's.
 *
 * Whoever can write to the gateway's disk can rewrite its log and sign it again with the key that is
 * there. They cannot take back the notes that went elsewhere before.
 */
import { Pool } from "undici";
import type { CheckpointSink } from "../audit/checkpointer.ts";
import { connector, type TlsFiles } from "./tls.ts";

export interface SinkSettings {
  /** https, or http on loopback. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: TlsFiles;
}

/** A note that is not taken by then is sent again with the next one, which covers it. */
const SINK_TIMEOUT_MS = 10_000;

/** What is thrown names a status or a code, and nothing that stands in a header. */
export function httpSink({ url, headers, tls }: SinkSettings): CheckpointSink {
  const pool = new Pool(url.origin, {
    connections: 1,
    headersTimeout: SINK_TIMEOUT_MS,
    bodyTimeout: SINK_TIMEOUT_MS,
    connect: connector(tls),
  });
  return {
    kind: "function",
    async send(note) {
      const { statusCode, body } = await pool.request({
        method: "POST",
        path: url.pathname + url.search,
        headers: { ...headers, "content-type": "text/plain; charset=utf-8" },
        // The blank line ends a note, so that bodies one after the other are a file of notes.
        body: `${note}\n`,
        signal: AbortSignal.timeout(SINK_TIMEOUT_MS),
      });
      await body.dump();
      if (statusCode < 200 || statusCode > 299) throw new Refused(statusCode);
    },
    close: () => pool.destroy(),
  };
}

/** Redirects are not followed: one would carry the credential elsewhere. */
class Refused extends Error {
  readonly code: string;
  constructor(status: number) {
    super(`HTTP ${status}`);
    this.code = `HTTP ${status}`;
  }
}
