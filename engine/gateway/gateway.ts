/** Puts a gateway together: the policy, the stores, the servers, the fronts, and what ties them. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { loadOrCreateCheckpointKey } from "../audit/checkpoint.ts";
import type { CheckpointSink } from "../audit/checkpointer.ts";
import type { Disk } from "../audit/disk.ts";
import { openFileLog } from "../audit/file-log.ts";
import { startIndexer } from "../audit/index/background.ts";
import type { AuditLog } from "../audit/log.ts";
import { loadOrCreateSubjectKey, type Pseudonyms, pseudonyms } from "../audit/pseudonym.ts";
import { readRecords } from "../audit/read.ts";
import type { Entry } from "../audit/record.ts";
import { inboxOf, openTokenStore } from "../grant/file-store.ts";
import { drain } from "../grant/inbox.ts";
import type { TokenStore } from "../grant/store.ts";
import type { Environment } from "../host/host.ts";
import { windowStart } from "../quota/quota.ts";
import { QuotaStore, type Taken } from "../quota/store.ts";
import { endedBy } from "./authenticate.ts";
import { Bound } from "./bound.ts";
import { Flood } from "./flood.ts";
import type { Health } from "./health.ts";
import { httpFront } from "./http-front.ts";
import { httpUpstream } from "./http-upstream.ts";
import { Lists } from "./lists.ts";
import { Metrics, policyGauges } from "./metrics.ts";
import { Pins } from "./pins.ts";
import type { ActivePolicy, PolicySource } from "./policy-source.ts";
import type { Runtime } from "./runtime.ts";
import { Sessions } from "./session.ts";
import { type StdioFrontOptions, stdioFront } from "./stdio-front.ts";
import { stdioUpstream } from "./stdio-upstream.ts";
import { Streams } from "./streams.ts";
import type { Endpoint } from "./trust.ts";
import type { Upstream } from "./upstream.ts";
import { Upstreams } from "./upstreams.ts";

export interface GatewaySettings {
  readonly node: string;
  /** The folder of everything that the gateway keeps. */
  readonly state: string;
  /** Marks every record as of a development gateway. */
  readonly dev: boolean;
  /** Plain HTTP is served beyond loopback, which the host has accepted. */
  readonly insecure?: boolean;
  /** Host names by which clients may call. */
  readonly hosts: readonly string[];
  readonly sessions: { readonly idleMs: number; readonly absoluteMs: number; readonly max: number };
  /** Milliseconds until a server must have answered. */
  readonly upstreamTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly recheckPinsMs: number;
  readonly checkpoint: {
    readonly key?: string;
    readonly everyMs: number;
    readonly everyRecords: number;
    readonly sinks: readonly CheckpointSink[];
  };
  /** What the host adds to a server's requests or environment. */
  readonly upstreams: Readonly<Record<string, UpstreamSettings>>;
  /** What the log is written to; the local disk when absent. */
  readonly disk?: Disk;
  /** Where a server's process takes PATH and the locale from. */
  readonly env: Environment;
  /** Hears of every entry as it goes to the log: for a person who watches. */
  readonly observe?: (entry: Entry) => void;
}

export interface UpstreamSettings {
  readonly headers: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

export interface Gateway {
  readonly runtime: Runtime;
  readonly health: Health;
  readonly tokens: TokenStore;
  /** Serves MCP over HTTP; resolves with the URL. */
  listen(host: string, port: number): Promise<string>;
  /** Serves MCP to one client; resolves when its input has ended. */
  serveStdio(options: StdioFrontOptions): Promise<void>;
  /** Lets what is open come to its end, then closes everything. */
  stop(): Promise<void>;
}

/** A clock that went back by more is wrong now, or was wrong before. */
const CLOCK_TOLERANCE_MS = 60_000;
const SWEEP_MS = 250;
const DRAIN_MS = 10_000;

export async function startGateway(
  policy: PolicySource,
  settings: GatewaySettings,
  now: () => number,
): Promise<Gateway> {
  const { state, node, dev } = settings;
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const log = observed(await openLog(settings, now), settings.observe);
  const tokens = openTokenStore(state);
  const names = subjectNames(state, policy);
  const quotas = new QuotaStore(names.pseudonym);
  let latest = restore(quotas, join(state, "audit"), now());
  let stopping = false;
  const bugs: string[] = [];
  const append = (entry: Entry): void => {
    void log.append(entry).durable.catch(() => {});
  };
  const pins = new Pins(({ server, tool, event }) =>
    append({ kind: "policy", at: now(), event, server, tool }),
  );
  const upstreams = new Upstreams({
    make: (server, endpoint) => makeUpstream(server, endpoint, settings),
    pins,
    recheckMs: settings.recheckPinsMs,
    checkTimeoutMs: Math.min(15_000, settings.upstreamTimeoutMs),
    onInstructions: (server) => append({ kind: "policy", at: now(), event: "drift", server }),
  });
  const sessions = new Sessions(settings.sessions, () => randomBytes(24).toString("base64url"));
  const streams = new Streams();
  const flood = new Flood(append);
  const health: Health = {
    problems: () => problemsOf(policy, now(), log, tokens, bugs),
    notes: () => [
      ...(dev ? ["development: the policy is not signed"] : []),
      ...(policy.halted()?.all === false ? ["an emergency stop is in force"] : []),
      ...(policy.freshness(now()) === "stale" ? ["nobody has vouched for the policy lately"] : []),
      ...(settings.insecure ? ["plain HTTP is served beyond loopback"] : []),
    ],
    bug: (error) => {
      bugs.push(error instanceof Error ? error.name : "unknown");
      process.stderr.write(`error[BUG]: ${error instanceof Error ? error.stack : "unknown"}\n`);
    },
  };
  const metrics = new Metrics(
    {
      sessions: () => sessions.size,
      streams: () => streams.size,
      quarantined: () => pins.quarantined,
      auditHead: () => log.head.seq,
      ready: () => (health.problems().length === 0 ? 1 : 0),
    },
    policyGauges(policy, now),
  );
  const runtime: Runtime = {
    now,
    stopping: () => stopping,
    clockBehind: (at) => {
      latest = Math.max(latest, log.head.at);
      return at < latest - CLOCK_TOLERANCE_MS;
    },
    policy,
    tokens,
    log,
    quotas,
    pseudonym: names.pseudonym,
    hashName: names.hashName,
    opened: new Set(),
    sessions,
    bound: new Bound(),
    pins,
    upstreams,
    lists: new Lists(),
    streams,
    flood,
    metrics,
  };

  const indexer = startIndexer(join(state, "audit"));
  append({ kind: "admin", at: now(), action: "gateway.started", details: { node, dev } });
  const activate = async (active: ActivePolicy): Promise<void> => {
    append({ kind: "policy", at: now(), event: "activated", bundle: active.bundle });
    // At once: the next message is judged by this policy, and must not meet the servers of the one before.
    const looked = upstreams.use(active.repository.servers);
    // In their order: a grant that changes hands and comes back must have lost its tokens in between.
    reconciled = reconciled.then(() => reconcile(active));
    await reconciled;
    await looked;
  };
  const reconcile = async ({ repository }: ActivePolicy): Promise<void> => {
    for (const { grant, principal, id } of await tokens.reconcile(repository.source, now())) {
      append({ kind: "admin", at: now(), action: "token.orphaned", grant, principal, token: id });
    }
  };
  let reconciled = Promise.resolve();
  policy.onEvent((event) => {
    if (event.event === "activated") void activate(event.policy).catch(health.bug);
    else if (event.event === "refused") {
      append({ kind: "policy", at: now(), event: "refused", check: event.check });
    } else append({ kind: "policy", at: now(), event: event.event });
  });
  const first = policy.current();
  if (first !== undefined) await activate(first);

  const sweep = everyNow(SWEEP_MS, async () => {
    tokens.refresh();
    await drain(inboxOf(state), async ({ expires, replaces, replacedUntil, ...event }) => {
      const details = {
        ...(replaces === undefined ? {} : { replaces }),
        ...(replacedUntil === undefined
          ? {}
          : { replacedUntil: new Date(replacedUntil).toISOString() }),
      };
      await log.append({
        kind: "admin",
        ...event,
        ...(expires === undefined ? {} : { expires: new Date(expires).toISOString() }),
        ...(Object.keys(details).length === 0 ? {} : { details }),
      }).durable;
    });
    streams.sweep((exchange) => endedBy(runtime, exchange));
    const at = now();
    flood.tick(at);
    sessions.sweep(at);
    quotas.forget(at);
    if (tokens.problem !== undefined && policy.current() !== undefined) {
      await tokens.reconcile(policy.current()!.repository.source, at).catch(() => {});
    }
  });

  const fronts: { stop(): Promise<void> }[] = [];
  return {
    runtime,
    health,
    tokens,
    async listen(host, port) {
      const { hosts, requestTimeoutMs } = settings;
      const front = await httpFront(runtime, { host, port, hosts, health, requestTimeoutMs });
      fronts.push(front);
      return front.url;
    },
    serveStdio: (options) => stdioFront(runtime, options),
    async stop() {
      stopping = true;
      policy.stop();
      const stopped = fronts.map((front) => front.stop());
      // What it still writes belongs before the last checkpoint.
      await sweep.stop();
      await streams.drain(DRAIN_MS);
      sessions.closeAll();
      await upstreams.close();
      await Promise.all(stopped);
      append({ kind: "admin", at: now(), action: "gateway.stopped", details: { node } });
      await log.close();
      await indexer.stop();
    },
  };
}

async function openLog(settings: GatewaySettings, now: () => number): Promise<AuditLog> {
  const { state, node, dev, checkpoint, disk } = settings;
  const { privateKey } = loadOrCreateCheckpointKey(
    checkpoint.key ?? join(state, "keys", "checkpoint.pem"),
  );
  return await openFileLog({
    folder: join(state, "audit"),
    node,
    ...(dev ? { dev: true } : {}),
    ...(disk === undefined ? {} : { disk }),
    now,
    // A development log is small; the operator's first segment is made in the background.
    segmentBytes: (dev ? 4 : 64) * 1024 * 1024,
    checkpoint: {
      key: privateKey,
      everyMs: checkpoint.everyMs,
      everyRecords: checkpoint.everyRecords,
      sinks: checkpoint.sinks,
    },
  });
}

function observed(log: AuditLog, observe: GatewaySettings["observe"]): AuditLog {
  if (observe === undefined) return log;
  // Not a copy: `head`, `dead` and `failing` are the log's own, at any time.
  return Object.create(log, {
    append: {
      value(entry: Entry) {
        observe(entry);
        return log.append(entry);
      },
    },
  }) as AuditLog;
}

/** Pseudonyms under the key that the policy in force names, and hashes of names that may be anybody's. */
function subjectNames(
  state: string,
  policy: PolicySource,
): { pseudonym: (subject: string) => string; hashName: (name: string) => string } {
  const folder = join(state, "keys");
  let key: string | undefined;
  let current: Pseudonyms;
  const pseudonym = (subject: string): string => {
    const wanted = policy.current()?.subjectKey ?? "v1";
    if (wanted !== key) {
      current = pseudonyms(new Map([[wanted, loadOrCreateSubjectKey(folder, wanted)]]), wanted);
      key = wanted;
    }
    return current.of(subject);
  };
  const names = pseudonyms(new Map([["names", loadOrCreateSubjectKey(folder, "names")]]), "names");
  const hashName = (name: string): string => `hmac:${names.of(name).slice(0, 16)}`;
  return { pseudonym, hashName };
}

/**
 * The log is the journal: what the calls of the current windows took, less what was given back.
 * Returns the latest time on record (epoch milliseconds): a clock before it was set back.
 */
function restore(quotas: QuotaStore, folder: string, at: number): number {
  let latest = 0;
  const taken = new Map<string, readonly Taken[]>();
  for (const record of readRecords(folder, { at: windowStart("day", at) })) {
    latest = Math.max(latest, Date.parse(record.at));
    if (record.kind === "decision" && record.quota.length > 0) {
      quotas.restore(record.quota);
      taken.set(record.id, record.quota);
    } else if (record.kind === "outcome") {
      if (record.refunded) quotas.giveBack(taken.get(record.decision) ?? []);
      taken.delete(record.decision);
    }
  }
  quotas.forget(at);
  return latest;
}

/** The gateway's own environment, with its secrets, is not a server's business. */
const PASSED_ENV = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SystemRoot"];

export function makeUpstream(
  server: string,
  endpoint: Endpoint,
  {
    upstreams,
    upstreamTimeoutMs,
    env: environment,
  }: Pick<GatewaySettings, "upstreams" | "upstreamTimeoutMs" | "env">,
): Upstream {
  const own = upstreams[server];
  if (endpoint.kind === "http") {
    return httpUpstream(server, endpoint.url, {
      headers: own?.headers ?? {},
      timeoutMs: upstreamTimeoutMs,
      ...(own?.tls === undefined ? {} : { tls: own.tls }),
    });
  }
  const env: Record<string, string> = {};
  for (const name of PASSED_ENV) {
    const value = environment[name];
    if (value !== undefined) env[name] = value;
  }
  return stdioUpstream(server, endpoint.command, {
    env: { ...env, ...own?.env },
    timeoutMs: upstreamTimeoutMs,
  });
}

function problemsOf(
  policy: PolicySource,
  now: number,
  log: AuditLog,
  tokens: TokenStore,
  bugs: readonly string[],
): string[] {
  return [
    ...(policy.current() === undefined ? ["no verified policy"] : []),
    ...(policy.halted()?.all === true ? ["an emergency stop denies everything"] : []),
    ...(policy.freshness(now) === "overdue"
      ? ["the policy is older than it may be: calls on patient data are denied"]
      : []),
    ...(log.dead === undefined ? [] : ["the audit log cannot be written: everything is denied"]),
    ...(log.failing === undefined || log.dead !== undefined
      ? []
      : ["the audit log will fail soon"]),
    ...(tokens.problem === undefined
      ? []
      : ["grant tokens cannot be checked: everything is denied"]),
    ...(bugs.length === 0 ? [] : [`${bugs.length} internal errors`]),
  ];
}

/** Again and again, one at a time. */
function everyNow(ms: number, work: () => Promise<void>): { stop(): Promise<void> } {
  let busy: Promise<void> | undefined;
  const timer = setInterval(() => {
    busy ??= work()
      .catch(() => {
        // What it looks after has its own way to say so: the log's and the store's problems.
      })
      .finally(() => {
        busy = undefined;
      });
  }, ms);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await busy;
    },
  };
}
