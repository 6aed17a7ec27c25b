/**
 * The tables, in the order in which they came to be. A change of them is a new migration at the end;
 * none is ever changed or undone. A database that knows more migrations than this program is refused:
 * it may hold what this one would read wrongly.
 */
import pg from "pg";
import { PhiwardError } from "../errors.ts";
import { storeVersion } from "./connect.ts";
import { SHARED } from "./migrations/0001-shared.ts";

const MIGRATIONS: readonly string[] = [SHARED];

export const SCHEMA_VERSION = MIGRATIONS.length;

export interface Initialised {
  /** 0: there were no tables. */
  readonly before: number;
  readonly version: number;
}

/** Makes or extends the tables, in one transaction; two who do it at once wait for one another. */
export async function initStore(client: pg.ClientBase): Promise<Initialised> {
  await client.query("BEGIN");
  try {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('phiward:init', 0))");
    await client.query("CREATE SCHEMA IF NOT EXISTS phiward");
    await client.query(
      "CREATE TABLE IF NOT EXISTS phiward.version (number integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())",
    );
    const before = await versionOf(client);
    refuseNewer(before);
    await client.query("SET LOCAL search_path = phiward");
    for (const [index, sql] of MIGRATIONS.entries()) {
      if (index < before) continue;
      await client.query(sql);
      await client.query("INSERT INTO version (number) VALUES ($1)", [index + 1]);
    }
    await client.query("COMMIT");
    return { before, version: SCHEMA_VERSION };
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

async function versionOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query("SELECT max(number) AS number FROM phiward.version");
  return (rows[0] as { number: number | null }).number ?? 0;
}

function refuseNewer(version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw storeVersion(
    `the database is of version ${version}, and this program knows ${SCHEMA_VERSION}`,
  );
}

/** Throws STORE_VERSION when the tables are not those that this program knows. */
export async function checkVersion(client: pg.ClientBase): Promise<void> {
  const version = await versionOf(client);
  refuseNewer(version);
  if (version < SCHEMA_VERSION) {
    throw storeVersion(
      `the database is of version ${version}, and this program needs ${SCHEMA_VERSION}`,
    );
  }
}

/**
 * What a role may do, and no more. A gateway adds records and never changes or removes one; an auditor
 * reads.
 */
const GRANTS = {
  gateway: [
    "SELECT ON ALL TABLES IN SCHEMA phiward",
    "UPDATE ON phiward.epoch",
    // To lock a row of events is an update of it, as PostgreSQL sees it.
    "INSERT, UPDATE, DELETE ON phiward.kept, phiward.event, phiward.quota, phiward.quota_subject",
    "INSERT ON phiward.subject_key, phiward.chain, phiward.shape, phiward.record, phiward.patient, phiward.tally, phiward.checkpoint",
    "UPDATE (count) ON phiward.tally",
    "UPDATE (shipped, hash, segment, place) ON phiward.chain",
  ],
  auditor: [
    "SELECT ON phiward.version, phiward.chain, phiward.shape, phiward.record, phiward.patient, phiward.tally, phiward.checkpoint",
  ],
} as const;
export type StoreRole = keyof typeof GRANTS;

/** Grants an existing role what it needs. Throws UNKNOWN_NAME when there is no such role. */
export async function grantRole(
  client: pg.ClientBase,
  role: string,
  kind: StoreRole,
): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
  if (rowCount === 0) {
    throw new PhiwardError("UNKNOWN_NAME", `the database has no role \`${role}\``, {
      help: "make it first, with `CREATE ROLE … LOGIN`",
    });
  }
  const name = pg.escapeIdentifier(role);
  for (const what of ["USAGE ON SCHEMA phiward", ...GRANTS[kind]]) {
    await client.query(`GRANT ${what} TO ${name}`);
  }
}

export interface StoreReport {
  readonly version: number;
  readonly nodes: readonly {
    readonly node: string;
    readonly origin: string;
    readonly records: number;
  }[];
  /** What makes the store less durable or less safe than it has to be. */
  readonly problems: readonly string[];
}

/** Looks at the tables and at the settings on which durability rests. */
export async function checkStore(client: pg.ClientBase): Promise<StoreReport> {
  await checkVersion(client);
  const problems: string[] = [];
  for (const name of ["fsync", "full_page_writes", "synchronous_commit"]) {
    const { rows } = await client.query("SELECT current_setting($1) AS value", [name]);
    const { value } = rows[0] as { value: string };
    if (value !== "on")
      problems.push(`\`${name}\` is ${value}: what is committed may be lost in a crash`);
  }
  const unlogged = await client.query(
    "SELECT relname FROM pg_class WHERE relnamespace = 'phiward'::regnamespace AND relkind = 'r' AND relpersistence <> 'p'",
  );
  for (const { relname } of unlogged.rows as { relname: string }[]) {
    problems.push(`the table \`${relname}\` is unlogged: a crash empties it`);
  }
  const writable = await client.query(
    "SELECT has_table_privilege('record', 'UPDATE') OR has_table_privilege('record', 'DELETE') AS yes",
  );
  if ((writable.rows[0] as { yes: boolean }).yes) {
    problems.push(
      "this role may change records; `phiward store init --role` makes one that may not",
    );
  }
  const { rows } = await client.query(
    "SELECT node, origin, shipped AS records FROM chain ORDER BY node, id",
  );
  return { version: SCHEMA_VERSION, nodes: rows as StoreReport["nodes"], problems };
}
