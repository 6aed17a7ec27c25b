/** Spans as the gateway makes them. Where they go is the business of whoever implements this. */
import type { TraceContext } from "./context.ts";

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  /** What the next hop gets. */
  readonly context: TraceContext;
  rename(name: string): void;
  add(attributes: Attributes): void;
  event(name: string, attributes: Attributes): void;
  /** A span within this one: `client` for a request to a server, `internal` for a part of the work. */
  within(kind: "client" | "internal", name: string, attributes: Attributes): Span;
  /** The operation failed: a class of error that has few values. The first one stays. */
  fail(error: string): void;
  end(): void;
}

export interface Traces {
  /** The span of one message; `parent` is where it was sent, `began` is of performance.now(). */
  serve(parent: TraceContext | undefined, began: number): Span;
  /** Spans that were thrown away: the queue was full, or the collector did not take them. */
  readonly dropped: number;
  /** Sends what is waiting, for a short while. Never rejects. */
  stop(): Promise<void>;
}
