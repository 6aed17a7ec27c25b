/**
 * One message for one server, as a straight line:
 *
 *     judge → reserve → record → forward
 *
 * A step that refuses or denies ends the line; what it says is recorded, and told.
 */
import type { Understood } from "./call.ts";
import { forward } from "./forward.ts";
import { isDenied, judge } from "./judge.ts";
import { CLIENT_REQUESTS } from "./methods.ts";
import { record } from "./record.ts";
import { isRefusal, refuse } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import { reserve } from "./reserve.ts";
import { respond } from "./respond.ts";
import type { Runtime } from "./runtime.ts";
import { answerDenial, answerRefusal, answerUnrecorded } from "./tell.ts";

/** Never rejects. */
export async function handleOne(runtime: Runtime, from: Understood, reply: Reply): Promise<void> {
  const { message, session } = from;
  if (message.kind === "response") return await respond(runtime, from, message, reply);
  const about = {
    grant: from.grant.source.id,
    token: from.token,
    method: message.method,
    requestId: message.kind === "request" ? message.id : undefined,
  };
  if (message.kind === "request" && CLIENT_REQUESTS.get(message.method)?.kind === "local") {
    // A sign of life asks nothing of the server and tells nothing of it.
    from.span?.rename(message.method);
    from.span?.add({ "mcp.method.name": message.method });
    return reply.end(200, JSON.stringify({ jsonrpc: "2.0", id: message.id, result: {} }));
  }
  if (message.method === "initialize" && session === undefined && runtime.sessions.full) {
    return await answerRefusal(runtime, from, refuse("too_many", about), reply);
  }
  const began = performance.now();
  const judged = judge(runtime, from);
  const decided = performance.now();
  runtime.metrics.phase("judge", decided - began);
  if (isRefusal(judged)) return await answerRefusal(runtime, from, { ...judged, ...about }, reply);
  if (isDenied(judged)) return await answerDenial(runtime, judged, reply);
  const reserved = await reserve(runtime, judged, (usage) => judge(runtime, from, usage));
  if (isDenied(reserved)) return await answerDenial(runtime, reserved, reply);
  const recorded = await record(runtime, reserved);
  runtime.metrics.phase("record", performance.now() - decided);
  if ("unavailable" in recorded) return answerUnrecorded(judged, reply);
  await forward(runtime, recorded, reply);
}
