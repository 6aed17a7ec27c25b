/** What operators and their tools ask: is it alive, does it serve, what does it count. */
import { createServer } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import type { Health } from "./health.ts";
import type { HttpFront } from "./http-front.ts";
import type { Metrics } from "./metrics.ts";

export interface OperatorAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const JSON_TYPE = "application/json";

/** undefined: it is another path. */
export async function operatorAnswer(
  path: string,
  health: Health,
  metrics: Metrics,
): Promise<OperatorAnswer | undefined> {
  if (path === "/healthz") return { status: 200, type: JSON_TYPE, body: '{"status":"alive"}\n' };
  if (path === "/readyz") {
    const problems = health.problems();
    const serves = problems.length === 0;
    const body = { status: serves ? "ready" : "denying", problems, notes: health.notes() };
    return {
      status: serves ? 200 : 503,
      type: JSON_TYPE,
      body: `${JSON.stringify(body)}\n`,
    };
  }
  if (path === "/metrics") return { status: 200, ...(await metrics.text()) };
  return undefined;
}

export interface OperatorFrontOptions {
  readonly host: string;
  readonly port: number;
  /** Names beside addresses by which it may be asked. */
  readonly hosts: readonly string[];
  readonly health: Health;
  readonly metrics: Metrics;
}

const REQUEST_TIMEOUT_MS = 5_000;

/**
 * A listener for these questions alone, for monitors on other machines: no MCP, no patient data, and
 * so plain HTTP wherever the host puts it.
 */
export async function operatorFront(options: OperatorFrontOptions): Promise<HttpFront> {
  const { health, metrics, hosts } = options;
  const timeouts = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS };
  const server = createServer(timeouts, async (request, response) => {
    const path = (request.url ?? "/").split("?")[0]!;
    const answer =
      request.method === "GET" && isAllowedHost(request.headers.host, hosts)
        ? await operatorAnswer(path, health, metrics).catch(health.bug)
        : undefined;
    response.writeHead(answer?.status ?? 404, {
      "content-type": answer?.type ?? JSON_TYPE,
      "cache-control": "no-store",
    });
    response.end(answer?.body ?? "{}\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    notes: () => [],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** DNS rebinding needs a name: a monitor asks by address, or by a name that the host lists. */
function isAllowedHost(host: string | undefined, hosts: readonly string[]): boolean {
  const name = (host ?? "").replace(/:[0-9]+$/, "").toLowerCase();
  return isIP(name.replace(/^\[|\]$/g, "")) !== 0 || name === "localhost" || hosts.includes(name);
}
