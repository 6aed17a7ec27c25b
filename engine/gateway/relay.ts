/**
 * What a server sends, on its way to the client: judged where it asks or tells something, filtered
 * where it lists, looked at where it answers. Nothing passes that the grant's policy does not know.
 */
import { isObject, own, type Received, type ReceivedObject } from "../json/value.ts";
import { type Answer, badAnswer, denialAnswer, rpcError } from "./answer.ts";
import type { Permitted, Recorded, Reserved } from "./call.ts";
import { type Denied, isDenied, judgeServerRequest, questionOf } from "./judge.ts";
import { type Message, type ResponseMessage, withMember } from "./message.ts";
import { GOVERNED_NOTIFICATIONS, SERVER_NOTIFICATIONS, SERVER_REQUESTS } from "./methods.ts";
import { resultFacts } from "./outcome.ts";
import { instructionsPinned } from "./pins.ts";
import { record, recordDenial } from "./record.ts";
import { RPC } from "./refusal.ts";
import { reserve } from "./reserve.ts";
import type { Runtime } from "./runtime.ts";
import type { Connection } from "./upstream.ts";

/** A server that asks and asks does not fill the memory; its oldest question is forgotten. */
const MAX_ASKED = 1_000;

/** What became of a call, for its outcome record. */
export interface Outcome {
  readonly status: "ok" | "tool_error" | "upstream_error" | "cancelled" | "unknown";
  readonly items: number;
  readonly subjects: readonly string[];
  readonly bytes: number;
  /** The code of the server's JSON-RPC error; whatever it wrote there. */
  readonly rpc?: unknown;
}

export type Carried =
  | { readonly pass: Message }
  | { readonly drop: true }
  | { readonly answer: Answer; readonly outcome: Outcome };

/** A server's message within a call or a session of `from`. */
export async function carry(
  runtime: Runtime,
  from: Permitted["from"],
  message: Message,
  connection: Connection,
): Promise<Carried> {
  if (message.kind === "request") return await carryRequest(runtime, from, message, connection);
  if (message.kind === "notification") return carryNotification(runtime, from, message);
  // An answer outside of the call that it answers is nobody's.
  return { drop: true };
}

/** What a server asks of the client needs a policy entry of its own, and its record, like a call. */
async function carryRequest(
  runtime: Runtime,
  from: Permitted["from"],
  message: Extract<Message, { kind: "request" }>,
  connection: Connection,
): Promise<Carried> {
  const { session, target } = from;
  if (message.method === "ping") {
    void connection.send(ownResponse(message.id, { result: {} }), AbortSignal.timeout(30_000));
    return { drop: true };
  }
  const why = await whyNot(runtime, from, message);
  if (typeof why === "string" || session === undefined) {
    const text = typeof why === "string" ? why : "there is no session to answer in";
    const error = { code: RPC.DENIED, message: `[POLICY DENIED] ${text}` };
    void connection.send(ownResponse(message.id, { error }), AbortSignal.timeout(30_000));
    return { drop: true };
  }
  // Under an id of ours: two servers of one session may use the same, and none may guess another's.
  const key = `${session.id.slice(0, 8)}-${session.nextAsked++}`;
  if (session.asked.size >= MAX_ASKED) session.asked.delete(session.asked.keys().next().value!);
  session.asked.set(key, {
    server: target.source.id,
    id: message.id,
    method: message.method,
    decision: why.id,
    at: runtime.now(),
  });
  return { pass: withMember(message, "id", key) };
}

/** The record that allows it, or why it is denied. */
async function whyNot(
  runtime: Runtime,
  from: Permitted["from"],
  { method, params }: Extract<Message, { kind: "request" }>,
): Promise<Recorded | string> {
  if (!SERVER_REQUESTS.has(method) && !listed(from, [method])) return "the method is not known";
  const reserved = await reserveServerRequest(runtime, from, method, params);
  if (isDenied(reserved)) {
    await recordDenial(runtime, reserved);
    return reserved.decision.message;
  }
  const recorded = await record(runtime, reserved);
  return "unavailable" in recorded ? "nothing can be recorded" : recorded;
}

function ownResponse(
  id: string | number,
  body: { result: object } | { error: object },
): { message: Message; headers: Record<string, string> } {
  const value = { jsonrpc: "2.0", id, ...body } as unknown as ReceivedObject;
  const message: ResponseMessage = { kind: "response", id, value, text: JSON.stringify(value) };
  return { message, headers: {} };
}

function carryNotification(
  runtime: Runtime,
  from: Permitted["from"],
  message: Extract<Message, { kind: "notification" }>,
): Carried {
  const { method } = message;
  if (method === "notifications/tools/list_changed") runtime.upstreams.recheck(from.target);
  if (SERVER_NOTIFICATIONS.has(method)) return { pass: message };
  const needs = GOVERNED_NOTIFICATIONS.get(method) ?? [method];
  if (listed(from, needs)) return { pass: message };
  runtime.metrics.dropped();
  return { drop: true };
}

function listed({ policy, grant, target }: Permitted["from"], methods: readonly string[]): boolean {
  const rules = policy.repository.policies.get(grant.access.get(target.source.id) ?? "");
  return methods.some((method) => rules?.methods.has(method) === true);
}

/** `tasks`: an extension's result that is a handle (MCP 2026-07-28, extension io.modelcontextprotocol/tasks). */
const RESULT_TYPES: ReadonlySet<unknown> = new Set([
  undefined,
  "complete",
  "input_required",
  "task",
]);

/** The server's answer to the call itself. */
export async function settle(
  runtime: Runtime,
  recorded: Recorded,
  response: ResponseMessage,
  status: number,
): Promise<{ readonly answer: Answer; readonly outcome: Outcome }> {
  const { from, call } = recorded;
  const request = from.message as Extract<Message, { kind: "request" }>;
  const bytes = Buffer.byteLength(response.text);
  const failed: Outcome = { status: "upstream_error", items: 0, subjects: [], bytes };
  const { result } = response;
  if (result === undefined) {
    // The server could not read the id, and says so.
    const wrongId = response.id !== null && response.id !== request.id;
    if (wrongId) return { answer: badAnswer(request.id), outcome: failed };
    return {
      answer: { status, text: response.text },
      outcome: { ...failed, status: "tool_error", rpc: own(response.error ?? {}, "code") },
    };
  }
  const type = own(result, "resultType");
  if (response.id !== request.id || !RESULT_TYPES.has(type)) {
    return { answer: badAnswer(request.id), outcome: failed };
  }
  const facts = resultFacts(result, from.target, call.tool);
  const outcome: Outcome = { ...facts, bytes };
  if (type === "input_required") {
    const wanted = inputRequests(result);
    if (wanted === undefined) return { answer: badAnswer(request.id), outcome: failed };
    const refused = await refusedInput(runtime, recorded, wanted);
    if (refused !== undefined) return { answer: refused, outcome };
    const state = own(result, "requestState");
    runtime.bound.addRound(typeof state === "string" ? state : undefined, {
      grant: from.grant.source.id,
      server: from.target.source.id,
      question: questionOf(call),
      decision: recorded.round ?? recorded.id,
    });
  }
  bindTask(runtime, from, result);
  const shown = shownResult(runtime, recorded, result);
  const text = shown === result ? response.text : withMember(response, "result", shown).text;
  return { answer: { status, text }, outcome };
}

interface InputRequest {
  readonly method: string;
  readonly params: ReceivedObject;
}

/** What the server wants to ask in the next round; undefined when it is not of the form that has. */
function inputRequests(result: ReceivedObject): readonly InputRequest[] | undefined {
  const wanted = own(result, "inputRequests") ?? {};
  if (!isObject(wanted)) return undefined;
  const requests: InputRequest[] = [];
  for (const asked of Object.values(wanted as ReceivedObject)) {
    if (!isObject(asked)) return undefined;
    const method = own(asked as ReceivedObject, "method");
    const params = own(asked as ReceivedObject, "params") ?? {};
    if (typeof method !== "string" || !isObject(params)) return undefined;
    requests.push({ method, params: params as ReceivedObject });
  }
  return requests;
}

/** The questions of the next round are judged now; one refusal ends the call. */
async function refusedInput(
  runtime: Runtime,
  { from, call }: Recorded,
  wanted: readonly InputRequest[],
): Promise<Answer | undefined> {
  const request = from.message as Extract<Message, { kind: "request" }>;
  for (const { method, params } of wanted) {
    const reserved = await reserveServerRequest(runtime, from, method, params);
    if (isDenied(reserved)) {
      const id = await recordDenial(runtime, reserved);
      return denialAnswer(request.id, call.method, from.envelope.era, reserved.decision, id);
    }
    const recorded = await record(runtime, reserved);
    if ("unavailable" in recorded) {
      return rpcError(200, request.id, RPC.DENIED, "[POLICY DENIED] nothing can be recorded");
    }
  }
  return undefined;
}

/** What a server asks of the client, judged and its quota taken. */
async function reserveServerRequest(
  runtime: Runtime,
  from: Permitted["from"],
  method: string,
  params: ReceivedObject,
): Promise<Reserved | Denied> {
  const judged = judgeServerRequest(runtime, from, method, params);
  return isDenied(judged)
    ? judged
    : await reserve(runtime, judged, (usage) =>
        judgeServerRequest(runtime, from, method, params, usage),
      );
}

/** A task id in a result belongs to the grant that got it. */
function bindTask(
  runtime: Runtime,
  { grant, target }: Permitted["from"],
  result: ReceivedObject,
): void {
  const owner = { grant: grant.source.id, server: target.source.id };
  for (const holder of [own(result, "task"), result]) {
    const id = isObject(holder) ? own(holder as ReceivedObject, "taskId") : undefined;
    if (typeof id === "string") runtime.bound.addTask(id, owner);
  }
}

/** Lists without what the grant could not call; the handshake without text that nobody reviewed. */
function shownResult(
  runtime: Runtime,
  { from, call }: Recorded,
  result: ReceivedObject,
): ReceivedObject {
  const { target, policy, grant, at } = from;
  if (call.method === "tools/list") runtime.pins.seen(target, result);
  if (call.method === "initialize" || call.method === "server/discover") {
    if (instructionsPinned(target, own(result, "instructions"))) return result;
    const { instructions, ...rest } = result;
    return rest;
  }
  if (call.method === "tasks/list") {
    const owner = { grant: grant.source.id, server: target.source.id };
    const tasks = own(result, "tasks");
    if (!Array.isArray(tasks)) return result;
    const mine = tasks.filter((task) => {
      const id = isObject(task) ? own(task as ReceivedObject, "taskId") : undefined;
      return typeof id === "string" && runtime.bound.ownsTask(id, owner);
    });
    return { ...result, tasks: mine as readonly Received[] };
  }
  return runtime.lists.filter(
    call.method,
    result,
    { policy, grant, server: target, at },
    runtime.pins,
  );
}
