/** What goes to the server: the message that was judged, and headers that say the same. */
import { isObject, own, type Received, type ReceivedObject } from "../json/value.ts";
import type { Permitted } from "./call.ts";
import { encodeHeader, type Headers } from "./envelope.ts";
import { CLIENT_REQUESTS } from "./methods.ts";
import type { Outgoing } from "./upstream.ts";

/** Headers of the client that may reach a server. Never Authorization or Cookie. */
const PASSED = ["accept", "mcp-protocol-version", "last-event-id", "traceparent", "tracestate"];

export function outgoing({ message, headers, envelope, target }: Permitted["from"]): Outgoing {
  const sent = passedHeaders(headers);
  if (envelope.era !== "modern" || message.kind === "response") return { message, headers: sent };
  sent["mcp-protocol-version"] = envelope.version!;
  sent["mcp-method"] = message.method;
  const parameter = CLIENT_REQUESTS.get(message.method)?.name;
  const name = parameter === undefined ? undefined : own(message.params, parameter);
  if (typeof name === "string") sent["mcp-name"] = encodeHeader(name);
  if (headers !== undefined) {
    for (const [key, value] of Object.entries(headers)) {
      if (key.startsWith("mcp-param-") && value !== undefined) sent[key] = value;
    }
  } else if (typeof name === "string" && message.method === "tools/call") {
    const schema = own(target.source.lock?.tools ?? {}, name)?.definition.inputSchema;
    mirror(schema as Received | undefined, own(message.params, "arguments"), sent);
  }
  return { message, headers: sent };
}

export function passedHeaders(headers: Headers | undefined): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const name of PASSED) {
    const value = headers?.[name];
    if (value !== undefined) sent[name] = value;
  }
  return sent;
}

/** A client on stdio has no headers to mirror its arguments in; the server asks for them all the same. */
function mirror(
  schema: Received | undefined,
  args: Received | undefined,
  sent: Record<string, string>,
): void {
  if (!isObject(schema) || !isObject(args)) return;
  const properties = own(schema as ReceivedObject, "properties");
  if (!isObject(properties)) return;
  for (const [key, property] of Object.entries(properties as ReceivedObject)) {
    const value = own(args as ReceivedObject, key);
    if (!isObject(property) || value === undefined) continue;
    const header = own(property as ReceivedObject, "x-mcp-header");
    const plain = ["string", "number", "boolean"].includes(typeof value);
    if (typeof header === "string" && plain) {
      sent[`mcp-param-${header.toLowerCase()}`] = encodeHeader(String(value));
    }
    mirror(property as Received, value, sent);
  }
}
