/** Denials and refusals on their way to the client, each after its record. */
import { type Answer, denialAnswer, refusalAnswer } from "./answer.ts";
import type { Arrival, Permitted } from "./call.ts";
import type { Denied } from "./judge.ts";
import { recordDenial, recordRefusal } from "./record.ts";
import type { Refusal } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import type { Runtime } from "./runtime.ts";

export async function answerDenial(runtime: Runtime, denied: Denied, reply: Reply): Promise<void> {
  const { from, call, decision } = denied;
  const id = await recordDenial(runtime, denied);
  if (from.message.kind !== "request") return reply.end(403);
  end(reply, denialAnswer(from.message.id, call.method, from.envelope.era, decision, id));
}

/** Record before forward: what cannot be recorded does not happen. */
export function answerUnrecorded({ from, call }: Permitted, reply: Reply): void {
  from.span?.fail("audit_unavailable");
  if (from.message.kind !== "request") {
    reply.end(503);
    return;
  }
  const decision = {
    rule: "(audit unavailable)",
    message: "the call cannot be recorded, so it is not made",
  };
  const { id } = from.message;
  end(reply, denialAnswer(id, call.method, from.envelope.era, decision, undefined));
}

export async function answerRefusal(
  runtime: Runtime,
  arrival: Pick<Arrival, "at" | "via" | "remote" | "span">,
  refusal: Refusal,
  reply: Reply,
  headers?: Readonly<Record<string, string>>,
): Promise<void> {
  await recordRefusal(runtime, refusal, arrival);
  end(reply, refusalAnswer(refusal), headers);
}

function end(
  reply: Reply,
  { status, text }: Answer,
  headers?: Readonly<Record<string, string>>,
): void {
  reply.end(status, text, headers);
}
