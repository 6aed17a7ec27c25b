/**
 * The MCP server of the example, with and without a client: `fhir-mcp-server` from npm, unchanged,
 * over stdio in front of the FHIR store.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { type Store, startStore } from "./store.ts";

/** The store, the MCP server in front of it, and a client that is connected to that server. */
export interface Ehr {
  readonly store: Store;
  readonly client: Client;
  stop(): Promise<void>;
}

/** The command line that serves the FHIR API at `fhirUrl` as MCP tools over stdio. */
export function mcpServerCommand(fhirUrl: string): [command: string, ...args: string[]] {
  const script = createRequire(import.meta.url).resolve("fhir-mcp-server");
  return [process.execPath, script, "--fhir-url", fhirUrl];
}

/** Starts the MCP server as a child process and connects a client; closing the client ends it. */
export async function connectMcpServer(fhirUrl: string): Promise<Client> {
  const [command, ...args] = mcpServerCommand(fhirUrl);
  const client = new Client({ name: "hospital-example", version: "1.0.0" });
  // The server writes whole FHIR responses to stderr as debug output. That is patient data on a
  // terminal or in a CI log, so nobody listens to it.
  await client.connect(new StdioClientTransport({ command, args, stderr: "ignore" }));
  return client;
}

/** Connects a client over HTTP, as an agent does: with the token of its grant. */
export async function connectAgent(url: string, token: string): Promise<Client> {
  const client = new Client({ name: "hospital-agent", version: "1.0.0" });
  const headers = { authorization: `Bearer ${token}` };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  // The SDK's own types disagree about an absent session id.
  await client.connect(transport as Parameters<Client["connect"]>[0]);
  return client;
}

/** Starts everything. When a part does not start, the others are stopped again. */
export async function startEhr(options: { port?: number } = {}): Promise<Ehr> {
  const store = await startStore(options);
  try {
    const client = await connectMcpServer(store.url);
    const stop = async (): Promise<void> => {
      await client.close();
      await store.stop();
    };
    return { store, client, stop };
  } catch (error) {
    await store.stop();
    throw error;
  }
}

async function runUntilInterrupted(): Promise<void> {
  const port = Number(process.argv[2] ?? "0");
  const store = await startStore({ port });
  process.stdout.write(`${store.url}\n`);
  process.once("SIGINT", () => void store.stop());
  process.once("SIGTERM", () => void store.stop());
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runUntilInterrupted();
}
