/**
 * How often somebody may try. A token has 256 bits and cannot be guessed; the bound keeps whoever
 * tries from filling the log with their refusals.
 */
const WINDOW_MS = 60_000;
const PER_REMOTE = 10;
const OVERALL = 60;

export interface Attempts {
  /** Counts a failure. */
  failed(remote: string, at: number): void;
  /** Seconds until another attempt is looked at; undefined: now. */
  wait(remote: string, at: number): number | undefined;
}

export function openAttempts(): Attempts {
  let failures: readonly { readonly remote: string; readonly at: number }[] = [];
  const recent = (at: number) => failures.filter((one) => at - one.at < WINDOW_MS);
  return {
    failed(remote, at) {
      failures = [...recent(at), { remote, at }];
    },
    wait(remote, at) {
      const all = recent(at);
      const own = all.filter((one) => one.remote === remote);
      const full = own.length >= PER_REMOTE ? own : all.length >= OVERALL ? all : undefined;
      return full === undefined ? undefined : Math.ceil((full[0]!.at + WINDOW_MS - at) / 1000);
    },
  };
}
