/** All nodes must know patients by the same names, or one patient counts as two, and `audit who` finds half. */
import type { KeyObject } from "node:crypto";
import { createHmac } from "node:crypto";
import type pg from "pg";

/** What only the key's holder can compute, and from which the key cannot be found. */
export function proofOf(key: KeyObject): string {
  return createHmac("sha256", key).update("phiward subject key").digest("hex");
}

/** Whether a node's subject key is the one of the other nodes; the first node's is taken as it is. */
export async function isSameKey(pool: pg.Pool, name: string, key: KeyObject): Promise<boolean> {
  const proof = proofOf(key);
  await pool.query("INSERT INTO subject_key VALUES ($1, $2) ON CONFLICT DO NOTHING", [name, proof]);
  const { rows } = await pool.query("SELECT proof FROM subject_key WHERE name = $1", [name]);
  return (rows[0] as { proof: string }).proof === proof;
}
