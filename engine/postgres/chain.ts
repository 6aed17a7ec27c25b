/** A node's chain in the database: whose it is, and how much of it is there. */
import { join } from "node:path";
import type pg from "pg";
import { claimOf, originOf } from "../audit/checkpoint.ts";
import { NOTES_FILE, notesOf } from "../audit/notes.ts";
import { readRecords } from "../audit/read.ts";
import { PhiwardError } from "../errors.ts";

export interface Chain {
  readonly id: number;
  readonly origin: string;
  /** The number of the newest record that is in the database, and its hash; 0: none. */
  readonly shipped: number;
  readonly hash: string;
  /** Where the next one stands in the node's own log. */
  readonly segment: number;
  readonly place: number;
}

export interface ChainOwner {
  /** The folder of the node's own log. */
  readonly folder: string;
  readonly node: string;
  /** The public key of its checkpoints, in PEM. */
  readonly publicKey: string;
}

/**
 * The chain of a log, entered where it is new; undefined while the log is empty. Throws AUDIT_BROKEN when the log lacks
 * what the database has of it: it was rolled back or written anew, and two histories of one chain would
 * be worse than a node that denies.
 */
export async function openChain(
  client: pg.ClientBase,
  { folder, node, publicKey }: ChainOwner,
): Promise<Chain | undefined> {
  const origin = originIn(folder, node);
  if (origin === undefined) return undefined;
  await client.query(
    "INSERT INTO chain (origin, node, public_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [origin, node, publicKey],
  );
  const { rows } = await client.query(
    "SELECT id, origin, shipped, hash, segment, place FROM chain WHERE origin = $1",
    [origin],
  );
  const chain = rows[0] as Chain;
  refuseOtherHistory(folder, chain);
  return chain;
}

function originIn(folder: string, node: string): string | undefined {
  for (const { seq, prev } of readRecords(folder)) {
    if (seq === 1) return originOf(node, prev);
    break;
  }
  // The beginning was archived; the chain's checkpoints still say its name.
  for (const note of notesOf(join(folder, NOTES_FILE))) {
    const claim = claimOf(note);
    if (claim !== undefined) return claim.origin;
  }
  return undefined;
}

function refuseOtherHistory(folder: string, { shipped, hash }: Chain): void {
  if (shipped === 0) return;
  for (const record of readRecords(folder, { seq: shipped })) {
    if (record.seq === shipped && record.hash === hash) return;
    throw new PhiwardError(
      "AUDIT_BROKEN",
      `record ${shipped} of this node's log is another one than the database has`,
    );
  }
  throw new PhiwardError(
    "AUDIT_BROKEN",
    `this node's log ends before record ${shipped}, which the database has`,
  );
}
