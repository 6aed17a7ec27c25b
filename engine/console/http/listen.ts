/** The socket: plain HTTP on loopback, TLS elsewhere, with bounds on what a stranger may hold. */
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type WatchedTls, watchTls } from "../../gateway/tls.ts";
import type { Listen } from "../settings.ts";

export interface Listening {
  readonly port: number;
  stop(): Promise<void>;
}

/** Milliseconds in which a request must have arrived. */
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 500;
const RENEW_EVERY_MS = 1_000;

/** Rejects when the address is taken, or the certificate cannot be used. */
export async function listenOn(
  { host, port, tls }: Listen,
  answer: RequestListener,
): Promise<Listening> {
  const limits = { requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: MAX_HEADER_BYTES };
  const watched = tls === undefined ? undefined : watchTls(tls);
  const server =
    watched === undefined
      ? createServer(limits, answer)
      : createTlsServer({ ...limits, ...watched.options() }, answer);
  server.maxConnections = MAX_CONNECTIONS;
  const renewal = watched === undefined ? undefined : renew(server as TlsServer, watched);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        clearInterval(renewal);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A renewed certificate is for new connections. */
function renew(server: TlsServer, watched: WatchedTls): NodeJS.Timeout {
  return setInterval(() => {
    if (watched.refresh()) server.setSecureContext(watched.options());
  }, RENEW_EVERY_MS).unref();
}
