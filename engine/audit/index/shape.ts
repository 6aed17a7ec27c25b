/** The shape of a record: what of it a filter may ask for. */
import type { AuditRecord, Kind, Verdict } from "../record.ts";

export interface Shape {
  readonly kind: Kind;
  readonly grant?: string | undefined;
  readonly principal?: string | undefined;
  readonly server?: string | undefined;
  readonly tool?: string | undefined;
  readonly verdict?: Verdict | undefined;
  readonly rule?: string | undefined;
  readonly code?: string | undefined;
}

/** In the order of the table's columns. */
export const SHAPE_COLUMNS = [
  "kind",
  "grant",
  "principal",
  "server",
  "tool",
  "verdict",
  "rule",
  "code",
] as const;

/** What arrives without a valid form has as many tools as its sender likes: they make no shapes. */
export const ANY_TOOL = "?";

export function shapeOf(record: AuditRecord): Shape {
  const { kind } = record;
  switch (record.kind) {
    case "decision": {
      const { grant, principal, server, tool, verdict, rule, code } = record;
      return { kind, grant, principal, server, tool, verdict, rule, code };
    }
    case "rejected": {
      const { grant, server, tool, code } = record;
      return { kind, grant, server, tool: tool === undefined ? undefined : ANY_TOOL, code };
    }
    case "admin":
      return { kind, grant: record.grant, principal: record.principal, code: record.action };
    case "policy":
      return { kind, server: record.server, tool: record.tool, code: record.event };
    case "outcome":
    case "checkpoint":
      return { kind };
  }
}

/** Whether nobody can tell which patients an allowed call touched. */
export function isOpen(record: AuditRecord): boolean {
  return (
    record.kind === "decision" &&
    record.verdict === "allow" &&
    record.ephi &&
    (record.subject === "unknown" || record.volume === "bulk")
  );
}
