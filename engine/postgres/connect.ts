/** How a node reaches the PostgreSQL database that several of them share. */
import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import pg from "pg";
import { PhiwardError } from "../errors.ts";
import type { StoreSettings } from "./url.ts";

/**
 * What every session of ours runs with, whatever the server's defaults are. A commit that is told is
 * on disk: a quota that a crash gives back would be used twice. And a node whose machine is gone is
 * noticed within seconds, so that its name is free for the one that takes its place.
 */
const SESSION = [
  "synchronous_commit=on",
  "tcp_keepalives_idle=5",
  "tcp_keepalives_interval=2",
  "tcp_keepalives_count=3",
  "client_encoding=UTF8",
  "search_path=phiward",
];

/** Epoch milliseconds and record numbers are bigint in the database, and safe integers here. */
const INT8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === INT8
      ? Number
      : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
};

export function clientConfig(settings: StoreSettings, name: string): pg.ClientConfig {
  const { url, timeoutMs } = settings;
  return {
    connectionString: url,
    application_name: name,
    options: [...SESSION, `statement_timeout=${timeoutMs}`].map((one) => `-c ${one}`).join(" "),
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
    types,
    ...sslOf(settings),
  };
}

/** §164.312(e)(1): what goes over a network goes encrypted, to a server that proves its name. */
function sslOf({ url, tls }: StoreSettings): pg.ClientConfig {
  if (tls === undefined) {
    return isLocal(url) ? {} : { ssl: { minVersion: "TLSv1.3", rejectUnauthorized: true } };
  }
  const { ca, cert, key, minVersion } = tls;
  const files = Object.entries({ ca, cert, key }).filter(([, path]) => path !== undefined);
  const ssl: ConnectionOptions = {
    minVersion: minVersion === "1.2" ? "TLSv1.2" : "TLSv1.3",
    rejectUnauthorized: true,
  };
  for (const [name, path] of files) {
    Object.defineProperty(ssl, name, {
      enumerable: true,
      configurable: true,
      get: () => readFileSync(path!),
    });
  }
  return { ssl };
}

function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "" || /^(127(\.[0-9]{1,3}){3}|\[::1\]|localhost)$/.test(hostname);
}

export function connectPool(settings: StoreSettings, name: string, max: number): pg.Pool {
  const pool = new pg.Pool({ ...clientConfig(settings, name), max, idleTimeoutMillis: 30_000 });
  // A connection that breaks is replaced, and whoever waits for an answer of it hears so. An error that
  // nobody listens to would end the process, in use or not.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** One connection for the length of `work`. */
export async function withClient<T>(
  settings: StoreSettings,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(clientConfig(settings, "phiward"));
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw storeError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** SQLSTATE or the system's code: all that is told of an error, since its text may hold what was sent. */
export function codeOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== undefined) return code;
  return message !== undefined && /timeout/i.test(message) ? "timeout" : "no answer";
}

/** SQLSTATE: no such schema, no such table, no such function. */
const MISSING: readonly string[] = ["3F000", "42P01", "42883"];

/** A database's own error, in our words. */
export function storeError(error: unknown): PhiwardError {
  if (error instanceof PhiwardError) return error;
  const code = codeOf(error);
  if (MISSING.includes(code)) return storeVersion("the database has no tables of phiward", error);
  const denied = code === "42501";
  return new PhiwardError(
    "STORE_UNAVAILABLE",
    denied ? "the database's role may not do this" : `the database does not answer (${code})`,
    {
      help: denied
        ? "`phiward store init --role NAME` grants what a role needs"
        : "check that it runs, and its address, certificate and password",
      cause: error,
    },
  );
}

export function storeVersion(says: string, cause?: unknown): PhiwardError {
  return new PhiwardError("STORE_VERSION", says, { cause });
}
