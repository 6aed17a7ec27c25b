/** One message of a known grant: what it means, and then its line of steps, once or for each server. */
import { handleEverything } from "./aggregate.ts";
import type { Authenticated, Understood } from "./call.ts";
import { handleOne } from "./line.ts";
import { isRefusal, type Refusal } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import type { Runtime } from "./runtime.ts";
import { arrivedIn } from "./spans.ts";
import { answerRefusal } from "./tell.ts";
import { type Everything, isEverything, understand } from "./understand.ts";

type Meant = Understood | Everything | Refusal;

/** Handles the text of one message. Never rejects. */
export async function handle(
  runtime: Runtime,
  from: Authenticated,
  text: string,
  reply: Reply,
): Promise<void> {
  const began = performance.now();
  const meant = understand(runtime, from, text);
  runtime.metrics.phase("understand", performance.now() - began);
  if (runtime.traces === undefined) return await answer(runtime, from, meant, reply);
  // A client's answer to a question is part of the span in which it was asked.
  if (!isRefusal(meant) && meant.message.kind === "response") {
    return await answer(runtime, from, meant, reply);
  }
  const message = isRefusal(meant) ? undefined : meant.message;
  const span = runtime.traces.serve(arrivedIn(message, from.headers), began);
  try {
    const traced = { ...from, span };
    await answer(runtime, traced, isRefusal(meant) ? meant : { ...meant, span }, reply);
  } finally {
    span.end();
  }
}

async function answer(
  runtime: Runtime,
  from: Authenticated,
  meant: Meant,
  reply: Reply,
): Promise<void> {
  if (isRefusal(meant)) return await answerRefusal(runtime, from, meant, reply);
  if (isEverything(meant)) return await handleEverything(runtime, from, meant, reply);
  await handleOne(runtime, meant, reply);
}
