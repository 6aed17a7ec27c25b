/** Asks a server which eras it speaks and which tools it offers now, over a connection of our own. */
import { isObject, own, type ReceivedObject } from "../json/value.ts";
import { LEGACY_VERSIONS, META, MODERN_VERSIONS } from "./envelope.ts";
import { type RequestMessage, type ResponseMessage, readMessage } from "./message.ts";
import type { Era } from "./methods.ts";
import type { Connection, Upstream, UpstreamFailure, UpstreamReply } from "./upstream.ts";

export interface LiveList {
  readonly era: Era;
  readonly tools: readonly ReceivedObject[];
  readonly instructions?: string;
}

export interface Looked {
  /** One entry for each era that the server speaks; empty when it cannot be reached. */
  readonly lists: readonly LiveList[];
  /** Why there is no list, where the connection said so. */
  readonly failure: UpstreamFailure | undefined;
}

/** A server that goes on for ever with pages is not read for ever. */
const MAX_PAGES = 1_000;
const OWNER = { grant: "(pins)", session: "(pins)" };

export async function liveLists(upstream: Upstream, timeoutMs: number): Promise<Looked> {
  const lists: LiveList[] = [];
  let failure: UpstreamFailure | undefined;
  for (const era of ["legacy", "modern"] as const) {
    const connection = upstream.connect(era, OWNER);
    try {
      const client = new Asking(connection, AbortSignal.timeout(timeoutMs));
      const list = await readEra(client, era);
      if (list !== undefined) lists.push(list);
      failure ??= client.failure;
    } finally {
      connection.close();
    }
  }
  return { lists, failure: lists.length === 0 ? failure : undefined };
}

async function readEra(client: Asking, era: Era): Promise<LiveList | undefined> {
  const greeting =
    era === "legacy"
      ? await client.ask("initialize", {
          protocolVersion: LEGACY_VERSIONS[0]!,
          capabilities: {},
          clientInfo: { name: "phiward", version: "1" },
        })
      : await client.ask("server/discover", {});
  if (greeting === undefined || !speaks(era, greeting)) return undefined;
  if (era === "legacy") await client.tell("notifications/initialized");
  const tools: ReceivedObject[] = [];
  const capabilities = own(greeting, "capabilities");
  const offersTools = isObject(capabilities) && own(capabilities as ReceivedObject, "tools");
  let cursor: string | undefined;
  for (
    let page = 0;
    offersTools !== undefined && offersTools !== false && page < MAX_PAGES;
    page++
  ) {
    const result = await client.ask("tools/list", cursor === undefined ? {} : { cursor });
    const listed = result === undefined ? undefined : own(result, "tools");
    // A list that ends in the middle is no list: what was not seen was not checked.
    if (!Array.isArray(listed)) return undefined;
    tools.push(...(listed as ReceivedObject[]).filter(isObject));
    const next = own(result!, "nextCursor");
    if (typeof next !== "string") break;
    cursor = next;
  }
  const instructions = own(greeting, "instructions");
  return {
    era,
    tools,
    ...(typeof instructions === "string" ? { instructions } : {}),
  };
}

function speaks(era: Era, greeting: ReceivedObject): boolean {
  if (era === "legacy") return typeof own(greeting, "protocolVersion") === "string";
  const versions = own(greeting, "supportedVersions");
  return Array.isArray(versions) && versions.some((v) => MODERN_VERSIONS.includes(v as string));
}

class Asking {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  #nextId = 1;
  /** Why the latest request had no answer. */
  failure: UpstreamFailure | undefined;

  constructor(connection: Connection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
  }

  async ask(method: string, params: object): Promise<ReceivedObject | undefined> {
    const message = this.#message({ id: this.#nextId++, method, params });
    const headers = this.#headers(method);
    const reply = await this.#connection.send({ message, headers }, this.#signal);
    if (reply.kind === "failed") this.failure = reply.failure;
    return (await answerIn(reply))?.result;
  }

  async tell(method: string): Promise<void> {
    const text = JSON.stringify({ jsonrpc: "2.0", method });
    const message = readMessage(text);
    if ("problem" in message) return;
    await this.#connection.send({ message, headers: this.#headers(method) }, this.#signal);
  }

  #message(body: { id: number; method: string; params: object }): RequestMessage {
    const meta =
      this.#connection.era === "modern"
        ? { _meta: { [META.version]: MODERN_VERSIONS[0], [META.capabilities]: {} } }
        : {};
    const value = { jsonrpc: "2.0", ...body, params: { ...body.params, ...meta } };
    return readMessage(JSON.stringify(value)) as RequestMessage;
  }

  #headers(method: string): Record<string, string> {
    if (this.#connection.era === "legacy") return {};
    return { "mcp-protocol-version": MODERN_VERSIONS[0]!, "mcp-method": method };
  }
}

async function answerIn(reply: UpstreamReply): Promise<ResponseMessage | undefined> {
  if (reply.kind === "message") {
    const { read } = reply;
    return "problem" in read || read.kind !== "response" ? undefined : read;
  }
  if (reply.kind !== "stream") return undefined;
  for await (const { read } of reply.messages) {
    if (read !== undefined && !("problem" in read) && read.kind === "response") return read;
  }
  return undefined;
}
