/**
 * W3C Trace Context: which trace a message belongs to. MCP carries it unprefixed in `_meta` (SEP-414),
 * HTTP in headers of the same names.
 */

/** Of the span that a message was sent in. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all 0. */
  readonly traceId: string;
  /** 16 of them, not all 0. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** What vendors add, for the next hop alone: it may hold anything, so no span of ours shows it. */
  readonly state?: string;
}

const PARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** W3C Trace Context §3.3.1.5: longer ones need not be carried on. */
const MAX_STATE = 512;

/** undefined: there is none, or it is malformed, and a trace begins here (W3C Trace Context §3.2.2.3). */
export function readTraceContext(parent: unknown, state?: unknown): TraceContext | undefined {
  if (typeof parent !== "string" || parent.length > 256) return undefined;
  const [, version, traceId, spanId, flags, more] = PARENT.exec(parent) ?? [];
  if (version === undefined || version === "ff") return undefined;
  if (version === "00" && more !== undefined) return undefined;
  if (/^0+$/.test(traceId!) || /^0+$/.test(spanId!)) return undefined;
  const carried = typeof state === "string" && state !== "" && state.length <= MAX_STATE;
  return {
    traceId: traceId!,
    spanId: spanId!,
    sampled: (Number.parseInt(flags!, 16) & 1) === 1,
    ...(carried ? { state } : {}),
  };
}

/** The `traceparent` of a span. */
export function writeTraceParent({
  traceId,
  spanId,
  sampled,
}: Pick<TraceContext, "traceId" | "spanId" | "sampled">): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}
