/** Records of the audit log: a table for people, one for spreadsheets, and as they stand in the log. */
import type { IndexReport } from "../audit/index/find.ts";
import type { Found } from "../audit/index/reader.ts";
import type { Page } from "../audit/query.ts";
import type { AuditRecord, DecisionRecord } from "../audit/record.ts";
import { damageLines } from "./audit-damage.ts";
import { csv } from "./csv.ts";
import { columns, type Paint, visible } from "./paint.ts";

/** A page of one node's log, or of all nodes' records, whose cursor is a text. */
export type AnyPage = Omit<Page, "next"> & { readonly next?: number | string };

export function queryJson({ records, next, problems }: AnyPage, index: IndexReport): object {
  return {
    schema: "phiward.audit-query/1",
    records: records.map(queryRecord),
    ...(next === undefined ? {} : { next: String(next) }),
    index,
    problems,
  };
}

/** The record as it stands in the log; of an allowed call also what became of it. */
function queryRecord({ record, outcome }: Found): object {
  return outcome === undefined ? record : { ...record, outcome };
}

export function queryJsonLines({ records }: AnyPage): string {
  return records.map((found) => JSON.stringify(queryRecord(found))).join("\n");
}

export function queryText({ records, next, problems }: AnyPage, paint: Paint): string {
  const rows = records.map(({ record, outcome }) =>
    [
      record.at,
      String(record.seq),
      record.kind,
      whoseOf(record),
      whatOf(record),
      outcomeOf(record, outcome?.status),
    ].map(visible),
  );
  const lines =
    rows.length === 0
      ? ["no record"]
      : columns(rows, (text, column, row) => paintCell(text, column, records[row]!.record, paint));
  if (next !== undefined) {
    lines.push("", paint("dim", `there are more: --after ${next}`));
  }
  return [...lines, ...damageLines(problems, paint)].join("\n");
}

const WHAT_COLUMN = 4;
const RESULT_COLUMN = 5;

function paintCell(text: string, column: number, record: AuditRecord, paint: Paint): string {
  if (column === WHAT_COLUMN) return paint("bold", text);
  if (column !== RESULT_COLUMN || record.kind !== "decision") return text;
  return paint(record.verdict === "allow" ? "green" : "red", text);
}

function whoseOf(record: AuditRecord): string {
  switch (record.kind) {
    case "decision":
      return record.principal;
    case "rejected":
      return record.grant ?? record.token ?? "";
    case "admin":
      return record.by ?? "";
    default:
      return "";
  }
}

function whatOf(record: AuditRecord): string {
  switch (record.kind) {
    case "decision":
      return `${record.server}/${record.tool === "" ? record.method : record.tool}`;
    case "outcome":
      return `of ${record.decision}`;
    case "rejected":
      return [record.server, record.tool ?? record.method]
        .filter((one) => one !== undefined)
        .join("/");
    case "admin":
      return record.action;
    case "policy":
      return record.event;
    case "checkpoint":
      return `${record.count} records`;
  }
}

function outcomeOf(record: AuditRecord, status: string | undefined): string {
  switch (record.kind) {
    case "decision":
      return `${judgedOf(record, status)}${record.emergency === undefined ? "" : `, emergency ${record.emergency}`}`;
    case "outcome":
      return `${record.status} in ${record.ms} ms`;
    case "rejected":
      return `rejected: ${record.code}${record.count === undefined ? "" : ` (${record.count} times)`}`;
    case "admin":
      return record.grant ?? "";
    case "policy":
      return record.check ?? record.bundle?.version ?? record.tool ?? "";
    case "checkpoint":
      return record.keyId;
  }
}

function judgedOf(record: DecisionRecord, status = "unknown"): string {
  if (record.verdict === "deny") return `denied by ${record.rule}`;
  const watched = record.monitor === true ? `, would be denied by ${record.rule}` : "";
  return `allowed, ${status}${watched}`;
}

/** One table for all kinds: what a record has not is empty. */
export const RECORD_COLUMNS = [
  ...["seq", "at", "node", "kind", "id", "grant", "principal", "responsible", "purpose"],
  ...["server", "method", "tool", "effect", "ephi", "volume", "subject", "subjects"],
  ...["verdict", "rule", "code", "monitor", "emergency", "policy", "bundle", "commit"],
  ...["outcome", "ms", "bytes", "items", "resultSubjects"],
  ...["decision", "transport", "token", "action", "event", "by", "hash"],
] as const;

export function queryCsv({ records }: AnyPage): string {
  return csv([RECORD_COLUMNS, ...records.map(recordCells)]);
}

/** Rows of that table for records one by one, each with its line end, and the row of names. */
export function recordsCsv(records: readonly Found[]): string {
  return `${csv(records.map(recordCells))}\r\n`;
}
export const RECORD_NAMES = `${csv([RECORD_COLUMNS])}\r\n`;

/** A row of that table. */
export function recordCells(found: Found): readonly string[] {
  const cells = cellsOf(found);
  return RECORD_COLUMNS.map((name) => cellText(cells[name]));
}

/** A record's members by column; an allowed call's own and those of its outcome in one row. */
function cellsOf({ record, outcome }: Found): Readonly<Record<string, unknown>> {
  const own: Readonly<Record<string, unknown>> = { ...record };
  if (record.kind === "outcome") return { ...own, outcome: record.status };
  if (record.kind !== "decision") return own;
  const { policy, bundle } = record;
  return {
    ...own,
    policy: policy === null ? "" : `${policy.name} ${policy.digest}`,
    bundle: bundle?.version,
    commit: bundle?.commit,
    outcome: outcome?.status,
    ms: outcome?.ms,
    bytes: outcome?.bytes,
    items: outcome?.items,
    resultSubjects: outcome?.resultSubjects,
  };
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
