/** The recorder's place between a client and its server: the gateway's parts, with nothing to deny. */
import { randomBytes } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import { Bound } from "../gateway/bound.ts";
import { LOOPBACK_HOSTS } from "../gateway/config.ts";
import { NO_EMERGENCY } from "../gateway/emergency.ts";
import { Flood } from "../gateway/flood.ts";
import { makeUpstream, type UpstreamSettings } from "../gateway/gateway.ts";
import type { Health } from "../gateway/health.ts";
import { httpFront } from "../gateway/http-front.ts";
import { Lists } from "../gateway/lists.ts";
import { Metrics } from "../gateway/metrics.ts";
import { Pins } from "../gateway/pins.ts";
import type { Runtime } from "../gateway/runtime.ts";
import { Sessions } from "../gateway/session.ts";
import { stdioFront } from "../gateway/stdio-front.ts";
import { Streams } from "../gateway/streams.ts";
import { Upstreams } from "../gateway/upstreams.ts";
import { mintToken } from "../grant/token.ts";
import type { Environment } from "../host/host.ts";
import { QuotaStore } from "../quota/store.ts";
import { type Ear, tapped } from "./tap.ts";
import { everythingAllowed, noLog, oneClient, type Through } from "./transparent.ts";

export interface ProxyOptions extends Through {
  readonly ear: Ear;
  readonly now: () => number;
  /** Where the server's process takes PATH and the locale from. */
  readonly env: Environment;
  /** What the host adds to the server's requests or environment. */
  readonly upstream: UpstreamSettings | undefined;
}

export interface Proxy {
  /** Serves on loopback alone; resolves with the URL. */
  listen(port: number): Promise<string>;
  /** Serves one client; resolves when its input has ended. */
  serveStdio(input: Readable, output: Writable): Promise<void>;
  /** Lets what is open come to its end, for a while. */
  stop(): Promise<void>;
}

const TIMEOUT_MS = 300_000;
const REQUEST_MS = 15_000;
const CHECK_MS = 15_000;
const DRAIN_MS = 5_000;
const DAY_MS = 86_400_000;
const SESSIONS = { idleMs: DAY_MS, absoluteMs: 30 * DAY_MS, max: 1_000 };

export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { now, env, server, grant, ear, upstream } = options;
  const policy = everythingAllowed(options);
  const log = noLog(now);
  const streams = new Streams();
  const sessions = new Sessions(SESSIONS, () => randomBytes(24).toString("base64url"));
  const pins = new Pins(() => {});
  const settings = {
    upstreams: upstream === undefined ? {} : { [server]: upstream },
    upstreamTimeoutMs: TIMEOUT_MS,
    env,
  };
  const upstreams = new Upstreams({
    make: (id, endpoint) => tapped(makeUpstream(id, endpoint, settings), ear),
    pins,
    // Once, to learn which eras it speaks: what a recorder does not pin cannot change.
    recheckMs: DAY_MS,
    checkTimeoutMs: CHECK_MS,
    onInstructions() {},
  });
  let stopping = false;
  const nobody = (): number => 0;
  const runtime: Runtime = {
    now,
    stopping: () => stopping,
    clockBehind: () => false,
    policy,
    tokens: oneClient(grant.id),
    log,
    quotas: new QuotaStore((subject) => subject),
    pseudonym: () => "",
    hashName: () => "",
    dev: true,
    emergency: NO_EMERGENCY,
    sessions,
    bound: new Bound(),
    pins,
    upstreams,
    lists: new Lists(),
    streams,
    flood: new Flood(() => {}),
    metrics: new Metrics({
      sessions: nobody,
      streams: nobody,
      quarantined: nobody,
      auditHead: nobody,
      ready: nobody,
    }),
  };
  await upstreams.use(policy.current()!.repository.servers);
  const { token } = mintToken(randomBytes);
  const health: Health = {
    problems: () => [],
    notes: () => ["a recorder: nothing is denied here"],
    bug: (error) =>
      void process.stderr.write(`error[BUG]: ${error instanceof Error ? error.name : "unknown"}\n`),
  };
  const fronts: { stop(): Promise<void> }[] = [];
  return {
    async listen(port) {
      const front = await httpFront(runtime, {
        host: "127.0.0.1",
        port,
        hosts: LOOPBACK_HOSTS,
        health,
        requestTimeoutMs: REQUEST_MS,
        everybody: token,
      });
      fronts.push(front);
      return front.url;
    },
    serveStdio: (input, output) => stdioFront(runtime, { input, output, token, server }),
    async stop() {
      stopping = true;
      const stopped = fronts.map((front) => front.stop());
      await streams.drain(DRAIN_MS);
      sessions.closeAll();
      await upstreams.close();
      await Promise.all(stopped);
    },
  };
}
