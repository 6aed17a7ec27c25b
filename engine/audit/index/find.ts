/** Where in the log to look: numbers of records, newest first, and what the index knows of each. */
import { tailOf } from "../segments.ts";
import { cursorOf } from "./cursor.ts";
import { type Index, SPAN, stretchOf } from "./schema.ts";
import { ANY_TOOL, type Shape } from "./shape.ts";

/** Epoch milliseconds, both ends included. */
export interface Period {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Numbers of records, both ends included. */
export interface SeqRange {
  readonly first: number;
  readonly last: number;
}

/** A shape, with the numbers of its first and last record. */
export interface KnownShape extends SeqRange {
  readonly id: number;
  readonly count: number;
}

/** What a filter asks of a record's shape; `rule` is a rule or its code. */
export type ShapeFilter = {
  readonly [K in "kind" | "grant" | "principal" | "server" | "tool" | "verdict" | "rule"]?:
    | Shape[K]
    | undefined;
};

/** The shapes of the records that may pass a filter. */
export function shapesFor(index: Index, filter: ShapeFilter): readonly KnownShape[] {
  const { kind, grant, principal, server, tool, verdict, rule } = filter;
  const wanted = [kind, grant, principal, server, tool, verdict, rule].map((one) => one ?? null);
  return index
    .prepare(
      `SELECT id, count, first, last FROM shape
       WHERE kind = ifnull(?1, kind)
         AND (?2 IS NULL OR grant_id = ?2)
         AND (?3 IS NULL OR principal = ?3)
         AND (?4 IS NULL OR server = ?4)
         AND (?5 IS NULL OR tool = ?5 OR (kind = 'rejected' AND tool = '${ANY_TOOL}'))
         AND (?6 IS NULL OR verdict = ?6)
         AND (?7 IS NULL OR rule = ?7 OR code = ?7)`,
    )
    .all(...wanted) as unknown as KnownShape[];
}

/** The shapes of allowed calls of which nobody can tell whom they touched. */
export function openShapes(index: Index): readonly KnownShape[] {
  return index
    .prepare("SELECT id, count, first, last FROM shape WHERE open = 1")
    .all() as unknown as KnownShape[];
}

/**
 * The numbers between which every record of a period lies; undefined when there is none. A record
 * between them may still be of another time: clocks are set back.
 */
export function rangeOf(index: Index, { from, to }: Period): SeqRange | undefined {
  const { first, last } = index
    .prepare(
      "SELECT min(first) AS first, max(first) AS last FROM span WHERE high >= ? AND low <= ?",
    )
    .get(from ?? Number.MIN_SAFE_INTEGER, to ?? Number.MAX_SAFE_INTEGER) as {
    first: number | null;
    last: number | null;
  };
  return first === null || last === null ? undefined : { first, last: last + SPAN - 1 };
}

/** The records of any of the shapes within a range, newest first. */
export function* newestOf(
  index: Index,
  shapes: readonly KnownShape[],
  range: SeqRange,
): Generator<number> {
  const before = index.prepare(
    "SELECT max(seq) AS seq FROM record WHERE shape = ? AND seq >= ? AND seq <= ?",
  );
  const newest = (id: number, last: number): number | undefined =>
    (before.get(id, range.first, last) as { seq: number | null }).seq ?? undefined;
  // Shapes by their newest record; one is opened only when no opened one has a newer record to give.
  const unopened = shapes
    .filter(({ first, last }) => last >= range.first && first <= range.last)
    .sort((a, b) => a.last - b.last);
  const heads = new Map<number, number>();
  for (;;) {
    let best: number | undefined;
    for (const [id, seq] of heads) if (best === undefined || seq > heads.get(best)!) best = id;
    const next = unopened.at(-1);
    if (next !== undefined && (best === undefined || next.last > heads.get(best)!)) {
      unopened.pop();
      const head = newest(next.id, range.last);
      if (head !== undefined) heads.set(next.id, head);
      continue;
    }
    if (best === undefined) return;
    const seq = heads.get(best)!;
    yield seq;
    const after = newest(best, seq - 1);
    if (after === undefined) heads.delete(best);
    else heads.set(best, after);
  }
}

/** How many records of the shapes are of a period. */
export function countOf(index: Index, shapes: readonly KnownShape[], period: Period): number {
  const { from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER } = period;
  if (period.from === undefined && period.to === undefined) {
    return shapes.reduce((sum, { count }) => sum + count, 0);
  }
  const spans = index
    .prepare(
      "SELECT first, low >= ?1 AND high <= ?2 AS whole FROM span WHERE high >= ?1 AND low <= ?2 ORDER BY first",
    )
    .all(from, to) as { first: number; whole: number }[];
  const all = index.prepare(
    "SELECT count(*) AS n FROM record WHERE shape = ? AND seq BETWEEN ? AND ?",
  );
  const some = index.prepare(
    "SELECT count(*) AS n FROM record WHERE shape = ? AND seq BETWEEN ? AND ? AND at BETWEEN ? AND ?",
  );
  let sum = 0;
  for (const { first, last, whole } of runsOf(spans)) {
    for (const { id } of shapes) {
      const row = whole ? all.get(id, first, last) : some.get(id, first, last, from, to);
      sum += (row as { n: number }).n;
    }
  }
  return sum;
}

/** Neighbouring spans of one kind, as one range. */
function runsOf(
  spans: readonly { readonly first: number; readonly whole: number }[],
): (SeqRange & { readonly whole: boolean })[] {
  const runs: { first: number; last: number; whole: boolean }[] = [];
  for (const { first, whole } of spans) {
    const run = runs.at(-1);
    if (run !== undefined && run.last + 1 === first && run.whole === (whole === 1)) {
      run.last = first + SPAN - 1;
    } else runs.push({ first, last: first + SPAN - 1, whole: whole === 1 });
  }
  return runs;
}

export interface Place {
  readonly segment: number;
  readonly offset: number;
}

/** Where a record stands, and the number of its outcome's record. */
export function placeOf(
  index: Index,
): (seq: number) => (Place & { readonly outcome: number | undefined }) | undefined {
  const find = index.prepare("SELECT segment, offset, outcome FROM record WHERE seq = ?");
  return (seq) => {
    const row = find.get(seq) as
      | { segment: number; offset: number; outcome: number | null }
      | undefined;
    return row === undefined ? undefined : { ...row, outcome: row.outcome ?? undefined };
  };
}

/** The numbers of the records that may concern a patient, oldest first. */
export function recordsOfPatient(
  index: Index,
  key: number,
  { first, last }: SeqRange,
): readonly number[] {
  const find = index.prepare(
    "SELECT seq FROM patient WHERE stretch = ? AND key = ? AND seq BETWEEN ? AND ? ORDER BY seq",
  );
  const found: number[] = [];
  for (let stretch = stretchOf(first); stretch <= stretchOf(last); stretch++) {
    for (const row of find.all(stretch, key, first, last)) found.push(row.seq as number);
  }
  return found;
}

/** How far the index was when it was asked. */
export interface IndexReport {
  /** The number of the newest record in it. */
  readonly records: number;
  /** Records of the log that it does not have yet. */
  readonly lag: number;
}

export function indexReport(folder: string, index: Index): IndexReport {
  const { segment, offset, seq } = cursorOf(index);
  let lag = 0;
  for (const { whole } of tailOf(folder, segment, offset)) if (whole) lag++;
  return { records: seq, lag };
}

export interface IndexedDamage extends Place {
  readonly says: string;
}

export function damageOf(index: Index): readonly IndexedDamage[] {
  return index
    .prepare("SELECT segment, offset, says FROM damage ORDER BY segment, offset LIMIT 1000")
    .all() as unknown as IndexedDamage[];
}
