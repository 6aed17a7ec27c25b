/**
 * Records as events of the Open Cybersecurity Schema Framework, class API Activity (6003) of OCSF
 * 1.3.0. What the class has no attribute for stands in `unmapped`, under the names of the record.
 *
 * Of a patient only the pseudonym is there, as an observable of type 99 (other).
 */
import type { AdminRecord, AuditRecord, DecisionRecord, RejectedRecord } from "../audit/record.ts";
import { isWarning } from "./export-otlp.ts";

export const OCSF_VERSION = "1.3.0";
const CLASS = 6003;
const CATEGORY = 6;

export function ocsfEvents(records: readonly { readonly record: AuditRecord }[]): string {
  return records.map(({ record }) => `${JSON.stringify(ocsfEvent(record))}\n`).join("");
}

export function ocsfEvent(record: AuditRecord): object {
  const { id, name } = activityOf(record);
  const warns = isWarning(record);
  return {
    ...{ activity_id: id, activity_name: name, category_uid: CATEGORY },
    ...{ category_name: "Application Activity", class_uid: CLASS, class_name: "API Activity" },
    ...{ type_uid: CLASS * 100 + id, type_name: `API Activity: ${name}` },
    time: Date.parse(record.at),
    // 1 informational, 3 medium.
    ...(warns
      ? { severity_id: 3, severity: "Medium" }
      : { severity_id: 1, severity: "Informational" }),
    ...statusOf(record),
    metadata: {
      ...{ version: OCSF_VERSION, uid: record.id, sequence: record.seq, event_code: record.kind },
      ...{ original_time: record.at, log_name: "audit", log_provider: record.node },
      product: { name: "phiward", vendor_name: "phiward" },
      ...(record.kind === "outcome" ? { correlation_uid: record.decision } : {}),
    },
    actor: actorOf(record),
    api: apiOf(record),
    src_endpoint: sourceOf(record),
    ...endpointOf(record),
    ...observablesOf(record),
    unmapped: unmappedOf(record),
  };
}

interface Activity {
  readonly id: number;
  readonly name: string;
}

/** A tool that writes may create or update: nobody can tell, so it is of another kind than both. */
function activityOf(record: AuditRecord): Activity {
  if (record.kind !== "decision") return { id: 99, name: record.kind };
  switch (record.effect) {
    case "read":
      return { id: 2, name: "Read" };
    case "destructive":
      return { id: 4, name: "Delete" };
    default:
      return { id: 99, name: record.effect };
  }
}

/** 1 success, 2 failure. */
function statusOf(record: AuditRecord): object {
  const failed = (code: string, detail: string): object => ({
    ...{ status_id: 2, status: "Failure", status_code: code, status_detail: detail },
  });
  switch (record.kind) {
    case "decision":
      return record.verdict === "deny" ? failed(record.code, record.rule) : SUCCESS;
    case "outcome":
      return record.status === "ok" ? SUCCESS : failed(record.status, record.status);
    case "rejected":
      return failed(record.code, record.code);
    case "policy":
      return record.event === "refused" ? failed("refused", record.check ?? "") : SUCCESS;
    case "admin":
    case "checkpoint":
      return SUCCESS;
  }
}

const SUCCESS = { status_id: 1, status: "Success" };

function actorOf(record: AuditRecord): object {
  switch (record.kind) {
    case "decision":
      return decisionActor(record);
    case "rejected":
      return rejectedActor(record);
    case "admin":
      return adminActor(record);
    default:
      return GATEWAY;
  }
}

/** It speaks of itself: nobody called. */
const GATEWAY = { app_name: "phiward" };

function decisionActor({ principal, grant, session }: DecisionRecord): object {
  const [kind] = principal.split(":");
  // 1 user, 99 other: agents and services have no number of their own.
  const type = kind === "person" ? USER : { type_id: 99, type: kind };
  return {
    user: { uid: principal, name: principal, ...type },
    app_uid: grant,
    ...(session === undefined ? {} : { session: { uid: session } }),
  };
}

const USER = { type_id: 1, type: "User" };

/** A token that ended had a grant; whoever sends it now is not known. */
function rejectedActor({ grant }: RejectedRecord): object {
  return grant === undefined ? { app_name: "unknown" } : { app_uid: grant };
}

function adminActor({ by }: AdminRecord): object {
  return by === undefined ? GATEWAY : { user: { uid: by, name: by, ...USER } };
}

function apiOf(record: AuditRecord): object {
  switch (record.kind) {
    case "decision": {
      const { method, tool, server, request } = record;
      return {
        operation: tool === "" ? method : tool,
        service: { name: server },
        ...(request === undefined ? {} : { request: { uid: request } }),
      };
    }
    case "outcome": {
      const { status, decision } = record;
      return { operation: "outcome", request: { uid: decision }, response: { message: status } };
    }
    case "rejected":
      return { operation: record.tool ?? record.method ?? "unknown" };
    case "admin":
      return { operation: record.action };
    case "policy":
      return { operation: `policy.${record.event}` };
    case "checkpoint":
      return { operation: "checkpoint" };
  }
}

/** The log keeps the address of a caller only where there is no valid identity. */
function sourceOf(record: AuditRecord): object {
  if (record.kind === "rejected" && record.remote !== undefined) return { ip: record.remote };
  if (record.kind === "decision") return { name: record.principal };
  return { name: record.node, svc_name: "phiward" };
}

function endpointOf(record: AuditRecord): object {
  const server = "server" in record ? record.server : undefined;
  return server === undefined ? {} : { dst_endpoint: { svc_name: server } };
}

function observablesOf(record: AuditRecord): object {
  const patients =
    record.kind === "decision"
      ? record.subjects
      : record.kind === "outcome"
        ? record.resultSubjects
        : [];
  if (patients.length === 0) return {};
  const name = record.kind === "decision" ? "unmapped.subjects" : "unmapped.resultSubjects";
  const type = { name, type_id: 99, type: "Patient pseudonym" };
  return { observables: patients.map((value) => ({ ...type, value })) };
}

/** The whole record, less what has an attribute of its own. */
function unmappedOf(record: AuditRecord): object {
  const { id, at, kind, seq, node, ...rest } = record;
  return rest;
}
