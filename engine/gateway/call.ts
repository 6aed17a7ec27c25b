/**
 * The states of one message on its way through the gateway, as types:
 *
 *     Received → Authenticated → Understood → Decided → Reserved → Recorded → forwarded
 *
 * Each step takes the state that only the step before returns, so a call that skips one does not
 * compile: what is forwarded was recorded, what was recorded was decided, for a known grant. The mark
 * of a state is a symbol that does not leave this file, so no literal can pretend to be one; a test
 * keeps each of the functions below to the one file that may call it.
 */
import type { Call } from "../decide/call.ts";
import type { Decision } from "../decide/decide.ts";
import type { ReadyGrant, ReadyServer } from "../decide/prepare.ts";
import type { Charge } from "../quota/quota.ts";
import type { Span } from "../telemetry/traces.ts";
import type { Envelope, Headers } from "./envelope.ts";
import type { NotificationMessage, RequestMessage, ResponseMessage } from "./message.ts";
import type { Sender } from "./oidc/dpop.ts";
import type { ActivePolicy } from "./policy-source.ts";
import type { Reservation } from "./reserve.ts";
import type { Session } from "./session.ts";
import type { Proof } from "./standing.ts";

declare const state: unique symbol;
interface State<Name extends string> {
  readonly [state]: Name;
}

/** A message as it came in. Nothing in it is trusted. */
export interface Arrival {
  readonly via: "http" | "stdio";
  /** Epoch milliseconds. */
  readonly at: number;
  /** undefined on stdio. */
  readonly headers: Headers | undefined;
  /** What stood in the Authorization header, or in the environment on stdio. */
  readonly credential: string | undefined;
  /** How it was sent, and for which request; undefined on stdio. */
  readonly sender?: Sender | undefined;
  /** The server that the path names; undefined for the path that serves all of a grant's servers. */
  readonly server: string | undefined;
  /** The session that the message names. */
  readonly sessionId: string | undefined;
  /** Where it came from, for the record. */
  readonly remote: string | undefined;
  /** Of the message, where traces are kept. */
  readonly span?: Span;
}
export interface Received extends Arrival, State<"received"> {}

/** Who is calling, and the policy that decides from here on, whatever is activated meanwhile. */
export interface Identity {
  readonly grant: ReadyGrant;
  /** What a person calls the token: the start of its hash. */
  readonly token: string;
  /** Asked again while a stream is open. */
  readonly proof: Proof;
  readonly policy: ActivePolicy;
}
export interface Authenticated extends Arrival, Identity, State<"authenticated"> {}

/** What the message says, for which server, in which session. */
export interface Understanding {
  readonly message: RequestMessage | NotificationMessage | ResponseMessage;
  readonly envelope: Envelope;
  readonly target: ReadyServer;
  readonly session: Session | undefined;
}
export interface Understood extends Arrival, Identity, Understanding, State<"understood"> {}

/** One thing that may happen: judged, and allowed. */
export interface Permitted {
  readonly from: Arrival & Identity & Understanding;
  readonly call: Call;
  readonly decision: Decision;
  readonly charges: readonly Charge[];
  /** The patients that the call names; undefined when that cannot be told. */
  readonly subjects: readonly string[] | undefined;
  /** The decision that asked the question which this call answers (multi-round requests). */
  readonly round: string | undefined;
  /** The opening under which an emergency grant was judged. */
  readonly opening: string | undefined;
}
export interface Decided extends Permitted, State<"decided"> {}
export interface Reserved extends Permitted, State<"reserved"> {
  readonly reservation: Reservation;
}
export interface Recorded extends Permitted, State<"recorded"> {
  readonly reservation: Reservation;
  /** The id of the decision's record, which is on disk. */
  readonly id: string;
}

/** Only the fronts call this. */
export const received = (arrival: Arrival): Received => arrival as Received;
/** Only authenticate.ts calls this. */
export const authenticated = (from: Received, identity: Identity): Authenticated =>
  ({ ...from, ...identity }) as unknown as Authenticated;
/** Only understand.ts calls this. */
export const understood = (from: Authenticated, understanding: Understanding): Understood =>
  ({ ...from, ...understanding }) as unknown as Understood;
/** Only judge.ts calls this. */
export const decided = (permitted: Permitted): Decided => permitted as unknown as Decided;
/** Only reserve.ts calls this. */
export const reserved = (from: Decided, reservation: Reservation): Reserved =>
  ({ ...from, reservation }) as unknown as Reserved;
/** Only record.ts calls this. */
export const recorded = (from: Reserved, id: string): Recorded =>
  ({ ...from, id }) as unknown as Recorded;
