/**
 * Sessions of the legacy era: a session belongs to the grant that opened it and to nobody else, and
 * ends by itself (§164.312(a)(2)(iii), automatic logoff).
 */
import type { Recorded } from "./call.ts";
import type { Connection } from "./upstream.ts";

export interface Session {
  /** What the client sends as `Mcp-Session-Id`: ours; the server's own stays here. */
  readonly id: string;
  readonly grant: string;
  /** The server that it is with; undefined: all of the grant's. */
  readonly server: string | undefined;
  /** Epoch milliseconds. */
  readonly opened: number;
  lastSeen: number;
  /** The connection to each server, by its id. */
  readonly connections: Map<string, Connection>;
  /** What servers asked of this client and it has not answered: key → the record that allowed it. */
  readonly asked: Map<string, Asked>;
  nextAsked: number;
  /** The latest calls, by the id of their request: whose answer may come again on a resumed stream. */
  readonly calls: Map<string | number, Recorded>;
}

export interface Asked {
  readonly server: string;
  /** The id under which the server waits. */
  readonly id: string | number;
  readonly method: string;
  /** The id of the decision's record. */
  readonly decision: string;
  readonly at: number;
}

export interface SessionLimits {
  /** Milliseconds without a message after which a session ends. */
  readonly idleMs: number;
  /** Milliseconds after which a session ends, however busy. */
  readonly absoluteMs: number;
  readonly max: number;
}

/** A client resumes the latest calls, or none. */
const MAX_CALLS = 100;

export type Found =
  | { readonly session: Session }
  | { readonly problem: "no_session" | "foreign_session" | "expired_session" };

export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #limits: SessionLimits;
  readonly #randomId: () => string;

  constructor(limits: SessionLimits, randomId: () => string) {
    this.#limits = limits;
    this.#randomId = randomId;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** A session that is not open yet: `open` follows when the server has agreed. */
  draft(grant: string, server: string | undefined, at: number): Session {
    return {
      id: this.#randomId(),
      grant,
      server,
      opened: at,
      lastSeen: at,
      connections: new Map(),
      asked: new Map(),
      nextAsked: 1,
      calls: new Map(),
    };
  }

  get full(): boolean {
    return this.#sessions.size >= this.#limits.max;
  }

  open(session: Session): void {
    this.#sessions.set(session.id, session);
  }

  /** The session, for this grant and this path, at this time. Looked up anew for every message. */
  find(id: string, grant: string, server: string | undefined, at: number): Found {
    const session = this.#sessions.get(id);
    if (session === undefined) return { problem: "no_session" };
    // Session hijacking: an id that was seen or guessed is worth nothing with another grant's token.
    if (session.grant !== grant || session.server !== server) return { problem: "foreign_session" };
    if (this.#over(session, at)) {
      this.close(session);
      return { problem: "expired_session" };
    }
    session.lastSeen = at;
    return { session };
  }

  /** Whether it is still open. */
  has(session: Session): boolean {
    return this.#sessions.get(session.id) === session;
  }

  /** Remembers a call for a client that loses its connection and resumes. */
  remember({ calls }: Session, id: string | number, recorded: Recorded): void {
    calls.delete(id);
    calls.set(id, recorded);
    if (calls.size > MAX_CALLS) calls.delete(calls.keys().next().value!);
  }

  close(session: Session): void {
    this.#sessions.delete(session.id);
    for (const connection of session.connections.values()) connection.close();
  }

  /** Ends the sessions whose time is over. */
  sweep(at: number): void {
    for (const session of this.#sessions.values()) {
      if (this.#over(session, at)) this.close(session);
    }
  }

  /** Ends the sessions of which `over` is true. */
  closeWhere(over: (session: Session) => boolean): void {
    for (const session of this.#sessions.values()) if (over(session)) this.close(session);
  }

  closeAll(): void {
    for (const session of this.#sessions.values()) this.close(session);
  }

  #over({ opened, lastSeen }: Session, at: number): boolean {
    return at - lastSeen > this.#limits.idleMs || at - opened > this.#limits.absoluteMs;
  }
}
