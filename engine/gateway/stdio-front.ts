/**
 * MCP over the gateway's own standard input and output, for a client that starts its servers as
 * programs. The token comes from the environment; every message is checked against it anew.
 */
import type { Readable, Writable } from "node:stream";
import { authenticate } from "./authenticate.ts";
import { received } from "./call.ts";
import { handle } from "./handle.ts";
import { MAX_BODY_BYTES } from "./http-front.ts";
import { Lines } from "./lines.ts";
import { oneLine } from "./message.ts";
import type { ActivePolicy } from "./policy-source.ts";
import { isRefusal, refuse } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import type { Runtime } from "./runtime.ts";
import { openStream } from "./session-stream.ts";
import { answerRefusal } from "./tell.ts";

export interface StdioFrontOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly token: string | undefined;
  /** The one server to serve; undefined: all of the grant's. */
  readonly server: string | undefined;
}

/** Resolves when the input has ended and every answer is written. */
export async function stdioFront(
  runtime: Runtime,
  { input, output, token, server }: StdioFrontOptions,
): Promise<void> {
  const open = new Set<Promise<void>>();
  /** By the id of the request: whom to tell that the client no longer waits for it. */
  const waiting = new Map<string | number, () => void>();
  let session: string | undefined;
  /** One message after the other begins, and what follows a handshake belongs to its session. */
  let turn: Promise<void> = Promise.resolve();

  const arrive = (sessionId: string | undefined = session) =>
    received({
      via: "stdio",
      at: runtime.now(),
      headers: undefined,
      credential: token,
      server,
      sessionId,
      remote: undefined,
    });
  const take = (headers: Readonly<Record<string, string>> | undefined): void => {
    session = headers?.["mcp-session-id"] ?? session;
  };
  const reply = (id: string | number | undefined, isRequest: boolean): Reply => ({
    write: (text) => writeLine(output, text),
    async place() {},
    open: take,
    onGone: (listener) => {
      if (id !== undefined) waiting.set(id, listener);
    },
    end(_, text, headers) {
      take(headers);
      if (id !== undefined) waiting.delete(id);
      // Nobody waits for an answer to a notification.
      if (text !== undefined && isRequest) void writeLine(output, text);
    },
  });
  const track = (work: Promise<void>): Promise<void> => {
    open.add(work);
    return work.finally(() => open.delete(work));
  };

  /** Begins with a line; resolves when the next one may begin. */
  const begin = async (line: string | undefined): Promise<void> => {
    const glance = glanceAt(line);
    const opens = glance.method === "initialize";
    // A handshake asks for a session of its own: the one before may be over (automatic logoff).
    if (opens) session = undefined;
    const arrival = arrive();
    const from = await authenticate(runtime, arrival);
    const answer = reply(glance.id, glance.isRequest);
    if (isRefusal(from)) {
      const refusal = { ...from, requestId: glance.id };
      return void track(answerRefusal(runtime, arrival, refusal, answer));
    }
    if (line === undefined) {
      const grant = from.grant.source.id;
      return void track(answerRefusal(runtime, arrival, refuse("bad_utf8", { grant }), answer));
    }
    if (glance.cancels !== undefined) waiting.get(glance.cancels)?.();
    const handled = track(handle(runtime, from, line, answer));
    if (!opens) return;
    await handled;
    if (session !== undefined) void track(listen(session));
  };

  /**
   * What servers say unasked reaches this client too, as on HTTP's GET stream. A new policy ends the
   * stream; it is asked for again, as an HTTP client would.
   */
  const listen = async (sessionId: string): Promise<void> => {
    const silent: Reply = { ...reply(LISTENING, false), open() {}, end() {} };
    let judgedBy: ActivePolicy | undefined;
    for (;;) {
      const from = await authenticate(runtime, arrive(sessionId));
      if (isRefusal(from) || from.policy === judgedBy || session !== sessionId) return;
      judgedBy = from.policy;
      await openStream(runtime, from, silent);
    }
  };

  await new Promise<void>((resolve) => {
    const lines = new Lines(
      MAX_BODY_BYTES,
      (line) => {
        turn = turn.then(() => begin(line));
      },
      () => {
        void track(answerRefusal(runtime, arrive(), refuse("too_large"), reply(undefined, true)));
        input.destroy();
        resolve();
      },
    );
    input.on("data", (chunk: Buffer) => lines.feed(chunk));
    input.once("end", resolve);
    input.once("error", () => resolve());
  });
  await turn;
  for (const gone of waiting.values()) gone();
  await Promise.all(open);
}

/** Stands for the stream of unasked messages, which no request's id may be. */
const LISTENING = "\0listening";

interface Glance {
  readonly id?: string | number | undefined;
  readonly method?: unknown;
  readonly isRequest: boolean;
  /** The id of the request that the client no longer waits for. */
  readonly cancels?: string | number | undefined;
}

/** Only to know who waits for what; what the line means is read strictly elsewhere. */
function glanceAt(line: string | undefined): Glance {
  try {
    const value = JSON.parse(line ?? "") as Record<string, unknown>;
    const { method } = value;
    const id = asId(value.id);
    const isRequest = id !== undefined || method === undefined;
    if (method !== "notifications/cancelled") return { id, method, isRequest };
    const params = value.params as { requestId?: unknown } | undefined;
    return { id, method, isRequest, cancels: asId(params?.requestId) };
  } catch {
    return { isRequest: true };
  }
}

function asId(value: unknown): string | number | undefined {
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

function writeLine(output: Writable, text: string): Promise<void> {
  return new Promise((resolve) => {
    output.write(`${oneLine(text)}\n`, () => resolve());
  });
}
