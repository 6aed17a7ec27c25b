/**
 * A forwarder on loopback that adds headers to each request and changes nothing else: the Host, the
 * spelling and order of headers and every byte of a body arrive as they were sent. For clients that
 * cannot be told to send a token.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HeaderShim {
  /** The same path as the target's, on another port. */
  readonly url: string;
  stop(): Promise<void>;
}

export async function startHeaderShim(
  target: string,
  headers: Readonly<Record<string, string>>,
): Promise<HeaderShim> {
  const to = new URL(target);
  const added = Object.entries(headers).flat();
  const server = createServer((incoming, response) => forward(to, added, incoming, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${to.pathname}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(
  { hostname, port }: URL,
  added: readonly string[],
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  const { method, url, rawHeaders } = incoming;
  const outgoing = request({
    hostname,
    port,
    method,
    path: url,
    headers: [...rawHeaders, ...added],
    setHost: false,
    agent: false,
  });
  outgoing.on("response", (answer) => {
    response.writeHead(answer.statusCode!, answer.statusMessage, answer.rawHeaders);
    // A stream's first event may be long in coming; the client waits for the status.
    response.flushHeaders();
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  // Each side learns that the other one is gone: closing is how a client cancels.
  outgoing.on("error", () => response.destroy());
  response.on("close", () => outgoing.destroy());
  incoming.pipe(outgoing);
}
