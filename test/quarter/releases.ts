/** The releases of the quarter, each with the changes that led to it and the people who approved them. */

import type { BundleRef } from "../../engine/audit/record.ts";
import { provenanceOf, writeProvenance } from "../../engine/bundle/provenance.ts";
import type { Repository } from "../../engine/policy/ir.ts";
import { emptyRepository, load } from "../../engine/policy/load.ts";
import type { ProvenanceFile } from "../../engine/schema/types.ts";
import { memoryTree } from "../support/tree.ts";
import { hexOf } from "./seed.ts";
import { type Sources, sourcesOf } from "./sources.ts";

/** The grant that ends with its holder's last day. */
export const LEAVER = "clinician-19";

const FIRST_REPORT = "Reads the report of one study";
const NEXT_REPORT = "Reads the report of one study, with its images";

const REVISIONS = [
  {
    ...{
      version: "11",
      from: "2026-06-29T18:00:00Z",
      pullRequest: 101,
      subject: "What the clinics use",
    },
    revision: { shortPages: false, without: [], report: FIRST_REPORT },
  },
  {
    ...{
      version: "12",
      from: "2026-08-06T10:30:00Z",
      pullRequest: 114,
      subject: "Pin the report tool anew",
    },
    revision: { shortPages: false, without: [], report: NEXT_REPORT },
  },
  {
    ...{
      version: "13",
      from: "2026-08-17T09:00:00Z",
      pullRequest: 121,
      subject: "Short pages in lookups",
    },
    revision: { shortPages: true, without: [], report: NEXT_REPORT },
  },
  {
    ...{
      version: "14",
      from: "2026-08-31T18:00:00Z",
      pullRequest: 127,
      subject: "A clinician leaves",
    },
    revision: { shortPages: true, without: [LEAVER], report: NEXT_REPORT },
  },
] as const;

/** The rule that `shortPages` brings. */
export const SHORT_PAGES = "/tools/fhir_search/require/1";

export interface Release {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly pullRequest: number;
  readonly shortPages: boolean;
  readonly bundle: BundleRef;
  readonly sources: Sources;
  readonly repository: Repository;
  /** The text of its provenance file. */
  readonly provenance: string;
}

const APPROVERS = ["m.chen", "s.park"];

export async function releasesOf(seed: number): Promise<readonly Release[]> {
  const releases: Release[] = [];
  let before: { repository: Repository; file: ProvenanceFile } | undefined;
  for (const { version, from, pullRequest, subject, revision } of REVISIONS) {
    const commit = hexOf(seed, `commit ${version}`).slice(0, 40);
    const sources = sourcesOf(revision);
    const { repository } = await load(memoryTree(sources));
    const approvers = APPROVERS.map((name) => ({ name, commit }));
    const file = await provenanceOf({
      commit,
      repository,
      history: {
        steps: [{ commit, subject }],
        before: before === undefined ? "nothing" : "since",
      },
      treeAt: async () => memoryTree(sources),
      ...(before === undefined ? {} : { before }),
      reports: [
        {
          base: (before?.repository ?? emptyRepository("nothing").repository).digest,
          head: repository.digest,
          ...{ pullRequest, approvers },
        },
      ],
    });
    const { text, digest } = writeProvenance(file);
    releases.push({
      at: Date.parse(from),
      ...{ pullRequest, shortPages: revision.shortPages, sources, repository },
      provenance: text,
      bundle: {
        ...{ name: "st-elsewhere-agents", version, digest: repository.digest, commit },
        provenance: digest,
      },
    });
    before = { repository, file };
  }
  return releases;
}
