/**
 * Login codes: whoever starts a console has proved who they are on the command line, and brings the
 * proof into a browser by a code that works once and for a short time. The grant token itself never
 * stands in an address, where a history and a process list would keep it.
 */
import type { Credential } from "./credential.ts";
import { hashOf, newSecret, type Random } from "./secret.ts";

const CODE_LIFE_MS = 5 * 60_000;
/** More are never waiting: the oldest go. */
const MAX_CODES = 16;

export interface Codes {
  issue(credential: Credential, at: number): string;
  /** The credential behind a code, which is dead from then on; undefined for any other text. */
  redeem(code: string, at: number): Credential | undefined;
}

export function openCodes(random: Random): Codes {
  const waiting = new Map<string, { readonly credential: Credential; readonly until: number }>();
  return {
    issue(credential, at) {
      const code = newSecret(random);
      waiting.set(hashOf(code), { credential, until: at + CODE_LIFE_MS });
      const [oldest] = waiting.keys();
      if (waiting.size > MAX_CODES && oldest !== undefined) waiting.delete(oldest);
      return code;
    },
    redeem(code, at) {
      const key = hashOf(code);
      const found = waiting.get(key);
      waiting.delete(key);
      return found !== undefined && at < found.until ? found.credential : undefined;
    },
  };
}
