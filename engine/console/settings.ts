/** What a console is told by its host. */
import type { ConsoleSettings } from "../gateway/console-config.ts";

export type Listen = ConsoleSettings["listen"];

/** An issuer at which people log in (OpenID Connect Core 1.0, authorization code with PKCE). */
export type ConsoleIssuer = NonNullable<ConsoleSettings["issuer"]>;

export interface Limits {
  /** A session without a request ends after this: automatic logoff, 45 CFR §164.312(a)(2)(iii). Milliseconds. */
  readonly idleMs: number;
  /** A session ends after this, however busy. Milliseconds. */
  readonly absoluteMs: number;
  /** As many sessions may be open at once. */
  readonly sessions: number;
}

export const LIMITS: Limits = {
  idleMs: 15 * 60_000,
  absoluteMs: 8 * 60 * 60_000,
  sessions: 200,
};

/** On this machine alone, on a free port. */
export const LOOPBACK: Listen = {
  host: "127.0.0.1",
  port: 0,
  hosts: ["127.0.0.1", "localhost"],
};
