/**
 * A server over Streamable HTTP, through undici's dispatch: bytes in, messages out.
 *
 * Redirects are not followed: one would carry our credential to an origin that nobody listed.
 */
import { createParser } from "eventsource-parser";
import { type Dispatcher, Pool } from "undici";
import { type ReadMessage, readMessage } from "./message.ts";
import type { Era } from "./methods.ts";
import { Queue } from "./queue.ts";
import { connector, type TlsFiles } from "./tls.ts";
import type {
  Connection,
  Incoming,
  Outgoing,
  Upstream,
  UpstreamFailure,
  UpstreamReply,
} from "./upstream.ts";

/** A server's message may be this long, in bytes. */
export const MAX_INCOMING_BYTES = 16 * 1024 * 1024;

export interface HttpUpstreamOptions {
  /** What the host's configuration adds to each request: the server's credential. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds until the server must have begun to answer. */
  readonly timeoutMs: number;
  /** Whom to trust in place of the well-known authorities, and who the gateway is. */
  readonly tls?: TlsFiles;
}

export function httpUpstream(server: string, url: URL, options: HttpUpstreamOptions): Upstream {
  const pool = new Pool(url.origin, {
    connections: 128,
    pipelining: 1,
    headersTimeout: options.timeoutMs,
    // A stream may be quiet for long; who reads it decides when it is over.
    bodyTimeout: 0,
    connect: connector(options.tls),
  });
  const path = url.pathname + url.search;
  const shared = new Map<Era, Connection>();
  const connection = (era: Era): Connection => new HttpConnection(pool, path, era, options.headers);
  return {
    server,
    connect(era, owner) {
      if (owner.session !== undefined) return connection(era);
      const known = shared.get(era) ?? connection(era);
      shared.set(era, known);
      return known;
    },
    close: () => pool.destroy(),
  };
}

class HttpConnection implements Connection {
  readonly era: Era;
  readonly #pool: Pool;
  readonly #path: string;
  readonly #secret: Readonly<Record<string, string>>;
  /** The server's own session id. It never leaves the gateway. */
  #session: string | undefined;
  #version: string | undefined;

  constructor(pool: Pool, path: string, era: Era, secret: Readonly<Record<string, string>>) {
    this.#pool = pool;
    this.#path = path;
    this.era = era;
    this.#secret = secret;
  }

  async send({ message, headers }: Outgoing, signal: AbortSignal): Promise<UpstreamReply> {
    const opens = message.kind === "request" && message.method === "initialize";
    if (opens) this.#version = undefined;
    const reply = await this.#exchange("POST", headers, message.text, signal, (session) => {
      if (opens && this.era === "legacy") this.#session = session;
    });
    if (opens && reply.kind === "message") this.#agree(reply.read);
    if (opens && reply.kind === "stream") {
      return { ...reply, messages: this.#agreeing(reply.messages) };
    }
    return reply;
  }

  /** The revision that the server chose goes with every later request (MCP 2025-06-18, transports). */
  #agree(read: ReadMessage | undefined): void {
    if (read === undefined || "problem" in read || read.kind !== "response") return;
    const version = read.result?.protocolVersion;
    if (typeof version === "string") this.#version = version;
  }

  async *#agreeing(messages: AsyncIterable<Incoming>): AsyncGenerator<Incoming> {
    for await (const incoming of messages) {
      this.#agree(incoming.read);
      yield incoming;
    }
  }

  listen(headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<UpstreamReply> {
    return this.#exchange("GET", headers, undefined, signal);
  }

  close(): void {
    if (this.#session === undefined) return;
    // The server may forget the session; whether it does is its own affair.
    void this.#exchange("DELETE", {}, undefined, AbortSignal.timeout(5_000));
    this.#session = undefined;
  }

  #exchange(
    method: "POST" | "GET" | "DELETE",
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
    signal: AbortSignal,
    onSession?: (session: string | undefined) => void,
  ): Promise<UpstreamReply> {
    const session: Record<string, string> =
      this.#session === undefined ? {} : { "mcp-session-id": this.#session };
    if (this.#version !== undefined && headers["mcp-protocol-version"] === undefined) {
      session["mcp-protocol-version"] = this.#version;
    }
    return new Promise((resolve) => {
      const handler = new Exchange(resolve, signal, this.#session !== undefined, onSession);
      const sent = {
        accept: method === "GET" ? "text/event-stream" : "application/json, text/event-stream",
        ...headers,
        ...session,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...this.#secret,
      };
      this.#pool.dispatch({ method, path: this.#path, headers: sent, body: body ?? null }, handler);
    });
  }
}

/** What OpenSSL and node say of a certificate or of a handshake that fails. */
const UNTRUSTED =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CRL_|ERROR_IN_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|EPROTO$)/;

const NOT_REACHED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_DESTROYED",
  "UND_ERR_CLOSED",
]);

/** One request and what becomes of it. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (reply: UpstreamReply) => void;
  readonly #signal: AbortSignal;
  readonly #inSession: boolean;
  readonly #onSession: ((session: string | undefined) => void) | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #failure: UpstreamFailure | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #stream: { queue: Queue<Incoming>; feed(chunk: Buffer): void } | undefined;

  constructor(
    resolve: (reply: UpstreamReply) => void,
    signal: AbortSignal,
    inSession: boolean,
    onSession: ((session: string | undefined) => void) | undefined,
  ) {
    this.#resolve = resolve;
    this.#signal = signal;
    this.#inSession = inSession;
    this.#onSession = onSession;
  }

  readonly #aborted = (): void => this.#stop("cancelled");

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) this.#stop("cancelled");
    else this.#signal.addEventListener("abort", this.#aborted);
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    const type = String(headers["content-type"] ?? "")
      .split(";")[0]!
      .trim()
      .toLowerCase();
    const session = headers["mcp-session-id"];
    if (status < 300) this.#onSession?.(typeof session === "string" ? session : undefined);
    if (status === 202 || status === 204) return;
    if (status >= 300 && status < 400) this.#failure = "redirect";
    else if (status === 401 || status === 403) this.#failure = "refused_credential";
    else if (status === 405) this.#failure = "not_served";
    else if (type === "text/event-stream" && status < 300) this.#openStream();
    else if (status === 404 && this.#inSession) this.#failure = "no_session";
    else if (type !== "application/json") this.#failure = "bad_status";
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stream !== undefined) this.#stream.feed(chunk);
    else if (this.#failure === undefined) {
      this.#bytes += chunk.length;
      if (this.#bytes > MAX_INCOMING_BYTES) this.#stop("too_large");
      else this.#chunks.push(chunk);
    }
  }

  onResponseEnd(): void {
    this.#done();
    if (this.#stream !== undefined) this.#stream.queue.end();
    else if (this.#failure !== undefined) this.#fail(this.#failure, true);
    else if (this.#status === 202 || this.#status === 204) this.#resolve({ kind: "accepted" });
    else {
      const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      this.#resolve({ kind: "message", status: this.#status, read: readBytes(body) });
    }
  }

  onResponseError(_: Dispatcher.DispatchController, error: Coded): void {
    this.#done();
    if (this.#stream !== undefined) this.#stream.queue.end();
    const unreached = this.#controller === undefined || NOT_REACHED.has(error.code ?? "");
    this.#fail(this.#failure ?? failureOf(error, unreached), !unreached);
  }

  /** Events pass one by one as they arrive, each as one message. */
  #openStream(): void {
    const queue = new Queue<Incoming>((full) =>
      full ? this.#controller?.pause() : this.#controller?.resume(),
    );
    let sinceEvent = 0;
    let retryMs: number | undefined;
    const parser = createParser({
      onRetry: (milliseconds) => {
        retryMs = milliseconds;
      },
      onEvent: ({ data, id }) => {
        sinceEvent = 0;
        queue.push({ read: data === "" ? undefined : readMessage(data), eventId: id, retryMs });
      },
    });
    // Streaming: a character may be split between two chunks. A byte that is no UTF-8 becomes U+FFFD
    // inside a string, where it changes a text and no structure; it throws here and ends the stream.
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const feed = (chunk: Buffer): void => {
      sinceEvent += chunk.length;
      try {
        if (sinceEvent > MAX_INCOMING_BYTES) this.#stop("too_large");
        else parser.feed(decoder.decode(chunk, { stream: true }));
      } catch {
        this.#stop("broken");
      }
    };
    this.#stream = { queue, feed };
    this.#resolve({ kind: "stream", messages: queue });
  }

  #stop(failure: UpstreamFailure): void {
    this.#failure = failure;
    this.#stream?.queue.end();
    this.#controller?.abort(new Error(failure));
  }

  #fail(failure: UpstreamFailure, reached: boolean): void {
    // After the stream was handed over this has no effect: its end is the answer.
    this.#resolve({ kind: "failed", failure, reached });
  }

  #done(): void {
    this.#signal.removeEventListener("abort", this.#aborted);
  }
}

interface Coded extends Error {
  readonly code?: string;
}

function failureOf({ code = "", cause }: Coded, unreached: boolean): UpstreamFailure {
  if (code === "UND_ERR_HEADERS_TIMEOUT") return "timeout";
  // In TLS 1.3 a server refuses the client's certificate after the handshake, as it were.
  const inner = (cause as Coded | undefined)?.code ?? "";
  if (UNTRUSTED.test(code) || UNTRUSTED.test(inner)) return "untrusted";
  return unreached ? "unreachable" : "broken";
}

function readBytes(bytes: Buffer): ReadMessage {
  try {
    return readMessage(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return { problem: "bad_utf8" };
  }
}
