/**
 * What a span says of a message, by the semantic conventions of OpenTelemetry for MCP
 * (open-telemetry/semantic-conventions-genai, docs/gen-ai/mcp.md). It is made of the audit entry, so a
 * span never says more than a record: names that the catalogue knows, and no argument, id or token.
 * `mcp.resource.uri` and `gen_ai.prompt.name` are left out: either may name a patient.
 */
import type { DecisionEntry, RejectedEntry } from "../audit/record.ts";
import type { Attributes, Span } from "./traces.ts";

/** Who speaks how, beside the entry. */
export interface Spoken {
  readonly via: "http" | "stdio";
  /** A revision that is served. */
  readonly version?: string | undefined;
}

/** The message that was judged, and the verdict. `id`: of the record. */
export function describeDecision(
  span: Span,
  entry: DecisionEntry,
  id: string,
  spoken: Spoken,
): void {
  const { grant, server, verdict, code, ephi } = entry;
  span.rename(nameOf(entry));
  span.add({
    ...messageAttributes(entry),
    ...spokenAttributes(spoken),
    ...(entry.request === undefined ? {} : { "jsonrpc.request.id": entry.request }),
    ...(entry.session === undefined ? {} : { "mcp.session.id": entry.session }),
    "phiward.grant": grant,
    "phiward.server": server,
    "phiward.verdict": verdict,
    "phiward.reason": code,
    "phiward.ephi": ephi,
    "phiward.decision": id,
  });
  if (verdict === "allow" || entry.monitor === true) return;
  // A denied tool call is a tool's result with `isError`; anything else is a JSON-RPC error.
  if (entry.method !== "tools/call") span.add({ "rpc.response.status_code": String(DENIED) });
  span.fail(entry.method === "tools/call" ? "tool_error" : String(DENIED));
}

/** The JSON-RPC code of a denial. */
const DENIED = 403;

/** Something else that was judged on the way, such as what a server asks of the client. */
export function describeFurther(span: Span, entry: DecisionEntry, id: string): void {
  span.event("phiward.decision", {
    ...messageAttributes(entry),
    "phiward.verdict": entry.verdict,
    "phiward.reason": entry.code,
    "phiward.decision": id,
  });
}

/** A message that no policy was asked about. */
export function describeRejected(span: Span, entry: RejectedEntry, rpc: number): void {
  const { method, grant, server, code, transport } = entry;
  const known = isShown(method) ? method : "_OTHER";
  span.rename(isShown(method) ? method : "message");
  span.add({
    "mcp.method.name": known,
    ...spokenAttributes({ via: transport }),
    ...(grant === undefined ? {} : { "phiward.grant": grant }),
    ...(server === undefined ? {} : { "phiward.server": server }),
    "phiward.reason": code,
    "rpc.response.status_code": String(rpc),
  });
  span.fail(String(rpc));
}

/** The name and attributes of the span for the request to the server. */
export function upstreamSpan(
  { method, tool }: { readonly method: string; readonly tool: string },
  server: string,
  address: URL | undefined,
  version: string | undefined,
): { readonly name: string; readonly attributes: Attributes } {
  const port = Number(address?.port) || (address?.protocol === "https:" ? 443 : 80);
  return {
    name: nameOf({ method, tool }),
    attributes: {
      ...messageAttributes({ method, tool }),
      ...spokenAttributes({ via: address === undefined ? "stdio" : "http", version }),
      ...(address === undefined ? {} : { "server.address": address.hostname, "server.port": port }),
      "phiward.server": server,
    },
  };
}

/** A server writes its error's code, so it is shown only where it can be one. */
export function rpcErrorType(code: unknown): string {
  const isCode = Number.isInteger(code) && Math.abs(code as number) <= 99_999;
  return isCode ? String(code) : "_OTHER";
}

function nameOf({ method, tool }: { readonly method: string; readonly tool: string }): string {
  if (!isShown(method)) return "message";
  return isShown(tool) ? `${method} ${tool}` : method;
}

function messageAttributes({
  method,
  tool,
}: {
  readonly method: string;
  readonly tool: string;
}): Attributes {
  return {
    "mcp.method.name": isShown(method) ? method : "_OTHER",
    ...(method === "tools/call" ? { "gen_ai.operation.name": "execute_tool" } : {}),
    ...(isShown(tool) ? { "gen_ai.tool.name": tool } : {}),
  };
}

function spokenAttributes({ via, version }: Spoken): Attributes {
  return {
    "network.transport": via === "http" ? "tcp" : "pipe",
    ...(via === "http" ? { "network.protocol.name": "http" } : {}),
    ...(version === undefined ? {} : { "mcp.protocol.version": version }),
  };
}

/** A name that nobody knows stands in an entry as a hash, and would make a span's name of its own. */
function isShown(name: string | undefined): name is string {
  return name !== undefined && name !== "" && !name.startsWith("hmac:");
}
