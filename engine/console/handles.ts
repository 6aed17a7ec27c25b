/**
 * A question about a patient, on this side. The identifier is hashed when it arrives and then gone;
 * the address of the answer is a handle that nobody can guess, works only for the session that asked,
 * and not for long. So neither a history nor a proxy's log says who was asked about.
 */
import type { Period } from "../audit/index/find.ts";
import type { Hex64 } from "../audit/record.ts";
import { hashOf, newSecret, type Random } from "./entry/secret.ts";
import type { Session } from "./entry/sessions.ts";

export interface Question {
  /** Of one patient, under every key. */
  readonly pseudonyms: readonly Hex64[];
  readonly period: Period;
}

export interface Handles {
  keep(question: Question, session: Session, at: number): string;
  /** undefined: it is too old, of another session, or was never there. */
  find(handle: string, session: Session, at: number): Question | undefined;
}

export const HANDLE_LIFE_MS = 10 * 60_000;
const MAX_HANDLES = 500;

export function openHandles(random: Random): Handles {
  const kept = new Map<
    string,
    { readonly question: Question; readonly session: string; readonly until: number }
  >();
  return {
    keep(question, session, at) {
      for (const [key, { until }] of kept) if (at >= until) kept.delete(key);
      const [oldest] = kept.keys();
      if (kept.size >= MAX_HANDLES && oldest !== undefined) kept.delete(oldest);
      const handle = newSecret(random);
      kept.set(hashOf(handle), { question, session: session.id, until: at + HANDLE_LIFE_MS });
      return handle;
    },
    find(handle, session, at) {
      const found = kept.get(hashOf(handle));
      return found !== undefined && found.session === session.id && at < found.until
        ? found.question
        : undefined;
    },
  };
}
