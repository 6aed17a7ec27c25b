/** Recorded → the server, and its answer back to the client. Only what is on record comes here. */
import type { Span } from "../telemetry/traces.ts";
import { type Answer, badAnswer, failureAnswer } from "./answer.ts";
import type { Permitted, Recorded } from "./call.ts";
import type { Message } from "./message.ts";
import { outgoing } from "./outgoing.ts";
import { carry, type Outcome, settle } from "./relay.ts";
import type { Reply } from "./reply.ts";
import type { Runtime } from "./runtime.ts";
import type { Session } from "./session.ts";
import { askingSpan, errorType, sentIn } from "./spans.ts";
import type { Connection, Incoming, UpstreamReply } from "./upstream.ts";

const NOTHING: Pick<Outcome, "items" | "subjects" | "bytes"> = { items: 0, subjects: [], bytes: 0 };
const FAILED: Outcome = { ...NOTHING, status: "upstream_error" };

/** Sends the message and answers the client. Never rejects. */
export async function forward(runtime: Runtime, recorded: Recorded, reply: Reply): Promise<void> {
  const began = performance.now();
  const { from, call } = recorded;
  const stop = new AbortController();
  let revoked = false;
  const done = runtime.streams.add({
    proof: from.proof,
    grant: from.grant.source.id,
    server: from.target.source.id,
    endless: call.method === "subscriptions/listen",
    policy: from.policy,
    session: from.session,
    stop: (why) => {
      revoked = why === "revoked_stream";
      stop.abort();
    },
  });
  // Modern era: closing the response is the cancellation. Legacy: a lost connection is not one.
  if (from.envelope.era === "modern") reply.onGone(() => stop.abort());
  const opening = openingSession(runtime, from);
  const connection = connectionFor(runtime, from, opening);
  if (from.session !== undefined && from.message.kind === "request") {
    runtime.sessions.remember(from.session, from.message.id, recorded);
  }
  let agreed = false;
  const span = askingSpan(recorded);
  try {
    const sent = await connection.send(sentIn(outgoing(from), span), stop.signal);
    const outcome = await answerClient(runtime, recorded, reply, sent, connection, opening, stop);
    agreed = outcome.status === "ok" && !stop.signal.aborted;
    settleQuota(runtime, recorded, sent);
    const ended: Outcome = stop.signal.aborted ? { ...outcome, status: "cancelled" } : outcome;
    recordOutcome(runtime, recorded, ended, sent, began);
    failSpans([span, from.span], errorType(sent, ended));
    if (revoked) runtime.metrics.refused("revoked_stream");
  } finally {
    span?.end();
    done();
    // A stream has told its id already; it is worth nothing.
    if (opening !== undefined && !agreed) runtime.sessions.close(opening);
  }
}

function failSpans(spans: readonly (Span | undefined)[], error: string | undefined): void {
  if (error !== undefined) for (const span of spans) span?.fail(error);
}

/** A legacy handshake opens a session, which is the client's only when the server has agreed. */
function openingSession(runtime: Runtime, from: Permitted["from"]): Session | undefined {
  const { message, envelope, grant, server, session, at } = from;
  const opens = message.kind === "request" && message.method === "initialize";
  // With several servers the session is opened for all of them, by whoever asks them all.
  return opens && envelope.era === "legacy" && session === undefined
    ? runtime.sessions.draft(grant.source.id, server, at)
    : undefined;
}

export function connectionFor(
  runtime: Runtime,
  { target, envelope, session, grant }: Permitted["from"],
  opening?: Session,
): Connection {
  const holder = opening ?? session;
  const known = holder?.connections.get(target.source.id);
  if (known !== undefined) return known;
  const owner = { grant: grant.source.id };
  const connection = runtime.upstreams
    .get(target.source.id)
    .connect(envelope.era, holder === undefined ? owner : { ...owner, session: holder.id });
  holder?.connections.set(target.source.id, connection);
  return connection;
}

async function answerClient(
  runtime: Runtime,
  recorded: Recorded,
  reply: Reply,
  sent: UpstreamReply,
  connection: Connection,
  opening: Session | undefined,
  stop: AbortController,
): Promise<Outcome> {
  const { message } = recorded.from;
  const id = message.kind === "request" ? message.id : null;
  if (sent.kind === "accepted") {
    // A request must be answered; a server that has nothing to say broke the protocol.
    if (message.kind === "request") return end(reply, failureAnswer(id, "bad_status"), FAILED);
    reply.end(202);
    return { ...NOTHING, status: "ok" };
  }
  if (sent.kind === "failed") {
    if (sent.failure === "no_session" && recorded.from.session !== undefined) {
      runtime.sessions.close(recorded.from.session);
    }
    return end(reply, failureAnswer(id, sent.failure), FAILED);
  }
  if (sent.kind === "message") {
    const { read } = sent;
    if ("problem" in read || read.kind !== "response" || message.kind !== "request") {
      return end(
        reply,
        message.kind === "request" ? badAnswer(message.id) : failureAnswer(id, "bad_status"),
        FAILED,
      );
    }
    const { answer, outcome } = await settle(runtime, recorded, read, sent.status);
    const headers = outcome.status === "ok" ? opened(runtime, opening) : undefined;
    return end(reply, answer, outcome, headers);
  }
  return await relayStream(runtime, recorded, reply, sent.messages, connection, opening, stop);
}

/** The session is open now; its id goes to the client. */
function opened(
  runtime: Runtime,
  opening: Session | undefined,
): Record<string, string> | undefined {
  if (opening === undefined) return undefined;
  runtime.sessions.open(opening);
  return { "mcp-session-id": opening.id };
}

function end(
  reply: Reply,
  { status, text }: Answer,
  outcome: Outcome,
  headers?: Readonly<Record<string, string>>,
): Outcome {
  reply.end(status, text, headers);
  return outcome;
}

async function relayStream(
  runtime: Runtime,
  recorded: Recorded,
  reply: Reply,
  messages: AsyncIterable<Incoming>,
  connection: Connection,
  opening: Session | undefined,
  stop: AbortController,
): Promise<Outcome> {
  const { from } = recorded;
  const request = from.message as Extract<Message, { kind: "request" }>;
  // A stream stays a stream: what its client reads as it comes must not wait for the end.
  reply.open(opened(runtime, opening));
  for await (const { read, eventId } of resuming(messages, recorded, connection, stop.signal)) {
    if (stop.signal.aborted) break;
    if (read === undefined) {
      await reply.place(eventId);
      continue;
    }
    if ("problem" in read) return end(reply, badAnswer(request.id), FAILED);
    if (read.kind === "response") {
      const { answer, outcome } = await settle(runtime, recorded, read, 200);
      return end(reply, answer, outcome);
    }
    const carried = await carry(runtime, from, read, connection);
    if ("pass" in carried) await reply.write(carried.pass.text, eventId);
  }
  // The stream ended without an answer.
  const failure = stop.signal.aborted ? "cancelled" : "broken";
  return end(reply, failureAnswer(request.id, failure), FAILED);
}

const MAX_RESUMES = 100;
const RESUME_AFTER_MS = 1_000;
const MAX_RESUME_WAIT_MS = 30_000;

/**
 * The messages of a stream that its server may close before the answer, to go on where the client asks
 * for the rest (legacy era, `Last-Event-ID`). The gateway asks, so that its own client need not.
 */
async function* resuming(
  messages: AsyncIterable<Incoming>,
  { from }: Recorded,
  connection: Connection,
  signal: AbortSignal,
): AsyncGenerator<Incoming> {
  let place: string | undefined;
  let wait = RESUME_AFTER_MS;
  let source = messages;
  for (let resumed = 0; resumed <= MAX_RESUMES; resumed++) {
    for await (const incoming of source) {
      place = incoming.eventId ?? place;
      wait = Math.min(incoming.retryMs ?? wait, MAX_RESUME_WAIT_MS);
      yield incoming;
    }
    if (place === undefined || from.envelope.era === "modern" || signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (signal.aborted) return;
    const sent = await connection.listen({ "last-event-id": place }, signal);
    if (sent.kind !== "stream") return;
    source = sent.messages;
  }
}

/** What never reached the server gives its quota back, in the window it was taken from. */
function settleQuota(runtime: Runtime, { reservation }: Recorded, sent: UpstreamReply): void {
  if (isUnreached(sent)) runtime.quotas.giveBack(reservation.taken);
}

function isUnreached(sent: UpstreamReply): boolean {
  return sent.kind === "failed" && !sent.reached;
}

function recordOutcome(
  runtime: Runtime,
  { id, call, from, reservation }: Recorded,
  { status, items, bytes, subjects }: Outcome,
  sent: UpstreamReply,
  began: number,
): void {
  const ms = Math.round(performance.now() - began);
  const refunded = isUnreached(sent) && reservation.taken.length > 0;
  runtime.metrics.outcome(from.target.source.id, status, ms);
  // Not waited for: the decision is on disk, and one without an outcome is reported as such.
  void runtime.log
    .append({
      kind: "outcome",
      at: Math.max(call.at, runtime.now()),
      decision: id,
      status,
      ms,
      bytes,
      items,
      resultSubjects: [...new Set(subjects.map(runtime.pseudonym))].sort(),
      ...(refunded ? { refunded: true as const } : {}),
    })
    .durable.catch(() => {});
}
