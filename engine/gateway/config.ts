/**
 * engine.yaml → settings. Every problem is told at once; a secret is named in it, never written, and
 * read here, once, from where it is kept.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import type { CheckpointSink } from "../audit/checkpointer.ts";
import { readTrust } from "../bundle/trust.ts";
import { webhookKey } from "../emergency/announcement.ts";
import { PhiwardError } from "../errors.ts";
import { type Finding, hasErrors, sortFindings } from "../finding.ts";
import type { Environment } from "../host/host.ts";
import type { Json } from "../json/value.ts";
import { decode } from "../policy/bytes.ts";
import { MAX_FILE_BYTES } from "../policy/limits.ts";
import { parse } from "../policy/parse.ts";
import { parseDuration } from "../policy/time.ts";
import { STORE_TIMEOUT_MS, type StoreSettings, urlProblem } from "../postgres/url.ts";
import type {
  ClientTls,
  EngineFile,
  ListenTls,
  Sink,
  TrustFile,
  Upstream,
} from "../schema/types.ts";
import { validate } from "../schema/validate.ts";
import type { Located, Pointer } from "../source.ts";
import type { TraceSettings } from "../telemetry/otlp.ts";
import { httpSink } from "./checkpoint-sink.ts";
import { type ConsoleSettings, consoleOf } from "./console-config.ts";
import type { GatewaySettings, UpstreamSettings } from "./gateway.ts";
import { issuersOf } from "./oidc/config.ts";
import { type TlsFiles, tlsProblem } from "./tls.ts";
import { isLoopback, type TrustedUpstream } from "./trust.ts";
import type { WebhookSettings } from "./webhook.ts";

export interface EngineConfig {
  readonly settings: Omit<GatewaySettings, "dev">;
  readonly trust: Readonly<Record<string, TrustedUpstream>>;
  readonly listen: Address;
  /** For health and metrics alone; they are with MCP when absent. */
  readonly operator?: Address;
  /** Where signed releases come from; absent: only a development repository can be served. */
  readonly releases?: ReleaseSettings;
  /** Absent: the console's usual settings. */
  readonly console?: ConsoleSettings;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ReleaseSettings {
  readonly sources: readonly string[];
  readonly trust: TrustFile;
  readonly pollMs: number;
  readonly maxStaleMs?: number;
}

const TRACES_EVERY_MS = 2_000;

/** Names by which a gateway on loopback is called. */
export const LOOPBACK_HOSTS: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

const DEFAULTS = {
  listen: "127.0.0.1:8420",
  state: "./state",
  sessions: { idle: "30m", absolute: "12h", max: 1_000 },
  timeouts: { request: "15s", upstream: "5m" },
  pins: { recheck: "5m" },
  poll: "60s",
  checkpoints: { every: "60s", records: 10_000 },
} as const;

/** Throws INVALID_INPUT with every problem of the file. */
export function readConfig(path: string, env: Environment): EngineConfig {
  const located = readFile(path);
  const problems: Finding[] = [];
  const config = configOf(
    located.value,
    { base: dirname(resolve(path)), env },
    (pointer, message, help) => {
      problems.push({
        rule: "invalid-value",
        severity: "error",
        message,
        help,
        place: located.place(pointer),
      });
    },
  );
  refuse(problems);
  return config;
}

function readFile(path: string): Located<EngineFile> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new PhiwardError("UNREADABLE", `\`${path}\` cannot be read`, { cause });
  }
  const decoded = decode(path, bytes, MAX_FILE_BYTES);
  if ("findings" in decoded) return refuse(decoded.findings);
  const parsed = parse(path, decoded.text);
  if ("findings" in parsed) return refuse(parsed.findings);
  const checked = validate("engine", parsed.located as Located<Json>);
  return checked.ok ? checked.located : refuse(checked.findings);
}

function refuse(findings: readonly Finding[]): never;
function refuse(findings: readonly Finding[]): void {
  if (!hasErrors(findings)) return;
  const sorted = sortFindings(findings);
  const { message, help, place } = sorted[0]!;
  throw new PhiwardError("INVALID_INPUT", message, { help, place, findings: sorted });
}

type Report = (pointer: Pointer, message: string, help: string) => void;

/** Where relative paths start from, and where `env:` looks. */
interface Around {
  readonly base: string;
  readonly env: Environment;
}

function configOf(file: EngineFile, around: Around, report: Report): EngineConfig {
  const { base, env } = around;
  const { host, port } = addressOf(file.listen?.http ?? DEFAULTS.listen, "http", report);
  const operator =
    file.listen?.operator === undefined
      ? undefined
      : addressOf(file.listen.operator, "operator", report);
  const tls = listenTls(file.listen?.tls, around, report);
  if (!isLoopbackHost(host) && tls === undefined && file.listen?.insecure !== true) {
    // §164.312(e)(1): patient data on a network in the clear.
    report(
      ["listen", "http"],
      "plain HTTP beyond loopback",
      "give it a certificate (`listen: { tls: { cert, key } }`), listen on 127.0.0.1 behind a TLS proxy, or accept it with `listen: { insecure: true }`",
    );
  }
  const { url } = file.listen ?? {};
  const hosts = file.listen?.hosts ?? [
    ...(isLoopbackHost(host) ? LOOPBACK_HOSTS : []),
    ...(url === undefined ? [] : [new URL(url).hostname]),
  ];
  if (hosts.length === 0) {
    report(
      ["listen"],
      "nobody could call: `hosts` is missing",
      "list the names by which clients call this gateway: `hosts: [gateway.example.org]`",
    );
  }
  const upstreams: Record<string, UpstreamSettings> = {};
  const trust: Record<string, TrustedUpstream> = {};
  for (const [id, entry] of Object.entries(file.upstreams ?? {})) {
    const at = ["upstreams", id];
    trust[id] = {
      origins: origins(entry, at, report),
      commands: entry.commands ?? [],
    };
    upstreams[id] = {
      headers: secrets(entry.headers ?? {}, [...at, "headers"], around, report),
      env: secrets(entry.env ?? {}, [...at, "env"], around, report),
      ...(entry.tls === undefined
        ? {}
        : { tls: clientTls(entry.tls, [...at, "tls"], around, report) }),
    };
  }
  const checkpoints = file.audit?.checkpoints;
  const oidc = issuersOf(file.oidc ?? [], report, (tls, at) => clientTls(tls, at, around, report));
  const traces = tracesOf(file.telemetry?.traces, around, report);
  const webhook = webhookOf(file.emergency?.webhook, around, report);
  const store = storeIn(file.store, around, report);
  const releases = releasesOf(file.bundle, base, report);
  const console = file.console && consoleIn(file.console, around, report);
  return {
    listen: { host, port },
    ...(operator === undefined ? {} : { operator }),
    ...(releases === undefined ? {} : { releases }),
    ...(console === undefined ? {} : { console }),
    trust,
    settings: {
      node:
        file.node ??
        (hostname()
          .toLowerCase()
          .replace(/[^a-z0-9.-]/g, "-") ||
          "node"),
      state: resolve(base, file.state ?? DEFAULTS.state),
      hosts,
      ...(url === undefined ? {} : { publicOrigin: new URL(url).origin }),
      ...(oidc.length === 0 ? {} : { oidc }),
      ...(tls === undefined ? {} : { tls }),
      insecure: insecureLegs(file, host, tls !== undefined),
      sessions: {
        idleMs: parseDuration(file.sessions?.idle ?? DEFAULTS.sessions.idle),
        absoluteMs: parseDuration(file.sessions?.absolute ?? DEFAULTS.sessions.absolute),
        max: file.sessions?.max ?? DEFAULTS.sessions.max,
      },
      upstreamTimeoutMs: parseDuration(file.timeouts?.upstream ?? DEFAULTS.timeouts.upstream),
      requestTimeoutMs: parseDuration(file.timeouts?.request ?? DEFAULTS.timeouts.request),
      recheckPinsMs: parseDuration(file.pins?.recheck ?? DEFAULTS.pins.recheck),
      checkpoint: {
        ...(file.audit?.checkpointKey === undefined
          ? {}
          : { key: filePath(file.audit.checkpointKey, base) }),
        everyMs: parseDuration(checkpoints?.every ?? DEFAULTS.checkpoints.every),
        everyRecords: checkpoints?.records ?? DEFAULTS.checkpoints.records,
        sinks: (checkpoints?.to ?? []).map((to, index) =>
          sinkOf(to, ["audit", "checkpoints", "to", index], around, report),
        ),
      },
      ...(traces === undefined ? {} : { traces }),
      ...(webhook === undefined ? {} : { webhook }),
      ...(store === undefined ? {} : { store }),
      upstreams,
      env,
    },
  };
}

/** The store that a reference names, outside of a configuration. Throws USAGE. */
export function readStore(reference: string, env: Environment): StoreSettings {
  const refused = (_: Pointer, says: string, help: string): never => {
    throw new PhiwardError("USAGE", says, { help });
  };
  if (!/^(env|file|exec|postgres|postgresql):/.test(reference)) {
    return refused([], "this names no database", "write env:NAME, file:PATH or postgres://…");
  }
  return storeIn({ url: reference }, { base: process.cwd(), env }, refused)!;
}

function storeIn(
  store: EngineFile["store"],
  around: Around,
  report: Report,
): StoreSettings | undefined {
  if (store === undefined) return undefined;
  const at = ["store"];
  const isAddress = /^postgres(ql)?:/.test(store.url);
  if (isAddress && URL.parse(store.url)?.password !== "") {
    report(
      [...at, "url"],
      "the password stands in the open",
      "keep the address elsewhere, and write `env:NAME` or `file:PATH` here",
    );
  }
  const url = isAddress ? store.url : secrets({ url: store.url }, at, around, report).url;
  const problem = url === undefined ? undefined : urlProblem(url);
  if (problem !== undefined) {
    report(
      [...at, "url"],
      `this is no address of a store: ${problem}`,
      "such as postgres://phiward@db.example.org/phiward",
    );
  }
  return {
    url: url ?? "",
    timeoutMs: store.timeout === undefined ? STORE_TIMEOUT_MS : parseDuration(store.timeout),
    ...(store.tls === undefined
      ? {}
      : { tls: clientTls(store.tls, [...at, "tls"], around, report) }),
  };
}

function webhookOf(
  webhook: NonNullable<EngineFile["emergency"]>["webhook"],
  around: Around,
  report: Report,
): WebhookSettings | undefined {
  if (webhook === undefined) return undefined;
  const at = ["emergency", "webhook"];
  const url = URL.parse(webhook.url);
  if (url === null) {
    report([...at, "url"], "this is no URL", "such as https://pager.example.org/phiward");
  } else if (isPlain(webhook.url)) {
    report([...at, "url"], "plain HTTP beyond loopback", "write an https address");
  }
  const { secret } = secrets({ secret: webhook.secret }, at, around, report);
  const key = webhookKey(secret ?? "");
  // HMAC-SHA256 is as strong as its key (RFC 2104 §3); a short one can be tried out.
  if (secret !== undefined && key.length < MIN_WEBHOOK_KEY_BYTES) {
    report(
      [...at, "secret"],
      `the key has fewer than ${MIN_WEBHOOK_KEY_BYTES} bytes`,
      "make one with `openssl rand -base64 32`, and give it to the receiver too",
    );
  }
  return {
    url: url ?? new URL("https://invalid.invalid"),
    key,
    ...(webhook.tls === undefined
      ? {}
      : { tls: clientTls(webhook.tls, [...at, "tls"], around, report) }),
  };
}

const MIN_WEBHOOK_KEY_BYTES = 24;

function addressOf(address: string, key: "http" | "operator", report: Report): Address {
  const colon = address.lastIndexOf(":");
  const port = Number(address.slice(colon + 1));
  if (port > 65_535) report(["listen", key], "there is no such port", "a port is at most 65535");
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port };
}

function tracesOf(
  traces: NonNullable<EngineFile["telemetry"]>["traces"],
  around: Around,
  report: Report,
): TraceSettings | undefined {
  if (traces === undefined) return undefined;
  const at = ["telemetry", "traces"];
  const url = URL.parse(traces.otlp);
  if (url === null) {
    report([...at, "otlp"], "this is no URL", "such as https://collector.example.org/v1/traces");
  } else if (isPlain(traces.otlp) && traces.insecure !== true) {
    // Names of grants and tools, with times, and the collector's credential.
    report(
      [...at, "otlp"],
      "plain HTTP beyond loopback",
      "post to https://…, to a collector on this machine, or accept it with `insecure: true`",
    );
  }
  return {
    url: traces.otlp,
    headers: secrets(traces.headers ?? {}, [...at, "headers"], around, report),
    sample: traces.sample ?? 1,
    everyMs: TRACES_EVERY_MS,
  };
}

function isLoopbackHost(host: string): boolean {
  return /^(127(\.[0-9]{1,3}){3}|::1|localhost)$/.test(host);
}

function filePath(text: string, base: string): string {
  return resolve(base, text.slice("file:".length));
}

function releasesOf(
  bundle: EngineFile["bundle"],
  base: string,
  report: Report,
): ReleaseSettings | undefined {
  if (bundle === undefined) return undefined;
  const trust = trustIn(resolve(base, bundle.trust), report);
  if (trust === undefined) return undefined;
  const { maxStale } = bundle;
  return {
    // A path is one of this machine; what has a scheme or a host is not.
    sources: [bundle.source].flat().map((one) => (/:/.test(one) ? one : resolve(base, one))),
    trust,
    pollMs: parseDuration(bundle.poll ?? DEFAULTS.poll),
    ...(maxStale === undefined ? {} : { maxStaleMs: parseDuration(maxStale) }),
  };
}

function trustIn(path: string, report: Report): TrustFile | undefined {
  try {
    return readTrust(path, readFileSync(path, "utf8"));
  } catch (error) {
    const says = error instanceof PhiwardError ? error.message : "it cannot be read";
    report(
      ["bundle", "trust"],
      `the trust file \`${path}\`: ${says}`,
      "`phiward root show` prints what it needs",
    );
    return undefined;
  }
}

function listenTls(
  tls: ListenTls | undefined,
  { base }: Around,
  report: Report,
): TlsFiles | undefined {
  if (tls === undefined) return undefined;
  const files: TlsFiles = {
    cert: filePath(tls.cert, base),
    key: filePath(tls.key, base),
    ...(tls.clients === undefined ? {} : { ca: filePath(tls.clients, base) }),
    minVersion: tls.minVersion ?? "1.3",
  };
  return usable(files, ["listen", "tls"], report);
}

function consoleIn(
  console: NonNullable<EngineFile["console"]>,
  around: Around,
  report: Report,
): ConsoleSettings {
  return consoleOf(console, {
    report,
    isLoopbackHost,
    tls: (tls, at) => clientTls(tls, at, around, report),
    secret(reference, at) {
      const name = String(at.at(-1));
      return secrets({ [name]: reference }, at.slice(0, -1), around, report)[name];
    },
  });
}

function clientTls(
  { ca, cert, key, minVersion }: ClientTls,
  at: Pointer,
  { base }: Around,
  report: Report,
): TlsFiles {
  const files: TlsFiles = {
    ...(ca === undefined ? {} : { ca: filePath(ca, base) }),
    ...(cert === undefined ? {} : { cert: filePath(cert, base) }),
    ...(key === undefined ? {} : { key: filePath(key, base) }),
    minVersion: minVersion ?? "1.3",
  };
  if ((cert === undefined) !== (key === undefined)) {
    report(at, "a certificate without its key, or a key alone", "give both `cert` and `key`");
  }
  return usable(files, at, report);
}

function usable(files: TlsFiles, at: Pointer, report: Report): TlsFiles {
  const problem = tlsProblem(files);
  if (problem !== undefined) {
    report(
      at,
      `TLS cannot be set up: ${problem}`,
      "PEM files, and a key that is the certificate's",
    );
  }
  return files;
}

function sinkOf(to: string | Sink, at: Pointer, around: Around, report: Report): CheckpointSink {
  if (typeof to === "string" && to.startsWith("file:")) {
    return { kind: "file", path: filePath(to, around.base) };
  }
  const sink: Sink = typeof to === "string" ? { url: to } : to;
  const url = URL.parse(sink.url) ?? new URL("https://invalid.invalid");
  if (url.protocol === "http:" && !isLoopback(url)) {
    report(at, "plain HTTP beyond loopback", "write an https address");
  }
  return httpSink({
    url,
    headers: secrets(sink.headers ?? {}, [...at, "headers"], around, report),
    ...(sink.tls === undefined ? {} : { tls: clientTls(sink.tls, [...at, "tls"], around, report) }),
  });
}

/** §164.312(e)(1): a leg on which patient data may go in the clear, accepted by the host. */
function insecureLegs(file: EngineFile, host: string, tls: boolean): readonly string[] {
  const upstreams = Object.entries(file.upstreams ?? {}).filter(([, { origins = [] }]) =>
    origins.some(isPlain),
  );
  return [
    ...(isLoopbackHost(host) || tls ? [] : ["plain HTTP is served beyond loopback"]),
    ...upstreams.map(([id]) => `the server ${id} may be reached over plain HTTP`),
    ...(isPlain(file.telemetry?.traces?.otlp ?? "")
      ? ["traces go to the collector over plain HTTP"]
      : []),
  ];
}

function isPlain(origin: string): boolean {
  const url = URL.parse(origin);
  return url?.protocol === "http:" && !isLoopback(url);
}

function origins(
  { origins: listed = [], insecure }: Upstream,
  at: Pointer,
  report: Report,
): readonly string[] {
  for (const [index, origin] of listed.entries()) {
    if (URL.parse(origin)?.origin !== origin) {
      report(
        [...at, "origins", index],
        "this is no origin",
        "write scheme, host and port as a URL has them, such as https://ehr.example.org",
      );
    } else if (isPlain(origin) && insecure !== true) {
      report(
        [...at, "origins", index],
        "plain HTTP beyond loopback",
        "write an https origin, or accept it with `insecure: true`",
      );
    }
  }
  return listed;
}

function secrets(
  named: Readonly<Record<string, string>>,
  at: Pointer,
  around: Around,
  report: Report,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, reference] of Object.entries(named)) {
    const value = secret(reference, around);
    if (value === undefined || /[\r\n\0]/.test(value)) {
      report(
        [...at, name],
        `the secret \`${reference.slice(0, 60)}\` ${value === undefined ? "cannot be read" : "has a line break in it"}`,
        "set the environment variable, write the file, or mend the command; its value is not shown",
      );
    } else values[name] = value;
  }
  return values;
}

const EXEC_TIMEOUT_MS = 10_000;

/** The secret itself, without the line break at its end. */
function secret(reference: string, { base, env }: Around): string | undefined {
  const at = reference.indexOf(":");
  const where = reference.slice(at + 1);
  try {
    switch (reference.slice(0, at)) {
      case "env":
        return env[where];
      case "file":
        return readFileSync(resolve(base, where), "utf8").replace(/\r?\n$/, "");
      default: {
        // No shell: the configuration names a program and its arguments.
        const [program = "", ...args] = where.trim().split(/\s+/);
        const out = execFileSync(program, args, { cwd: base, timeout: EXEC_TIMEOUT_MS });
        return out.toString("utf8").replace(/\r?\n$/, "");
      }
    }
  } catch {
    return undefined;
  }
}
