/** Where a message's trace comes from, and how it goes on to the server. */
import { isObject, own, type Received, type ReceivedObject } from "../json/value.ts";
import { readTraceContext, type TraceContext, writeTraceParent } from "../telemetry/context.ts";
import { rpcErrorType, upstreamSpan } from "../telemetry/describe.ts";
import type { Span } from "../telemetry/traces.ts";
import type { Recorded } from "./call.ts";
import type { Headers } from "./envelope.ts";
import { type Message, withMember } from "./message.ts";
import type { Outcome } from "./relay.ts";
import type { Outgoing, UpstreamReply } from "./upstream.ts";

/** The message's own context goes before the connection's: one connection carries many messages. */
export function arrivedIn(
  message: Message | undefined,
  headers: Headers | undefined,
): TraceContext | undefined {
  const meta =
    message === undefined || message.kind === "response" ? undefined : own(message.params, "_meta");
  const carried = isObject(meta) ? (meta as ReceivedObject) : {};
  return (
    readTraceContext(own(carried, "traceparent"), own(carried, "tracestate")) ??
    readTraceContext(headers?.traceparent, headers?.tracestate)
  );
}

/** Of the request to the server; undefined where traces are not kept. */
export function askingSpan({ from, call }: Recorded): Span | undefined {
  if (from.span === undefined) return undefined;
  const { target, envelope } = from;
  const { transport } = target.source;
  const address = transport.type === "http" ? URL.parse(String(transport.url)) : null;
  // A tool without a lock is not judged here by its name alone: the catalogue must know it.
  const tool = target.toolLabels.has(call.tool) ? call.tool : "";
  const { name, attributes } = upstreamSpan(
    { method: call.method, tool },
    target.source.id,
    address ?? undefined,
    envelope.version,
  );
  return from.span.within("client", name, attributes);
}

/** The message as the server gets it: within the span, in place of what the client wrote there. */
export function sentIn({ message, headers }: Outgoing, span: Span | undefined): Outgoing {
  if (span === undefined || message.kind === "response") return { message, headers };
  const { traceparent: _, tracestate: __, ...others } = headers;
  const context: Record<string, string> = {
    traceparent: writeTraceParent(span.context),
    ...(span.context.state === undefined ? {} : { tracestate: span.context.state }),
  };
  const { _meta: given, ...params } = message.params;
  const {
    traceparent: ___,
    tracestate: ____,
    ...meta
  } = isObject(given) ? (given as ReceivedObject) : {};
  const changed = { ...params, _meta: { ...meta, ...context } as Received };
  return {
    message: withMember(message, "params", changed),
    headers: { ...others, ...context },
  };
}

/** What kind of failure it was (`error.type`); undefined: none. */
export function errorType(sent: UpstreamReply, { status, rpc }: Outcome): string | undefined {
  if (status === "ok") return undefined;
  if (sent.kind === "failed") return sent.failure;
  return rpc === undefined ? status : rpcErrorType(rpc);
}
