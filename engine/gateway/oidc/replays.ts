/** Proofs that were seen, so that none is taken twice (RFC 9449 §11.1). */

export interface Replays {
  /**
   * Notes an id until `until` (epoch milliseconds). `full`: so many are remembered that one more
   * cannot be, and what cannot be remembered could come twice.
   */
  note(id: string, until: number, at: number): "new" | "seen" | "full";
}

/** Some 20 MB. A thousand proofs a second for as long as one is good. */
const MAX_REMEMBERED = 200_000;

export function rememberProofs(max = MAX_REMEMBERED): Replays {
  // In the order in which they came, so that the oldest are found at the front.
  const seen = new Map<string, number>();
  return {
    note(id, until, at) {
      for (const [old, end] of seen) {
        if (at < end) break;
        seen.delete(old);
      }
      if (seen.has(id)) return "seen";
      if (seen.size >= max) return "full";
      seen.set(id, until);
      return "new";
    },
  };
}
