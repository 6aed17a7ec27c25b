/** The forms in which records leave for other systems, and what is said of an export afterwards. */
import type { Exported, ExportFormat } from "../audit/export/run.ts";
import { RECORD_NAMES, recordsCsv } from "./audit-query.ts";
import { ocsfEvents } from "./export-ocsf.ts";
import { otlpLogs } from "./export-otlp.ts";
import type { Paint } from "./paint.ts";

const LINES = "application/x-ndjson";

const FORMATS = {
  /** As they stand in the log: whoever has them can check their hashes. */
  jsonl: {
    ...{ type: LINES, head: "" },
    batch: (records) => records.map(({ line }) => `${line}\n`).join(""),
  },
  otlp: { type: "application/json", head: "", batch: otlpLogs },
  ocsf: { type: LINES, head: "", batch: ocsfEvents },
  csv: { type: "text/csv; charset=utf-8", head: RECORD_NAMES, batch: recordsCsv },
} as const satisfies Readonly<Record<string, ExportFormat>>;

export function exportFormat(name: keyof typeof FORMATS): ExportFormat {
  return FORMATS[name];
}

export interface ExportReport extends Exported {
  /** `file`, or the origin of the address. */
  readonly into: string;
  readonly format: string;
  /** Whether it is in the chain that there was an export. */
  readonly told: "recorded" | "waiting" | "nothing to tell";
}

export function exportJson(report: ExportReport): object {
  return { schema: "phiward.audit-export/1", ...report };
}

export function exportText(
  { records, first, last, into, told }: ExportReport,
  paint: Paint,
): string {
  if (records === 0) return "no record";
  const which = `records ${first} to ${last}`;
  const line = `${paint("green", "✓")} ${records.toLocaleString("en")} records (${which}) into ${into}`;
  const waits = "that there was an export goes into the chain when a gateway runs";
  return told === "waiting" ? `${line}\n  ${waits}` : line;
}
