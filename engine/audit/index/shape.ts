/** The shape of a record: what of it a filter may ask for, or a report counts. */
import type { AuditRecord, DecisionRecord, Kind, Verdict } from "../record.ts";

export interface Shape {
  readonly kind: Kind;
  readonly grant?: string | undefined;
  readonly principal?: string | undefined;
  /** The person who answers for an agent or a service. */
  readonly responsible?: string | undefined;
  readonly purpose?: string | undefined;
  readonly server?: string | undefined;
  readonly method?: string | undefined;
  /** "" when the method calls no tool. */
  readonly tool?: string | undefined;
  readonly effect?: DecisionRecord["effect"] | undefined;
  readonly ephi?: boolean | undefined;
  readonly volume?: DecisionRecord["volume"] | undefined;
  readonly verdict?: Verdict | undefined;
  readonly rule?: string | undefined;
  /** Of a decision or a rejection its code; an administrative record's action; a policy record's event. */
  readonly code?: string | undefined;
  /** The name of the policy that decided. */
  readonly policy?: string | undefined;
  /** The release that decided was one for which nobody had vouched lately. */
  readonly stale?: boolean | undefined;
  /** Under an opening of an emergency grant. */
  readonly emergency?: boolean | undefined;
  /** It was only watched: it would have been denied, and was forwarded. */
  readonly monitor?: boolean | undefined;
}

/** In the order of the table's columns. */
export const SHAPE_COLUMNS = [
  "kind",
  "grant",
  "principal",
  "responsible",
  "purpose",
  "server",
  "method",
  "tool",
  "effect",
  "ephi",
  "volume",
  "verdict",
  "rule",
  "code",
  "policy",
  "stale",
  "emergency",
  "monitor",
] as const satisfies readonly (keyof Shape)[];

/** What arrives without a valid form has as many tools as its sender likes: they make no shapes. */
export const ANY_TOOL = "?";

export function shapeOf(record: AuditRecord): Shape {
  const { kind } = record;
  switch (record.kind) {
    case "decision":
      return decisionShape(record);
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

/**
 * The same for two records exactly when their shapes are, and whether they are open: many times as
 * fast as to write the shape down.
 */
export function shapeKey(record: AuditRecord): string {
  if (record.kind === "outcome" || record.kind === "checkpoint") return record.kind;
  if (record.kind !== "decision") return JSON.stringify(shapeOf(record));
  const { grant, principal, responsible, purpose, server, method, tool, effect, ephi } = record;
  const { volume, verdict, rule, code, policy, bundle, emergency, monitor, subject } = record;
  const texts = [grant, principal, responsible, purpose, server, method, tool, rule, code];
  const flags = [effect, ephi, volume, verdict, subject === "unknown", bundle?.stale, monitor];
  return JSON.stringify([texts, policy?.name, flags, emergency !== undefined]);
}

function decisionShape(record: DecisionRecord): Shape {
  const { kind, grant, principal, responsible, purpose, server, method, tool } = record;
  const { effect, ephi, volume, verdict, rule, code, monitor } = record;
  return {
    ...{ kind, grant, principal, responsible, purpose, server, method, tool },
    ...{ effect, ephi, volume, verdict, rule, code },
    policy: record.policy?.name,
    stale: record.bundle?.stale,
    emergency: record.emergency === undefined ? undefined : true,
    monitor,
  };
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
