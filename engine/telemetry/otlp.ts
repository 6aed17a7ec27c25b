/**
 * Traces to an OpenTelemetry collector over OTLP/HTTP with JSON. OpenTelemetry's own packages do it,
 * and are loaded only here, only when the host asks for traces: they are optional peers.
 */
import type { Context, Span as OtelSpan, SpanAttributes, TimeInput } from "@opentelemetry/api";
import type { ReadableSpan, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace";
import { PhiwardError } from "../errors.ts";
import type { TraceContext } from "./context.ts";
import type { Attributes, Span, Traces } from "./traces.ts";

export interface TraceSettings {
  /** Where spans are posted, whole, such as `https://collector.example.org/v1/traces`. */
  readonly url: string;
  /** Sent with each request: the collector's credential. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of traces that begin here, the share that is kept, from 0 to 1. A client's own choice goes first. */
  readonly sample: number;
  /** Milliseconds for which spans are gathered before they are sent. */
  readonly everyMs: number;
}

/** Spans that wait; a collector that is down costs this much memory, and then spans are dropped. */
const QUEUE = 2_048;
const BATCH = 512;
const EXPORT_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 2_000;
/** No attribute of ours is longer. */
const MAX_VALUE = 256;

type Packages = Awaited<ReturnType<typeof packages>>;

/** `node` names this gateway. Throws USAGE where the packages are not installed. */
export async function otlpTraces(settings: TraceSettings, node: string): Promise<Traces> {
  const loaded = await packages();
  const { api, sdk, resources, otlp } = loaded;
  const lost = { queued: 0, dropped: 0 };
  const exporter = new otlp.OTLPTraceExporter({
    url: settings.url,
    headers: { ...settings.headers },
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const batches = new sdk.BatchSpanProcessor({
    exporter: counting(exporter, lost),
    maxQueueSize: QUEUE,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: settings.everyMs,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const provider = new sdk.TracerProvider({
    // Only what is said here: detectors would add the process's arguments and the host's name.
    resource: resources.resourceFromAttributes({
      "service.name": "phiward",
      "service.instance.id": node,
    }),
    sampler: new sdk.ParentBasedSampler({
      root: new sdk.TraceIdRatioBasedSampler(settings.sample),
    }),
    spanLimits: { attributeValueLengthLimit: MAX_VALUE },
    spanProcessors: [bounded(batches, lost)],
  });
  const tracer = provider.getTracer("phiward");
  return {
    serve(parent, began) {
      const context =
        parent === undefined ? api.ROOT_CONTEXT : remote(loaded, parent, api.ROOT_CONTEXT);
      const options = { kind: api.SpanKind.SERVER, startTime: began };
      const span = tracer.startSpan("message", options, context);
      return wrap(loaded, tracer, span, parent?.state);
    },
    get dropped() {
      return lost.dropped;
    },
    async stop() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, STOP_TIMEOUT_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}

async function packages() {
  try {
    const [api, sdk, resources, otlp] = await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/sdk-trace"),
      import("@opentelemetry/resources"),
      import("@opentelemetry/exporter-trace-otlp-http"),
    ]);
    return { api, sdk, resources, otlp };
  } catch (cause) {
    throw new PhiwardError("USAGE", "traces need packages of OpenTelemetry", {
      help: "npm i @opentelemetry/api@1.10 @opentelemetry/resources@3.1 @opentelemetry/sdk-trace@3.1 @opentelemetry/exporter-trace-otlp-http@0.301, beside phiward",
      cause,
    });
  }
}

function remote({ api }: Packages, { traceId, spanId, sampled }: TraceContext, on: Context) {
  const traceFlags = sampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE;
  return api.trace.setSpanContext(on, { traceId, spanId, traceFlags, isRemote: true });
}

type Tracer = ReturnType<InstanceType<Packages["sdk"]["TracerProvider"]>["getTracer"]>;

function wrap(loaded: Packages, tracer: Tracer, span: OtelSpan, state: string | undefined): Span {
  const { api } = loaded;
  const { traceId, spanId, traceFlags } = span.spanContext();
  const sampled = (traceFlags & api.TraceFlags.SAMPLED) !== 0;
  let failed = false;
  return {
    context: { traceId, spanId, sampled, ...(state === undefined ? {} : { state }) },
    rename: (name) => void span.updateName(name),
    add: (attributes) => void span.setAttributes(attributes as SpanAttributes),
    event: (name, attributes) => void span.addEvent(name, attributes as SpanAttributes),
    within(kind, name, attributes: Attributes) {
      const options = {
        kind: kind === "client" ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL,
        startTime: performance.now() as TimeInput,
        attributes: attributes as SpanAttributes,
      };
      const context = api.trace.setSpan(api.ROOT_CONTEXT, span);
      return wrap(loaded, tracer, tracer.startSpan(name, options, context), state);
    },
    fail(error) {
      if (failed) return;
      failed = true;
      span.setAttribute("error.type", error);
      // Without a description: a server's message may hold anything.
      span.setStatus({ code: api.SpanStatusCode.ERROR });
    },
    end: () => span.end(performance.now()),
  };
}

interface Lost {
  /** Ended, and not exported yet. */
  queued: number;
  dropped: number;
}

/** Counts what the processor would drop without a word, and drops it here. */
function bounded(inner: SpanProcessor, lost: Lost): SpanProcessor {
  return {
    forceFlush: () => inner.forceFlush(),
    shutdown: () => inner.shutdown(),
    onStart() {},
    onEnd(span) {
      if (lost.queued >= QUEUE) {
        lost.dropped++;
        return;
      }
      lost.queued++;
      inner.onEnd(span);
    },
  };
}

function counting(inner: SpanExporter, lost: Lost): SpanExporter {
  return {
    export(spans: ReadableSpan[], done) {
      inner.export(spans, (result) => {
        lost.queued -= spans.length;
        if (result.code !== 0) lost.dropped += spans.length;
        done(result);
      });
    },
    shutdown: () => inner.shutdown(),
    forceFlush: async () => await inner.forceFlush?.(),
  };
}
