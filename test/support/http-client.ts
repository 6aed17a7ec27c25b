/** HTTP as a hostile client writes it: bytes on a socket, and ordinary requests and event streams. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { createParser } from "eventsource-parser";
import { until } from "./until.ts";
import type { Rpc } from "./upstream.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body, or the last event of a stream, when it is JSON. */
  readonly message: Rpc;
  /** The events before the last one. */
  readonly events: readonly Rpc[];
}

export interface HttpRequest {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly signal?: AbortSignal;
}

const PATIENCE_MS = 8_000;

/**
 * Writes the parts to a socket and reads as many answers as wanted, or those before its end. Between
 * two parts the other side gets a turn.
 */
export async function sendBytes(
  port: number,
  wanted: number,
  parts: readonly (string | Buffer)[],
): Promise<readonly Answer[]> {
  const socket = connect({ port, host: "127.0.0.1" });
  let received = Buffer.alloc(0);
  let closed = false;
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
  });
  // The other side may end the connection while we still write.
  socket.on("error", () => {});
  socket.on("close", () => {
    closed = true;
  });
  try {
    for (const part of parts) {
      socket.write(part);
      await new Promise(setImmediate);
    }
    await until(() => closed || answersIn(received).length >= wanted, PATIENCE_MS);
  } finally {
    socket.destroy();
  }
  return answersIn(received);
}

/** The whole answers; each of ours says its length. */
function answersIn(received: Buffer): readonly Answer[] {
  const answers: Answer[] = [];
  let rest = received;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1) return answers;
    const [line = "", ...fields] = rest.subarray(0, end).toString("latin1").split("\r\n");
    const headers = Object.fromEntries(
      fields.map((field) => {
        const colon = field.indexOf(":");
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
      }),
    );
    const length = Number(headers["content-length"] ?? 0);
    const body = rest.subarray(end + 4, end + 4 + length);
    if (body.length < length) return answers;
    const text = body.toString("utf8");
    const status = Number(line.split(" ")[1]);
    answers.push({ status, headers, text, message: parsed(text), events: [] });
    rest = rest.subarray(end + 4 + length);
  }
}

/** An ordinary request, read to its end. */
export async function exchange(request: HttpRequest): Promise<Answer> {
  const response = await begin(request);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  const events: Rpc[] = [];
  if (isStream(response)) {
    const parser = createParser({ onEvent: ({ data }) => events.push(parsed(data)) });
    parser.feed(text);
  }
  const last = events.pop();
  return {
    status: response.statusCode ?? 0,
    headers: response.headers as Record<string, string>,
    text,
    message: last ?? parsed(text),
    events,
  };
}

/** An event stream that is read as it comes. */
export interface EventStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The next event; rejects when none comes. */
  next(): Promise<Rpc>;
  /** What has come and was not asked for yet. */
  readonly pending: readonly Rpc[];
  readonly ended: boolean;
  close(): void;
}

export async function openEvents(request: HttpRequest): Promise<EventStream> {
  const response = await begin(request);
  const pending: Rpc[] = [];
  let ended = false;
  const parser = createParser({ onEvent: ({ data }) => pending.push(parsed(data)) });
  let text = "";
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => {
    if (isStream(response)) parser.feed(chunk);
    else text += chunk;
  });
  response.on("end", () => {
    if (text !== "") pending.push(parsed(text));
  });
  response.on("error", () => {});
  response.on("close", () => {
    ended = true;
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers as Record<string, string>,
    next: () => until(() => pending.shift()),
    pending,
    get ended() {
      return ended;
    },
    close: () => void response.destroy(),
  };
}

function begin({ body, ...request }: HttpRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: "127.0.0.1", agent: false, timeout: PATIENCE_MS, ...request },
      resolve,
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer")));
    sent.on("error", reject);
    sent.end(body);
  });
}

function isStream({ headers }: IncomingMessage): boolean {
  return headers["content-type"]?.startsWith("text/event-stream") === true;
}

function parsed(text: string): Rpc {
  try {
    return JSON.parse(text) as Rpc;
  } catch {
    return {};
  }
}
