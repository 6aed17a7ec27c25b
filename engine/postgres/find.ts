/** Where among the records of all nodes to look; what is found is read from the stored line and checked. */
import type pg from "pg";
import { readLink } from "../audit/chain.ts";
import type { Period } from "../audit/index/find.ts";
import { ANY_TOOL } from "../audit/index/shape.ts";
import type { Filter } from "../audit/query.ts";
import type { AuditRecord, DecisionRecord, OutcomeRecord } from "../audit/record.ts";
import { DAY } from "../policy/time.ts";

/** Where a record stands among all: by time, then by chain and number. */
export interface Position {
  readonly at: number;
  readonly chain: number;
  readonly seq: number;
}

interface Row extends Position {
  readonly line: string;
}

/** A record as it stands in the database, checked; with what became of it, for an allowed call. */
export interface Stored {
  readonly position: Position;
  /** undefined: the line is not what was written. */
  readonly record: AuditRecord | undefined;
  readonly outcome?: OutcomeRecord;
}

const BEGINNING = 0;
const END = Number.MAX_SAFE_INTEGER;
const LAST: Position = { at: END, chain: 2 ** 31 - 1, seq: END };

/** The numbers of the shapes that may pass a filter; undefined: it asks nothing of them. */
export async function shapesFor(
  client: pg.ClientBase,
  { kind, grant, principal, server, tool, verdict, rule }: Filter,
): Promise<readonly number[] | undefined> {
  const wanted = [kind, grant, principal, server, tool, verdict, rule];
  if (wanted.every((one) => one === undefined)) return undefined;
  const { rows } = await client.query(
    `SELECT id FROM shape WHERE ($1::text IS NULL OR kind = $1)
       AND ($2::text IS NULL OR grant_id = $2)
       AND ($3::text IS NULL OR principal = $3)
       AND ($4::text IS NULL OR server = $4)
       AND ($5::text IS NULL OR tool = $5 OR (kind = 'rejected' AND tool = '${ANY_TOOL}'))
       AND ($6::text IS NULL OR verdict = $6)
       AND ($7::text IS NULL OR rule = $7 OR code = $7)`,
    wanted.map((one) => one ?? null),
  );
  return (rows as { id: number }[]).map(({ id }) => id);
}

/** The shapes of allowed calls of which nobody can tell whom they touched. */
export async function openShapes(client: pg.ClientBase): Promise<readonly number[]> {
  const { rows } = await client.query("SELECT id FROM shape WHERE open");
  return (rows as { id: number }[]).map(({ id }) => id);
}

/** Newest first, at most so many, before a position. Without shapes: of any. */
export async function newest(
  client: pg.ClientBase,
  shapes: readonly number[] | undefined,
  { from = BEGINNING, to = END }: Period,
  before: Position | undefined,
  limit: number,
): Promise<readonly Stored[]> {
  const { at, chain, seq } = before ?? LAST;
  const within = "at BETWEEN $1 AND $2 AND (at, chain, seq) < ($3, $4, $5)";
  const order = "ORDER BY at DESC, chain DESC, seq DESC LIMIT $6";
  // Each shape has an index of its own order; of each only as many as are wanted are looked at.
  const places =
    shapes === undefined
      ? `SELECT chain, seq FROM record WHERE ${within} ${order}`
      : `SELECT one.chain, one.seq FROM unnest($7::integer[]) AS s (id) CROSS JOIN LATERAL
           (SELECT at, chain, seq FROM record WHERE shape = s.id AND ${within} ${order}) AS one ${order}`;
  const { rows } = await client.query(
    `SELECT r.chain, r.seq, r.at, r.line FROM (${places}) AS place JOIN record r USING (chain, seq)
     ORDER BY r.at DESC, r.chain DESC, r.seq DESC`,
    [from, to, at, chain, seq, limit, ...(shapes === undefined ? [] : [shapes])],
  );
  return await withOutcomes(client, rows as Row[]);
}

/** The records that may concern a patient, of any of the keys, oldest first. */
export async function ofPatient(
  client: pg.ClientBase,
  keys: readonly number[],
  { from = BEGINNING, to = END }: Period,
): Promise<readonly Stored[]> {
  const { rows } = await client.query(
    `SELECT r.chain, r.seq, r.at, r.line FROM record r WHERE (r.chain, r.seq) IN
       (SELECT d.chain, d.seq FROM patient p JOIN record r USING (chain, seq)
          JOIN record d ON d.chain = r.chain AND d.call = r.call
        WHERE p.key = ANY ($1::bigint[]))
     AND r.at BETWEEN $2 AND $3 ORDER BY r.at, r.chain, r.seq`,
    [keys, from, to],
  );
  const found = await withOutcomes(client, rows as Row[]);
  return found.filter(({ record }) => record?.kind !== "outcome");
}

/** How many records of the shapes are of a period: whole days are counted already. */
export async function countOf(
  client: pg.ClientBase,
  shapes: readonly number[],
  { from = BEGINNING, to = END }: Period,
): Promise<number> {
  const first = Math.ceil(from / DAY);
  const last = Math.min(Math.floor((to + 1) / DAY), 2 ** 31 - 1);
  if (last <= first) return await countEach(client, shapes, from, to);
  const { rows } = await client.query(
    "SELECT coalesce(sum(count), 0)::bigint AS n FROM tally WHERE shape = ANY ($1::integer[]) AND day >= $2 AND day < $3",
    [shapes, first, last],
  );
  return (
    (rows[0] as { n: number }).n +
    (await countEach(client, shapes, from, first * DAY - 1)) +
    (await countEach(client, shapes, last * DAY, to))
  );
}

async function countEach(
  client: pg.ClientBase,
  shapes: readonly number[],
  from: number,
  to: number,
): Promise<number> {
  if (to < from) return 0;
  const { rows } = await client.query(
    "SELECT count(*) AS n FROM record WHERE shape = ANY ($1::integer[]) AND at BETWEEN $2 AND $3",
    [shapes, from, to],
  );
  return (rows[0] as { n: number }).n;
}

async function withOutcomes(
  client: pg.ClientBase,
  rows: readonly Row[],
): Promise<readonly Stored[]> {
  const found = rows.map((row) => ({ position: positionOf(row), record: recordOf(row) }));
  const calls = found.flatMap(({ record }) =>
    record?.kind === "decision" && record.verdict === "allow" ? [record.id] : [],
  );
  const outcomes = await outcomesOf(client, calls);
  return found.map((one) => {
    const outcome = one.record === undefined ? undefined : outcomes.get(one.record.id);
    return outcome === undefined ? one : { ...one, outcome };
  });
}

/** By decision. The outcome names its decision itself, whatever the database says. */
async function outcomesOf(
  client: pg.ClientBase,
  calls: readonly DecisionRecord["id"][],
): Promise<ReadonlyMap<string, OutcomeRecord>> {
  if (calls.length === 0) return new Map();
  const { rows } = await client.query(
    "SELECT chain, seq, at, line FROM record WHERE call = ANY ($1::uuid[])",
    [calls],
  );
  return new Map(
    (rows as Row[]).flatMap((row): [string, OutcomeRecord][] => {
      const record = recordOf(row);
      return record?.kind === "outcome" ? [[record.decision, record]] : [];
    }),
  );
}

function positionOf({ at, chain, seq }: Row): Position {
  return { at, chain, seq };
}

function recordOf({ line, seq }: Row): AuditRecord | undefined {
  const link = readLink(Buffer.from(line));
  if (link?.genuine !== true || link.seq !== seq) return undefined;
  return JSON.parse(line) as AuditRecord;
}

/** How far the database was when it was asked: records of all chains. */
export async function recordsIn(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query("SELECT coalesce(sum(shipped), 0)::bigint AS n FROM chain");
  return (rows[0] as { n: number }).n;
}
