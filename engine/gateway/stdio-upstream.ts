/**
 * A server over stdio: a child process for each client session, one message a line.
 *
 * A server's memory of one session (a configured credential, a subscription) must not serve another,
 * so a child is never shared between grants. Stateless requests of one grant share one; therefore ids
 * and progress tokens are replaced by our own on the way in and put back on the way out.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { isObject, own, type Received, type ReceivedObject } from "../json/value.ts";
import { META } from "./envelope.ts";
import { MAX_INCOMING_BYTES } from "./http-upstream.ts";
import { Lines } from "./lines.ts";
import {
  type Message,
  oneLine,
  type ReadMessage,
  type RequestId,
  readMessage,
  withMember,
} from "./message.ts";
import type { Era } from "./methods.ts";
import { Queue } from "./queue.ts";
import type { Connection, Incoming, Outgoing, Upstream, UpstreamReply } from "./upstream.ts";

export interface StdioUpstreamOptions {
  /** The child's whole environment. The gateway's own, with its secrets, is not passed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Milliseconds until a server must have answered a request. */
  readonly timeoutMs: number;
}

export function stdioUpstream(
  server: string,
  command: readonly [string, ...string[]],
  options: StdioUpstreamOptions,
): Upstream {
  const open = new Set<StdioConnection>();
  const shared = new Map<string, StdioConnection>();
  const connection = (era: Era): StdioConnection => {
    const made = new StdioConnection(command, era, options, () => open.delete(made));
    open.add(made);
    return made;
  };
  return {
    server,
    connect(era, { grant, session }) {
      if (session !== undefined) return connection(era);
      const key = `${era} ${grant}`;
      const known = shared.get(key);
      if (known !== undefined && !known.over) return known;
      const made = connection(era);
      shared.set(key, made);
      return made;
    },
    async close() {
      await Promise.all([...open].map((one) => one.end()));
    },
  };
}

interface Pending {
  readonly clientId: RequestId;
  readonly token: Received | undefined;
  readonly queue: Queue<Incoming>;
}

const KILL_AFTER_MS = 1_000;
/** Messages that nobody listens to yet. */
const MAX_WAITING = 100;

class StdioConnection implements Connection {
  readonly era: Era;
  readonly #child: ChildProcess;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  /** Long-lived listeners come after requests: a message that belongs to a call goes to the call. */
  #listener: Queue<Incoming> | undefined;
  readonly #waiting: Incoming[] = [];
  #nextId = 1;
  #over = false;
  readonly #exited: Promise<void>;

  constructor(
    [file, ...args]: readonly [string, ...string[]],
    era: Era,
    { env, cwd, timeoutMs }: StdioUpstreamOptions,
    onOver: () => void,
  ) {
    this.era = era;
    this.#timeoutMs = timeoutMs;
    // stderr is not read: servers write whole records there.
    this.#child = spawn(file, args, { env: { ...env }, cwd, stdio: ["pipe", "pipe", "ignore"] });
    this.#exited = new Promise((resolve) => {
      const over = (): void => {
        this.#over = true;
        for (const { queue } of this.#pending.values()) queue.end();
        this.#pending.clear();
        this.#listener?.end();
        onOver();
        resolve();
      };
      this.#child.once("error", over);
      this.#child.once("close", over);
    });
    this.#child.stdin!.on("error", () => {
      // The child went away; "close" tells the rest.
    });
    const lines = new Lines(
      MAX_INCOMING_BYTES,
      (line) => this.#receive(line),
      () => this.close(),
    );
    this.#child.stdout!.on("data", (chunk: Buffer) => lines.feed(chunk));
  }

  get over(): boolean {
    return this.#over;
  }

  async send({ message }: Outgoing, signal: AbortSignal): Promise<UpstreamReply> {
    if (this.#over) return { kind: "failed", failure: "broken", reached: false };
    if (message.kind !== "request") {
      const outgoing = this.#outgoing(message);
      if (outgoing !== undefined) this.#write(outgoing.text);
      return { kind: "accepted" };
    }
    return await this.#request(message, signal);
  }

  async #request(
    message: Extract<Message, { kind: "request" }>,
    signal: AbortSignal,
  ): Promise<UpstreamReply> {
    const id = this.#nextId++;
    const queue = new Queue<Incoming>((full) =>
      full ? this.#child.stdout!.pause() : this.#child.stdout!.resume(),
    );
    const meta = own(message.params, "_meta");
    const token = isObject(meta) ? own(meta as ReceivedObject, "progressToken") : undefined;
    this.#pending.set(id, { clientId: message.id, token, queue });
    const cancel = (): void => {
      if (!this.#pending.delete(id)) return;
      queue.end();
      this.#write(
        JSON.stringify({
          jsonrpc: "2.0",
          method: "notifications/cancelled",
          params: { requestId: id },
        }),
      );
    };
    signal.addEventListener("abort", cancel, { once: true });
    // A listening request stays open for as long as the client wants.
    const endless = message.method === "subscriptions/listen";
    const timer = endless ? undefined : setTimeout(cancel, this.#timeoutMs);
    const renamed =
      token === undefined
        ? message
        : withMember(message, "params", {
            ...message.params,
            _meta: { ...(meta as ReceivedObject), progressToken: id },
          });
    this.#write(withMember(renamed, "id", id).text);
    const messages = queue[Symbol.asyncIterator]();
    const first = await messages.next();
    const release = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    };
    if (first.done === true) {
      release();
      const failure = signal.aborted ? "cancelled" : this.#over ? "broken" : "timeout";
      return { kind: "failed", failure, reached: true };
    }
    const { read } = first.value;
    if (read !== undefined && !("problem" in read) && read.kind === "response") {
      release();
      return { kind: "message", status: 200, read };
    }
    const all = async function* (): AsyncGenerator<Incoming> {
      try {
        yield first.value;
        yield* { [Symbol.asyncIterator]: () => messages };
      } finally {
        release();
      }
    };
    return { kind: "stream", messages: all() };
  }

  async listen(_: unknown, signal: AbortSignal): Promise<UpstreamReply> {
    if (this.#over) return { kind: "failed", failure: "no_session", reached: false };
    // One listener: the newer takes over, as after a lost connection.
    this.#listener?.end();
    const queue = new Queue<Incoming>();
    this.#listener = queue;
    for (const message of this.#waiting.splice(0)) queue.push(message);
    signal.addEventListener("abort", () => {
      queue.end();
      if (this.#listener === queue) this.#listener = undefined;
    });
    return { kind: "stream", messages: queue };
  }

  close(): void {
    void this.end();
  }

  /** Asks the child to end, as MCP's stdio transport says: close its input, then signal, then kill. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    const term = setTimeout(() => this.#child.kill("SIGTERM"), KILL_AFTER_MS);
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), 2 * KILL_AFTER_MS);
    await this.#exited;
    clearTimeout(term);
    clearTimeout(kill);
  }

  #write(text: string): void {
    if (!this.#over) this.#child.stdin?.write(`${oneLine(text)}\n`);
  }

  /** A notification or response of the client, as the child knows the ids; undefined: it is about nothing. */
  #outgoing(message: Exclude<Message, { kind: "request" }>): Message | undefined {
    if (message.kind !== "notification" || message.method !== "notifications/cancelled") {
      return message;
    }
    const clientId = own(message.params, "requestId");
    const entry = [...this.#pending].find(([, pending]) => pending.clientId === clientId);
    if (entry === undefined) return undefined;
    return withMember(message, "params", { ...message.params, requestId: entry[0] });
  }

  #receive(line: string | undefined): void {
    const read: ReadMessage = line === undefined ? { problem: "bad_utf8" } : readMessage(line);
    if ("problem" in read) return;
    if (read.kind === "response") {
      const pending = typeof read.id === "number" ? this.#pending.get(read.id) : undefined;
      // An answer to nothing that was asked is nobody's.
      if (pending === undefined) return;
      this.#pending.delete(read.id as number);
      pending.queue.push({ read: withMember(read, "id", pending.clientId) });
      pending.queue.end();
      return;
    }
    this.#place(read);
  }

  /** Requests and notifications go to the exchange that they belong to. */
  #place(message: Exclude<Message, { kind: "response" }>): void {
    const token = own(message.params, "progressToken");
    if (message.method === "notifications/progress" && typeof token === "number") {
      const pending = this.#pending.get(token);
      if (pending?.token === undefined) return;
      const params = { ...message.params, progressToken: pending.token };
      pending.queue.push({ read: withMember(message, "params", params) });
      return;
    }
    const meta = own(message.params, "_meta");
    const listening = isObject(meta) ? own(meta as ReceivedObject, META.subscription) : undefined;
    if (listening !== undefined) {
      const pending = this.#pending.get(Number(listening));
      if (pending === undefined) return;
      const restored = { ...(meta as ReceivedObject), [META.subscription]: pending.clientId };
      const params = { ...message.params, _meta: restored };
      pending.queue.push({ read: withMember(message, "params", params) });
      return;
    }
    const incoming: Incoming = { read: message };
    const latest = [...this.#pending.values()].at(-1)?.queue;
    if (latest !== undefined) latest.push(incoming);
    else if (this.#listener !== undefined) this.#listener.push(incoming);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(incoming);
  }
}
