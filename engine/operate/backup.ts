/**
 * A state folder as it is at a moment, while its gateway runs:
 *
 *     tokens, bars, openings, releases ▶ notes ▶ log ▶ verify the copy ▶ sign ▶ record `state.backedup`
 *
 * What decides comes before the log, so the log knows of everything that the rest says. Each small file
 * is replaced as a whole by its writer, and is copied as a whole.
 */
import { createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { copyInto, makeEmpty, writeInto } from "../audit/archive/files.ts";
import { type ArchivedFile, sha256Hex } from "../audit/archive/manifest.ts";
import { signCheckpoint } from "../audit/checkpoint.ts";
import { NOTES_FILE } from "../audit/notes.ts";
import { linesOf, listSegments, segmentName, segmentPath } from "../audit/segments.ts";
import { auditState } from "../audit/state.ts";
import { verifyLog } from "../audit/verify/verify.ts";
import { PhiwardError } from "../errors.ts";
import type { Random } from "../grant/token.ts";
import { adminEvent, recordAdmin, type Told } from "../review/tell.ts";
import {
  BACKUP,
  BACKUP_NOTE,
  type BackupManifest,
  backupOrigin,
  backupText,
} from "./backup-manifest.ts";
import { signingKey } from "./signing-key.ts";

export interface BackingUp {
  readonly state: string;
  /** A new or empty folder. */
  readonly to: string;
  /** The keys too: with them whoever has the backup can sign, and find out patients. */
  readonly keys: boolean;
  readonly by?: string | undefined;
  readonly checkpointKey?: string | undefined;
  readonly now: () => number;
  readonly random: Random;
}

export interface BackupReport {
  readonly to: string;
  readonly origin: string;
  /** The number of the newest record in it. */
  readonly head: number;
  readonly files: number;
  readonly bytes: number;
  readonly keys: boolean;
  /** SHA-256 of backup.json. */
  readonly manifest: string;
  readonly recorded: Told;
}

export async function backUp(asked: BackingUp): Promise<BackupReport> {
  const { state, to, keys } = asked;
  const { log } = auditState(state);
  const key = signingKey(state, asked.checkpointKey);
  makeEmpty(to);
  const files: ArchivedFile[] = [
    ...(await copySmall(state, to)),
    ...(await copyReleases(state, to)),
    ...(await copyLog(log, to)),
    ...(await copyKeys(state, to, keys, key.privateKey)),
  ];
  const manifest = await sign(to, files, keys, key.privateKey);
  const recorded = await tell(asked, manifest);
  return {
    to,
    origin: manifest.origin,
    head: manifest.head.seq,
    files: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    keys,
    manifest: sha256Hex(backupText(manifest)),
    recorded,
  };
}

/** Replaced as a whole by whoever changes them, so each is of one moment. */
async function copySmall(state: string, to: string): Promise<readonly ArchivedFile[]> {
  const names = ["tokens.json", "bars.json", "openings.json"].filter((name) =>
    existsSync(join(state, name)),
  );
  const waiting = filesIn(state, "inbox").filter((path) => path.endsWith(".json"));
  const origins = filesIn(state, "origins").filter((path) => path.endsWith(".json"));
  const copied: ArchivedFile[] = [];
  for (const path of [...names, ...origins, ...waiting]) {
    const content = contentOf(join(state, path));
    // An event that has just been recorded is gone, and is in the log.
    if (content !== undefined) copied.push(await writeInto(to, path, content));
  }
  return copied;
}

const TRIES = 5;

/** `state.json` names files that are there for as long as it is: read it again, and begin anew if it changed. */
async function copyReleases(state: string, to: string): Promise<readonly ArchivedFile[]> {
  const name = join(state, "bundle", "state.json");
  for (let tries = 1; tries <= TRIES; tries++) {
    const before = contentOf(name);
    const found = filesIn(state, "bundle").map(
      (path) => [path, contentOf(join(state, path))] as const,
    );
    const whole = found.every(([, content]) => content !== undefined);
    if (!whole || !sameBytes(before, contentOf(name))) continue;
    const copied: ArchivedFile[] = [];
    for (const [path, content] of found) copied.push(await writeInto(to, path, content!));
    return copied;
  }
  throw new PhiwardError("STATE_BUSY", "the releases change while they are copied", {
    help: "try again in a moment",
  });
}

/** The notes first: none of them then speaks of a record that was not copied. */
async function copyLog(log: string, to: string): Promise<readonly ArchivedFile[]> {
  const notes = join(log, NOTES_FILE);
  const copied: ArchivedFile[] = [];
  if (existsSync(notes)) copied.push(await copyInto(notes, to, `audit/${NOTES_FILE}`));
  for (const segment of listSegments(log)) {
    const path = segmentPath(log, segment);
    const end = wholeLines(path);
    if (end > 0) copied.push(await copyInto(path, to, `audit/${segmentName(segment)}`, end));
  }
  return copied;
}

/** Up to the end of the last line that is whole: the next one may be on its way. */
function wholeLines(path: string): number {
  let end = 0;
  for (const { offset, bytes, whole } of linesOf(path)) if (whole) end = offset + bytes.length + 1;
  return end;
}

async function copyKeys(
  state: string,
  to: string,
  all: boolean,
  key: KeyObject,
): Promise<readonly ArchivedFile[]> {
  const pub = "keys/checkpoint.pem.pub";
  const pem = createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
  const copied = [await writeInto(to, pub, pem)];
  for (const path of all ? filesIn(state, "keys") : []) {
    if (path !== pub) copied.push(await copyInto(join(state, path), to, path));
  }
  return copied;
}

async function sign(
  to: string,
  files: readonly ArchivedFile[],
  keys: boolean,
  key: KeyObject,
): Promise<BackupManifest> {
  const found = verifyLog(join(to, "audit"), { keys: [createPublicKey(key)], kept: [] });
  if (found.verdict !== "whole" || found.last === null) {
    throw new PhiwardError(
      "AUDIT_BROKEN",
      `the log is not whole: ${found.problems[0]?.says ?? "it has no record"}`,
      { help: "the copy was not signed; keep the folder as it is, as evidence" },
    );
  }
  const origin = found.origin!;
  const head = { seq: found.last.seq, hash: found.head! };
  const node = origin.slice(0, origin.lastIndexOf("/"));
  const manifest: BackupManifest = {
    schema: "phiward.backup/1",
    ...{ node, origin, head, keys, files },
  };
  const text = backupText(manifest);
  const signed = { origin: backupOrigin(origin), count: head.seq, root: sha256Hex(text) };
  await writeInto(to, BACKUP_NOTE, signCheckpoint(signed, key));
  await writeInto(to, BACKUP, text);
  return manifest;
}

async function tell(
  { state, by, keys, checkpointKey, now, random }: BackingUp,
  manifest: BackupManifest,
): Promise<Told> {
  const details = { seq: manifest.head.seq, manifest: sha256Hex(backupText(manifest)), keys };
  const words = { action: "state.backedup", ...(by === undefined ? {} : { by }), details };
  return await recordAdmin(state, adminEvent(words, now(), random), { now, checkpointKey });
}

/** Paths of the files of a folder of the state, from the state folder on. */
function filesIn(state: string, folder: string): readonly string[] {
  const root = join(state, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(folder, parentPath.slice(root.length), name))
    .sort();
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}
