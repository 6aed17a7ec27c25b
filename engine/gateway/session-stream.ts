/**
 * The legacy era's requests without a message: GET opens the stream of what servers say unasked,
 * DELETE ends the session. Both belong to the session's own grant, and each is recorded first.
 */
import { failureAnswer } from "./answer.ts";
import type { Authenticated, Recorded, Understood } from "./call.ts";
import { connectionFor } from "./forward.ts";
import { isDenied, judge } from "./judge.ts";
import { SESSION_END, STREAM_OPEN } from "./methods.ts";
import { passedHeaders } from "./outgoing.ts";
import { record } from "./record.ts";
import { isRefusal } from "./refusal.ts";
import { carry, settle } from "./relay.ts";
import type { Reply } from "./reply.ts";
import { reserve } from "./reserve.ts";
import type { Runtime } from "./runtime.ts";
import { answerDenial, answerRefusal, answerUnrecorded } from "./tell.ts";
import { understandSession } from "./understand.ts";

export async function openStream(
  runtime: Runtime,
  from: Authenticated,
  reply: Reply,
): Promise<void> {
  const meant = understandSession(runtime, from, STREAM_OPEN);
  if (isRefusal(meant)) return await answerRefusal(runtime, from, meant, reply);
  const recorded = await recordAll(runtime, meant.parts, reply);
  if (recorded === undefined) return;
  const stop = new AbortController();
  reply.onGone(() => stop.abort());
  const done = runtime.streams.add({
    proof: from.proof,
    grant: from.grant.source.id,
    server: from.server ?? "",
    endless: true,
    policy: from.policy,
    session: meant.session,
    stop: () => stop.abort(),
  });
  try {
    const served = await Promise.all(
      recorded.map((one) => relayUnasked(runtime, one, reply, stop.signal)),
    );
    if (served.some(Boolean)) reply.end(200);
    else {
      const { status, text } = failureAnswer(null, "not_served");
      reply.end(status, text);
    }
  } finally {
    done();
  }
}

export async function endSession(
  runtime: Runtime,
  from: Authenticated,
  reply: Reply,
): Promise<void> {
  const meant = understandSession(runtime, from, SESSION_END);
  if (isRefusal(meant)) return await answerRefusal(runtime, from, meant, reply);
  // It ends even when that cannot be recorded: nothing can happen in a session that is over.
  await recordAll(runtime, meant.parts, undefined);
  runtime.sessions.close(meant.session);
  reply.end(200);
}

async function recordAll(
  runtime: Runtime,
  parts: readonly Understood[],
  reply: Reply | undefined,
): Promise<readonly Recorded[] | undefined> {
  const all: Recorded[] = [];
  for (const part of parts) {
    const judged = judge(runtime, part);
    if (isRefusal(judged)) {
      if (reply !== undefined) await answerRefusal(runtime, part, judged, reply);
      return undefined;
    }
    if (isDenied(judged)) {
      if (reply !== undefined) await answerDenial(runtime, judged, reply);
      return undefined;
    }
    const reserved = await reserve(runtime, judged, (usage) => judge(runtime, part, usage));
    if (isDenied(reserved)) {
      if (reply !== undefined) await answerDenial(runtime, reserved, reply);
      return undefined;
    }
    const recorded = await record(runtime, reserved);
    if ("unavailable" in recorded) {
      if (reply !== undefined) answerUnrecorded(judged, reply);
      return undefined;
    }
    all.push(recorded);
  }
  return all;
}

/** Whether the server offers such a stream; resolves at its end. */
async function relayUnasked(
  runtime: Runtime,
  { from }: Recorded,
  reply: Reply,
  signal: AbortSignal,
): Promise<boolean> {
  const connection = connectionFor(runtime, from);
  const sent = await connection.listen(passedHeaders(from.headers), signal);
  if (sent.kind !== "stream") return false;
  reply.open();
  for await (const { read, eventId } of sent.messages) {
    if (signal.aborted) break;
    if (read === undefined) {
      await reply.place(eventId);
      continue;
    }
    if ("problem" in read) continue;
    if (read.kind === "response") {
      // The answer to a call of this session, said again to a client that resumes (`Last-Event-ID`).
      const call = read.id === null ? undefined : from.session?.calls.get(read.id);
      if (call === undefined) continue;
      const { answer } = await settle(runtime, call, read, 200);
      await reply.write(answer.text, eventId);
      continue;
    }
    const carried = await carry(runtime, from, read, connection);
    if ("pass" in carried) await reply.write(carried.pass.text, eventId);
  }
  return true;
}
