/**
 * Understood → Decided: the decision, by the same code that tests and proofs use. What may go on is a
 * `Decided`; a denial is a value too, and is recorded like any other decision.
 */
import { type Call, TOOLS_CALL } from "../decide/call.ts";
import {
  admit,
  type Circumstances,
  type Decision,
  decide,
  type Judgement,
} from "../decide/decide.ts";
import { subjectsOf } from "../decide/label.ts";
import { WORST } from "../decide/prepare.ts";
import { digestOf, isObject, own, type Received, type ReceivedObject } from "../json/value.ts";
import { writeReceived } from "../json/write.ts";
import type { Charge, Usage } from "../quota/quota.ts";
import { type Decided, decided, type Permitted, type Understood } from "./call.ts";
import { parametersAgree } from "./envelope.ts";
import type { Message } from "./message.ts";
import {
  CLIENT_NOTIFICATIONS,
  CLIENT_REQUESTS,
  INPUT_RESPONSES,
  type MethodKind,
  SESSION_END,
  STREAM_OPEN,
} from "./methods.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Runtime } from "./runtime.ts";

/** A decision that denies, with all that its record says. */
export interface Denied extends Permitted {
  readonly denied: true;
}

export function isDenied<T extends object>(value: T | Denied): value is Denied {
  return "denied" in value;
}

/** What is true now and stands in no file. */
export function circumstances(
  runtime: Runtime,
  at: number,
  usage: Usage = runtime.quotas,
): Circumstances {
  const halted = runtime.policy.halted();
  return {
    usage,
    opened: runtime.emergency.inForce(at),
    ...(halted === undefined ? {} : { halted }),
    stale: runtime.policy.freshness(at) === "overdue",
    drifted: runtime.pins,
    clockBehind: runtime.clockBehind(at),
    ...(runtime.dev ? { monitor: "all" } : {}),
  };
}

/** Judges what a client sends: a request, or a notification that is part of every session. */
export function judge(
  runtime: Runtime,
  from: Understood,
  usage?: Usage,
): Decided | Denied | Refusal {
  const { message, grant, target, at } = from;
  if (message.kind === "response") return refuse("unasked_response");
  const about = { grant: grant.source.id, server: target.source.id, method: message.method };
  const kind = kindOf(message);
  const call: Call = {
    grant: grant.source.id,
    server: target.source.id,
    method: message.method,
    tool: "",
    args: judgedParams(message.params),
    at,
  };
  if (kind === "lifecycle" || kind === "list") {
    const decision = admit(from.policy.repository, call, circumstances(runtime, at));
    return conclude(runtime, from, { ...call, args: {} }, { decision, charges: [] }, [], undefined);
  }
  if (kind === "tool") {
    const name = own(message.params, "name");
    const args = own(message.params, "arguments") ?? {};
    if (typeof name !== "string" || !isObject(args)) return refuse("bad_params", about);
    const tool: Call = { ...call, tool: name, args: args as ReceivedObject };
    const pinned = own(target.source.lock?.tools ?? {}, name)?.definition.inputSchema;
    if (
      from.envelope.era === "modern" &&
      from.headers !== undefined &&
      !parametersAgree(pinned as Received | undefined, args as Received, from.headers)
    ) {
      return refuse("header_mismatch", about);
    }
    return judgeRounds(runtime, from, tool, usage);
  }
  const task = message.method.startsWith("tasks/") ? own(message.params, "taskId") : undefined;
  if (CLIENT_REQUESTS.get(message.method)?.name === "taskId") {
    if (typeof task !== "string") return refuse("bad_params", about);
    const owner = { grant: grant.source.id, server: target.source.id };
    if (!runtime.bound.ownsTask(task, owner)) return refuse("foreign_task", about);
  }
  return judgeRounds(runtime, from, call, usage);
}

function kindOf(message: Exclude<Message, { kind: "response" }>): MethodKind | undefined {
  const { kind, method } = message;
  if (method === STREAM_OPEN || method === SESSION_END) return "lifecycle";
  if (kind === "request") return CLIENT_REQUESTS.get(method)?.kind;
  // Any other notification is there because a policy lists it, and is judged by what that says.
  return CLIENT_NOTIFICATIONS.has(method) ? "lifecycle" : "judged";
}

/**
 * A listener names resources; to hear of one is to know that it exists and changes, so each must be
 * one that the grant may read. The first that is not decides; one that monitor mode lets pass does
 * where none is denied.
 */
function judgeListened(runtime: Runtime, from: Understood, call: Call): Decision | undefined {
  const filter = own(call.args, "notifications");
  const named = isObject(filter)
    ? own(filter as ReceivedObject, "resourceSubscriptions")
    : undefined;
  if (call.method !== "subscriptions/listen" || named === undefined) return undefined;
  let watched: Decision | undefined;
  // One that is no list is judged as the one that it may be taken for.
  for (const uri of Array.isArray(named) ? (named as readonly Received[]) : [named]) {
    const read: Call = { ...call, method: "resources/read", args: { uri } };
    const { decision } = decide(from.policy.repository, read, circumstances(runtime, call.at));
    if (decision.verdict === "deny") return decision;
    if (decision.monitored) watched ??= decision;
  }
  return watched;
}

/** A retry of a multi-round call is judged again, whole, and its answers need an entry of their own. */
function judgeRounds(
  runtime: Runtime,
  from: Understood,
  call: Call,
  usage: Usage | undefined,
): Decided | Denied | Refusal {
  const { message, grant, target, at } = from;
  const params = (message as { params: ReceivedObject }).params;
  const now = circumstances(runtime, at, usage);
  const judged = decide(from.policy.repository, call, now);
  const subjects = subjectsIn(from, call);
  const unread = judged.decision.verdict === "allow" && judgeListened(runtime, from, call);
  if (unread)
    return conclude(runtime, from, call, { decision: unread, charges: [] }, subjects, undefined);
  const answers = own(params, "inputResponses");
  const state = own(params, "requestState");
  if (answers === undefined && state === undefined) {
    return conclude(runtime, from, call, judged, subjects, undefined);
  }
  const about = { grant: grant.source.id, server: target.source.id, method: call.method };
  if (state !== undefined && typeof state !== "string") return refuse("bad_params", about);
  if (answers !== undefined && !isObject(answers)) return refuse("bad_params", about);
  const owner = { grant: grant.source.id, server: target.source.id };
  const round = runtime.bound.round(state, owner, questionOf(call));
  if (round === undefined) return refuse("foreign_round", about);
  // The answer was given for one call; with other arguments it would be consent to something else.
  if (round.question !== questionOf(call)) return refuse("changed_round", about);
  if (judged.decision.verdict === "allow" && answers !== undefined) {
    const args = answers as ReceivedObject;
    const second = decide(
      from.policy.repository,
      { ...call, method: INPUT_RESPONSES, tool: "", args },
      // An answer is part of its call: where that one concerns patient data, so does this.
      judged.decision.ephi && now.monitor !== "all" ? { ...now, monitor: "none" } : now,
    );
    if (second.decision.verdict === "deny") {
      return conclude(runtime, from, call, second, subjects, round.decision);
    }
    const both = together(judged, second);
    return conclude(runtime, from, call, both, subjects, round.decision);
  }
  return conclude(runtime, from, call, judged, subjects, round.decision);
}

/** A call and its answer, both allowed. Where one of them is only watched, nothing is taken from limits. */
function together(call: Judgement, answer: Judgement): Judgement {
  const { rule, reason, monitored } = answer.decision;
  if (call.decision.monitored) return call;
  return monitored
    ? { decision: { ...call.decision, rule, reason, monitored }, charges: [] }
    : { ...call, charges: [...call.charges, ...answer.charges] };
}

function conclude(
  runtime: Runtime,
  from: Permitted["from"],
  call: Call,
  { decision, charges }: { decision: Decision; charges: readonly Charge[] },
  subjects: readonly string[] | undefined,
  round: string | undefined,
): Decided | Denied {
  const opening = runtime.emergency.inForce(call.at).get(from.grant.source.id)?.id;
  const permitted: Permitted = { from, call, decision, charges, subjects, round, opening };
  return decision.verdict === "allow" ? decided(permitted) : { ...permitted, denied: true };
}

/** Judges what a server asks of the client: its own method, its own arguments, the same grant. */
export function judgeServerRequest(
  runtime: Runtime,
  from: Permitted["from"],
  method: string,
  params: ReceivedObject,
  usage?: Usage,
): Decided | Denied {
  const at = runtime.now();
  const call: Call = {
    grant: from.grant.source.id,
    server: from.target.source.id,
    method,
    tool: "",
    args: judgedParams(params),
    at,
  };
  const judged = decide(from.policy.repository, call, circumstances(runtime, at, usage));
  return conclude(runtime, from, call, judged, subjectsIn(from, call), undefined);
}

/** The parameters that a policy speaks of: without the protocol's envelope. */
export function judgedParams(params: ReceivedObject): ReceivedObject {
  const { _meta, inputResponses, requestState, ...judged } = params;
  return judged;
}

function subjectsIn({ target }: Permitted["from"], call: Call): readonly string[] | undefined {
  const labels = call.method === TOOLS_CALL ? target.toolLabels : target.methodLabels;
  const name = call.method === TOOLS_CALL ? call.tool : call.method;
  return subjectsOf((labels.get(name) ?? WORST).source, call.args);
}

/** The call as a digest: what must not change between the rounds of one call. */
export function questionOf({ method, tool, args }: Call): string {
  // Numbers that no double holds keep their text, so two of them are never taken for one.
  return digestOf([method, tool, writeReceived(sorted(args))]);
}

function sorted(value: Received): Received {
  if (Array.isArray(value)) return value.map((item) => sorted(item as Received));
  if (!isObject(value)) return value;
  const object = value as ReceivedObject;
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, sorted(object[key]!)]),
  );
}
