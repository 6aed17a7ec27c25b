/**
 * The index: a thin SQLite file that says where to look in the log. It is never believed: whoever
 * prints a record reads the log's own line and checks its hash. It can be thrown away at any time.
 *
 *     record   one row a record: its number, its shape, where it stands, when
 *     shape    every combination of kind, grant, principal, server, tool, verdict, rule … that occurs
 *              (shape.ts). There are as many as the policies make, not as many as there are calls; so
 *              every filter is a choice of shapes, and one index (shape, number) serves them all
 *     patient  which records concern a patient: the first 48 bits of the pseudonym, which fit a
 *              number exactly. Two patients of the same 48 bits are told apart by the record itself.
 *              In stretches of records: what is added lies together, however long the log is
 *     span     the oldest and newest time of each 1,024 records, so that a period is a range of
 *              numbers, although a clock may be set back
 *     waiting  allowed calls whose outcome has not been seen yet
 *     damage   lines that were not what was written
 *
 * And what a report over months needs without looking at every record (rollup.ts, activity.ts):
 *
 *     daily     how many records of each shape each day (UTC)
 *     principal numbers of the principals
 *     hourly    what each principal did in each hour, and how much came back
 *     met       which patients a principal met on a day, and in which hours of it
 *     relation  since which day, until which and on how many a principal has met a patient
 */
import { closeSync, existsSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A change of the tables, or of what is put into them, needs a new number: the index is then made anew. */
const INDEX_VERSION = 3;

export const INDEX_FILE = "index.sqlite";

/** Another process may be adding records; each of its steps is short. */
const BUSY_MS = 10_000;
const CACHE_KIB = 64 * 1024;

/** Records a span stands for. */
export const SPAN = 1024;

const STRETCH = 256 * SPAN;

/** The number of the stretch of records that one lies in. */
export function stretchOf(seq: number): number {
  return Math.floor(seq / STRETCH);
}

export type Index = DatabaseSync;

/** Opens a folder's index. One that is damaged, or of another version, is thrown away and begun again. */
export function openIndex(folder: string): Index {
  const path = join(folder, INDEX_FILE);
  // SQLite takes a file of garbage for a new database until something is read from it.
  if (existsSync(path) && !isDatabase(path)) removeIndex(folder);
  try {
    return prepared(path);
  } catch (error) {
    if (!isDamage(error)) throw error;
    removeIndex(folder);
    return prepared(path);
  }
}

export function removeIndex(folder: string): void {
  for (const suffix of ["", "-wal", "-shm"]) {
    rmSync(join(folder, `${INDEX_FILE}${suffix}`), { force: true });
  }
}

/** SQLITE_CORRUPT, SQLITE_NOTADB, or an index of another version. */
export function isDamage(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return error instanceof OtherVersion || errcode === 11 || errcode === 26;
}

class OtherVersion extends Error {}

const HEADER = "SQLite format 3\0";

function isDatabase(path: string): boolean {
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(HEADER.length);
    const read = readSync(fd, buffer);
    return read === 0 || buffer.toString("latin1") === HEADER;
  } finally {
    closeSync(fd);
  }
}

function prepared(path: string): Index {
  const index = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    index.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${CACHE_KIB};`,
    );
    index.exec("BEGIN IMMEDIATE");
    const { user_version } = index.prepare("PRAGMA user_version").get() as {
      user_version: number;
    };
    if (user_version === 0) {
      index.exec(TABLES);
      index.exec(`PRAGMA user_version = ${INDEX_VERSION}`);
    } else if (user_version !== INDEX_VERSION) throw new OtherVersion();
    index.exec("COMMIT");
    return index;
  } catch (error) {
    index.close();
    throw error;
  }
}

const TABLES = `
CREATE TABLE record (
  seq INTEGER PRIMARY KEY,
  shape INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  at INTEGER NOT NULL,
  outcome INTEGER
);
CREATE TABLE shape (
  id INTEGER PRIMARY KEY,
  says TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  grant_id TEXT,
  principal TEXT,
  responsible TEXT,
  purpose TEXT,
  server TEXT,
  method TEXT,
  tool TEXT,
  effect TEXT,
  ephi INTEGER,
  volume TEXT,
  verdict TEXT,
  rule TEXT,
  code TEXT,
  policy TEXT,
  stale INTEGER,
  emergency INTEGER,
  monitor INTEGER,
  open INTEGER NOT NULL,
  count INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL
);
CREATE TABLE patient (
  stretch INTEGER NOT NULL,
  key INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (stretch, key, seq)
) WITHOUT ROWID;
CREATE TABLE span (first INTEGER PRIMARY KEY, low INTEGER NOT NULL, high INTEGER NOT NULL);
CREATE TABLE waiting (
  id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  principal INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE damage (
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  says TEXT NOT NULL,
  PRIMARY KEY (segment, offset)
) WITHOUT ROWID;
CREATE TABLE cursor (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL
);
CREATE TABLE daily (
  day INTEGER NOT NULL,
  shape INTEGER NOT NULL,
  count INTEGER NOT NULL,
  folded INTEGER NOT NULL,
  PRIMARY KEY (day, shape)
) WITHOUT ROWID;
CREATE TABLE principal (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE hourly (
  hour INTEGER NOT NULL,
  principal INTEGER NOT NULL,
  first INTEGER NOT NULL,
  allowed INTEGER NOT NULL,
  ephi INTEGER NOT NULL,
  denied INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  items INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  peak INTEGER NOT NULL,
  peak_call INTEGER,
  PRIMARY KEY (hour, principal)
) WITHOUT ROWID;
CREATE TABLE met (
  day INTEGER NOT NULL,
  principal INTEGER NOT NULL,
  patient INTEGER NOT NULL,
  hours INTEGER NOT NULL,
  PRIMARY KEY (day, principal, patient)
) WITHOUT ROWID;
CREATE TABLE relation (
  principal INTEGER NOT NULL,
  patient INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  days INTEGER NOT NULL,
  PRIMARY KEY (principal, patient)
) WITHOUT ROWID;
`;

/** Made when the first records are in: filling a table first and ordering it once is many times as fast. */
export const SHAPE_INDEX = "CREATE INDEX IF NOT EXISTS record_shape ON record (shape)";

/** The first 48 bits of a pseudonym. */
export function patientKey(pseudonym: string): number {
  return Number.parseInt(pseudonym.slice(0, 12), 16);
}
