/**
 * A client's answer to what a server asked of it (sampling, elicitation, roots; legacy era). It goes
 * through only where the question did: to the server that asked, in the session that was asked, once.
 */
import type { Understood } from "./call.ts";
import { connectionFor } from "./forward.ts";
import { type ResponseMessage, withMember } from "./message.ts";
import { refuse } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import type { Runtime } from "./runtime.ts";
import { answerRefusal } from "./tell.ts";

export async function respond(
  runtime: Runtime,
  from: Understood,
  response: ResponseMessage,
  reply: Reply,
): Promise<void> {
  const { session } = from;
  const key = response.id === null ? undefined : String(response.id);
  const asked = key === undefined ? undefined : session?.asked.get(key);
  if (asked === undefined || session === undefined) {
    const grant = from.grant.source.id;
    return await answerRefusal(runtime, from, refuse("unasked_response", { grant }), reply);
  }
  session.asked.delete(key!);
  const target = from.policy.repository.servers.get(asked.server) ?? from.target;
  const connection = connectionFor(runtime, { ...from, target });
  const message = withMember(response, "id", asked.id);
  const sent = await connection.send({ message, headers: {} }, AbortSignal.timeout(30_000));
  const ok = sent.kind === "accepted" || sent.kind === "message";
  void runtime.log
    .append({
      kind: "outcome",
      at: from.at,
      decision: asked.decision,
      status: ok ? (response.error === undefined ? "ok" : "tool_error") : "upstream_error",
      ms: from.at - asked.at,
      bytes: Buffer.byteLength(response.text),
      items: 1,
      resultSubjects: [],
    })
    .durable.catch(() => {});
  reply.end(ok ? 202 : 502);
}
