/** Which policies were in force, who approved what, and what was refused. */
import type { Index } from "../../audit/index/schema.ts";
import { query } from "../../audit/query.ts";
import type { PolicyRecord } from "../../audit/record.ts";
import type { ProvenanceChange } from "../../schema/types.ts";
import type { Books } from "../books.ts";
import type { Policy } from "../policy.ts";

export interface Touched extends ProvenanceChange {
  readonly grants: readonly string[];
  readonly policies: readonly string[];
}

export interface Releases {
  /** The release in force as the state folder has it; null: an unsigned work tree. */
  readonly current: {
    readonly version: number;
    readonly digest: string;
    readonly commit: string;
    readonly issued: string;
    readonly expires: string;
    readonly verdict: string;
    readonly signers: readonly string[];
  } | null;
  readonly digest: string;
  /** What the release in force says of its changes, the last ones first. */
  readonly changes: readonly Touched[];
  readonly events: readonly PolicyRecord[];
  readonly next: number | undefined;
}

const ROWS = 50;

export function releases(
  { audit }: Books,
  { repository, release, provenance }: Policy,
  index: Index,
  after: number | undefined,
): Releases {
  const page = query(audit.log, index, { kind: "policy" }, { limit: ROWS, after });
  return {
    current:
      release === undefined
        ? null
        : {
            version: release.predicate.version,
            digest: release.digest,
            commit: release.predicate.source.commit,
            issued: release.predicate.issued,
            expires: release.predicate.expires,
            verdict: release.predicate.change.verdict,
            signers: release.signers.map(({ person }) => person),
          },
    digest: repository.digest,
    changes: (provenance?.changes ?? [])
      .map((change, at) => ({
        ...change,
        grants: named(provenance!.grants, (index) => index === at),
        policies: named(provenance!.policies, (rules) => Object.values(rules).includes(at)),
      }))
      .toReversed(),
    events: page.records.map(({ record }) => record as PolicyRecord),
    next: page.next,
  };
}

function named<T>(all: Readonly<Record<string, T>>, is: (value: T) => boolean): string[] {
  return Object.entries(all)
    .filter(([, value]) => is(value))
    .map(([name]) => name);
}
