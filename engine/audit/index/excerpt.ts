/**
 * The part of a chain that shows a period: every record of it, back to the checkpoint before and on to
 * the one behind, so that signed notes hold both of its ends.
 */
import { type Period, placeOf, rangeOf, type SeqRange } from "./find.ts";
import type { Index } from "./schema.ts";

export interface Excerpt extends SeqRange {
  /** Where its first record stands. */
  readonly segment: number;
  readonly offset: number;
  /** What vouches for its beginning: it is the chain's own, a checkpoint, or nothing. */
  readonly begins: "genesis" | "checkpoint" | "unsigned";
  /** What vouches for its end. */
  readonly ends: "checkpoint" | "unsigned";
}

/** undefined when no record is of the period. */
export function excerptOf(index: Index, period: Period): Excerpt | undefined {
  const range = edgesOf(index, period);
  if (range === undefined) return undefined;
  // Of before and behind the period: that nothing of it is left out shows by what is beside it.
  const before = checkpoint(index, "max", 1, range.first - 1);
  const behind = checkpoint(index, "min", range.last + 1, Number.MAX_SAFE_INTEGER);
  const oldest = edge(index, "min");
  const first = before ?? oldest;
  const place = placeOf(index)(first)!;
  return {
    first,
    last: behind ?? edge(index, "max"),
    segment: place.segment,
    offset: place.offset,
    begins: first === 1 ? "genesis" : before === undefined ? "unsigned" : "checkpoint",
    ends: behind === undefined ? "unsigned" : "checkpoint",
  };
}

/** The numbers of the first and last record of a period. */
function edgesOf(index: Index, period: Period): SeqRange | undefined {
  const within = rangeOf(index, period);
  if (within === undefined) return undefined;
  const { from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER } = period;
  const { first, last } = index
    .prepare(
      "SELECT min(seq) AS first, max(seq) AS last FROM record WHERE seq BETWEEN ? AND ? AND at BETWEEN ? AND ?",
    )
    .get(within.first, within.last, from, to) as { first: number | null; last: number | null };
  return first === null || last === null ? undefined : { first, last };
}

function edge(index: Index, which: "min" | "max"): number {
  const { seq } = index.prepare(`SELECT ${which}(seq) AS seq FROM record`).get() as { seq: number };
  return seq;
}

function checkpoint(
  index: Index,
  which: "min" | "max",
  first: number,
  last: number,
): number | undefined {
  const shapes = index.prepare("SELECT id FROM shape WHERE kind = 'checkpoint'").all() as {
    id: number;
  }[];
  const find = index.prepare(
    `SELECT ${which}(seq) AS seq FROM record WHERE shape = ? AND seq BETWEEN ? AND ?`,
  );
  const found = shapes.flatMap(({ id }) => {
    const { seq } = find.get(id, first, last) as { seq: number | null };
    return seq === null ? [] : [seq];
  });
  return found.length === 0 ? undefined : Math[which](...found);
}
