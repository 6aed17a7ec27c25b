/** What grants were used for: counted by the index, cell by cell. */
import { type CountedShape, dailyCounts, dayOf, shapesOf } from "../../audit/index/activity.ts";
import type { Index } from "../../audit/index/schema.ts";
import { TOOLS_CALL } from "../../decide/call.ts";

/** A grant on a tool (or on a method, where none is called) of a server. */
export interface Cell {
  readonly grant: string;
  readonly server: string;
  readonly method: string;
  /** "" where the method calls none. */
  readonly tool: string;
}

export interface Use {
  /** Allowed calls since a day, by cell (`cellKey`). */
  readonly allowed: ReadonlyMap<string, number>;
  /** All calls since then, by grant; of these the denied ones. */
  readonly calls: ReadonlyMap<string, { readonly calls: number; readonly denied: number }>;
  /** When a grant was last used, allowed or not: epoch milliseconds, of the whole log. */
  readonly last: ReadonlyMap<string, number>;
}

export function cellKey({ grant, server, method, tool }: Cell): string {
  return JSON.stringify([grant, server, method, tool]);
}

/** `since` in epoch milliseconds; whole days (UTC) are counted. */
export function useSince(index: Index, since: number): Use {
  const allowed = new Map<string, number>();
  const calls = new Map<string, { calls: number; denied: number }>();
  const days = { fromDay: dayOf(since), toDay: Number.MAX_SAFE_INTEGER };
  for (const { shape, count } of dailyCounts(index, days)) {
    if (shape.kind !== "decision") continue;
    const cell = cellOf(shape);
    const sum = calls.get(cell.grant) ?? { calls: 0, denied: 0 };
    calls.set(cell.grant, sum);
    sum.calls += count;
    if (shape.verdict === "deny") sum.denied += count;
    else allowed.set(cellKey(cell), (allowed.get(cellKey(cell)) ?? 0) + count);
  }
  return { allowed, calls, last: lastUses(index) };
}

function cellOf({ grant = "", server = "", method = TOOLS_CALL, tool = "" }: CountedShape): Cell {
  return { grant, server, method, tool };
}

function lastUses(index: Index): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { kind, grant, last } of shapesOf(index)) {
    if (kind !== "decision" || grant === undefined) continue;
    newest.set(grant, Math.max(last, newest.get(grant) ?? 0));
  }
  const time = index.prepare("SELECT at FROM record WHERE seq = ?");
  return new Map([...newest].map(([grant, seq]) => [grant, (time.get(seq) as { at: number }).at]));
}
