/**
 * The HTTP listener: Streamable HTTP for MCP clients, health and metrics for operators.
 *
 * What stands between a socket and `authenticate` is here: the form of the request, where it comes
 * from, how large it is and how long it takes. A client without a valid token never has its body read.
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { refusalAnswer } from "./answer.ts";
import { authenticate, bearerToken } from "./authenticate.ts";
import { type Authenticated, received } from "./call.ts";
import type { Headers } from "./envelope.ts";
import { handle } from "./handle.ts";
import type { Health } from "./health.ts";
import { oneLine } from "./message.ts";
import { recordRefusal } from "./record.ts";
import { isRefusal, type RefusalCode, refuse } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import type { Runtime } from "./runtime.ts";
import { endSession, openStream } from "./session-stream.ts";
import { answerRefusal } from "./tell.ts";

export interface HttpFrontOptions {
  readonly host: string;
  readonly port: number;
  /** Host names, without port, by which clients may call; others are refused. */
  readonly hosts: readonly string[];
  readonly health: Health;
  /** Milliseconds for a request to arrive in full. */
  readonly requestTimeoutMs: number;
  /** The token of whoever calls, for a front that serves one client and asks for none; loopback only. */
  readonly everybody?: string;
}

export interface HttpFront {
  /** Such as `http://127.0.0.1:8420/mcp`. */
  readonly url: string;
  /** Takes no new connection. What is being answered is answered, for a while; resolves at the end. */
  stop(): Promise<void>;
}

const CLOSE_EVERY_MS = 50;
/** Longer than what is open may take to come to its end. */
const CLOSE_ALL_MS = 12_000;

/** A message may be this long, in bytes. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

/** Headers of which a second one would let two readers see two requests. */
const SINGLE =
  /^(host|authorization|content-type|content-length|transfer-encoding|origin|accept|last-event-id|mcp-.*)$/;

export async function httpFront(runtime: Runtime, options: HttpFrontOptions): Promise<HttpFront> {
  const settings: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: Math.min(5_000, options.requestTimeoutMs),
    requestTimeout: options.requestTimeoutMs,
    connectionsCheckingInterval: 500,
    keepAliveTimeout: 65_000,
    // Names and values that HTTP does not allow are refused, not mended (RFC 9112 §2.2, §6.3).
    insecureHTTPParser: false,
    requireHostHeader: false,
    noDelay: true,
  };
  const server = createServer(settings, (request, response) => {
    void new HttpExchange(runtime, options, request, response).run();
  });
  server.maxHeadersCount = 100;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseSocket(runtime, error, socket),
  );
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}/mcp`,
    stop: () =>
      new Promise((resolve) => {
        // A connection that a client keeps for later becomes idle only after its last answer.
        const idle = setInterval(() => server.closeIdleConnections(), CLOSE_EVERY_MS);
        const all = setTimeout(() => server.closeAllConnections(), CLOSE_ALL_MS);
        server.close(() => {
          clearInterval(idle);
          clearTimeout(all);
          resolve();
        });
      }),
  };
}

function listen(server: Server, { host, port }: HttpFrontOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}

/** A request that node's parser refuses (smuggling, broken syntax) or that does not arrive in time. */
function refuseSocket(runtime: Runtime, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const slow = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const code: RefusalCode = slow ? "slow_body" : "malformed_http";
  const { status, text } = refusalAnswer(refuse(code));
  const at = runtime.now();
  void recordRefusal(runtime, refuse(code), { at, via: "http", remote: socket.remoteAddress }).then(
    () =>
      socket.end(
        `HTTP/1.1 ${status} ${slow ? "Request Timeout" : "Bad Request"}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      ),
  );
}

class HttpExchange {
  readonly #runtime: Runtime;
  readonly #options: HttpFrontOptions;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #at: number;

  constructor(
    runtime: Runtime,
    options: HttpFrontOptions,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    this.#runtime = runtime;
    this.#options = options;
    this.#request = request;
    this.#response = response;
    this.#at = runtime.now();
  }

  async run(): Promise<void> {
    try {
      await this.#route();
    } catch (error) {
      // A bug of ours must not take the process, and its message may hold anything.
      this.#options.health.bug(error);
      if (!this.#response.headersSent) this.#response.writeHead(500).end();
      else this.#response.end();
    }
  }

  async #route(): Promise<void> {
    const { method, url = "/" } = this.#request;
    const badForm = formProblem(this.#request, this.#options.hosts);
    if (badForm !== undefined) return await this.#refuse(badForm);
    const path = url.split("?")[0]!;
    if (method === "GET" && (await this.#operator(path))) return;
    const match = /^\/mcp(?:\/([a-z0-9-]{1,32}))?$/.exec(path);
    if (match === null) return await this.#refuse("not_found");
    const arrival = received({
      via: "http",
      at: this.#at,
      headers: this.#request.headers as Headers,
      credential: this.#options.everybody ?? bearerToken(this.#request.headers.authorization),
      server: match[1],
      sessionId: this.#request.headers["mcp-session-id"] as string | undefined,
      remote: this.#request.socket.remoteAddress,
    });
    const from = authenticate(this.#runtime, arrival);
    const reply = new HttpReply(this.#request, this.#response);
    if (isRefusal(from)) {
      return await answerRefusal(
        this.#runtime,
        arrival,
        from,
        reply,
        challenge(this.#request, path, from.refused),
      );
    }
    if (method === "POST") return await this.#post(from, reply);
    if (method === "GET") return await openStream(this.#runtime, from, reply);
    if (method === "DELETE") return await endSession(this.#runtime, from, reply);
    await this.#refuse("http_method");
  }

  async #post(from: Authenticated, reply: Reply): Promise<void> {
    const grant = from.grant.source.id;
    const type = mediaType(this.#request.headers["content-type"]);
    if (type !== "application/json") return await this.#refuse("media_type", grant);
    if (this.#request.headers["content-encoding"] !== undefined) {
      return await this.#refuse("media_type", grant);
    }
    const body = await readBody(this.#request);
    if (typeof body === "string") return await this.#refuse(body, grant);
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    } catch {
      return await this.#refuse("bad_utf8", grant);
    }
    await handle(this.#runtime, from, text, reply);
  }

  async #refuse(code: RefusalCode, grant?: string): Promise<void> {
    const remote = this.#request.socket.remoteAddress;
    const arrival = { at: this.#at, via: "http", remote } as const;
    // What is left of the body is not read: the connection ends with the answer.
    const reply = new HttpReply(this.#request, this.#response);
    await answerRefusal(this.#runtime, arrival, refuse(code, { grant }), reply, {
      connection: "close",
    });
  }

  /** What operators and their tools ask. True when it was answered. */
  async #operator(path: string): Promise<boolean> {
    const { health } = this.#options;
    const send = (status: number, type: string, body: string): true => {
      this.#response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
      this.#response.end(body);
      return true;
    };
    if (path === "/healthz") return send(200, "application/json", '{"status":"alive"}\n');
    if (path === "/readyz") {
      const problems = health.problems();
      const status = problems.length === 0 ? "ready" : "denying";
      const body = { status, problems, notes: health.notes() };
      return send(
        problems.length === 0 ? 200 : 503,
        "application/json",
        `${JSON.stringify(body)}\n`,
      );
    }
    if (path === "/metrics") {
      // Names of servers and rules are nobody's business beyond this machine.
      if (!isLocal(this.#request.socket.remoteAddress)) return false;
      const { type, body } = await this.#runtime.metrics.text();
      return send(200, type, body);
    }
    const about = /^\/\.well-known\/oauth-protected-resource(\/mcp(?:\/[a-z0-9-]{1,32})?)?$/.exec(
      path,
    );
    if (about === null) return false;
    // RFC 9728 §2: how this resource is to be called.
    const resource = `http://${this.#request.headers.host}${about[1] ?? "/mcp"}`;
    const metadata = { resource, bearer_methods_supported: ["header"] };
    return send(200, "application/json", JSON.stringify(metadata));
  }
}

/** RFC 6750 §3 and RFC 9728 §5.1: how to get in, told to whom was kept out. */
function challenge(
  request: IncomingMessage,
  path: string,
  code: RefusalCode,
): Readonly<Record<string, string>> {
  const metadata = `resource_metadata="http://${request.headers.host}/.well-known/oauth-protected-resource${path}"`;
  const error = code === "no_token" ? "" : ', error="invalid_token"';
  return { "www-authenticate": `Bearer ${metadata}${error}`, connection: "close" };
}

function isLocal(address: string | undefined): boolean {
  return address !== undefined && /^(127\.|::1$|::ffff:127\.)/.test(address);
}

function formProblem(
  { rawHeaders, headers, httpVersion }: IncomingMessage,
  hosts: readonly string[],
): RefusalCode | undefined {
  const seen = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (seen.has(name) && SINGLE.test(name)) return "duplicate_header";
    seen.add(name);
  }
  // RFC 9112 §6.1: a request with both is how one request hides in another.
  if (seen.has("content-length") && seen.has("transfer-encoding")) return "malformed_http";
  if (httpVersion !== "1.1") return "malformed_http";
  // DNS rebinding: a page on another name, which now points here, calls with its own Host and Origin.
  const host = hostName(headers.host);
  if (host === undefined || !hosts.includes(host)) return "bad_host";
  const { origin } = headers;
  if (origin !== undefined) {
    const from = URL.parse(origin);
    if (from === null || from.origin !== origin || !hosts.includes(from.hostname))
      return "bad_origin";
  }
  return undefined;
}

/** A line break inside the data would end it early (WHATWG HTML §9.2.6). */
function eventText(text: string): string {
  return `event: message\ndata: ${oneLine(text)}\n\n`;
}

function hostName(host: string | undefined): string | undefined {
  if (host === undefined || !/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?$/.test(host)) {
    return undefined;
  }
  return host.replace(/:[0-9]+$/, "").toLowerCase();
}

function mediaType(header: string | undefined): string {
  return (header ?? "").split(";", 1)[0]!.trim().toLowerCase();
}

/** The body, or why it is not taken. */
function readBody(request: IncomingMessage): Promise<Buffer | RefusalCode> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > MAX_BODY_BYTES) return Promise.resolve("too_large");
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        request.pause();
        resolve("too_large");
      } else chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on("error", () => resolve("malformed_http"));
    request.on("close", () => resolve("malformed_http"));
  });
}

/** JSON for a single answer; a stream of events as soon as something comes before it. */
class HttpReply implements Reply {
  readonly #response: ServerResponse;
  #streaming = false;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(_: IncomingMessage, response: ServerResponse) {
    this.#response = response;
  }

  end(status: number, text?: string, headers: Readonly<Record<string, string>> = {}): void {
    clearInterval(this.#keepAlive);
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (this.#streaming) {
      if (text !== undefined) this.#response.write(eventText(text));
      this.#response.end();
      return;
    }
    const body = text ?? "";
    const type = text === undefined ? {} : { "content-type": "application/json" };
    this.#response.writeHead(status, {
      ...type,
      // Answers hold patient data; nobody between may keep them.
      "cache-control": "no-store",
      "content-length": Buffer.byteLength(body),
      ...headers,
    });
    this.#response.end(body);
  }

  open(headers: Readonly<Record<string, string>> = {}): void {
    if (this.#streaming || this.#response.writableEnded) return;
    this.#streaming = true;
    this.#response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
      ...headers,
    });
    this.#response.flushHeaders();
    // A quiet stream looks dead to whatever stands between; a comment is no event.
    this.#keepAlive = setInterval(() => this.#response.write(": keep-alive\n\n"), 25_000);
    this.#keepAlive.unref();
    this.#response.once("close", () => clearInterval(this.#keepAlive));
  }

  async write(text: string, eventId?: string): Promise<void> {
    this.open();
    const id = eventId === undefined ? "" : `id: ${eventId}\n`;
    const room = this.#response.write(`${id}${eventText(text)}`);
    if (room || this.#response.destroyed) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.#response.off("drain", go);
        this.#response.off("close", go);
        resolve();
      };
      this.#response.once("drain", go);
      this.#response.once("close", go);
    });
  }

  async place(eventId: string | undefined): Promise<void> {
    this.open();
    if (eventId !== undefined) this.#response.write(`id: ${eventId}\ndata: \n\n`);
  }

  onGone(listener: () => void): void {
    this.#response.once("close", () => {
      if (!this.#response.writableFinished) listener();
    });
  }
}
