/** The recorder's secret, and what is drawn from it. Pure: who calls brings the key. */
import { createHash } from "node:crypto";

export const KEY_BYTES = 32;

/** As many bytes as wanted, which only who has the key can foretell. `use` keeps two uses apart. */
export function drawn(key: Uint8Array, use: string, data: string, bytes: number): Buffer {
  // SHAKE256 (FIPS 202) with the key in front is a keyed function: a sponge knows no length extension.
  // The length in front of `use` keeps ("ab", "c") and ("a", "bc") apart.
  return createHash("shake256", { outputLength: Math.max(1, bytes) })
    .update(key)
    .update(`${use.length}:${use}`)
    .update(data)
    .digest();
}
