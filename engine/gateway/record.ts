/** Reserved → Recorded: nothing is forwarded before its record is on disk. */
import type { Appended } from "../audit/log.ts";
import {
  type BundleRef,
  type DecisionEntry,
  type RejectedEntry,
  reasonCode,
} from "../audit/record.ts";
import { TOOLS_CALL } from "../decide/call.ts";
import { WORST } from "../decide/prepare.ts";
import type { Taken } from "../quota/store.ts";
import { describeDecision, describeFurther, describeRejected } from "../telemetry/describe.ts";
import type { Span } from "../telemetry/traces.ts";
import { type Permitted, type Recorded, type Reserved, recorded } from "./call.ts";
import type { Denied } from "./judge.ts";
import {
  CLIENT_NOTIFICATIONS,
  CLIENT_REQUESTS,
  isKnownMethod,
  SESSION_END,
  STREAM_OPEN,
} from "./methods.ts";
import type { BundleIdentity } from "./policy-source.ts";
import { REFUSALS, type Refusal } from "./refusal.ts";
import type { Runtime } from "./runtime.ts";
import { arrivedIn } from "./spans.ts";

/** Nothing can be recorded, so nothing may happen. */
export interface Unavailable {
  readonly unavailable: true;
}

export async function record(
  runtime: Runtime,
  reserved: Reserved,
): Promise<Recorded | Unavailable> {
  const entry = decisionEntry(runtime, reserved, reserved.reservation.taken);
  const { id, durable } = append(runtime, entry, reserved);
  try {
    await durable;
  } catch {
    runtime.quotas.giveBack(reserved.reservation.taken);
    return { unavailable: true };
  }
  return recorded(reserved, id);
}

/** A denial is recorded like an allowed call; undefined: it could not be, and is denied all the same. */
export async function recordDenial(runtime: Runtime, denied: Denied): Promise<string | undefined> {
  const { id, durable } = append(runtime, decisionEntry(runtime, denied, []), denied);
  return await durable.then(
    () => id,
    () => undefined,
  );
}

function append(runtime: Runtime, entry: DecisionEntry, { from, call }: Permitted): Appended {
  runtime.metrics.decision(entry.server, entry.verdict, entry.code);
  if (entry.monitor === true) runtime.metrics.monitored(entry.server, entry.code);
  const appended = runtime.log.append(entry);
  if (from.span !== undefined) describe(from.span, entry, appended.id, from, call.method);
  return appended;
}

/** A span is about its message; what else is judged on the way stands in it as an event. */
function describe(
  span: Span,
  entry: DecisionEntry,
  id: string,
  { message, via, envelope }: Permitted["from"],
  judged: string,
): void {
  const own = message.kind !== "response" && message.method === judged;
  if (own) describeDecision(span, entry, id, { via, version: envelope.version });
  else describeFurther(span, entry, id);
}

/** What arrived without a valid identity or form. Never what it said. */
export async function recordRefusal(
  runtime: Runtime,
  refusal: Refusal,
  arrival: {
    readonly at: number;
    readonly via: "http" | "stdio";
    readonly remote?: string | undefined;
    readonly span?: Span;
  },
): Promise<void> {
  runtime.metrics.refused(refusal.refused);
  const { grant, token, server, session, method } = refusal;
  const entry: RejectedEntry = {
    kind: "rejected",
    at: arrival.at,
    code: refusal.refused,
    transport: arrival.via,
    grant,
    token,
    server,
    remote: arrival.remote,
    method: method === undefined ? undefined : methodName(runtime, method),
    session: session === undefined ? undefined : runtime.hashName(session),
  };
  if (arrival.span !== undefined) {
    describeRejected(arrival.span, entry, REFUSALS[refusal.refused].rpc);
  }
  if (!runtime.flood.admits(entry)) return;
  // It is refused whether or not it can be recorded.
  await runtime.log.append(entry).durable.catch(() => {});
}

function decisionEntry(
  runtime: Runtime,
  { from, call, decision, subjects, round, opening }: Permitted,
  taken: readonly Taken[],
): DecisionEntry {
  const { grant, target, policy, message, session } = from;
  const { principal, purpose } = grant.source;
  const isTool = call.method === TOOLS_CALL;
  const known = isTool ? target.properties(call.tool) : undefined;
  const names = Object.keys(call.args);
  const argKeys = names.filter((name) => known?.has(name)).sort();
  const labels = isTool ? target.toolLabels : target.methodLabels;
  const label = (labels.get(isTool ? call.tool : call.method) ?? WORST).source;
  const builtIn = isBuiltIn(call.method);
  const requestId = message.kind === "request" ? message.id : undefined;
  return {
    kind: "decision",
    at: call.at,
    grant: grant.source.id,
    principal: principal.id,
    ...(principal.responsible === undefined ? {} : { responsible: principal.responsible }),
    purpose,
    server: target.source.id,
    method: methodName(runtime, call.method),
    tool: isTool ? toolName(runtime, from, call.tool) : "",
    argKeys,
    argsOther: names.length - argKeys.length,
    subjects: [...new Set((subjects ?? []).map(runtime.pseudonym))].sort(),
    subject: subjects === undefined ? "unknown" : subjects.length === 0 ? "none" : "named",
    volume: builtIn ? "single" : label.volume,
    ephi: decision.ephi,
    effect: decision.effect,
    verdict: decision.verdict,
    rule: decision.rule,
    code: builtIn && decision.rule === "" ? "built_in" : reasonCode(decision.rule),
    policy: decision.policy,
    bundle: bundleAt(runtime, policy.bundle, call.at),
    quota: taken,
    ...(session === undefined ? {} : { session: runtime.hashName(session.id) }),
    ...(requestId === undefined ? {} : { request: requestName(runtime, requestId) }),
    ...traceOf(from),
    ...(round === undefined ? {} : { round }),
    ...(opening === undefined ? {} : { emergency: opening }),
    ...(decision.monitored === true ? { monitor: true } : {}),
  };
}

/** Every record of a time in which nobody vouched for the policy says so. */
function bundleAt({ policy }: Runtime, bundle: BundleIdentity, at: number): BundleRef {
  return policy.freshness(at) === "fresh" ? bundle : { ...bundle, stale: true };
}

function isBuiltIn(method: string): boolean {
  const kind = CLIENT_REQUESTS.get(method)?.kind;
  const session = method === STREAM_OPEN || method === SESSION_END;
  return session || kind === "lifecycle" || kind === "list" || CLIENT_NOTIFICATIONS.has(method);
}

/** Clients count their requests from 0 or 1; any other id may be somebody's number, and is hashed. */
function requestName(runtime: Runtime, id: string | number): string {
  const counts = typeof id === "number" && id >= 0 && id < 10_000;
  return counts ? String(id) : runtime.hashName(String(id));
}

/** W3C Trace Context: the trace id alone, which is chance. */
function traceOf({ message, headers, span }: Permitted["from"]): { trace?: string } {
  const context = span?.context ?? arrivedIn(message, headers);
  return context === undefined ? {} : { trace: context.traceId };
}

/** A name that the catalogue or the policy knows; any other may be a patient's, and is hashed. */
function toolName(runtime: Runtime, from: Permitted["from"], tool: string): string {
  const { target, policy, grant } = from;
  const rules = policy.repository.policies.get(grant.access.get(target.source.id) ?? "");
  const known =
    target.toolLabels.has(tool) ||
    rules?.tools.has(tool) === true ||
    Object.hasOwn(target.source.lock?.tools ?? {}, tool);
  return known ? tool : runtime.hashName(tool);
}

function methodName(runtime: Runtime, method: string): string {
  const known =
    isKnownMethod(method) ||
    [...(runtime.policy.current()?.repository.policies.values() ?? [])].some(({ methods }) =>
      methods.has(method),
    );
  return known ? method : runtime.hashName(method);
}
