/**
 * Who is in. A session lives in this process alone and ends by idleness, by age, by logout, or when
 * the credential behind it is worth nothing any more: 45 CFR §164.312(a)(2)(iii), automatic logoff.
 */
import type { Limits } from "../settings.ts";
import type { Credential } from "./credential.ts";
import { hashOf, newSecret, type Random } from "./secret.ts";

export interface Session {
  /** Names the session in this process; it is not the cookie. */
  readonly id: string;
  readonly credential: Credential;
  /** Stands in every form: only a page of this session knows it. */
  readonly formToken: string;
  readonly startedAt: number;
}

export interface Sessions {
  /** A new session, and the cookie's value for it. Who logs in never keeps an older cookie (session fixation). */
  begin(credential: Credential, at: number): { readonly cookie: string; readonly session: Session };
  /** The session of a cookie, which is idle no longer; undefined: there is none, or it has ended. */
  find(cookie: string, at: number): Session | undefined;
  end(session: Session): void;
}

interface Kept {
  readonly session: Session;
  seenAt: number;
}

export function openSessions(limits: Limits, random: Random): Sessions {
  const kept = new Map<string, Kept>();
  const isOver = ({ session, seenAt }: Kept, at: number): boolean =>
    at - seenAt >= limits.idleMs || at - session.startedAt >= limits.absoluteMs;
  return {
    begin(credential, at) {
      for (const [id, one] of kept) if (isOver(one, at)) kept.delete(id);
      const [oldest] = kept.keys();
      if (kept.size >= limits.sessions && oldest !== undefined) kept.delete(oldest);
      const cookie = newSecret(random);
      const id = hashOf(cookie);
      const session = { id, credential, formToken: newSecret(random), startedAt: at };
      kept.set(id, { session, seenAt: at });
      return { cookie, session };
    },
    find(cookie, at) {
      const one = kept.get(hashOf(cookie));
      if (one === undefined) return undefined;
      if (isOver(one, at)) {
        kept.delete(one.session.id);
        return undefined;
      }
      one.seenAt = at;
      return one.session;
    },
    end({ id }) {
      kept.delete(id);
    },
  };
}
