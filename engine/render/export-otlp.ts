/**
 * Records as OpenTelemetry logs, in the JSON of OTLP 1.x (`ExportLogsServiceRequest`): one request a
 * line, as the file exporter of a collector writes and reads them.
 */
import type { AuditRecord } from "../audit/record.ts";

export function otlpLogs(records: readonly { readonly record: AuditRecord }[]): string {
  const byNode = Map.groupBy(records, ({ record }) => record.node);
  const resourceLogs = [...byNode].map(([node, own]) => ({
    resource: {
      attributes: attributesOf({ "service.name": "phiward", "service.instance.id": node }),
    },
    scopeLogs: [{ scope: { name: "phiward.audit" }, logRecords: own.map(logRecord) }],
  }));
  return `${JSON.stringify({ resourceLogs })}\n`;
}

/** INFO, WARN: OpenTelemetry logs data model, "Severity Fields". */
const INFO = 9;
const WARN = 13;

function logRecord({ record }: { readonly record: AuditRecord }): object {
  const warns = isWarning(record);
  const time = `${BigInt(Date.parse(record.at)) * 1_000_000n}`;
  const trace = record.kind === "decision" ? record.trace : undefined;
  return {
    ...{ timeUnixNano: time, observedTimeUnixNano: time },
    ...(warns
      ? { severityNumber: WARN, severityText: "WARN" }
      : { severityNumber: INFO, severityText: "INFO" }),
    eventName: `phiward.${record.kind}`,
    body: { stringValue: bodyOf(record) },
    attributes: attributesOf(flat({ ...record }, "phiward")),
    ...(trace === undefined ? {} : { traceId: trace }),
  };
}

/** What somebody may want to hear of: what was denied, turned away, or ended badly. */
export function isWarning(record: AuditRecord): boolean {
  switch (record.kind) {
    case "decision":
      return record.verdict === "deny" || record.monitor === true;
    case "outcome":
      return record.status !== "ok";
    case "rejected":
      return true;
    case "policy":
      return record.event !== "activated" && record.event !== "released";
    case "admin":
      return record.action.startsWith("emergency.") || record.action === "log.recovered";
    case "checkpoint":
      return false;
  }
}

function bodyOf(record: AuditRecord): string {
  switch (record.kind) {
    case "decision": {
      const { verdict, principal, server, tool, method } = record;
      return `${verdict} ${principal} ${server}/${tool === "" ? method : tool}`;
    }
    case "outcome":
      return `${record.status} of ${record.decision}`;
    case "rejected":
      return `rejected: ${record.code}`;
    case "admin":
      return record.action;
    case "policy":
      return `policy ${record.event}`;
    case "checkpoint":
      return `checkpoint of ${record.count} records`;
  }
}

type Flat = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Members of members as `phiward.policy.name`; a list that is not of texts as JSON. */
function flat(value: Readonly<Record<string, unknown>>, name: string): Flat {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]): [string, Flat[string]][] => {
      const path = `${name}.${key}`;
      if (one === null || one === undefined) return [];
      if (Array.isArray(one)) {
        const texts = one.every((item) => typeof item === "string");
        return [[path, texts ? (one as string[]) : JSON.stringify(one)]];
      }
      if (typeof one === "object") {
        return Object.entries(flat(one as Readonly<Record<string, unknown>>, path));
      }
      return [[path, one as string | number | boolean]];
    }),
  );
}

function attributesOf(attributes: Flat): readonly object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

/** 64-bit integers are texts in the JSON of protocol buffers. */
function anyValue(value: Flat[string]): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  return { arrayValue: { values: value.map((one) => ({ stringValue: one })) } };
}
