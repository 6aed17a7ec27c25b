/** Reports of the gate on small repositories, for what renders them. */
import type { Approvals } from "../../engine/gate/approvals.ts";
import { gate } from "../../engine/gate/gate.ts";
import type { GateReport } from "../../engine/gate/report.ts";
import {
  documents,
  filesOf,
  grant,
  LABELS,
  policy,
  type RepositoryDocument,
  server,
} from "../compare/repository.ts";
import { memoryTree } from "../support/tree.ts";

export const NOW = Date.UTC(2026, 9, 5, 12);
export const REVIEWED = "1234567890".repeat(4);

export const GRANT = grant({
  justification: "Nurse triage line, ticket SEC-1204",
  lastReview: { on: "2026-09-01", by: "person:m.example" },
});

export const TESTS = {
  version: "1",
  suite: "lookups",
  now: "2026-10-05T12:00:00Z",
  defaults: { grant: "bot", server: "ehr" },
  cases: [
    { name: "one record", call: { tool: "read", args: { patient: "p-1" } }, expect: "allow" },
  ],
};

const pinned = Object.fromEntries(Object.keys(LABELS).map((tool) => [tool, { type: "object" }]));

/** A hospital in which everything is as it should be. */
export function hospital(more: RepositoryDocument = {}): RepositoryDocument {
  return documents({
    grants: { bot: GRANT },
    servers: { ehr: server() },
    locks: { ehr: pinned },
    tests: { lookup: TESTS },
    ...more,
  });
}

export async function judged(
  base: RepositoryDocument,
  head: RepositoryDocument,
  approvals?: Approvals,
): Promise<GateReport> {
  const asked = approvals === undefined ? {} : { approvals: async () => approvals };
  return await gate(
    { base: memoryTree(filesOf(base)), head: memoryTree(filesOf(head)), now: NOW, ...asked },
    { names: { base: "main", head: "pull request 12" }, reviewed: REVIEWED },
  );
}

const wider = { read: { require: [] }, search: {} };
const alone = judged(hospital(), hospital({ policies: { lookup: policy(wider) } }));

/** One record by its patient before; any patient by any search after. */
export async function widened(approvals?: Approvals): Promise<GateReport> {
  if (approvals === undefined) return await alone;
  return await judged(hospital(), hospital({ policies: { lookup: policy(wider) } }), approvals);
}
