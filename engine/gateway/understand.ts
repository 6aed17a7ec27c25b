/**
 * Authenticated → Understood: what the message says, in which era, for which server and session. The
 * text is read once, strictly, and from here on everybody speaks of the value that was read.
 */
import type { ReadyServer } from "../decide/prepare.ts";
import { own } from "../json/value.ts";
import { type Authenticated, type Understood, understood } from "./call.ts";
import { type Envelope, LEGACY_VERSIONS, MODERN_VERSIONS, readEnvelope } from "./envelope.ts";
import { type Message, readMessage, withMember } from "./message.ts";
import { CLIENT_NOTIFICATIONS, CLIENT_REQUESTS, type Era, isKnownMethod } from "./methods.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Runtime } from "./runtime.ts";
import type { Session } from "./session.ts";

/** A message to several servers at once, on the path that serves all of a grant's. */
export interface Everything {
  readonly everything: readonly ReadyServer[];
  readonly message: Message;
  readonly envelope: Envelope;
  readonly session: Session | undefined;
}

export function isEverything(value: object): value is Everything {
  return "everything" in value;
}

export function understand(
  runtime: Runtime,
  from: Authenticated,
  text: string,
): Understood | Everything | Refusal {
  const grant = from.grant.source.id;
  const about = { grant, token: from.token };
  const message = readMessage(text);
  if ("problem" in message) return refuse(message.problem, about);
  const requestId = message.kind === "request" ? message.id : undefined;
  const method = message.kind === "response" ? undefined : message.method;
  const more = { ...about, requestId, method };
  const envelope = readEnvelope(message, from.headers);
  if ("problem" in envelope) {
    return refuse(envelope.problem, { ...more, version: envelope.version });
  }
  if (method !== undefined && !isServed(from, message, method, envelope.era)) {
    // In the legacy era a 404 would tell the client that its session is over.
    const legacyStatus = message.kind === "request" ? 200 : 400;
    const status = envelope.era === "modern" ? 404 : legacyStatus;
    return refuse("unknown_method", { ...more, status });
  }
  const session = sessionOf(runtime, from, envelope.era);
  if (session !== undefined && "refused" in session) return { ...session, ...more };
  const servers = serversFor(runtime, from, envelope.era);
  if (servers.length === 0) return refuse("no_server", more);
  const aggregated = from.server === undefined && servers.length > 1;
  if (!aggregated) {
    // The same era on both legs: a server of the other one could not understand the message.
    if (!runtime.upstreams.serves(servers[0]!.source.id, envelope.era)) {
      const supported = envelope.era === "modern" ? LEGACY_VERSIONS : MODERN_VERSIONS;
      return refuse("unsupported_version", { ...more, version: { supported } });
    }
    const needs = needsSession(runtime, servers[0]!, message, envelope.era);
    if (needs && session === undefined) return refuse("session_needed", more);
    return understood(from, { message, envelope, target: servers[0]!, session });
  }
  if (envelope.era === "legacy" && session === undefined && method !== "initialize") {
    return refuse("session_needed", more);
  }
  const one = oneOf(servers, message);
  if (one === undefined) return { everything: servers, message, envelope, session };
  return understood(from, { ...one, envelope, session });
}

/** A method that MCP does not know and no policy names has no meaning here. */
function isServed(
  { grant, policy }: Authenticated,
  message: Message,
  method: string,
  era: Era,
): boolean {
  const request = message.kind === "request" ? CLIENT_REQUESTS.get(method) : undefined;
  if (request !== undefined) return (request.era ?? era) === era;
  if (message.kind === "notification" && CLIENT_NOTIFICATIONS.has(method)) return true;
  // MCP's own methods the wrong way round: a request that wants no answer, what a server asks or tells,
  // what a retry carries. The policy's entry for it was not written for a client's message.
  if (isKnownMethod(method)) return false;
  return [...grant.access.values()].some((name) =>
    policy.repository.policies.get(name)?.methods.has(method),
  );
}

function sessionOf(runtime: Runtime, from: Authenticated, era: Era): Session | Refusal | undefined {
  // The modern era has no sessions; an id that stands there all the same means nothing.
  if (era === "modern" || from.sessionId === undefined) return undefined;
  const found = runtime.sessions.find(from.sessionId, from.grant.source.id, from.server, from.at);
  return "session" in found ? found.session : refuse(found.problem, { session: from.sessionId });
}

/** The servers that the path and the grant reach, and that serve the client's era. */
function serversFor(runtime: Runtime, from: Authenticated, era: Era): readonly ReadyServer[] {
  const { repository } = from.policy;
  if (from.server !== undefined) {
    const server = from.grant.access.has(from.server)
      ? repository.servers.get(from.server)
      : undefined;
    return server === undefined ? [] : [server];
  }
  const reached = [...from.grant.access.keys()].flatMap((id) => repository.servers.get(id) ?? []);
  if (reached.length < 2) return reached;
  return reached.filter(({ source }) => runtime.upstreams.serves(source.id, era));
}

/** A stdio server knows its client by the process, so every message needs to say whose it is. */
function needsSession(runtime: Runtime, server: ReadyServer, message: Message, era: Era): boolean {
  if (era === "modern") return false;
  if (message.kind === "response") return true;
  if (message.kind === "request" && message.method === "initialize") return false;
  return runtime.upstreams.kind(server.source.id) === "stdio";
}

/** A GET or DELETE of the legacy era: about a session, and about each server that it is with. */
export function understandSession(
  runtime: Runtime,
  from: Authenticated,
  method: string,
): { readonly session: Session; readonly parts: readonly Understood[] } | Refusal {
  const about = { grant: from.grant.source.id, token: from.token, method };
  const session = sessionOf(runtime, from, "legacy");
  if (session === undefined) return refuse("http_method", about);
  if ("refused" in session) return { ...session, ...about };
  const message: Message = { kind: "request", id: 0, method, params: {}, value: {}, text: "" };
  const envelope: Envelope = { era: "legacy" };
  const parts = [...session.connections.keys()].flatMap((id) => {
    const target = from.policy.repository.servers.get(id);
    return target === undefined ? [] : [understood(from, { message, envelope, target, session })];
  });
  return { session, parts };
}

/** The same message, for each of the servers that it is for. */
export function parts(
  from: Authenticated,
  { everything, message, envelope }: Everything,
  session: Session | undefined,
): readonly Understood[] {
  return everything.map((target) => understood(from, { message, envelope, target, session }));
}

/** Between a server's id and its tool's name, on the path that serves several. */
export const SEPARATOR = "__";

/** A message for one of several servers: the name says which, and is put back as the server knows it. */
function oneOf(
  servers: readonly ReadyServer[],
  message: Message,
): { readonly target: ReadyServer; readonly message: Message } | undefined {
  if (message.kind !== "request") return undefined;
  if (message.method !== "tools/call" && message.method !== "prompts/get") return undefined;
  const name = own(message.params, "name");
  if (typeof name !== "string") return undefined;
  const at = name.indexOf(SEPARATOR);
  const target = servers.find(({ source }) => at > 0 && source.id === name.slice(0, at));
  if (target === undefined) return undefined;
  const bare = name.slice(at + SEPARATOR.length);
  return { target, message: withMember(message, "params", { ...message.params, name: bare }) };
}
