/**
 * The leg to a server: one connection, HTTP or stdio, of one era. It carries messages and judges
 * nothing.
 */

import type { Message, ReadMessage } from "./message.ts";
import type { Era } from "./methods.ts";

export interface Outgoing {
  readonly message: Message;
  /** Headers that go along on HTTP, lower case: `accept`, `mcp-*`, `last-event-id`, trace context. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A message from the server as it was read, with its place in the stream where it names one. */
export interface Incoming {
  /** undefined: an event without a message, which only sets the place. */
  readonly read: ReadMessage | undefined;
  readonly eventId?: string | undefined;
  /** Milliseconds to wait before resuming, as the server last said. */
  readonly retryMs?: number | undefined;
}

export type UpstreamReply =
  /** Taken, and nothing to say (HTTP 202). */
  | { readonly kind: "accepted" }
  /** One message; `status` is the HTTP status, 200 on stdio. */
  | { readonly kind: "message"; readonly status: number; readonly read: ReadMessage }
  /** Messages until the server ends the stream. Reading slowly makes the server wait. */
  | { readonly kind: "stream"; readonly messages: AsyncIterable<Incoming> }
  /** No message came. `reached`: the server may have seen the request. */
  | { readonly kind: "failed"; readonly failure: UpstreamFailure; readonly reached: boolean };

export type UpstreamFailure =
  | "unreachable"
  /** Its certificate, or how it speaks TLS, is not accepted. */
  | "untrusted"
  | "broken"
  | "timeout"
  | "too_large"
  | "bad_status"
  | "refused_credential"
  | "redirect"
  | "no_session"
  | "not_served"
  | "cancelled";

export interface Connection {
  readonly era: Era;
  /** Never rejects. `signal` ends the exchange: the client is gone or may no longer listen. */
  send(outgoing: Outgoing, signal: AbortSignal): Promise<UpstreamReply>;
  /** What the server says unasked (the legacy era's GET stream). */
  listen(headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<UpstreamReply>;
  close(): void;
}

/** Makes connections to one server. */
export interface Upstream {
  readonly server: string;
  /**
   * A connection of one client session, or (without `session`) the one that a grant's stateless
   * requests share.
   */
  connect(era: Era, owner: { readonly grant: string; readonly session?: string }): Connection;
  close(): Promise<void>;
}
