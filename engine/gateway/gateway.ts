/** Puts a gateway together: the policy, the stores, the servers, the fronts, and what ties them. */
import { type KeyObject, randomBytes } from "node:crypto";
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
import { inboxOf } from "../grant/file-store.ts";
import { type AdminEvent, drain, entryOfEvent } from "../grant/inbox.ts";
import type { TokenStore } from "../grant/store.ts";
import type { Environment } from "../host/host.ts";
import type { StoreSettings } from "../postgres/url.ts";
import { windowStart } from "../quota/quota.ts";
import { QuotaStore, type Taken } from "../quota/store.ts";
import { otlpTraces, type TraceSettings } from "../telemetry/otlp.ts";
import { FAILURES } from "./answer.ts";
import { endedBy, isDormant } from "./authenticate.ts";
import { Bound } from "./bound.ts";
import { type EmergencyAccess, emergencyAccess } from "./emergency.ts";
import { emergencyNotes, emergencyWebhook } from "./emergency-watch.ts";
import { Flood } from "./flood.ts";
import type { Health } from "./health.ts";
import { type HttpFront, httpFront } from "./http-front.ts";
import { httpUpstream } from "./http-upstream.ts";
import { Lists } from "./lists.ts";
import { Metrics, policyGauges } from "./metrics.ts";
import { openIssuers } from "./oidc/issuers.ts";
import { issuerNotes } from "./oidc/notes.ts";
import type { IssuerSettings } from "./oidc/settings.ts";
import { operatorFront } from "./operator.ts";
import { operatorGauges } from "./operator-gauges.ts";
import { Pins } from "./pins.ts";
import type { ActivePolicy, PolicySource } from "./policy-source.ts";
import type { Runtime } from "./runtime.ts";
import { Sessions } from "./session.ts";
import { type StdioFrontOptions, stdioFront } from "./stdio-front.ts";
import { stdioUpstream } from "./stdio-upstream.ts";
import { openStores, type Stores } from "./stores.ts";
import { Streams } from "./streams.ts";
import type { TlsFiles } from "./tls.ts";
import type { Endpoint } from "./trust.ts";
import type { Upstream } from "./upstream.ts";
import { Upstreams } from "./upstreams.ts";
import type { WebhookSettings } from "./webhook.ts";

export interface GatewaySettings {
  readonly node: string;
  /** The folder of everything that the gateway keeps. */
  readonly state: string;
  /** Marks every record as of a development gateway. */
  readonly dev: boolean;
  /** The listener's certificate and key; plain HTTP when absent. */
  readonly tls?: TlsFiles;
  /** Where the host has accepted that patient data goes in the clear, in words. */
  readonly insecure?: readonly string[];
  /** How clients know this gateway, such as `https://gateway.example.org`; as they call it when absent. */
  readonly publicOrigin?: string;
  /** The issuers whose tokens are taken beside grant tokens. */
  readonly oidc?: readonly IssuerSettings[];
  /** Host names by which clients may call. */
  readonly hosts: readonly string[];
  readonly sessions: { readonly idleMs: number; readonly absoluteMs: number; readonly max: number };
  /** Milliseconds until a server must have answered. */
  readonly upstreamTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Who is told when an emergency grant is opened or closed; nobody when absent. */
  readonly webhook?: WebhookSettings;
  readonly recheckPinsMs: number;
  readonly checkpoint: {
    readonly key?: string;
    readonly everyMs: number;
    readonly everyRecords: number;
    readonly sinks: readonly CheckpointSink[];
  };
  /** What the host adds to a server's requests or environment. */
  readonly upstreams: Readonly<Record<string, UpstreamSettings>>;
  /** The database that several nodes share; this node is alone when absent. */
  readonly store?: StoreSettings;
  /** What the log is written to; the local disk when absent. */
  readonly disk?: Disk;
  /** Where spans go; no traces when absent. */
  readonly traces?: TraceSettings;
  /** Where a server's process takes PATH and the locale from. */
  readonly env: Environment;
  /** Hears of every entry as it goes to the log: for a person who watches. */
  readonly observe?: (entry: Entry) => void;
}

export interface UpstreamSettings {
  readonly headers: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly tls?: TlsFiles;
}

export interface Gateway {
  readonly runtime: Runtime;
  readonly health: Health;
  readonly tokens: TokenStore;
  /** Serves MCP over HTTP; resolves with the URL. */
  listen(host: string, port: number): Promise<string>;
  /** Serves health and metrics alone; resolves with the URL. */
  listenOperator(host: string, port: number): Promise<string>;
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
  const traces =
    settings.traces === undefined ? undefined : await otlpTraces(settings.traces, node);
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const { privateKey, publicKey } = loadOrCreateCheckpointKey(
    settings.checkpoint.key ?? join(state, "keys", "checkpoint.pem"),
  );
  const log = observed(await openLog(settings, privateKey, now), settings.observe);
  const names = subjectNames(state, policy);
  const ownQuotas = new QuotaStore(names.pseudonym);
  let latest = restore(ownQuotas, join(state, "audit"), now());
  const stores = await openStores({
    ...{ state, node, policy, publicKey, now, quotas: ownQuotas, pseudonym: names.pseudonym },
    store: settings.store,
  }).catch(async (error) => {
    await log.close();
    throw error;
  });
  const { tokens, quotas } = stores;
  const identities =
    settings.oidc === undefined || settings.oidc.length === 0
      ? undefined
      : { issuers: openIssuers(settings.oidc), bars: stores.bars };
  // Not waited for: an issuer that is down must not keep grant tokens out.
  void identities?.issuers.look(now());
  let stopping = false;
  const bugs: string[] = [];
  const fronts: HttpFront[] = [];
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
  const clockBehind = (at: number): boolean => {
    latest = Math.max(latest, log.head.at);
    return at < latest - CLOCK_TOLERANCE_MS;
  };
  const webhook = emergencyWebhook(state, settings.webhook, now);
  const emergency: EmergencyAccess = emergencyAccess({
    store: stores.openings,
    policy,
    log,
    node,
    dev,
    clockBehind,
    ...(webhook === undefined ? {} : { announce: webhook.announce }),
  });
  const health: Health = {
    problems: () => problemsOf(policy, now(), log, stores, bugs),
    notes: () => [
      ...(dev ? ["development: the policy is not signed"] : []),
      ...(policy.halted()?.all === false ? ["an emergency stop is in force"] : []),
      ...(policy.freshness(now()) === "stale" ? ["nobody has vouched for the policy lately"] : []),
      ...(settings.insecure ?? []),
      ...(log.unpublished === undefined ? [] : [log.unpublished]),
      ...emergencyNotes(emergency, policy, webhook, now()),
      ...[...upstreams.failing()].map(
        ([server, failure]) => `server ${server} was not looked at: ${FAILURES[failure]}`,
      ),
      ...fronts.flatMap((front) => front.notes()),
      ...issuerNotes(identities),
      ...stores.notes(),
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
      droppedSpans: () => traces?.dropped,
      emergencyOpen: () => emergency.inForce(now()).size,
      emergencyUnreviewed: () => emergency.awaitingReview().length,
      emergencyUndelivered: () => webhook?.waiting() ?? 0,
    },
    policyGauges(policy, now),
    operatorGauges({
      ...{ state, policy, tokens, now, tls: settings.tls },
      unpublished: () => log.unpublished,
    }),
  );
  const runtime: Runtime = {
    dev,
    now,
    stopping: () => stopping,
    clockBehind,
    policy,
    tokens,
    identities,
    log,
    quotas,
    pseudonym: names.pseudonym,
    hashName: names.hashName,
    emergency,
    sessions,
    bound: new Bound(),
    pins,
    upstreams,
    lists: new Lists(),
    streams,
    flood,
    metrics,
    traces,
  };

  const indexer = startIndexer(join(state, "audit"));
  append({ kind: "admin", at: now(), action: "gateway.started", details: { node, dev } });
  await stores.join(log);
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
    const record = async (event: AdminEvent): Promise<void> => {
      const entry = entryOfEvent(event);
      await log.append(entry).durable;
      await emergency.reviewed(entry);
    };
    await drain(inboxOf(state), record);
    // What the database does not answer now it answers later; the rest must not wait for it.
    await stores.look().catch(() => {});
    await stores.drain(record).catch(() => {});
    const at = now();
    await emergency.sweep(at).catch(() => {});
    streams.sweep((exchange) => endedBy(runtime, exchange));
    flood.tick(at);
    sessions.sweep(at);
    sessions.closeWhere(({ grant }) => isDormant(runtime, grant, at));
    quotas.forget(at);
    if (tokens.problem !== undefined && policy.current() !== undefined) {
      await tokens.reconcile(policy.current()!.repository.source, at).catch(() => {});
    }
  });

  return {
    runtime,
    health,
    tokens,
    async listen(host, port) {
      const { hosts, requestTimeoutMs, tls, publicOrigin } = settings;
      const front = await httpFront(runtime, {
        host,
        port,
        hosts,
        health,
        requestTimeoutMs,
        ...(tls === undefined ? {} : { tls }),
        ...(publicOrigin === undefined ? {} : { publicOrigin }),
      });
      fronts.push(front);
      return front.url;
    },
    async listenOperator(host, port) {
      const { hosts } = settings;
      const front = await operatorFront({ host, port, hosts, health, metrics });
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
      await stores.stop();
      await webhook?.stop();
      await indexer.stop();
      await identities?.issuers.close();
      await traces?.stop();
    },
  };
}

async function openLog(
  settings: GatewaySettings,
  privateKey: KeyObject,
  now: () => number,
): Promise<AuditLog> {
  const { state, node, dev, checkpoint, disk } = settings;
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
  stores: Stores,
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
    ...(stores.problem() === undefined
      ? []
      : [`the shared store cannot be used, everything is denied: ${stores.problem()}`]),
    ...(stores.tokens.problem === undefined
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
