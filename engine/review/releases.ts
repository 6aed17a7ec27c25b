/** Which releases came into force, and the changes that they brought. */
import type { ProvenanceChange } from "../schema/types.ts";
import type { Facts } from "./facts.ts";
import type { ReleaseRow } from "./report.ts";

/** The changes that a release's provenance names, by the digest of that file; empty when it is not there. */
export type ChangesOf = (provenance: string) => readonly ProvenanceChange[];

/** A gateway that starts again with the release that it had brings nothing new. */
export function releaseRows({ events }: Facts, changesOf: ChangesOf): readonly ReleaseRow[] {
  const rows: ReleaseRow[] = [];
  const seen = new Set<string>();
  let last: string | undefined;
  for (const { event, bundle, at, seq } of events.policy) {
    if (event !== "activated" || bundle === undefined || bundle.digest === last) continue;
    last = bundle.digest;
    const { name, version, digest, commit = null, provenance } = bundle;
    const changes = provenance === undefined ? [] : changesOf(provenance);
    const fresh = changes.filter((change) => !seen.has(change.commit));
    for (const change of changes) seen.add(change.commit);
    rows.push({ at, seq, name, version, digest, commit, changes: fresh });
  }
  return rows;
}
