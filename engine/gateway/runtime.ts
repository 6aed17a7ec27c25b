/** Everything that the steps of a call need, as one argument. */
import type { AuditLog } from "../audit/log.ts";
import type { BarStore } from "../grant/bar-store.ts";
import type { TokenStore } from "../grant/store.ts";
import type { Quotas } from "../quota/store.ts";
import type { Traces } from "../telemetry/traces.ts";
import type { Bound } from "./bound.ts";
import type { EmergencyAccess } from "./emergency.ts";
import type { Flood } from "./flood.ts";
import type { Lists } from "./lists.ts";
import type { Metrics } from "./metrics.ts";
import type { Issuers } from "./oidc/issuers.ts";
import type { Pins } from "./pins.ts";
import type { PolicySource } from "./policy-source.ts";
import type { Sessions } from "./session.ts";
import type { Streams } from "./streams.ts";
import type { Upstreams } from "./upstreams.ts";

export interface Identities {
  readonly issuers: Issuers;
  /** Which of them are revoked. */
  readonly bars: BarStore;
}

export interface Runtime {
  /** Of a development gateway. */
  readonly dev: boolean;
  /** Epoch milliseconds. */
  now(): number;
  /** No new message is taken: what is open comes to its end. */
  stopping(): boolean;
  /** Whether the clock stands more than a minute before the latest time on record. */
  clockBehind(at: number): boolean;
  readonly policy: PolicySource;
  readonly tokens: TokenStore;
  /** Identities of issuers; undefined: none is configured. */
  readonly identities?: Identities | undefined;
  readonly log: AuditLog;
  readonly quotas: Quotas;
  /** The pseudonym of a patient, under the key in force. */
  readonly pseudonym: (subject: string) => string;
  /** A keyed hash of a name that may be anybody's. */
  readonly hashName: (name: string) => string;
  readonly emergency: EmergencyAccess;
  readonly sessions: Sessions;
  readonly bound: Bound;
  readonly pins: Pins;
  readonly upstreams: Upstreams;
  readonly lists: Lists;
  readonly streams: Streams;
  readonly flood: Flood;
  readonly metrics: Metrics;
  /** undefined: nobody asked for traces. */
  readonly traces?: Traces | undefined;
}
