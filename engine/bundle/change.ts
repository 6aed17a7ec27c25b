/** What a release changes against the one before it, proved; and the digest of that proof. */
import { compare } from "../compare/compare.ts";
import type { Diff } from "../compare/report.ts";
import { digestOf } from "../json/value.ts";
import { emptyRepository, type LoadedRepository } from "../policy/load.ts";
import type { ReleaseChange } from "../schema/types.ts";

export interface ProvedChange {
  readonly diff: Diff;
  readonly change: ReleaseChange;
}

/** Before the first release nothing was allowed. */
export function proveChange(
  before: LoadedRepository | undefined,
  after: LoadedRepository,
): ProvedChange {
  const empty = emptyRepository("before");
  // The same names on every machine, so that the same proof has the same digest.
  const names = { base: "before", head: "after", scope: "all" as const };
  const diff = compare(before ?? empty, after, names);
  return {
    diff,
    change: { verdict: diff.verdict, proof: digestOf(JSON.parse(JSON.stringify(diff))) },
  };
}
