/** Real MCP clients of both lines of the SDK, connected with a grant's token. */
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";

/** How a client of the second line finds the era; `pinned` fails where 2026-07-28 is not spoken. */
export type Negotiation = "auto" | "pinned" | "legacy";

const INFO = { name: "phiward-test", version: "1.0.0" };
const CONNECT_MS = 10_000;

/** A client of `@modelcontextprotocol/sdk` 1.x, which speaks revisions up to 2025-11-25. */
export async function connectV1(url: string, token: string): Promise<Client> {
  const client = new Client(INFO, {
    capabilities: { sampling: {}, elicitation: {}, roots: { listChanged: true } },
  });
  const transport = new StreamableHTTPClientTransport(new URL(url), bearing(token));
  // The SDK's own types disagree about an optional member that may be undefined.
  await client.connect(transport as Transport, { timeout: CONNECT_MS });
  return client;
}

/** A client of `@modelcontextprotocol/client` 2.x, which speaks 2026-07-28 and what came before. */
export async function connectV2(
  url: string,
  token: string,
  negotiation: Negotiation = "auto",
): Promise<ModernClient> {
  const client = new ModernClient(INFO, {
    capabilities: { sampling: {}, elicitation: { form: {} }, roots: { listChanged: true } },
    versionNegotiation: { mode: negotiation === "pinned" ? { pin: "2026-07-28" } : negotiation },
  });
  await client.connect(new ModernTransport(new URL(url), bearing(token)), { timeout: CONNECT_MS });
  return client;
}

function bearing(token: string): { requestInit: { headers: { Authorization: string } } } {
  return { requestInit: { headers: { Authorization: `Bearer ${token}` } } };
}
