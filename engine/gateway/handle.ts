/** One message of a known grant: what it means, and then its line of steps, once or for each server. */
import { handleEverything } from "./aggregate.ts";
import type { Authenticated } from "./call.ts";
import { handleOne } from "./line.ts";
import { isRefusal } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import type { Runtime } from "./runtime.ts";
import { answerRefusal } from "./tell.ts";
import { isEverything, understand } from "./understand.ts";

/** Handles the text of one message. Never rejects. */
export async function handle(
  runtime: Runtime,
  from: Authenticated,
  text: string,
  reply: Reply,
): Promise<void> {
  const meant = understand(runtime, from, text);
  if (isRefusal(meant)) return await answerRefusal(runtime, from, meant, reply);
  if (isEverything(meant)) return await handleEverything(runtime, from, meant, reply);
  await handleOne(runtime, meant, reply);
}
