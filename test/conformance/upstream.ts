/**
 * An MCP server of both eras over Streamable HTTP, which the conformance suite passes without an
 * expected failure. So whatever fails when the suite calls it through the gateway is the gateway's.
 *
 * `node test/conformance/upstream.ts --port 0` runs it by itself.
 */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import {
  localhostHostValidation,
  localhostOriginValidation,
  type NodeIncomingMessageLike,
  toNodeHandler,
} from "@modelcontextprotocol/node";
import {
  createMcpHandler,
  createRequestStateCodec,
  isLegacyRequest,
  type McpServer,
} from "@modelcontextprotocol/server";
import { legacySessions } from "./legacy-sessions.ts";
import { conformanceServer } from "./server.ts";
import type { World } from "./tool.ts";

export interface ConformanceUpstream {
  /** Such as `http://127.0.0.1:40123/mcp`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Listens on 127.0.0.1; port 0 takes a free one. */
export async function startUpstream(port = 0): Promise<ConformanceUpstream> {
  const handler = bothEras();
  const handle = toNodeHandler(handler);
  const allowedHost = localhostHostValidation();
  const allowedOrigin = localhostOriginValidation();
  const http = createServer((request, response) => {
    // DNS rebinding: a web page that reached this port by a name of its own is turned away.
    if (!allowedHost(request, response) || !allowedOrigin(request, response)) return;
    void handle(request as NodeIncomingMessageLike, response);
  });
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    async stop() {
      await handler.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** 2026-07-28 without sessions, everything before with them, on one URL. */
function bothEras(): { fetch(request: Request): Promise<Response>; close(): Promise<void> } {
  const states = createRequestStateCodec({ key: randomBytes(32) });
  const world: World = {
    announce(list) {
      if (list === "tools") modern.notify.toolsChanged();
      else modern.notify.promptsChanged();
      legacy.announce(list);
    },
    seal: (state) => states.mint(state),
  };
  const server = (): McpServer => conformanceServer(world, { verify: states.verify });
  const modern = createMcpHandler(server, { legacy: "reject" });
  const legacy = legacySessions(server);
  return {
    fetch: async (request) =>
      (await isLegacyRequest(request)) ? legacy.fetch(request) : modern.fetch(request),
    close: async () => {
      await Promise.all([modern.close(), legacy.close()]);
    },
  };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
  const { url } = await startUpstream(Number(values.port));
  process.stdout.write(`${url}\n`);
}
