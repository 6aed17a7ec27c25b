/**
 * Emergency access over HTTP: POST /emergency/<grant> opens, DELETE closes, GET /emergency lists. For
 * people with a credential of their own and their tools; a browser, which a page could trick into
 * opening something, is refused. What is refused to somebody known is recorded as `emergency.refused`.
 */
import { type EmergencyList, listed } from "../emergency/listed.ts";
import { openable, openableBy } from "../emergency/opener.ts";
import { reasonProblem } from "../emergency/reason.ts";
import { readJson } from "../json/read.ts";
import { isObject, own, type ReceivedObject } from "../json/value.ts";
import { parseDuration } from "../policy/time.ts";
import type { Authenticated } from "./call.ts";
import type { Reply } from "./reply.ts";
import type { Runtime } from "./runtime.ts";

/** An opening's request may be this long, in bytes. */
export const MAX_EMERGENCY_BYTES = 4 * 1024;

const REFUSED = {
  // Told alike of a grant that is not there, so that nobody finds out which there are.
  not_an_opener: {
    status: 403,
    says: "there is no emergency grant of this name that you may open",
  },
  bad_request: { status: 400, says: 'the body must be JSON like {"reason":"…","for":"30m"}' },
  bad_reason: { status: 400, says: "the reason is not accepted" },
  bad_duration: { status: 400, says: "`for` must be a duration like 30m or 2h" },
  too_long: { status: 400, says: "the grant may not be open for so long" },
  already_open: { status: 409, says: "the grant is open already" },
  not_open: { status: 404, says: "the grant is not open" },
  expired: { status: 409, says: "the emergency grant is not valid now" },
  halted: { status: 403, says: "an emergency stop is in force" },
  development: { status: 409, says: "a development gateway keeps emergency grants dormant" },
  unavailable: { status: 503, says: "it cannot be recorded or kept, so it does not happen" },
} as const;
type RefusedCode = keyof typeof REFUSED;

interface Refused {
  readonly refused: RefusedCode;
  /** More than the code says; never what the sender wrote. */
  readonly says?: string;
}

/** The body as text; undefined when it is too long or not UTF-8. */
export type BodyReader = () => Promise<string | undefined>;

export interface EmergencyRequest {
  readonly method: string;
  /** As the path names it; undefined: /emergency itself. */
  readonly grant: string | undefined;
  readonly body: BodyReader;
}

export async function serveEmergency(
  runtime: Runtime,
  from: Authenticated,
  request: EmergencyRequest,
  reply: Reply,
): Promise<void> {
  const answer = await answerTo(runtime, from, request);
  if ("refused" in answer) await recordRefused(runtime, from, request.grant, answer.refused);
  send(reply, answer);
}

type Answered = Refused | { readonly status: number; readonly value: object };

async function answerTo(
  runtime: Runtime,
  from: Authenticated,
  { method, grant, body }: EmergencyRequest,
): Promise<Answered> {
  if (grant === undefined) return list(runtime, from);
  const emergency = openable(from.policy.repository.source, grant, from.grant.source, from.at);
  if (emergency === undefined) return { refused: "not_an_opener" };
  if (runtime.emergency.dev) return { refused: "development" };
  const who = { grant: emergency, by: from.grant.source.principal.id, token: from.token };
  if (method === "DELETE") {
    const closed = await runtime.emergency
      .close({ ...who, at: runtime.now() })
      .catch((): Refused => ({ refused: "unavailable" }));
    if (closed === "absent") return { refused: "not_open" };
    return "refused" in closed ? closed : { status: 200, value: { closed: listed(closed) } };
  }
  if (from.at < emergency.issued || from.at >= emergency.expires) return { refused: "expired" };
  const halted = runtime.policy.halted();
  if (halted?.all === true || halted?.grants.has(emergency.id)) return { refused: "halted" };
  const wanted = readWish(await body(), emergency.breakGlass.maxMs);
  if ("refused" in wanted) return wanted;
  if (runtime.emergency.problem !== undefined) return { refused: "unavailable" };
  const opened = await runtime.emergency
    .open({ ...who, ...wanted, at: runtime.now() })
    .catch((): Refused => ({ refused: "unavailable" }));
  if (opened === "taken") return { refused: "already_open" };
  return "refused" in opened ? opened : { status: 201, value: { opened: listed(opened) } };
}

/** What the body asks for: strictly a reason and a duration. */
function readWish(
  text: string | undefined,
  maxMs: number,
): { readonly reason: string; readonly forMs: number } | Refused {
  const read = text === undefined ? undefined : readJson("", text);
  if (read?.ok !== true || !isObject(read.value)) return { refused: "bad_request" };
  const wish = read.value as ReceivedObject;
  const [reason, time] = [own(wish, "reason"), own(wish, "for")];
  if (Object.keys(wish).length !== 2 || typeof reason !== "string" || typeof time !== "string") {
    return { refused: "bad_request" };
  }
  const problem = reasonProblem(reason);
  if (problem !== undefined) return { refused: "bad_reason", says: problem };
  if (!/^[1-9][0-9]{0,3}(m|h)$/.test(time)) return { refused: "bad_duration" };
  const forMs = parseDuration(time);
  return forMs > maxMs ? { refused: "too_long" } : { reason: reason.trim(), forMs };
}

/** What its asker may open, what of it is open, and what of it waits for a review. */
function list(runtime: Runtime, { at, policy, grant }: Authenticated): Answered {
  const mine = openableBy(policy.repository.source, grant.source, at);
  if (mine.length === 0) return { refused: "not_an_opener" };
  const open = runtime.emergency.inForce(at);
  const ids = new Set(mine.map(({ id }) => id));
  const grants = mine.map(({ id, breakGlass: { maxMs } }) => {
    const opening = open.get(id);
    return {
      grant: id,
      maxMinutes: maxMs / 60_000,
      open: opening === undefined ? null : listed(opening),
    };
  });
  const waiting = runtime.emergency.awaitingReview().filter(({ grant: id }) => ids.has(id));
  const value: EmergencyList = { grants, awaitingReview: waiting.map(listed) };
  return { status: 200, value };
}

/** Folded when it comes in floods, like what is refused without an identity. */
async function recordRefused(
  runtime: Runtime,
  { at, via, remote, grant, token, policy }: Authenticated,
  wanted: string | undefined,
  code: RefusedCode,
): Promise<void> {
  runtime.metrics.refused(`emergency_${code}`);
  const { id, principal } = grant.source;
  const folded = {
    kind: "rejected",
    at,
    code: `emergency_${code}`,
    transport: via,
    grant: id,
    token,
    remote,
  } as const;
  if (!runtime.flood.admits(folded)) return;
  // A path may hold anything; only a grant that there is stands in the record.
  const known = wanted !== undefined && own(policy.repository.source.grants, wanted);
  const entry = {
    kind: "admin",
    at,
    action: "emergency.refused",
    by: principal.id,
    token,
    ...(known ? { grant: known.id, principal: known.principal.id } : {}),
    details: { code, with: id },
  } as const;
  // It is refused whether or not it can be recorded.
  await runtime.log.append(entry).durable.catch(() => {});
}

function send(reply: Reply, answer: Answered): void {
  if (!("refused" in answer)) {
    reply.end(answer.status, `${JSON.stringify(answer.value)}\n`);
    return;
  }
  const { status, says } = REFUSED[answer.refused];
  const error = { code: answer.refused, message: answer.says ?? says };
  reply.end(status, `${JSON.stringify({ error })}\n`, { connection: "close" });
}
