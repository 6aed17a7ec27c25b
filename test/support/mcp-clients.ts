/** Real MCP clients of both lines of the SDK, connected with a grant's token, behind one face. */
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

export interface McpClient {
  /** The protocol revision of the connection. */
  readonly version: string | undefined;
  /** What servers have asked its user. The user always gives the same answer. */
  readonly asked: readonly string[];
  toolNames(): Promise<readonly string[]>;
  /** A tool's result, as the SDK hands it over. */
  call(tool: string, args: Readonly<Record<string, unknown>>): Promise<object>;
  close(): Promise<void>;
}

/** Rejects as the SDK's `connect` does. */
export type Connect = (url: string, token: string) => Promise<McpClient>;

/** How a client of the second line finds the era; `pinned` fails where 2026-07-28 is not spoken. */
export type Negotiation = "auto" | "pinned" | "legacy";

const INFO = { name: "phiward-test", version: "1.0.0" };
const TIMEOUT = { timeout: 10_000 };
const ANSWER = { username: "nobody", email: "nobody@example.org" };

/** A client of `@modelcontextprotocol/sdk` 1.x, which speaks revisions up to 2025-11-25. */
export const connectV1: Connect = async (url, token) => {
  const client = new ClientV1(INFO, { capabilities: { elicitation: { form: {} } } });
  const asked: string[] = [];
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params.message);
    return { action: "accept", content: ANSWER };
  });
  const transport = new HttpV1(new URL(url), bearing(token));
  // The SDK's own types disagree about an optional member that may be undefined.
  await client.connect(transport as Transport, TIMEOUT);
  return {
    version: transport.protocolVersion,
    asked,
    toolNames: async () => (await client.listTools({}, TIMEOUT)).tools.map(({ name }) => name),
    call: (name, args) => client.callTool({ name, arguments: args }, undefined, TIMEOUT),
    close: () => client.close(),
  };
};

/** A client of `@modelcontextprotocol/client` 2.x, which speaks 2026-07-28 and what came before. */
export function connectV2(negotiation: Negotiation): Connect {
  return async (url, token) => {
    const client = new ClientV2(INFO, {
      capabilities: { elicitation: { form: {} } },
      versionNegotiation: { mode: negotiation === "pinned" ? { pin: "2026-07-28" } : negotiation },
    });
    const asked: string[] = [];
    client.setRequestHandler("elicitation/create", ({ params }) => {
      asked.push(params.message);
      return { action: "accept", content: ANSWER };
    });
    await client.connect(new HttpV2(new URL(url), bearing(token)), TIMEOUT);
    return {
      version: client.getNegotiatedProtocolVersion(),
      asked,
      toolNames: async () => (await client.listTools({}, TIMEOUT)).tools.map(({ name }) => name),
      call: (name, args) => client.callTool({ name, arguments: args }, TIMEOUT),
      close: () => client.close(),
    };
  };
}

function bearing(token: string): { requestInit: { headers: { Authorization: string } } } {
  return { requestInit: { headers: { Authorization: `Bearer ${token}` } } };
}
