/** What happened on all nodes: the records that a filter chooses, newest first, page by page. */
import type pg from "pg";
import type { Found, Problem } from "../audit/index/reader.ts";
import { type Filter, matches, type PageOptions } from "../audit/query.ts";
import { newest, type Position, type Stored, shapesFor } from "./find.ts";

export interface StoredPage {
  readonly records: readonly Found[];
  /** Where the next page begins; absent after the last one. */
  readonly next?: string;
  readonly problems: readonly Problem[];
}

export interface StoredPageOptions extends Pick<PageOptions, "limit"> {
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

export async function queryAll(
  client: pg.ClientBase,
  filter: Filter,
  { limit, after }: StoredPageOptions,
): Promise<StoredPage> {
  const shapes = await shapesFor(client, filter);
  const records: Found[] = [];
  const problems: Problem[] = [];
  let before = after === undefined ? undefined : positionIn(after);
  for (;;) {
    const wanted = limit - records.length + 1;
    const found = await newest(client, shapes, filter, before, wanted);
    for (const { position, record, outcome } of found) {
      if (records.length === limit) return { records, next: textOf(before!), problems };
      before = position;
      if (record === undefined) problems.push(problemAt(position));
      else if (matches(record, filter)) records.push({ record, ...(outcome && { outcome }) });
    }
    if (found.length < wanted) return { records, problems };
  }
}

/** Of a line that is not what was written. */
export function problemAt({ chain, seq }: Stored["position"]): Problem {
  return {
    segment: `chain ${chain} in the database`,
    offset: 0,
    says: `record ${seq} is not what was written`,
  };
}

function textOf({ at, chain, seq }: Position): string {
  return `${at}.${chain}.${seq}`;
}

/** Three numbers; any other text begins at the newest record. */
function positionIn(text: string): Position | undefined {
  const [at, chain, seq] = text.split(".").map(Number);
  return [at, chain, seq].every(Number.isSafeInteger)
    ? { at: at!, chain: chain!, seq: seq! }
    : undefined;
}
