/**
 * A backup becomes a state folder again. What it cannot know is what happened after it was made, and
 * whoever can choose a backup must not bring that back to life:
 *
 *     tokens      revoked after it: all of them are revoked, unless the operator says otherwise
 *     openings    closed after it: all of them are closed
 *     releases    and emergency stops of the time since: patient data is denied until a source has
 *                 answered; the floor of the backup holds
 *     the log     records after it are lost. Writing on would give their numbers to other records, which
 *                 checkpoints elsewhere contradict for ever; so the old log is put away as it is, and a
 *                 new chain begins. Only where checkpoints that were kept elsewhere show that nothing is
 *                 missing does the chain go on
 */
import type { KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { copyInto, fileProblems, makeEmpty } from "../audit/archive/files.ts";
import { claimOf, openCheckpoint } from "../audit/checkpoint.ts";
import { readRecords } from "../audit/read.ts";
import { publicKey } from "../audit/state.ts";
import { verifyLog } from "../audit/verify/verify.ts";
import type { KeptNotes } from "../audit/verify/witness.ts";
import { markRestored } from "../bundle/store/restored.ts";
import { openEmergencyStore } from "../emergency/file-store.ts";
import { PhiwardError } from "../errors.ts";
import { openTokenStore } from "../grant/file-store.ts";
import { revokeTokens } from "../grant/revoke.ts";
import type { Random } from "../grant/token.ts";
import { adminEvent, recordAdmin, type Told } from "../review/tell.ts";
import { type BackupManifest, readBackup } from "./backup-manifest.ts";

export interface Restoring {
  readonly from: string;
  /** Absent, empty, or with the keys alone. */
  readonly state: string;
  /** Keys that may have signed the backup; its own when there is none. */
  readonly keys: readonly KeyObject[];
  /** Checkpoints of the log that were kept elsewhere. */
  readonly kept: readonly KeptNotes[];
  /** Tokens stay valid that the backup does not know to be revoked. */
  readonly trustTokens: boolean;
  readonly by?: string | undefined;
  readonly now: () => number;
  readonly random: Random;
}

export interface RestoreReport {
  readonly state: string;
  readonly origin: string;
  readonly head: number;
  /** SHA-256 of backup.json. */
  readonly manifest: string;
  /** Whose word it is that the backup was not changed. */
  readonly key: "given" | "own";
  readonly tokensRevoked: number;
  readonly openingsClosed: number;
  /** The chain goes on; or the old log is put away, and a new one begins. */
  readonly continues: boolean;
  /** Where the old log is; null: the chain goes on. */
  readonly log: string | null;
  /** Records that checkpoints have seen and the backup has not; null: nobody was asked. */
  readonly lost: number | null;
  readonly recorded: Told;
}

export async function restoreState(asked: Restoring): Promise<RestoreReport> {
  const { from, state, kept, now } = asked;
  const keys = asked.keys.length > 0 ? asked.keys : [ownKey(from)];
  const { manifest, digest } = readBackup(from, keys);
  await refuseChanged(from, manifest);
  makeEmpty(state, ["keys"]);
  const lost = lostRecords(from, manifest, keys, kept);
  const continues = lost === 0;
  const log = continues ? null : join("archives", folderName(manifest));
  refuseWithoutKeys(state, manifest);
  await copyAll(from, state, manifest, log);
  markRestored(state);
  const tokensRevoked = await revokeAll(asked, join(state, log ?? ".", "audit"));
  const openingsClosed = await closeAll(state, now());
  const report = {
    ...{ state, origin: manifest.origin, head: manifest.head.seq, manifest: digest },
    key: asked.keys.length > 0 ? ("given" as const) : ("own" as const),
    ...{ tokensRevoked, openingsClosed, continues, lost },
    log: log === null ? null : join(state, log),
  };
  return { ...report, recorded: await tell(asked, report) };
}

function ownKey(from: string): KeyObject {
  const path = join(from, "keys", "checkpoint.pem.pub");
  try {
    return publicKey(path, readFileSync(path, "utf8"));
  } catch (cause) {
    throw new PhiwardError("UNREADABLE", `there is no public key in \`${from}\``, { cause });
  }
}

async function refuseChanged(from: string, { files }: BackupManifest): Promise<void> {
  const [problem] = await fileProblems(from, files);
  if (problem === undefined) return;
  throw new PhiwardError("UNTRUSTED", `the backup is not what was made: ${problem}`, {
    help: "take another backup; nothing was restored",
  });
}

/** How many records checkpoints have seen that are not here. Throws AUDIT_BROKEN where they contradict it. */
function lostRecords(
  from: string,
  { origin, head }: BackupManifest,
  keys: readonly KeyObject[],
  kept: readonly KeptNotes[],
): number | null {
  const own = kept.map(({ name, notes }) => ({
    name,
    notes: notes.filter((note) => claimOf(note)?.origin === origin),
  }));
  const count = (note: string): number => claimOf(note)?.count ?? 0;
  const before = own.map(({ name, notes }) => ({
    name,
    notes: notes.filter((note) => count(note) <= head.seq),
  }));
  const asked = before.filter(({ notes }) => notes.length > 0);
  const found = verifyLog(join(from, "audit"), { keys, kept: asked });
  if (found.verdict !== "whole" || found.head !== head.hash) {
    throw new PhiwardError(
      "AUDIT_BROKEN",
      `the log of the backup is not whole: ${found.problems[0]?.says ?? "it ends elsewhere"}`,
      {
        help: "take another backup; nothing was restored",
      },
    );
  }
  const signed = own
    .flatMap(({ notes }) => notes)
    .filter((note) => keys.some((key) => openCheckpoint(note, key).ok));
  return signed.length === 0 ? null : Math.max(0, Math.max(...signed.map(count)) - head.seq);
}

function folderName({ origin, head }: BackupManifest): string {
  return `${origin.replaceAll("/", "-")}-${head.seq}`;
}

/** With other keys patients would have other pseudonyms, and nobody could find them in the log again. */
function refuseWithoutKeys(state: string, { keys, files }: BackupManifest): void {
  const has = (name: string): boolean =>
    existsSync(join(state, "keys", name)) ||
    (keys && files.some(({ path }) => path === `keys/${name}`));
  if (has("checkpoint.pem") && (keys || existsSync(join(state, "keys", "subject-v1.key")))) return;
  throw new PhiwardError("UNREADABLE", "the backup has no keys, and neither has the state folder", {
    help: `put them into \`${join(state, "keys")}\` first, readable by the gateway's user alone`,
  });
}

async function copyAll(
  from: string,
  state: string,
  { files }: BackupManifest,
  log: string | null,
): Promise<void> {
  for (const { path } of files) {
    const target = log !== null && path.startsWith("audit/") ? join(log, path) : path;
    if (existsSync(join(state, target))) continue;
    await copyInto(join(from, path), state, target);
  }
  const pub = "keys/checkpoint.pem.pub";
  if (log !== null) await copyInto(join(from, pub), state, join(log, pub));
}

/** Tokens that were revoked after the backup would live again; those that its log knows of never do. */
async function revokeAll(
  { state, trustTokens, by, now, random }: Restoring,
  log: string,
): Promise<number> {
  const store = openTokenStore(state);
  const known = trustTokens ? revokedIn(log) : undefined;
  const meant = store
    .list()
    .filter(({ id, revokedAt }) => revokedAt === undefined && (known?.has(id) ?? true));
  if (meant.length === 0) return 0;
  const ids = new Set(meant.map(({ id }) => id));
  const plan = revokeTokens(({ id }) => ids.has(id), { at: now(), by, random });
  return (await store.change(plan)).revoked.length;
}

function revokedIn(log: string): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const record of readRecords(log)) {
    if (record.kind !== "admin" || record.token === undefined) continue;
    if (/^token\.(revoked|orphaned)$/.test(record.action)) ids.add(record.token);
  }
  return ids;
}

async function closeAll(state: string, at: number): Promise<number> {
  if (!existsSync(join(state, "openings.json"))) return 0;
  return await openEmergencyStore(state).change((openings) => {
    const live = openings.filter(({ closedAt }) => closedAt === undefined);
    const closed = openings.map((opening) =>
      opening.closedAt === undefined
        ? { ...opening, closedAt: at, closedFor: "interrupted" as const }
        : opening,
    );
    return { openings: closed, result: live.length };
  });
}

async function tell(
  { state, by, now, random }: Restoring,
  {
    origin,
    head,
    manifest,
    tokensRevoked,
    openingsClosed,
    continues,
    lost,
  }: Omit<RestoreReport, "recorded">,
): Promise<Told> {
  const details = {
    ...{ origin, seq: head, manifest, tokensRevoked, openingsClosed, continues },
    ...(lost === null ? {} : { lost }),
  };
  const words = { action: "state.restored", ...(by === undefined ? {} : { by }), details };
  return await recordAdmin(state, adminEvent(words, now(), random), { now });
}
