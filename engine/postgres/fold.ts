/**
 * The checkpoints of all nodes, folded into one list. Each entry's hash covers the entry before it:
 *
 *     hash = SHA-256(hash of the entry before, line end, signed note), the first with 64 zeros
 *
 * A node that adds its checkpoint writes the entry that it reached, and the newest checkpoint of every
 * other node, into its own chain. So each node's chain is a witness of all others: whoever cuts or
 * rewrites one node's log, its rows in the database and this list is contradicted by the chains of the
 * other nodes, which are signed with keys that they do not have.
 */
import { hash as digest } from "node:crypto";
import type pg from "pg";
import { type Checkpoint, claimOf } from "../audit/checkpoint.ts";
import type { AdminEntry, AdminRecord, Hex64 } from "../audit/record.ts";

export const FOLD_START: Hex64 = "0".repeat(64);

export function foldHash(before: Hex64, note: string): Hex64 {
  return digest("sha256", `${before}\n${note}`, "hex");
}

/** An entry of the list that somebody has seen. */
export interface FoldEntry {
  readonly entry: number;
  readonly hash: Hex64;
}

/** Within a transaction: two nodes add theirs one after the other. Notes come in the order of their chain. */
export async function fold(client: pg.ClientBase, notes: readonly string[]): Promise<FoldEntry> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended('phiward:fold', 0))");
  const { rows } = await client.query(
    "SELECT entry, hash FROM checkpoint ORDER BY entry DESC LIMIT 1",
  );
  let { entry, hash } = (rows[0] as FoldEntry | undefined) ?? { entry: 0, hash: FOLD_START };
  for (const note of notes) {
    const claim = claimOf(note);
    if (claim === undefined) continue;
    entry++;
    hash = foldHash(hash, note);
    await client.query("INSERT INTO checkpoint VALUES ($1, $2, $3, $4, $5, $6)", [
      ...[entry, claim.origin, claim.count, claim.root, note, hash],
    ]);
  }
  return { entry, hash };
}

/** The newest checkpoint of every other chain, up to an entry of the list. */
export async function othersAt(
  client: pg.ClientBase,
  origin: string,
  { entry }: FoldEntry,
): Promise<readonly Checkpoint[]> {
  const { rows } = await client.query(
    "SELECT DISTINCT ON (origin) origin, count, root FROM checkpoint WHERE origin <> $1 AND entry <= $2 ORDER BY origin, count DESC",
    [origin, entry],
  );
  return rows as Checkpoint[];
}

const ACTION = "node.checked";
/** A record is at most so long, and there are not so many nodes. */
const MAX_SEEN = 100;

/** What a node puts on record when it has added a checkpoint. */
export function checkedEntry(
  { entry, hash }: FoldEntry,
  others: readonly Checkpoint[],
  at: number,
): AdminEntry {
  const seen = others
    .slice(0, MAX_SEEN)
    .map(({ origin, count, root }, index) => [`saw${index + 1}`, `${origin} ${count} ${root}`]);
  const details = { entry, fold: hash, ...Object.fromEntries(seen) };
  return { kind: "admin", at, action: ACTION, details };
}

/** What a record says that its node has seen; undefined when it is not such a record. */
export function checkedIn(
  record: Pick<AdminRecord, "kind" | "action" | "details">,
): { readonly fold: FoldEntry; readonly others: readonly Checkpoint[] } | undefined {
  if (record.kind !== "admin" || record.action !== ACTION) return undefined;
  const { entry, fold, ...seen } = record.details ?? {};
  if (typeof entry !== "number" || typeof fold !== "string") return undefined;
  const others = Object.values(seen).flatMap((one) => {
    const [, origin, count, root] = /^(\S+) ([0-9]+) ([0-9a-f]{64})$/.exec(String(one)) ?? [];
    return origin === undefined ? [] : [{ origin, count: Number(count), root: root! }];
  });
  return { fold: { entry, hash: fold }, others };
}
