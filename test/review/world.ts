/** Logs of a few lines, and the report of a month of them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import {
  type AdminEntry,
  type DecisionEntry,
  type Entry,
  type OutcomeEntry,
  type PolicyEntry,
  type RejectedEntry,
  reasonCode,
} from "../../engine/audit/record.ts";
import { activityReport } from "../../engine/review/activity.ts";
import { parsePeriod } from "../../engine/review/period.ts";
import { type ActivityReport, findingsOf } from "../../engine/review/report.ts";
import { patient, uuid, writeLog } from "../audit/generate.ts";

const HOUR = 3_600_000;

/** The `day`th of October 2026, at an hour of it; 0 and less are days of September. */
export function october(day: number, hour = 12): number {
  return Date.UTC(2026, 9, day) + hour * HOUR;
}

let serial = 0;

export function call(at: number, fields: Partial<DecisionEntry> = {}): DecisionEntry {
  const { rule = "", ...rest } = fields;
  return {
    kind: "decision",
    at,
    id: uuid(1_000_000 + serial++),
    grant: "bot",
    principal: "agent:bot",
    responsible: "person:j.rivera",
    purpose: "treatment",
    server: "ehr",
    method: "tools/call",
    tool: "get_patient_record",
    argKeys: [],
    argsOther: 0,
    subjects: [],
    subject: "named",
    volume: "single",
    ephi: true,
    effect: "read",
    verdict: rule === "" ? "allow" : "deny",
    rule,
    code: reasonCode(rule),
    policy: { name: "lookup", digest: `sha256:${"ab".repeat(32)}` },
    bundle: null,
    quota: [],
    ...rest,
  };
}

/** So many calls from a time on, a second apart, each of another patient. */
export function calls(
  count: number,
  at: number,
  fields: Partial<DecisionEntry> = {},
  patients = 0,
): DecisionEntry[] {
  return Array.from({ length: count }, (_, i) =>
    call(at + i * 1000, { subjects: [patient(patients + i)], ...fields }),
  );
}

export function outcome(of: DecisionEntry, fields: Partial<OutcomeEntry> = {}): OutcomeEntry {
  const at = of.at + 1;
  const rest = { status: "ok", ms: 1, bytes: 1, items: 1, resultSubjects: [] } as const;
  return {
    kind: "outcome",
    at,
    id: uuid(1_000_000 + serial++),
    decision: of.id!,
    ...rest,
    ...fields,
  };
}

export function rejected(at: number, fields: Partial<RejectedEntry> = {}): RejectedEntry {
  return { kind: "rejected", at, code: "unknown_token", transport: "http", ...fields };
}
export function admin(at: number, action: string, fields: Partial<AdminEntry> = {}): AdminEntry {
  return { kind: "admin", at, action, ...fields };
}
export function policy(
  at: number,
  event: PolicyEntry["event"],
  fields: Partial<PolicyEntry> = {},
): PolicyEntry {
  return { kind: "policy", at, event, ...fields };
}

/** A principal's ordinary days: some calls at noon, on each of the days. */
export function days(
  from: number,
  to: number,
  perDay: number,
  fields: Partial<DecisionEntry> = {},
) {
  return Array.from({ length: to - from + 1 }, (_, i) =>
    calls(perDay, october(from + i), fields, i * perDay),
  ).flat();
}

export interface Options {
  readonly period?: string;
  readonly reviewed?: ReadonlySet<string>;
  /** Changes the log after it was written. */
  readonly damage?: (folder: string) => void;
}

/** The report of October 2026 over a log of these entries, written in the order of their times. */
export function reportOn(entries: readonly Entry[], options: Options = {}): ActivityReport {
  const { period = "2026-10", reviewed = new Set(), damage = () => {} } = options;
  const folder = mkdtempSync(join(tmpdir(), "phiward-review-"));
  try {
    writeLog(
      folder,
      entries.toSorted((a, b) => a.at - b.at),
    );
    damage(folder);
    const index = freshIndex(folder);
    try {
      return activityReport({
        ...{ folder, index, reviewed },
        period: parsePeriod(period),
        now: october(40),
      });
    } finally {
      index.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The findings of one rule, as `severity id`. */
export function found(rule: string, entries: readonly Entry[], options?: Options): string[] {
  return findingsOf(reportOn(entries, options))
    .filter((finding) => finding.rule === rule)
    .map(({ severity, id }) => `${severity} ${id}`);
}
