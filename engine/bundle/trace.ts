/** Where everything in a release comes from, by the history on this machine. */
import type { History } from "../host/tree.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { ProvenanceFile } from "../schema/types.ts";
import type { Demand } from "./checks.ts";
import type { GateReview } from "./gate-report.ts";
import type { TreeAt } from "./last-signed.ts";
import { provenanceOf, takeProvenance } from "./provenance.ts";
import type { Release } from "./store.ts";

/** How the policy folder came to be what it is at a commit, back to another one. */
export type HistoryTo = (commit: string, since?: string) => Promise<History>;

/** What tells where grants and rules come from. */
export interface Past {
  readonly history: HistoryTo;
  /** What the release before says of its own. */
  readonly before?: Uint8Array | undefined;
}

export async function trace(
  { commit, past, reports }: { commit: string; past: Past; reports: readonly GateReview[] },
  {
    last,
    before,
    after,
  }: {
    readonly last: Omit<Release, "signers"> | undefined;
    readonly before: LoadedRepository | undefined;
    readonly after: LoadedRepository;
  },
  treeAt: TreeAt,
  demand: Demand,
): Promise<{ readonly file: ProvenanceFile; readonly history: History }> {
  const known = last === undefined ? undefined : takeProvenance(last, past.before, demand);
  const since = known === undefined ? undefined : last!.predicate.source.commit;
  const history = await past.history(commit, since);
  const file = await provenanceOf({
    commit,
    repository: after.repository,
    history,
    treeAt,
    ...(known === undefined ? {} : { before: { repository: before!.repository, file: known } }),
    reports,
  });
  return { file, history };
}
