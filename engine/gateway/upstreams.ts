/** The servers of the policy in force: connections to those that the host trusts, and their pins. */
import type { ReadyServer } from "../decide/prepare.ts";
import type { JsonObject } from "../json/value.ts";
import { type Looked, liveLists } from "./live-list.ts";
import type { Era } from "./methods.ts";
import { instructionsPinned, type Pins } from "./pins.ts";
import { type Endpoint, endpointOf } from "./trust.ts";
import type { Connection, Upstream, UpstreamFailure, UpstreamReply } from "./upstream.ts";

export interface UpstreamsOptions {
  /** Makes a connection to an endpoint that is trusted. */
  readonly make: (server: string, endpoint: Endpoint) => Upstream;
  readonly pins: Pins;
  /** Milliseconds between two checks of a server's pins. */
  readonly recheckMs: number;
  readonly checkTimeoutMs: number;
  /** The live instructions are not the pinned ones. */
  readonly onInstructions: (server: string) => void;
}

interface Held {
  readonly upstream: Upstream;
  readonly transport: string;
  readonly kind: Endpoint["kind"];
  server: ReadyServer;
  /** undefined until the server was asked. */
  eras: ReadonlySet<Era> | undefined;
  /** Why nobody could look at its tools, when they should have been looked at last. */
  failure: UpstreamFailure | undefined;
  checking: Promise<void> | undefined;
  again: boolean;
}

export class Upstreams {
  readonly #held = new Map<string, Held>();
  readonly #options: UpstreamsOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(options: UpstreamsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      for (const held of this.#held.values()) void this.#check(held);
    }, options.recheckMs);
    this.#timer.unref();
  }

  /** Takes over the servers of a policy whose endpoints are trusted. */
  async use(servers: ReadonlyMap<string, ReadyServer>): Promise<void> {
    const checks: Promise<void>[] = [];
    for (const [id, server] of servers) {
      const transport = JSON.stringify(server.source.transport);
      const known = this.#held.get(id);
      if (known?.transport === transport) {
        this.#options.pins.repin(id, known.server.source.lock, server.source.lock);
        known.server = server;
        checks.push(this.#check(known));
        continue;
      }
      void known?.upstream.close();
      const endpoint = endpointOf(server.source.transport as JsonObject)!;
      const upstream = this.#options.make(id, endpoint);
      const held: Held = {
        upstream,
        transport,
        kind: endpoint.kind,
        server,
        eras: undefined,
        failure: undefined,
        checking: undefined,
        again: false,
      };
      this.#held.set(id, held);
      this.#options.pins.forget(id);
      checks.push(this.#check(held));
    }
    for (const [id, held] of this.#held) {
      if (servers.has(id)) continue;
      this.#held.delete(id);
      void held.upstream.close();
    }
    await Promise.all(checks);
  }

  get(server: string): Upstream {
    return this.#held.get(server)?.upstream ?? absent(server);
  }

  kind(server: string): Endpoint["kind"] | undefined {
    return this.#held.get(server)?.kind;
  }

  /** Whether the server speaks the era; yes while nobody could ask it. */
  serves(server: string, era: Era): boolean {
    const eras = this.#held.get(server)?.eras;
    return eras === undefined || eras.size === 0 || eras.has(era);
  }

  /** The servers whose tools could not be looked at, and why. */
  *failing(): Generator<readonly [server: string, failure: UpstreamFailure]> {
    for (const [id, { failure }] of this.#held) if (failure !== undefined) yield [id, failure];
  }

  /** Looks at the server's tools again, soon. */
  recheck({ source }: ReadyServer): void {
    const held = this.#held.get(source.id);
    if (held !== undefined) void this.#check(held);
  }

  /** Resolves when no server is being looked at. */
  async settled(): Promise<void> {
    for (;;) {
      const checks = [...this.#held.values()].flatMap(({ checking }) => checking ?? []);
      if (checks.length === 0) return;
      await Promise.all(checks);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#held.values()].map(({ upstream }) => upstream.close()));
  }

  /** One check at a time; a wish that comes meanwhile is one more check after it. */
  async #check(held: Held): Promise<void> {
    if (held.checking !== undefined) {
      held.again = true;
      return await held.checking;
    }
    held.checking = this.#look(held);
    await held.checking;
    held.checking = undefined;
    if (held.again) {
      held.again = false;
      await this.#check(held);
    }
  }

  async #look(held: Held): Promise<void> {
    const { pins, checkTimeoutMs, onInstructions } = this.#options;
    const { server } = held;
    const { lists, failure } = await liveLists(held.upstream, checkTimeoutMs).catch(
      (): Looked => ({ lists: [], failure: "broken" }),
    );
    held.failure = failure;
    if (lists.length === 0) return pins.unreachable(server.source.id);
    held.eras = new Set(lists.map(({ era }) => era));
    for (const { tools, instructions } of lists) {
      pins.checked(server, tools);
      if (!instructionsPinned(server, instructions)) onInstructions(server.source.id);
    }
  }
}

/** A server that the policy in force no longer names, while a call to it was on its way. */
function absent(server: string): Upstream {
  const failed: UpstreamReply = { kind: "failed", failure: "unreachable", reached: false };
  const reply = async (): Promise<UpstreamReply> => failed;
  return {
    server,
    connect: (era): Connection => ({ era, send: reply, listen: reply, close() {} }),
    async close() {},
  };
}
