/** A PostgreSQL server of a test's own, on loopback: real processes, which can be killed and started again. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { initStore } from "../../engine/postgres/schema.ts";
import type { StoreSettings } from "../../engine/postgres/url.ts";

export interface Cluster {
  readonly port: number;
  readonly folder: string;
  /** A new database with phiward's tables. */
  database(): Promise<StoreSettings>;
  /** A new database without any table. */
  empty(): Promise<StoreSettings>;
  /** One statement, as the database's owner. */
  query(settings: StoreSettings, sql: string, values?: readonly unknown[]): Promise<pg.QueryResult>;
  /** SIGKILL to the postmaster, as when the machine stops. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Where the programs of PostgreSQL are; undefined when it is not installed. */
function programs(): string | undefined {
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return versions
    .map((version) => join(base, version, "bin"))
    .find((bin) => existsSync(join(bin, "initdb")));
}

const BIN = programs();

/** Tests are left out, loudly, where there is no PostgreSQL. */
export const installed = BIN !== undefined;
if (!installed) {
  if (process.env.PHIWARD_TEST_ALL === "1") throw new Error("PostgreSQL is not installed");
  process.stderr.write("PostgreSQL is not installed: the tests of several nodes are NOT run\n");
}

/** The server refuses to run as root. */
function asUser(program: string, args: readonly string[]): [string, string[]] {
  return process.getuid?.() === 0
    ? ["setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", program, ...args]]
    : [program, [...args]];
}

const START_MS = 30_000;

/** Where nothing is killed, commits need not reach the disk. */
export const IN_A_HURRY = ["fsync=off", "full_page_writes=off"];

export async function startCluster(settings: readonly string[] = IN_A_HURRY): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "phiward-postgres-"));
  if (process.getuid?.() === 0) {
    chownSync(folder, idOf("-u"), idOf("-g"));
  }
  const data = join(folder, "data");
  const [program, args] = asUser(join(BIN!, "initdb"), [
    ...[
      "-D",
      data,
      "-U",
      "postgres",
      "--auth=trust",
      "--no-sync",
      "--encoding=UTF8",
      "--no-locale",
    ],
  ]);
  execFileSync(program, args, { stdio: "ignore", cwd: folder });
  const port = await freePort();
  let child: ChildProcess | undefined;
  let count = 0;

  const urlOf = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;

  async function start(): Promise<void> {
    const options = ["listen_addresses=127.0.0.1", "max_connections=60", ...settings];
    const [program, args] = asUser(join(BIN!, "postgres"), [
      ...["-D", data, "-p", String(port), "-k", folder],
      ...options.flatMap((one) => ["-c", one]),
    ]);
    const launch = (): void => {
      child = spawn(program, args, { stdio: "ignore", cwd: folder });
    };
    launch();
    const end = performance.now() + START_MS;
    for (;;) {
      const answer = await run(urlOf("postgres"), "SELECT 1").catch((error: Error) => error);
      if (!(answer instanceof Error)) return;
      if (performance.now() > end) throw answer;
      // After a kill it does not start before the last of its old processes has noticed.
      if (child!.exitCode !== null) launch();
      await sleep(50);
    }
  }

  async function ended(signal: NodeJS.Signals): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child!.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  async function empty(template = "template1"): Promise<StoreSettings> {
    const name = `test_${++count}`;
    await run(urlOf("postgres"), `CREATE DATABASE ${name} TEMPLATE ${template}`);
    return { url: urlOf(name), timeoutMs: 2_000 };
  }

  await start();
  // Every database is a copy of this one: to make the tables once is faster.
  const template = await empty();
  const client = new pg.Client(template.url);
  await client.connect();
  await initStore(client);
  await client.end();
  return {
    port,
    folder,
    empty: () => empty(),
    database: () => empty("test_1"),
    query: ({ url }, sql, values) => run(url, sql, values),
    kill: () => ended("SIGKILL"),
    start,
    async stop() {
      await ended("SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function run(url: string, sql: string, values?: readonly unknown[]): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url, options: "-c search_path=phiward,public" });
  client.on("error", () => {});
  try {
    await client.connect();
    return await client.query(sql, values === undefined ? undefined : [...values]);
  } finally {
    await client.end().catch(() => {});
  }
}

function idOf(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
