/** The eras up to 2025-11-25: a session for each `initialize`, whose streams can be resumed. */
import { randomUUID } from "node:crypto";
import {
  type EventStore,
  type JSONRPCMessage,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";

export interface LegacySessions {
  fetch(request: Request): Promise<Response>;
  announce(list: "tools" | "prompts"): void;
  close(): Promise<void>;
}

/** How soon a client comes back for a stream that was closed. */
const RETRY_MS = 100;

interface Session {
  readonly server: McpServer;
  readonly transport: WebStandardStreamableHTTPServerTransport;
}

export function legacySessions(makeServer: () => McpServer): LegacySessions {
  const sessions = new Map<string, Session>();

  async function open(): Promise<Session> {
    const server = makeServer();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: eventMemory(),
      retryInterval: RETRY_MS,
      onsessioninitialized: (id) => {
        sessions.set(id, { server, transport });
      },
      onsessionclosed: (id) => {
        sessions.delete(id);
      },
    });
    await server.connect(transport);
    return { server, transport };
  }

  return {
    async fetch(request) {
      const id = request.headers.get("mcp-session-id");
      // A request without an id is an `initialize`, or is refused by the new transport.
      const session = id === null ? await open() : sessions.get(id);
      if (session === undefined) return noSession();
      return await session.transport.handleRequest(request);
    },
    announce(list) {
      for (const { server } of sessions.values()) {
        if (list === "tools") server.sendToolListChanged();
        else server.sendPromptListChanged();
      }
    },
    async close() {
      await Promise.all([...sessions.values()].map(({ server }) => server.close()));
    },
  };
}

function noSession(): Response {
  const error = { code: -32001, message: "Session not found" };
  return Response.json({ jsonrpc: "2.0", error, id: null }, { status: 404 });
}

/** What was sent on a session's streams, so that a client that comes back gets what it missed. */
function eventMemory(): EventStore {
  const events: { readonly stream: string; readonly message: JSONRPCMessage }[] = [];
  return {
    storeEvent: async (stream, message) => String(events.push({ stream, message })),
    getStreamIdForEventId: async (id) => events[Number(id) - 1]?.stream,
    async replayEventsAfter(id, { send }) {
      const stream = events[Number(id) - 1]?.stream ?? "";
      for (const [index, event] of events.entries()) {
        if (index < Number(id) || event.stream !== stream) continue;
        await send(String(index + 1), event.message);
      }
      return stream;
    },
  };
}
