/** What happened: the records that a filter chooses, newest first, page by page. */
import { newestOf, type Period, rangeOf, type ShapeFilter, shapesFor } from "./index/find.ts";
import { type Found, openReader, type Problem } from "./index/reader.ts";
import type { Index } from "./index/schema.ts";
import { type Shape, shapeOf } from "./index/shape.ts";
import type { AuditRecord } from "./record.ts";

/** What is undefined is not asked. `rule` is a rule as it stands in the record, or its code. */
export interface Filter extends ShapeFilter, Period {}

export interface Page {
  readonly records: readonly Found[];
  /** Where the next page begins; absent after the last one. */
  readonly next?: number;
  readonly problems: readonly Problem[];
}

export interface PageOptions {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: number | undefined;
}

export function query(
  folder: string,
  index: Index,
  filter: Filter,
  { limit, after }: PageOptions,
): Page {
  const reader = openReader(folder, index);
  const range = rangeOf(index, filter);
  if (range === undefined) return { records: [], problems: reader.problems() };
  const last = Math.min(range.last, after === undefined ? Infinity : after - 1);
  const shapes = shapesFor(index, filter);
  const records: Found[] = [];
  for (const seq of newestOf(index, shapes, { ...range, last })) {
    if (records.length === limit) {
      return { records, next: records.at(-1)!.record.seq, problems: reader.problems() };
    }
    const found = reader.read(seq);
    if (found !== undefined && matches(found.record, filter)) records.push(found);
  }
  return { records, problems: reader.problems() };
}

const NAMES = ["kind", "grant", "principal", "server", "tool", "verdict"] as const;

/** The filter's meaning, on the record itself. */
export function matches(record: AuditRecord, filter: Filter): boolean {
  const at = Date.parse(record.at);
  const shape: Shape = {
    ...shapeOf(record),
    ...(record.kind === "rejected" ? { tool: record.tool } : {}),
  };
  return (
    at >= (filter.from ?? -Infinity) &&
    at <= (filter.to ?? Infinity) &&
    NAMES.every((name) => filter[name] === undefined || filter[name] === shape[name]) &&
    (filter.rule === undefined || filter.rule === shape.rule || filter.rule === shape.code)
  );
}
