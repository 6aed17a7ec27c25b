/**
 * A real MCP server on loopback, of both eras, written at the level of messages so that it can
 * misbehave on purpose. It keeps every request that reached it: what was denied must not be there.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "./until.ts";

export type Fields = Record<string, unknown>;

/** A JSON-RPC message of whatever kind, as a test reads it. */
export interface Rpc {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: Fields;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Fields };
}

/** What reached the server, as it arrived. */
export interface Arrived {
  readonly http: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body, when it is JSON. */
  readonly message: Rpc;
}

/** One request, and the ways to answer it. */
export interface Exchange {
  readonly request: Arrived;
  /** The request's id. */
  readonly id: string | number | null | undefined;
  result(result: Fields): void;
  error(code: number, message: string): void;
  /** Any answer at all. */
  raw(status: number, headers: Record<string, string>, body: string): void;
  /** Opens an event stream. */
  stream(): EventSender;
}

export interface EventSender {
  send(message: Rpc): void;
  /** Anything at all as the data of one event. */
  sendText(text: string): void;
  end(): void;
  /** Whether the other side has closed the stream. */
  readonly gone: boolean;
}

export type Handler = (exchange: Exchange) => void | Promise<void>;

export interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: Fields;
  readonly [more: string]: unknown;
}

export interface TestUpstream {
  readonly origin: string;
  readonly port: number;
  readonly requests: readonly Arrived[];
  /** What `tools/list` says; a test may change it. */
  tools: readonly Tool[];
  /** Tools on one page. */
  pageSize: number;
  /** What it says of itself in the handshake. */
  instructions: string | undefined;
  /** Answers a method, or one tool as `tools/call NAME`, from now on. */
  on(what: string, handler: Handler): void;
  /** Forgets all handlers. */
  reset(): void;
  /** Sends a message on every open GET stream; returns how many there are. */
  tell(message: Rpc): number;
  /** The first request since number `from` that fits; rejects when none arrives. */
  arrival(fits: (request: Arrived) => boolean, from: number): Promise<Arrived>;
  stop(): Promise<void>;
}

const MODERN = "2026-07-28";

export async function startUpstream(
  options: { readonly tools?: readonly Tool[]; readonly port?: number } = {},
): Promise<TestUpstream> {
  const requests: Arrived[] = [];
  const handlers = new Map<string, Handler>();
  const sessions = new Set<string>();
  const listeners = new Set<EventSender>();

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const arrived: Arrived = {
        http: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body,
        message: parsed(body),
      };
      requests.push(arrived);
      void answer(arrived, response);
    });
  });

  async function answer(request: Arrived, response: ServerResponse): Promise<void> {
    const { method, params } = request.message;
    const exchange = exchangeOf(request, response);
    const name = typeof params?.name === "string" ? params.name : "";
    const handler =
      handlers.get(`${method} ${name}`) ?? handlers.get(method ?? "") ?? handlers.get(request.http);
    if (handler !== undefined) return await handler(exchange);
    if (request.http === "GET") return listen(request, exchange);
    if (method === "subscriptions/listen") return acknowledge(exchange);
    if (request.http === "DELETE") {
      sessions.delete(String(request.headers["mcp-session-id"]));
      return exchange.raw(200, {}, "");
    }
    const session = request.headers["mcp-session-id"];
    if (session !== undefined && !sessions.has(String(session))) return exchange.raw(404, {}, "");
    // Notifications, and answers to what the server asked.
    if (method === undefined || exchange.id === undefined) return exchange.raw(202, {}, "");
    if (method === "initialize") return greet(exchange, params ?? {});
    const result = usual(method, params ?? {}, upstream);
    if (result === undefined) return exchange.error(-32601, "unknown method");
    exchange.result(isModern(params) ? { resultType: "complete", ...result } : result);
  }

  function listen(request: Arrived, exchange: Exchange): void {
    if (sessions.has(String(request.headers["mcp-session-id"]))) listeners.add(exchange.stream());
    else exchange.raw(405, {}, "");
  }

  function acknowledge({ stream, id }: Exchange): void {
    const meta = { "io.modelcontextprotocol/subscriptionId": id };
    const method = "notifications/subscriptions/acknowledged";
    const listener = stream();
    listener.send({ method, params: { _meta: meta, notifications: {} } });
    listeners.add(listener);
  }

  function greet(exchange: Exchange, params: Fields): void {
    const session = randomUUID();
    sessions.add(session);
    const result = {
      protocolVersion: params.protocolVersion,
      capabilities: CAPABILITIES,
      serverInfo: { name: "test-upstream", version: "1" },
      ...(upstream.instructions === undefined ? {} : { instructions: upstream.instructions }),
    };
    const body = JSON.stringify({ jsonrpc: "2.0", id: exchange.id, result });
    exchange.raw(200, { ...JSON_TYPE, "mcp-session-id": session }, body);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  const upstream: TestUpstream = {
    origin: `http://127.0.0.1:${port}`,
    port,
    requests,
    tools: options.tools ?? [],
    pageSize: 1_000,
    instructions: undefined,
    on: (what, handler) => void handlers.set(what, handler),
    reset: () => handlers.clear(),
    tell(message) {
      for (const listener of listeners) if (listener.gone) listeners.delete(listener);
      for (const listener of listeners) listener.send(message);
      return listeners.size;
    },
    arrival: (fits, from) => until(() => requests.slice(from).find(fits)),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return upstream;
}

const JSON_TYPE = { "content-type": "application/json" };
const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { subscribe: true },
  prompts: {},
  completions: {},
  logging: {},
};

function parsed(body: string): Rpc {
  try {
    return JSON.parse(body) as Rpc;
  } catch {
    return {};
  }
}

function isModern(params: Fields | undefined): boolean {
  const meta = params?._meta as Fields | undefined;
  return meta?.["io.modelcontextprotocol/protocolVersion"] === MODERN;
}

function exchangeOf(request: Arrived, response: ServerResponse): Exchange {
  const { id } = request.message;
  const raw: Exchange["raw"] = (status, headers, body) => {
    response.writeHead(status, headers);
    response.end(body);
  };
  return {
    request,
    id,
    raw,
    result: (result) => raw(200, JSON_TYPE, JSON.stringify({ jsonrpc: "2.0", id, result })),
    error: (code, message) =>
      raw(200, JSON_TYPE, JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } })),
    stream() {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      const sendText = (text: string): void => {
        response.write(`event: message\ndata: ${text}\n\n`);
      };
      return {
        sendText,
        send: (message) => sendText(JSON.stringify({ jsonrpc: "2.0", ...message })),
        end: () => void response.end(),
        get gone() {
          return response.destroyed || response.writableEnded;
        },
      };
    },
  };
}

/** What an honest server answers; undefined for a method that it does not have. */
function usual(method: string, params: Fields, upstream: TestUpstream): Fields | undefined {
  const cached = isModern(params) ? { ttlMs: 1_000, cacheScope: "public" } : {};
  switch (method) {
    case "server/discover": {
      const { instructions } = upstream;
      return {
        supportedVersions: [MODERN],
        capabilities: CAPABILITIES,
        ...(instructions === undefined ? {} : { instructions }),
        ...cached,
      };
    }
    case "tools/list": {
      const from = Number(params.cursor ?? 0);
      const next = from + upstream.pageSize;
      return {
        tools: upstream.tools.slice(from, next),
        ...(next < upstream.tools.length ? { nextCursor: String(next) } : {}),
        ...cached,
      };
    }
    case "tools/call":
      return { content: [{ type: "text", text: "done" }] };
    case "prompts/list":
      return { prompts: [{ name: "handover" }, { name: "other" }], ...cached };
    case "resources/list":
      return {
        resources: [
          { uri: "ehr://wards", name: "wards" },
          { uri: "ehr://payroll", name: "payroll" },
        ],
        ...cached,
      };
    case "resources/read":
      return { contents: [{ uri: params.uri, text: "north, east" }], ...cached };
    case "prompts/get":
      return { messages: [] };
    case "completion/complete":
      return { completion: { values: [] } };
    case "tasks/get":
      return { taskId: params.taskId, status: "working" };
    default:
      return ["ping", "logging/setLevel", "resources/subscribe", "tasks/cancel"].includes(method)
        ? {}
        : undefined;
  }
}
