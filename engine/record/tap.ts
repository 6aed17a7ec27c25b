/** Hears what goes to a server and what comes back, and changes nothing of it. */
import { TOOLS_CALL } from "../decide/call.ts";
import { judgedParams } from "../gateway/judge.ts";
import type { Message, ReadMessage, ResponseMessage } from "../gateway/message.ts";
import { CLIENT_REQUESTS, INPUT_RESPONSES, SERVER_REQUESTS } from "../gateway/methods.ts";
import type { Connection, Incoming, Upstream, UpstreamReply } from "../gateway/upstream.ts";
import { isObject, own, type ReceivedObject } from "../json/value.ts";

/** One thing that was asked, by a client or by the server, and that a policy judges. */
export interface Asked {
  readonly method: string;
  /** Empty for a method that is not a tool call. */
  readonly tool: string;
  readonly args: ReceivedObject;
}

export interface Ear {
  /** Returns what to call when the answer is there, or when there will be none. */
  asked(asked: Asked): (isError: boolean | undefined) => void;
  /** The names of tools that the server lists. */
  listed(names: readonly string[]): void;
}

export function tapped(upstream: Upstream, ear: Ear): Upstream {
  return {
    server: upstream.server,
    connect: (era, owner) => tappedConnection(upstream.connect(era, owner), ear),
    close: () => upstream.close(),
  };
}

function tappedConnection(connection: Connection, ear: Ear): Connection {
  const { era } = connection;
  return {
    era,
    async send(outgoing, signal) {
      const { message } = outgoing;
      const ends = askedIn(message).map((asked) => ear.asked(asked));
      const end = (isError: boolean | undefined): void => {
        for (const one of ends.splice(0)) one(isError);
      };
      return heard(await connection.send(outgoing, signal), message, ear, end);
    },
    async listen(headers, signal) {
      return heard(await connection.listen(headers, signal), undefined, ear, () => {});
    },
    close: () => connection.close(),
  };
}

/** What a message asks for that a policy speaks of; lists and the handshake are part of every session. */
function askedIn(message: Message): Asked[] {
  if (message.kind !== "request") return [];
  const { method, params } = message;
  const kind = CLIENT_REQUESTS.get(method)?.kind ?? "judged";
  if (kind !== "tool" && kind !== "judged") return [];
  const answers = own(params, INPUT_RESPONSES);
  const more: Asked[] = isObject(answers)
    ? [{ method: INPUT_RESPONSES, tool: "", args: answers as ReceivedObject }]
    : [];
  if (kind === "judged") return [{ method, tool: "", args: judgedParams(params) }, ...more];
  const tool = own(params, "name");
  const args = own(params, "arguments") ?? {};
  if (typeof tool !== "string" || !isObject(args)) return [];
  return [{ method: TOOLS_CALL, tool, args: args as ReceivedObject }, ...more];
}

function heard(
  reply: UpstreamReply,
  message: Message | undefined,
  ear: Ear,
  end: (isError: boolean | undefined) => void,
): UpstreamReply {
  if (reply.kind === "stream") {
    return { kind: "stream", messages: hearing(reply.messages, message, ear, end) };
  }
  if (reply.kind === "message") hear(reply.read, message, ear, end);
  else end(undefined);
  return reply;
}

async function* hearing(
  messages: AsyncIterable<Incoming>,
  message: Message | undefined,
  ear: Ear,
  end: (isError: boolean | undefined) => void,
): AsyncGenerator<Incoming> {
  try {
    for await (const incoming of messages) {
      if (incoming.read !== undefined) hear(incoming.read, message, ear, end);
      yield incoming;
    }
  } finally {
    end(undefined);
  }
}

function hear(
  read: ReadMessage,
  message: Message | undefined,
  ear: Ear,
  end: (isError: boolean | undefined) => void,
): void {
  if ("problem" in read) return;
  if (read.kind === "response") {
    if (message?.kind !== "request") return;
    if (message.method === "tools/list") ear.listed(toolNames(read));
    end(read.error !== undefined || own(read.result ?? {}, "isError") === true);
    return;
  }
  if (read.kind === "request" && SERVER_REQUESTS.has(read.method)) {
    const { method, params } = read;
    // Whether the client agrees is the client's, and no outcome of a call.
    ear.asked({ method, tool: "", args: judgedParams(params) })(undefined);
  }
}

function toolNames({ result }: ResponseMessage): string[] {
  const tools = own(result ?? {}, "tools");
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool) => {
    const name = isObject(tool) ? own(tool as ReceivedObject, "name") : undefined;
    return typeof name === "string" ? [name] : [];
  });
}
