/** A gateway in this process, with a server behind it, a clock that tests move, and a raw client. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRecords } from "../../engine/audit/read.ts";
import type { AuditRecord, OutcomeRecord } from "../../engine/audit/record.ts";
import { type DevGateway, startDevGateway } from "../../engine/gateway/dev.ts";
import type { GatewaySettings, UpstreamSettings } from "../../engine/gateway/gateway.ts";
import { nodeHost } from "../../engine/host/host.ts";
import {
  type Answer,
  type EventStream,
  exchange,
  type HttpRequest,
  openEvents,
  sendBytes,
} from "./http-client.ts";
import { PINNED, policyFiles, type Transports, UNPINNED, writeFiles } from "./policy-folder.ts";
import { until } from "./until.ts";
import { type Fields, startUpstream, type TestUpstream } from "./upstream.ts";

/** The time at which every test gateway starts: not near the end of a window. */
export const START = Date.UTC(2026, 9, 1, 12, 10);

export interface WorldOptions {
  readonly overrides?: Partial<GatewaySettings>;
  /** What the host adds to requests for a server. */
  readonly upstreams?: Readonly<Record<string, UpstreamSettings>>;
  /** How `ehr` is reached, when not over HTTP; `folder` is one for its files. */
  readonly ehr?: (folder: string) => Fields;
  /** How `lab` is reached; there is no such server without it. */
  readonly lab?: (ehr: TestUpstream) => Fields;
  /** Changes the repository's files before the start. */
  readonly files?: (files: Record<string, Fields>) => Record<string, Fields>;
  /** The server is not running yet. */
  readonly upstreamDown?: boolean;
}

/** Who asks, and how. */
export interface Asking {
  /** A grant's id. */
  readonly as?: string;
  /** In place of the grant's token. */
  readonly token?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The client goes away. */
  readonly signal?: AbortSignal;
}

export interface World {
  readonly folder: string;
  readonly state: string;
  readonly upstream: TestUpstream;
  /** The gateway in force; `restart` puts another in its place. */
  readonly gateway: DevGateway["gateway"];
  readonly tokens: Readonly<Record<string, string>>;
  readonly port: number;
  now(): number;
  /** Sets the clock forward, or back. */
  shiftClock(milliseconds: number): void;
  /** One message; a value is written as JSON. */
  post(message: string | Buffer | object, asking?: Asking): Promise<Answer>;
  /** The same, and its events as they come. */
  open(message: object, asking?: Asking): Promise<EventStream>;
  /** A request without a body. */
  http(method: string, asking?: Asking): Promise<Answer>;
  /** The GET stream. */
  listen(asking: Asking): Promise<EventStream>;
  /** Bytes on a socket, and the first answer. */
  send(...parts: readonly (string | Buffer)[]): Promise<Answer>;
  /** Bytes that hold several requests, and as many answers. */
  pipeline(answers: number, bytes: string): Promise<readonly Answer[]>;
  /** A legacy session of a grant; returns its id. */
  session(grant: string, path?: string): Promise<string>;
  /** The records after number `seq`, oldest first. */
  records(seq?: number): readonly AuditRecord[];
  /** The first record after `seq` that has these members; rejects when none comes. */
  record(fields: Fields, seq?: number): Promise<AuditRecord>;
  /** What became of the first call that was allowed after `seq`; rejects when nothing does. */
  outcome(seq: number): Promise<OutcomeRecord>;
  /** Writes files of the policy repository anew. */
  write(files: Readonly<Record<string, Fields>>): void;
  /** The same, and waits until the change is in force and the server was looked at again. */
  change(files: Readonly<Record<string, Fields>>): Promise<void>;
  /** Stops the gateway; another one starts on the same folders, with new tokens. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const EHR = "/mcp/ehr";

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const root = mkdtempSync(join(tmpdir(), "phiward-gateway-"));
  const folder = join(root, "policies");
  const state = join(root, "state");
  mkdirSync(folder);
  const upstream = await startUpstream({ tools: [...PINNED, UNPINNED] });
  if (options.upstreamDown === true) await upstream.stop();
  const transports: Transports = {
    ehr: options.ehr?.(root) ?? { type: "http", url: `${upstream.origin}/mcp` },
    ...(options.lab === undefined ? {} : { lab: options.lab(upstream) }),
  };
  const files = policyFiles(transports);
  writeFiles(folder, options.files?.(files) ?? files);

  let shift = START - performance.now();
  const now = (): number => Math.round(performance.now() + shift);
  const start = async (): Promise<{ dev: DevGateway; port: number }> => {
    const dev = await startDevGateway({
      folder,
      state,
      host: { ...nodeHost, now },
      ...(options.upstreams === undefined ? {} : { upstreams: options.upstreams }),
      ...(options.overrides === undefined ? {} : { overrides: options.overrides }),
    });
    const url = await dev.gateway.listen("127.0.0.1", 0);
    return { dev, port: Number(new URL(url).port) };
  };
  let running = await start();

  const request = (
    method: string,
    { as = "nurse", token, path = EHR, headers, signal }: Asking,
  ) => {
    const credential = token ?? running.dev.tokens[as];
    return {
      port: running.port,
      method,
      path,
      headers: {
        accept: "application/json, text/event-stream",
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        ...headers,
      },
      ...(signal === undefined ? {} : { signal }),
    } satisfies HttpRequest;
  };
  const posting = (message: string | Buffer | object, asking: Asking): HttpRequest => {
    const isText = typeof message === "string" || Buffer.isBuffer(message);
    const plain = request("POST", asking);
    return {
      ...plain,
      headers: { "content-type": "application/json", ...plain.headers },
      body: isText ? message : JSON.stringify(message),
    };
  };
  const records = (seq = 0): readonly AuditRecord[] => [
    ...readRecords(join(state, "audit"), { seq: seq + 1 }),
  ];

  const record = (fields: Fields, seq = 0): Promise<AuditRecord> =>
    until(() => records(seq).find((one) => hasFields(one, fields)));

  return {
    folder,
    state,
    upstream,
    get gateway() {
      return running.dev.gateway;
    },
    get tokens() {
      return running.dev.tokens;
    },
    get port() {
      return running.port;
    },
    now,
    shiftClock: (milliseconds) => {
      shift += milliseconds;
    },
    post: (message, asking = {}) => exchange(posting(message, asking)),
    open: (message, asking = {}) => openEvents(posting(message, asking)),
    http: (method, asking = {}) => exchange(request(method, asking)),
    listen: (asking) => openEvents(request("GET", asking)),
    async send(...parts) {
      const [answer] = await sendBytes(running.port, 1, parts);
      if (answer === undefined) throw new Error("the connection ended without an answer");
      return answer;
    },
    pipeline: (answers, bytes) => sendBytes(running.port, answers, [bytes]),
    async session(grant, path = EHR) {
      const { status, headers } = await exchange(posting(initialize(), { as: grant, path }));
      const id = headers["mcp-session-id"];
      if (status !== 200 || id === undefined) throw new Error(`no session: ${status}`);
      return id;
    },
    records,
    record,
    async outcome(seq) {
      const { id } = await record({ kind: "decision", verdict: "allow" }, seq);
      return (await record({ kind: "outcome", decision: id }, seq)) as OutcomeRecord;
    },
    write: (changed) => writeFiles(folder, changed),
    async change(changed) {
      const { seq } = running.dev.gateway.runtime.log.head;
      writeFiles(folder, changed);
      await record({ kind: "policy", event: "activated" }, seq);
      await running.dev.gateway.runtime.upstreams.settled();
      await until(() => running.dev.gateway.runtime.pins.state("ehr") === "checked");
    },
    async restart() {
      await running.dev.gateway.stop();
      running = await start();
    },
    async stop() {
      await running.dev.gateway.stop();
      await upstream.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function hasFields(record: AuditRecord, fields: Fields): boolean {
  const members = record as unknown as Fields;
  return Object.entries(fields).every(([name, value]) => members[name] === value);
}

/** A request of the legacy era. */
export function legacy(method: string, params: Fields = {}, id: string | number = 1): object {
  return { jsonrpc: "2.0", id, method, params };
}

export function call(tool: string, args: Fields = {}, id: string | number = 1): object {
  return legacy("tools/call", { name: tool, arguments: args }, id);
}

export function initialize(): object {
  return legacy("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test-client", version: "1" },
  });
}

const CLAIM = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** A request of the modern era, without its headers. */
export function modern(method: string, params: Fields = {}, id: string | number = 1): object {
  const meta = { ...CLAIM, ...(params._meta as Fields | undefined) };
  return legacy(method, { ...params, _meta: meta }, id);
}

/** The headers that a request of the modern era needs. */
export function modernHeaders(method: string, name?: string): Record<string, string> {
  return {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
    ...(name === undefined ? {} : { "mcp-name": name }),
  };
}
