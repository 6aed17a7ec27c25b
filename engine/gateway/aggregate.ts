/**
 * All servers of a grant on one path: tools and prompts carry the name of their server, as in
 * `ehr__get_patient`. Each server gets its own part of a message through the ordinary line of steps,
 * with its own decision and record; here the parts are only put together.
 *
 * Resources are not offered on this path: a URI does not say which server it is of. They are at the
 * server's own path.
 */
import { isObject, own, type Received, type ReceivedObject } from "../json/value.ts";
import { writeReceived } from "../json/write.ts";
import type { Span } from "../telemetry/traces.ts";
import { rpcError } from "./answer.ts";
import type { Authenticated, Understood } from "./call.ts";
import { LEGACY_VERSIONS, MODERN_VERSIONS } from "./envelope.ts";
import { handleOne } from "./line.ts";
import { type RequestMessage, type ResponseMessage, readMessage, withMember } from "./message.ts";
import { RPC, refuse } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import { respond } from "./respond.ts";
import type { Runtime } from "./runtime.ts";
import type { Session } from "./session.ts";
import { answerRefusal } from "./tell.ts";
import { type Everything, parts, SEPARATOR } from "./understand.ts";

const MAX_PAGES = 100;

export async function handleEverything(
  runtime: Runtime,
  from: Authenticated,
  everything: Everything,
  reply: Reply,
): Promise<void> {
  const { message, session } = everything;
  if (message.kind !== "response") nameSpan(from.span, message.method);
  const all = parts(from, everything, session);
  if (message.kind === "response") return await respond(runtime, all[0]!, message, reply);
  if (message.kind === "notification") {
    await Promise.all(all.map((part) => handleOne(runtime, part, SILENT)));
    return reply.end(202);
  }
  const ask = (list: readonly Understood[]): Promise<readonly Part[]> =>
    Promise.all(list.map((part) => askOne(runtime, part, reply)));
  switch (message.method) {
    case "initialize":
      return await openAll(runtime, from, everything, message, reply, ask);
    case "server/discover":
      return answer(
        reply,
        message,
        merged(await ask(all), { supportedVersions: [...MODERN_VERSIONS] }),
      );
    case "tools/list":
      return answer(reply, message, await listAll(all, message, "tools", ask));
    case "prompts/list":
      return answer(reply, message, await listAll(all, message, "prompts", ask));
    case "logging/setLevel": {
      const done = (await ask(all)).find(({ response }) => response?.result !== undefined);
      return answer(reply, message, done?.response?.result ?? undefined);
    }
    case "ping":
      return answer(reply, message, {});
    default: {
      const grant = from.grant.source.id;
      const refusal = refuse("unknown_method", {
        grant,
        requestId: message.id,
        method: message.method,
      });
      return await answerRefusal(runtime, from, refusal, reply);
    }
  }
}

/** Unknown methods were refused before. */
function nameSpan(span: Span | undefined, method: string): void {
  span?.rename(method);
  span?.add({ "mcp.method.name": method });
}

interface Part {
  readonly server: string;
  readonly response: ResponseMessage | undefined;
}
type Ask = (parts: readonly Understood[]) => Promise<readonly Part[]>;

const SILENT: Reply = { end() {}, async write() {}, async place() {}, open() {}, onGone() {} };

/** One server's answer. What it says on the way goes to the client at once. */
async function askOne(runtime: Runtime, part: Understood, reply: Reply): Promise<Part> {
  let text: string | undefined;
  const collecting: Reply = {
    ...SILENT,
    write: (event) => reply.write(event),
    onGone: (listener) => reply.onGone(listener),
    end: (_, said) => {
      text = said;
    },
  };
  // Each server's part is judged by itself, and has a span of its own within the message's.
  const span = part.span?.within("internal", "part", {});
  await handleOne(runtime, span === undefined ? part : { ...part, span }, collecting);
  span?.end();
  const read = text === undefined ? undefined : readMessage(text);
  const response =
    read === undefined || "problem" in read || read.kind !== "response" ? undefined : read;
  return { server: part.target.source.id, response };
}

async function openAll(
  runtime: Runtime,
  from: Authenticated,
  everything: Everything,
  message: RequestMessage,
  reply: Reply,
  ask: Ask,
): Promise<void> {
  if (runtime.sessions.full) {
    const grant = from.grant.source.id;
    return await answerRefusal(
      runtime,
      from,
      refuse("too_many", { grant, requestId: message.id }),
      reply,
    );
  }
  const session: Session = runtime.sessions.draft(from.grant.source.id, undefined, from.at);
  const answers = await ask(parts(from, everything, session));
  for (const { server, response } of answers) {
    // A server that did not agree is not part of the session.
    if (response?.result !== undefined) continue;
    session.connections.get(server)?.close();
    session.connections.delete(server);
  }
  const versions = answers.flatMap(
    ({ response }) => own(response?.result ?? {}, "protocolVersion") ?? [],
  );
  if (versions.length === 0) return answer(reply, message, undefined);
  // The client speaks to all of them in the oldest revision that one of them chose.
  const oldest = LEGACY_VERSIONS.findLast((version) => versions.includes(version));
  runtime.sessions.open(session);
  const result = merged(answers, { protocolVersion: oldest ?? versions[0]! });
  return answer(reply, message, result, { "mcp-session-id": session.id });
}

/** The capabilities that this path can keep, of all servers together. */
function merged(answers: readonly Part[], more: ReceivedObject): ReceivedObject | undefined {
  const capabilities: Record<string, Received> = {};
  const instructions: string[] = [];
  let any = false;
  for (const { server, response } of answers) {
    const result = response?.result;
    if (result === undefined) continue;
    any = true;
    const offered = own(result, "capabilities");
    for (const name of ["tools", "prompts", "logging"]) {
      const one = isObject(offered) ? own(offered as ReceivedObject, name) : undefined;
      if (one !== undefined)
        capabilities[name] = {
          ...(capabilities[name] as ReceivedObject),
          ...(one as ReceivedObject),
        };
    }
    const said = own(result, "instructions");
    if (typeof said === "string") instructions.push(`${server}: ${said}`);
  }
  if (!any) return undefined;
  return {
    ...more,
    ...("supportedVersions" in more
      ? { resultType: "complete", ttlMs: 0, cacheScope: "private" }
      : {}),
    capabilities,
    serverInfo: { name: "phiward", version: "1" },
    ...(instructions.length === 0 ? {} : { instructions: instructions.join("\n\n") }),
  };
}

/** Every page of every server as one page; a server that does not answer has nothing to show. */
async function listAll(
  all: readonly Understood[],
  message: RequestMessage,
  member: "tools" | "prompts",
  ask: Ask,
): Promise<ReceivedObject> {
  const { cursor: _, ...params } = message.params;
  const found: Received[] = [];
  let modern = false;
  for (const part of all) {
    let next: Received | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const asked = withMember(
        message,
        "params",
        next === undefined ? params : { ...params, cursor: next },
      );
      const [answered] = await ask([{ ...part, message: asked }]);
      const result = answered?.response?.result;
      const listed = result === undefined ? undefined : own(result, member);
      if (!Array.isArray(listed)) break;
      modern ||= own(result!, "resultType") !== undefined;
      const server = part.target.source.id;
      for (const item of listed as ReceivedObject[]) {
        found.push({ ...item, name: `${server}${SEPARATOR}${String(own(item, "name"))}` });
      }
      next = own(result!, "nextCursor");
      if (typeof next !== "string") break;
    }
  }
  const cache = modern ? { resultType: "complete", ttlMs: 0, cacheScope: "private" } : {};
  return { ...cache, [member]: found };
}

function answer(
  reply: Reply,
  { id }: RequestMessage,
  result: ReceivedObject | undefined,
  headers?: Readonly<Record<string, string>>,
): void {
  if (result === undefined) {
    const { status, text } = rpcError(502, id, RPC.INTERNAL, "no server of this grant answered");
    reply.end(status, text);
  } else reply.end(200, writeReceived({ jsonrpc: "2.0", id, result }), headers);
}
