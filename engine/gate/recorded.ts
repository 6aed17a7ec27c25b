/** Recorded calls that a change gains, beside what was proved: what really happened beats what could. */
import type { Change, Diff } from "../compare/report.ts";
import type { GainedCell, Simulation } from "../simulate/report.ts";

/** Every broader change of which recorded calls were gained says so, and stands before those without. */
export function shownByRecorded(diff: Diff, simulation: Simulation | undefined): Diff {
  const cells = new Map((simulation?.gainedCells ?? []).map((cell) => [keyOf(cell), cell]));
  const changes = diff.changes.map((change) => withRecorded(change, cells));
  return { ...diff, changes: changes.sort(recordedFirst) };
}

function withRecorded(change: Change, cells: ReadonlyMap<string, GainedCell>): Change {
  const { grant, server, method, tool, verdict } = change;
  if (verdict !== "broader" || grant === null || method === null) return change;
  const cell = cells.get(keyOf({ grant, server, method, tool }));
  if (cell === undefined) return change;
  return { ...change, recorded: { calls: cell.calls, first: cell.first } };
}

function keyOf({
  grant,
  server,
  method,
  tool,
}: Record<"grant" | "method", string> & {
  readonly server: string | null;
  readonly tool: string | null;
}): string {
  return JSON.stringify([grant, server, method, tool]);
}

/** Within the order by gravity, which a stable sort keeps. */
function recordedFirst(a: Change, b: Change): number {
  if (a.verdict !== b.verdict || a.ephi !== b.ephi || a.by !== b.by) return 0;
  return Number(b.recorded !== undefined) - Number(a.recorded !== undefined);
}
