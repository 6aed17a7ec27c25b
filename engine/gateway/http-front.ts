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
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { refusalAnswer } from "./answer.ts";
import { authenticate, credentialIn } from "./authenticate.ts";
import { type Authenticated, type Received, received } from "./call.ts";
import { MAX_EMERGENCY_BYTES, serveEmergency } from "./emergency-front.ts";
import type { Headers } from "./envelope.ts";
import { handle } from "./handle.ts";
import type { Health } from "./health.ts";
import { oneLine } from "./message.ts";
import { challengeOf, metadataPath, resourceMetadata } from "./oidc/resource.ts";
import { operatorAnswer } from "./operator.ts";
import { recordRefusal } from "./record.ts";
import { isRefusal, type RefusalCode, refuse } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import type { Runtime } from "./runtime.ts";
import { endSession, openStream } from "./session-stream.ts";
import { answerRefusal } from "./tell.ts";
import { certificateEnd, type TlsFiles, type WatchedTls, watchTls } from "./tls.ts";

export interface HttpFrontOptions {
  readonly host: string;
  readonly port: number;
  /** Host names, without port, by which clients may call; others are refused. */
  readonly hosts: readonly string[];
  readonly health: Health;
  /** Milliseconds for a request to arrive in full. */
  readonly requestTimeoutMs: number;
  /** Certificate and key; with `ca`, clients must show a certificate of one of these authorities. */
  readonly tls?: TlsFiles;
  /** How clients know this gateway, such as `https://gateway.example.org`; as they call it when absent. */
  readonly publicOrigin?: string;
  /** The token of whoever calls, for a front that serves one client and asks for none; loopback only. */
  readonly everybody?: string;
}

export interface HttpFront {
  /** Such as `http://127.0.0.1:8420/mcp`. */
  readonly url: string;
  /** What an operator should know of this listener. */
  notes(): readonly string[];
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
  /^(host|authorization|dpop|content-type|content-length|transfer-encoding|origin|accept|last-event-id|mcp-.*)$/;

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
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    void new HttpExchange(runtime, options, request, response).run();
  };
  const watched = options.tls === undefined ? undefined : watchTls(options.tls);
  const server =
    watched === undefined
      ? createServer(settings, answer)
      : createTlsServer(
          { ...settings, ...watched.options(), requestCert: options.tls?.ca !== undefined },
          answer,
        );
  server.maxHeadersCount = 100;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseSocket(runtime, error, socket),
  );
  const renewal = watched === undefined ? undefined : renew(server as TlsServer, watched);
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseHandshake(runtime, error, socket),
  );
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    url: `${watched === undefined ? "http" : "https"}://${host}:${port}/mcp`,
    notes: () => tlsNotes(options.tls, watched, runtime.now()),
    stop: () =>
      new Promise((resolve) => {
        // A connection that a client keeps for later becomes idle only after its last answer.
        clearInterval(renewal);
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

const RENEW_EVERY_MS = 1_000;

/** A renewed certificate is for new connections; those that are open keep theirs. */
function renew(server: TlsServer, watched: WatchedTls): NodeJS.Timeout {
  return setInterval(() => {
    if (watched.refresh()) server.setSecureContext(watched.options());
  }, RENEW_EVERY_MS).unref();
}

const SOON_MS = 14 * 24 * 60 * 60 * 1000;

function tlsNotes(
  files: TlsFiles | undefined,
  watched: WatchedTls | undefined,
  at: number,
): readonly string[] {
  if (files?.cert === undefined || watched === undefined) return [];
  const end = certificateEnd(files.cert);
  return [
    ...(watched.problem === undefined
      ? []
      : [`the new certificate is not in use: ${watched.problem}`]),
    ...(end === undefined || end - at > SOON_MS
      ? []
      : [
          end <= at
            ? "the listener's certificate has expired"
            : "the listener's certificate expires within 14 days",
        ]),
  ];
}

/** Plain HTTP on this port, an old protocol, or a client without the certificate that is asked for. */
function refuseHandshake(runtime: Runtime, error: NodeJS.ErrnoException, socket: Socket): void {
  // Somebody who only looked whether the port is open said nothing that could be refused. A
  // certificate that is not accepted ends the connection in the same way, and says why beside it.
  const certificate = (socket as TLSSocket).authorizationError as Error | string | null | undefined;
  if (error.code === "ECONNRESET" && !certificate) return;
  const arrival = { at: runtime.now(), via: "http", remote: socket.remoteAddress } as const;
  void recordRefusal(runtime, refuse("tls_handshake"), arrival);
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
    const emergency = /^\/emergency(?:\/([A-Za-z0-9][A-Za-z0-9._-]{0,127}))?$/.exec(path);
    if (emergency !== null) return await this.#emergency(emergency[1]);
    const match = /^\/mcp(?:\/([a-z0-9-]{1,32}))?$/.exec(path);
    if (match === null) return await this.#refuse("not_found");
    const arrival = this.#arrival(path, match[1]);
    const from = await authenticate(this.#runtime, arrival);
    const reply = new HttpReply(this.#request, this.#response);
    if (isRefusal(from)) {
      const headers = this.#challenge(path, from.refused);
      return await answerRefusal(this.#runtime, arrival, from, reply, headers);
    }
    if (method === "POST") return await this.#post(from, reply);
    if (method === "GET") return await openStream(this.#runtime, from, reply);
    if (method === "DELETE") return await endSession(this.#runtime, from, reply);
    await this.#refuse("http_method");
  }

  #arrival(path: string, server: string | undefined): Received {
    const { headers, method = "", socket } = this.#request;
    const credential = credentialIn(headers.authorization);
    const { everybody } = this.#options;
    return received({
      via: "http",
      at: this.#at,
      headers: headers as Headers,
      credential: everybody ?? credential?.token,
      ...(credential === undefined
        ? {}
        : {
            sender: {
              scheme: credential.scheme,
              proof: headers.dpop as string | undefined,
              method,
              url: `${this.#origin}${path}`,
            },
          }),
      server,
      sessionId: headers["mcp-session-id"] as string | undefined,
      remote: socket.remoteAddress,
    });
  }

  get #origin(): string {
    const { publicOrigin, tls } = this.#options;
    return (
      publicOrigin ?? `${tls === undefined ? "http" : "https"}://${this.#request.headers.host}`
    );
  }

  /** How to get in, told to whom was kept out; the connection ends, and the body is never read. */
  #challenge(path: string, refused: RefusalCode): Readonly<Record<string, string>> {
    const issuers = this.#runtime.identities?.issuers.settings ?? [];
    const challenge = challengeOf(refused, this.#origin, path, issuers);
    return {
      ...(challenge === undefined ? {} : { "www-authenticate": challenge }),
      connection: "close",
    };
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

  /** Who opens, closes and lists emergency grants; `grant` as the path names it. */
  async #emergency(grant: string | undefined): Promise<void> {
    const { method = "", headers } = this.#request;
    // A page must not open anything with a person's credential, not even a page of a host of ours.
    if (headers.origin !== undefined || headers["sec-fetch-site"] !== undefined) {
      return await this.#refuse("bad_origin");
    }
    if (this.#options.everybody !== undefined) return await this.#refuse("not_found");
    const served = grant === undefined ? method === "GET" : /^(POST|DELETE)$/.test(method);
    if (!served) return await this.#refuse("http_method");
    const path = grant === undefined ? "/emergency" : `/emergency/${grant}`;
    const arrival = this.#arrival(path, undefined);
    const from = await authenticate(this.#runtime, arrival);
    const reply = new HttpReply(this.#request, this.#response);
    if (isRefusal(from)) {
      const closing = { "www-authenticate": "Bearer", connection: "close" };
      return await answerRefusal(this.#runtime, arrival, from, reply, closing);
    }
    if (method === "POST" && mediaType(headers["content-type"]) !== "application/json") {
      return await this.#refuse("media_type", from.grant.source.id);
    }
    const body = (): Promise<string | undefined> => readText(this.#request, MAX_EMERGENCY_BYTES);
    await serveEmergency(this.#runtime, from, { method, grant, body }, reply);
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
    // Names of servers and rules are nobody's business beyond this machine.
    const isHidden = path === "/metrics" && !isLocal(this.#request.socket.remoteAddress);
    const answer = isHidden ? undefined : await operatorAnswer(path, health, this.#runtime.metrics);
    if (answer !== undefined) return send(answer.status, answer.type, answer.body);
    const about = metadataPath(path);
    if (about === undefined) return false;
    const issuers = this.#runtime.identities?.issuers.settings ?? [];
    const metadata = resourceMetadata(this.#origin, about, issuers);
    return send(200, "application/json", JSON.stringify(metadata));
  }
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
function readBody(
  request: IncomingMessage,
  maxBytes = MAX_BODY_BYTES,
): Promise<Buffer | RefusalCode> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > maxBytes) return Promise.resolve("too_large");
  // The client went away while its token was checked: nothing more is heard of it.
  if (request.destroyed) return Promise.resolve("malformed_http");
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        request.pause();
        resolve("too_large");
      } else chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on("error", () => resolve("malformed_http"));
    request.on("close", () => resolve("malformed_http"));
  });
}

/** The body as text; undefined when it is too long, broken off, or not UTF-8. */
async function readText(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const body = await readBody(request, maxBytes);
  try {
    return typeof body === "string"
      ? undefined
      : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
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
    // It went away while its token was checked.
    if (this.#response.destroyed) queueMicrotask(listener);
    this.#response.once("close", () => {
      if (!this.#response.writableFinished) listener();
    });
  }
}
