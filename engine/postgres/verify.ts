/**
 * Are the chains of all nodes whole, and do they agree about one another? Each chain is read as
 * `audit verify` reads a log. Its witnesses are its own notes in the list of all checkpoints, and what
 * the other nodes put on record of it: those stand in chains that are signed with other keys, so whoever
 * cuts or rewrites one node's records, everywhere, is contradicted by the others.
 */
import type { KeyObject } from "node:crypto";
import { createPublicKey } from "node:crypto";
import type pg from "pg";
import { type Link, readLink } from "../audit/chain.ts";
import type { Checkpoint } from "../audit/checkpoint.ts";
import type { AuditRecord, CheckpointRecord, Hex64 } from "../audit/record.ts";
import { startHearing } from "../audit/verify/hearing.ts";
import { startOrder } from "../audit/verify/order.ts";
import type { Problem } from "../audit/verify/problem.ts";
import type { Testimony, Witness } from "../audit/verify/witness.ts";
import { checkedIn, FOLD_START, type FoldEntry, foldHash } from "./fold.ts";

export interface StoredChain {
  readonly node: string;
  readonly origin: string;
  readonly records: number;
  /** RFC 3339, of the newest record; null: there is none. */
  readonly newest: string | null;
  readonly problems: readonly StoredProblem[];
}

export interface StoredProblem {
  readonly kind: Problem["kind"];
  /** The number of the record that it is about; null when that cannot be told. */
  readonly seq: number | null;
  readonly says: string;
}

export interface StoreVerification {
  readonly verdict: "whole" | "broken";
  readonly chains: readonly StoredChain[];
  /** The list of all checkpoints: how many entries, and what is wrong with it. */
  readonly fold: { readonly entries: number; readonly problems: readonly string[] };
}

export interface StoreVerifyOptions {
  /** Public keys that were given; with none, each chain is judged by the key that it came with. */
  readonly keys: readonly KeyObject[];
  /** Hears now and then how many records have been read. */
  readonly onProgress?: (records: number) => void;
}

interface ChainRow {
  readonly id: number;
  readonly node: string;
  readonly origin: string;
  readonly public_key: string;
}

interface NoteRow extends Checkpoint {
  readonly entry: number;
  readonly note: string;
  readonly hash: Hex64;
}

/** What a node has put on record about the others. */
interface Checked {
  readonly node: string;
  readonly origin: string;
  readonly seq: number;
  readonly fold: FoldEntry;
  readonly others: readonly Checkpoint[];
}

const MAX_PROBLEMS = 100;
const PAGE = 5_000;
const CHECKPOINT = Buffer.from(',"kind":"checkpoint",');

export async function verifyStore(
  client: pg.ClientBase,
  { keys, onProgress }: StoreVerifyOptions,
): Promise<StoreVerification> {
  // All of it as it was at one moment, while gateways go on writing.
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    const chains = await rowsOf<ChainRow>(
      client,
      "SELECT id, node, origin, public_key FROM chain ORDER BY node, id",
    );
    const notes = await rowsOf<NoteRow>(client, "SELECT * FROM checkpoint ORDER BY entry");
    const checked = await checkedByAll(client);
    let read = 0;
    const count = (): void => {
      if (++read % PAGE === 0) onProgress?.(read);
    };
    const told: StoredChain[] = [];
    for (const chain of chains) {
      const own = keys.length > 0 ? keys : [createPublicKey(chain.public_key)];
      const witnesses = witnessesOf(chain.origin, notes, checked);
      told.push(await verifyChain(client, chain, witnesses, own, count));
    }
    const problems = foldProblems(notes, checked);
    const broken = problems.length > 0 || told.some((chain) => chain.problems.length > 0);
    return {
      verdict: broken ? "broken" : "whole",
      chains: told,
      fold: { entries: notes.length, problems },
    };
  } finally {
    await client.query("ROLLBACK");
  }
}

async function rowsOf<Row>(client: pg.ClientBase, sql: string): Promise<readonly Row[]> {
  return (await client.query(sql)).rows as Row[];
}

/** Whether these records belong to their chains is found when the chains are read. */
async function checkedByAll(client: pg.ClientBase): Promise<readonly Checked[]> {
  const rows = await rowsOf<{ origin: string; line: string }>(
    client,
    "SELECT origin, line FROM record r JOIN shape s ON s.id = r.shape JOIN chain c ON c.id = r.chain WHERE s.kind = 'admin' AND s.code = 'node.checked' ORDER BY r.chain, r.seq",
  );
  return rows.flatMap(({ origin, line }) => {
    if (readLink(Buffer.from(line))?.genuine !== true) return [];
    const record = JSON.parse(line) as AuditRecord;
    const checked = record.kind === "admin" ? checkedIn(record) : undefined;
    return checked === undefined
      ? []
      : [{ node: record.node, origin, seq: record.seq, ...checked }];
  });
}

function witnessesOf(
  origin: string,
  notes: readonly NoteRow[],
  checked: readonly Checked[],
): readonly Witness[] {
  const own = notes
    .filter((note) => note.origin === origin)
    .map(({ count, root, note }): Testimony => ({ count, root, signed: { origin, note } }));
  const others = Map.groupBy(
    checked.flatMap(({ node, others }) =>
      others
        .filter((one) => one.origin === origin)
        .map(({ count, root }) => ({ node, count, root })),
    ),
    ({ node }) => node,
  );
  return [
    { name: "the checkpoints of all nodes", external: false, testimonies: inOrder(own) },
    ...[...others].map(
      ([node, seen]): Witness => ({ name: node, external: false, testimonies: inOrder(seen) }),
    ),
  ];
}

function inOrder(testimonies: readonly Testimony[]): readonly Testimony[] {
  return [...testimonies].sort((a, b) => a.count - b.count);
}

async function verifyChain(
  client: pg.ClientBase,
  { id, node, origin }: ChainRow,
  witnesses: readonly Witness[],
  keys: readonly KeyObject[],
  onRecord: () => void,
): Promise<StoredChain> {
  const problems: StoredProblem[] = [];
  const report = ({ kind, seq, says }: Problem): void => {
    if (problems.length < MAX_PROBLEMS) problems.push({ kind, seq, says });
  };
  const order = startOrder([], report);
  const hearing = startHearing(witnesses, { origin, keys }, report);
  let place = { segment: 0, line: 0, offset: 0 };
  let newest: string | null = null;
  for await (const line of linesOf(client, id)) {
    place = { ...place, line: place.line + 1 };
    onRecord();
    const bytes = Buffer.from(line);
    const link = readLink(bytes);
    if (link === undefined) order.damaged("form", place, "the line is no record");
    else if (!link.genuine) order.damaged("edited", place, "it is not what was written");
    else if (order.record(link, place)) {
      newest = line;
      hearing.record(link, place, checkpointIn(link));
    }
  }
  order.end();
  hearing.end(order.head?.seq ?? 0, place);
  const at = newest === null ? null : (JSON.parse(newest) as AuditRecord).at;
  return { node, origin, records: place.line, newest: at, problems };
}

async function* linesOf(client: pg.ClientBase, chain: number): AsyncGenerator<string> {
  for (let after = 0; ; ) {
    const { rows } = await client.query({
      name: "lines",
      text: "SELECT seq, line FROM record WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3",
      values: [chain, after, PAGE],
    });
    for (const { seq, line } of rows as { seq: number; line: string }[]) {
      after = seq;
      yield line;
    }
    if (rows.length < PAGE) return;
  }
}

/** A checkpoint's record; anything else is not parsed. */
function checkpointIn({ hashed, hash }: Link): CheckpointRecord | undefined {
  if (!hashed.includes(CHECKPOINT)) return undefined;
  return { ...(JSON.parse(hashed.toString("utf8")) as CheckpointRecord), hash };
}

/** The list by itself, and then as the nodes have seen it. */
function foldProblems(notes: readonly NoteRow[], checked: readonly Checked[]): readonly string[] {
  const problems: string[] = [];
  let before: FoldEntry = { entry: 0, hash: FOLD_START };
  for (const { entry, hash, note } of notes) {
    if (entry !== before.entry + 1 || hash !== foldHash(before.hash, note)) {
      problems.push(`entry ${entry} of the checkpoints does not follow entry ${before.entry}`);
    }
    before = { entry, hash };
  }
  const hashes = new Map(notes.map(({ entry, hash }) => [entry, hash]));
  for (const { node, seq, fold } of checked) {
    const now = hashes.get(fold.entry);
    if (now === fold.hash) continue;
    problems.push(
      `node ${node} has seen ${now === undefined ? "" : "another "}entry ${fold.entry} of the checkpoints (record ${seq} of its chain): the list was ${now === undefined ? "cut" : "written anew"}`,
    );
  }
  return problems.slice(0, MAX_PROBLEMS);
}
