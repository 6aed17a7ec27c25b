/**
 * engine.yaml → settings. Every problem is told at once; a secret is named in it, never written, and
 * read here, once, from where it is kept.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { readTrust } from "../bundle/trust.ts";
import { PhiwardError } from "../errors.ts";
import { type Finding, hasErrors, sortFindings } from "../finding.ts";
import type { Environment } from "../host/host.ts";
import type { Json } from "../json/value.ts";
import { decode } from "../policy/bytes.ts";
import { MAX_FILE_BYTES } from "../policy/limits.ts";
import { parse } from "../policy/parse.ts";
import { parseDuration } from "../policy/time.ts";
import type { EngineFile, TrustFile } from "../schema/types.ts";
import { validate } from "../schema/validate.ts";
import type { Located, Pointer } from "../source.ts";
import type { GatewaySettings, UpstreamSettings } from "./gateway.ts";
import type { TrustedUpstream } from "./trust.ts";

export interface EngineConfig {
  readonly settings: Omit<GatewaySettings, "dev">;
  readonly trust: Readonly<Record<string, TrustedUpstream>>;
  readonly listen: { readonly host: string; readonly port: number };
  /** Where signed releases come from; absent: only a development repository can be served. */
  readonly releases?: ReleaseSettings;
}

export interface ReleaseSettings {
  readonly sources: readonly string[];
  readonly trust: TrustFile;
  readonly pollMs: number;
  readonly maxStaleMs?: number;
}

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
  const address = file.listen?.http ?? DEFAULTS.listen;
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  const port = Number(address.slice(colon + 1));
  if (port > 65_535) report(["listen", "http"], "there is no such port", "a port is at most 65535");
  if (!isLoopbackHost(host) && file.listen?.insecure !== true) {
    // §164.312(e)(1): patient data on a network in the clear.
    report(
      ["listen", "http"],
      "plain HTTP beyond loopback",
      "listen on 127.0.0.1 behind a TLS proxy, or accept it with `listen: { insecure: true }`",
    );
  }
  const hosts = file.listen?.hosts ?? (isLoopbackHost(host) ? LOOPBACK_HOSTS : []);
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
      origins: origins(entry.origins ?? [], at, report),
      commands: entry.commands ?? [],
    };
    upstreams[id] = {
      headers: secrets(entry.headers ?? {}, [...at, "headers"], around, report),
      env: secrets(entry.env ?? {}, [...at, "env"], around, report),
      ...(entry.tls === undefined
        ? {}
        : {
            tls: secrets(entry.tls, [...at, "tls"], around, report) as UpstreamSettings["tls"] & {},
          }),
    };
  }
  const checkpoints = file.audit?.checkpoints;
  const releases = releasesOf(file.bundle, base, report);
  return {
    listen: { host, port },
    ...(releases === undefined ? {} : { releases }),
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
      insecure: !isLoopbackHost(host),
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
        sinks: (checkpoints?.to ?? []).map((to) => ({ kind: "file", path: filePath(to, base) })),
      },
      upstreams,
      env,
    },
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

function origins(listed: readonly string[], at: Pointer, report: Report): readonly string[] {
  for (const [index, origin] of listed.entries()) {
    if (URL.parse(origin)?.origin === origin) continue;
    report(
      [...at, "origins", index],
      "this is no origin",
      "write scheme, host and port as a URL has them, such as https://ehr.example.org",
    );
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
    if (value === undefined || /[\r\n\0]/.test(at.at(-1) === "tls" ? "" : value)) {
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
