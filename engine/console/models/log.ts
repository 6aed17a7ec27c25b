/** Where the log stands: how long it is, who signed how much of it, what waits to be recorded. */
import { existsSync, readdirSync } from "node:fs";
import type { IndexReport } from "../../audit/index/find.ts";
import type { Index } from "../../audit/index/schema.ts";
import { query } from "../../audit/query.ts";
import type { AdminRecord, CheckpointRecord } from "../../audit/record.ts";
import { listSegments } from "../../audit/segments.ts";
import { ownPublicKey } from "../../audit/state.ts";
import { inboxOf } from "../../grant/file-store.ts";
import type { Books } from "../books.ts";

export interface LogStatus {
  readonly index: IndexReport;
  readonly segments: number;
  readonly checkpoints: readonly CheckpointRecord[];
  /** Starts, stops, recoveries and what else befell the log. */
  readonly events: readonly AdminRecord[];
  /** Administrative events that wait for a gateway to record them. */
  readonly waiting: number;
  /** The state folder has the public key of its checkpoints. */
  readonly ownKey: boolean;
  readonly damaged: number;
}

const ROWS = 10;
const EVENTS = [
  "gateway.started",
  "gateway.stopped",
  "log.recovered",
  "log.archived",
  "state.restored",
];

export function logStatus({ audit, state }: Books, index: Index, report: IndexReport): LogStatus {
  const newest = query(audit.log, index, { kind: "checkpoint" }, { limit: ROWS });
  const events = EVENTS.flatMap(
    (rule) => query(audit.log, index, { kind: "admin", rule }, { limit: ROWS }).records,
  );
  return {
    index: report,
    segments: listSegments(audit.log).length,
    checkpoints: newest.records.map(({ record }) => record as CheckpointRecord),
    events: events
      .map(({ record }) => record as AdminRecord)
      .sort((a, b) => b.seq - a.seq)
      .slice(0, ROWS),
    waiting: waitingIn(inboxOf(state)),
    ownKey: ownPublicKey(audit) !== undefined,
    damaged: newest.problems.length,
  };
}

function waitingIn(inbox: string): number {
  return existsSync(inbox) ? readdirSync(inbox).filter((one) => one.endsWith(".json")).length : 0;
}
