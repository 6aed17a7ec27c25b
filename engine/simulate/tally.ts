/** Counts of recorded calls, bounded: names come from recordings, and a recording may hold any name. */
import { compareText } from "../finding.ts";
import type {
  ChangedCall,
  Count,
  GainedCell,
  Marked,
  MarkedCall,
  PersonCount,
  ToolCount,
} from "./report.ts";

/** Names that are counted apart; the rest is counted together. */
export const MAX_NAMES = 1_000;
/** Changed calls that are kept whatever they are; after them, the first of each grant and tool. */
export const MAX_EXAMPLES = 1_000;

export const OTHERS = "(others)";

export type Change = "gained" | "revoked" | "none";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function emptyCount(): Mutable<Count> {
  return { calls: 0, allowed: 0, denied: 0, gained: 0, revoked: 0 };
}

export function add(count: Mutable<Count>, allowed: boolean, change: Change): void {
  count.calls++;
  if (allowed) count.allowed++;
  else count.denied++;
  if (change !== "none") count[change]++;
}

/** The entry of a name; once there are too many names, that of all others. */
export function entryOf<T>(entries: Map<string, T>, name: string, fresh: () => T): T {
  const known = entries.get(name);
  if (known !== undefined) return known;
  if (entries.size >= MAX_NAMES && name !== OTHERS) return entryOf(entries, OTHERS, fresh);
  const entry = fresh();
  entries.set(name, entry);
  return entry;
}

export function toolCounts(tools: ReadonlyMap<string, Count>): ToolCount[] {
  return [...tools]
    .sort(([a], [b]) => compareText(a, b))
    .map(([tool, { allowed, denied, gained, revoked }]) => ({
      tool,
      allowed,
      denied,
      gained,
      revoked,
    }));
}

export function personCounts(people: Iterable<PersonCount>): PersonCount[] {
  return [...people].sort(
    (a, b) =>
      b.gained - a.gained ||
      b.calls - a.calls ||
      compareText(a.principal ?? "", b.principal ?? "") ||
      compareText(a.responsible ?? "", b.responsible ?? ""),
  );
}

/** Changed calls: all are counted, some are kept. */
export interface Examples {
  readonly kept: ChangedCall[];
  readonly cells: Map<string, Mutable<GainedCell>>;
  total: number;
  ephi: number;
}

export function noExamples(): Examples {
  return { kept: [], cells: new Map(), total: 0, ephi: 0 };
}

/**
 * Counts a changed call. `describe` writes it out, which is only done for one that is kept: there may
 * be a million.
 */
export function addExample(
  examples: Examples,
  cell: Pick<GainedCell, "grant" | "server" | "method" | "tool">,
  ephi: boolean,
  describe: () => ChangedCall,
): void {
  examples.total++;
  if (ephi) examples.ephi++;
  const { grant, server, method, tool } = cell;
  const key = JSON.stringify([grant, server, method, tool]);
  const known = examples.cells.get(key);
  if (known !== undefined) known.calls++;
  if (known !== undefined && examples.kept.length >= MAX_EXAMPLES) return;
  const described = describe();
  if (examples.kept.length < MAX_EXAMPLES) examples.kept.push(described);
  if (known !== undefined || examples.cells.size >= MAX_NAMES) return;
  const { id, at, file, line } = described;
  examples.cells.set(key, { grant, server, method, tool, calls: 1, first: { id, at, file, line } });
  if (!examples.kept.includes(described)) examples.kept.push(described);
}

/** Verdicts that have read a replaced value: all are counted, some are kept. */
export interface Marks {
  readonly first: MarkedCall[];
  readonly paths: Map<string, { calls: number }>;
  calls: number;
}

export function noMarks(): Marks {
  return { first: [], paths: new Map(), calls: 0 };
}

export function addMark(marks: Marks, paths: readonly string[], describe: () => MarkedCall): void {
  marks.calls++;
  for (const path of paths) entryOf(marks.paths, path, () => ({ calls: 0 })).calls++;
  if (marks.first.length < MAX_EXAMPLES) marks.first.push(describe());
}

export function markedOf({ calls, first, paths }: Marks): Marked {
  const byPath = [...paths]
    .map(([path, { calls }]) => ({ path, calls }))
    .sort((a, b) => b.calls - a.calls || compareText(a.path, b.path));
  return { calls, first, byPath };
}
