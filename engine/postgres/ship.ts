/**
 * Copies a node's log into the database: every line as it stands, in order, each step in one
 * transaction with the place that it reached. So a step is there as a whole or not at all, and after an
 * outage the next one goes on where the last one ended.
 */
import type pg from "pg";
import { readLink } from "../audit/chain.ts";
import type { Checkpoint } from "../audit/checkpoint.ts";
import { patientKey } from "../audit/index/schema.ts";
import type { AuditRecord } from "../audit/record.ts";
import { syncSegments, tailOf } from "../audit/segments.ts";
import { PhiwardError } from "../errors.ts";
import { DAY } from "../policy/time.ts";
import type { Chain } from "./chain.ts";
import { type FoldEntry, fold, othersAt } from "./fold.ts";
import { storedShape } from "./shape.ts";

/** Records in one transaction. */
const STEP = 2_000;

export interface Shipped {
  readonly chain: Chain;
  /** There may be more. */
  readonly more: boolean;
  /** Where the node's newest checkpoint was entered, and what the others' newest ones were. */
  readonly checked?: { readonly fold: FoldEntry; readonly others: readonly Checkpoint[] };
}

/** Numbers of shapes, which never change; kept between steps. */
export type ShapeNumbers = Map<string, number>;

interface Line {
  readonly text: string;
  readonly record: AuditRecord;
  readonly shape: number;
}

/** Throws AUDIT_BROKEN at a line that is not what was written, or does not follow the one before. */
export async function ship(
  client: pg.ClientBase,
  folder: string,
  chain: Chain,
  shapes: ShapeNumbers,
): Promise<Shipped> {
  const { records, texts, next } = readStep(folder, chain);
  if (records.length === 0) return { chain, more: false };
  // Outside the transaction: a number that is remembered must not be undone.
  await numberShapes(client, records, shapes);
  const lines = records.map(
    (record, index): Line => ({
      text: texts[index]!,
      record,
      shape: shapes.get(storedShape(record).says)!,
    }),
  );
  // What others have seen of this log must be on its own disk: a power loss would make it look cut.
  syncSegments(folder, chain.segment, next.segment);
  await client.query("BEGIN");
  try {
    await advance(client, chain, next);
    await addRecords(client, chain.id, lines);
    await addPatients(client, chain.id, lines);
    await addTallies(client, lines);
    const notes = records.flatMap((record) => (record.kind === "checkpoint" ? [record.note] : []));
    const folded = notes.length === 0 ? undefined : await fold(client, notes);
    const others = folded === undefined ? [] : await othersAt(client, chain.origin, folded);
    await client.query("COMMIT");
    return {
      chain: next,
      more: records.length === STEP,
      ...(folded === undefined ? {} : { checked: { fold: folded, others } }),
    };
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

function readStep(
  folder: string,
  chain: Chain,
): {
  readonly records: readonly AuditRecord[];
  readonly texts: readonly string[];
  readonly next: Chain;
} {
  const records: AuditRecord[] = [];
  const texts: string[] = [];
  let next = chain;
  for (const { segment, offset, bytes, whole } of tailOf(folder, chain.segment, chain.place)) {
    const link = whole ? readLink(bytes) : undefined;
    const place = offset + bytes.length + 1;
    // After an archive, or when the place was forgotten, reading begins before what is shipped.
    if (link !== undefined && link.seq <= next.shipped) continue;
    const follows =
      link?.genuine === true &&
      link.seq === next.shipped + 1 &&
      (next.hash === "" || link.prev === next.hash);
    if (!follows) {
      throw new PhiwardError(
        "AUDIT_BROKEN",
        `what follows record ${next.shipped} of this node's log is not what was written`,
      );
    }
    const text = bytes.toString("utf8");
    records.push(JSON.parse(text) as AuditRecord);
    texts.push(text);
    next = { ...next, shipped: link.seq, hash: link.hash, segment, place };
    if (records.length === STEP) break;
  }
  return { records, texts, next };
}

async function numberShapes(
  client: pg.ClientBase,
  records: readonly AuditRecord[],
  shapes: ShapeNumbers,
): Promise<void> {
  for (const record of records) {
    const { says, values, open } = storedShape(record);
    if (shapes.has(says)) continue;
    await client.query(
      "INSERT INTO shape (says, kind, grant_id, principal, server, tool, verdict, rule, code, open) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
      [says, ...values, open],
    );
    const { rows } = await client.query("SELECT id FROM shape WHERE says = $1", [says]);
    shapes.set(says, (rows[0] as { id: number }).id);
  }
}

/** Only from where the last step ended: a step that was made already is not made again. */
async function advance(client: pg.ClientBase, before: Chain, next: Chain): Promise<void> {
  const { rowCount } = await client.query(
    "UPDATE chain SET shipped = $3, hash = $4, segment = $5, place = $6 WHERE id = $1 AND shipped = $2",
    [before.id, before.shipped, next.shipped, next.hash, next.segment, next.place],
  );
  if (rowCount !== 1) throw new Error("the chain in the database has moved");
}

async function addRecords(
  client: pg.ClientBase,
  chain: number,
  lines: readonly Line[],
): Promise<void> {
  await client.query(
    "INSERT INTO record SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::integer[], $5::uuid[], $6::text[])",
    [
      chain,
      lines.map(({ record }) => record.seq),
      lines.map(({ record }) => Date.parse(record.at)),
      lines.map(({ shape }) => shape),
      lines.map(({ record }) => callOf(record)),
      lines.map(({ text }) => text),
    ],
  );
}

/** The decision that a record is, or belongs to. */
function callOf(record: AuditRecord): string | null {
  if (record.kind === "decision") return record.id;
  return record.kind === "outcome" ? record.decision : null;
}

async function addPatients(
  client: pg.ClientBase,
  chain: number,
  lines: readonly Line[],
): Promise<void> {
  const rows = lines.flatMap(({ record }) =>
    subjectsOf(record).map((subject) => ({ key: patientKey(subject), seq: record.seq })),
  );
  if (rows.length === 0) return;
  await client.query(
    "INSERT INTO patient SELECT DISTINCT key, $1::integer, seq FROM unnest($2::bigint[], $3::bigint[]) AS one (key, seq)",
    [chain, rows.map(({ key }) => key), rows.map(({ seq }) => seq)],
  );
}

function subjectsOf(record: AuditRecord): readonly string[] {
  if (record.kind === "decision") return record.subjects;
  return record.kind === "outcome" ? record.resultSubjects : [];
}

async function addTallies(client: pg.ClientBase, lines: readonly Line[]): Promise<void> {
  const counts = Map.groupBy(lines, ({ record, shape }) => {
    const day = Math.floor(Date.parse(record.at) / DAY);
    return `${shape} ${day}`;
  });
  // In one order: two nodes that count the same shapes do not wait for each other in a circle.
  const rows = [...counts]
    .map(([key, all]) => [...key.split(" ").map(Number), all.length] as [number, number, number])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  await client.query(
    "INSERT INTO tally AS t SELECT * FROM unnest($1::integer[], $2::integer[], $3::bigint[]) AS one (shape, day, count) ON CONFLICT (shape, day) DO UPDATE SET count = t.count + excluded.count",
    [rows.map(([shape]) => shape), rows.map(([, day]) => day), rows.map(([, , count]) => count)],
  );
}
