/** Waiting for what happens soon, with a bound. */
import { setTimeout as sleep } from "node:timers/promises";

const STEP_MS = 5;

/** What `probe` finds, as soon as it finds something; rejects when that takes too long. */
export async function until<T>(
  probe: () => T | undefined | false,
  milliseconds = 5_000,
): Promise<T> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const found = probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`it did not happen: ${probe}`);
    await sleep(STEP_MS);
  }
}
