/** Everything that the steps of a call need, as one argument. */
import type { AuditLog } from "../audit/log.ts";
import type { TokenStore } from "../grant/store.ts";
import type { QuotaStore } from "../quota/store.ts";
import type { Bound } from "./bound.ts";
import type { Flood } from "./flood.ts";
import type { Lists } from "./lists.ts";
import type { Metrics } from "./metrics.ts";
import type { Pins } from "./pins.ts";
import type { PolicySource } from "./policy-source.ts";
import type { Sessions } from "./session.ts";
import type { Streams } from "./streams.ts";
import type { Upstreams } from "./upstreams.ts";

export interface Runtime {
  /** Epoch milliseconds. */
  now(): number;
  /** No new message is taken: what is open comes to its end. */
  stopping(): boolean;
  /** Whether the clock stands more than a minute before the latest time on record. */
  clockBehind(at: number): boolean;
  readonly policy: PolicySource;
  readonly tokens: TokenStore;
  readonly log: AuditLog;
  readonly quotas: QuotaStore;
  /** The pseudonym of a patient, under the key in force. */
  readonly pseudonym: (subject: string) => string;
  /** A keyed hash of a name that may be anybody's. */
  readonly hashName: (name: string) => string;
  /** Break-glass grants that are open. */
  readonly opened: ReadonlySet<string>;
  readonly sessions: Sessions;
  readonly bound: Bound;
  readonly pins: Pins;
  readonly upstreams: Upstreams;
  readonly lists: Lists;
  readonly streams: Streams;
  readonly flood: Flood;
  readonly metrics: Metrics;
}
