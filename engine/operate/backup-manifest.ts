/**
 * What a backup says of itself: `backup.json`, in canonical form, and `backup.note`, a signed note over
 * it as checkpoints are. Without the signature whoever can write to the backup could add a token to it.
 */
import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ArchivedFile, sha256Hex } from "../audit/archive/manifest.ts";
import { claimOf, openCheckpoint } from "../audit/checkpoint.ts";
import type { Head } from "../audit/log.ts";
import { PhiwardError } from "../errors.ts";
import { canonical, isObject, type Json } from "../json/value.ts";

export const BACKUP = "backup.json";
export const BACKUP_NOTE = "backup.note";

export interface BackupManifest {
  readonly schema: "phiward.backup/1";
  readonly node: string;
  /** The chain's name. */
  readonly origin: string;
  /** The newest record in it. */
  readonly head: Pick<Head, "seq" | "hash">;
  /** The keys are in it. */
  readonly keys: boolean;
  readonly files: readonly ArchivedFile[];
}

export function backupOrigin(origin: string): string {
  return `${origin}/backup`;
}

export function backupText(manifest: BackupManifest): string {
  return `${canonical(manifest as unknown as Json)}\n`;
}

const HEX = /^[0-9a-f]{64}$/;
/** No path leads out of the state folder. */
const FILE =
  /^(audit\/([0-9]{10}\.jsonl|checkpoints\.notes)|(tokens|bars|openings)\.json|keys\/[A-Za-z0-9][A-Za-z0-9._-]*|(bundle|origins|inbox)(\/[A-Za-z0-9][A-Za-z0-9._-]*){1,2})$/;

export interface ReadBackup {
  readonly manifest: BackupManifest;
  /** SHA-256 of backup.json. */
  readonly digest: string;
}

/** Throws INVALID_INPUT for what is no backup, UNTRUSTED where no key signed this manifest. */
export function readBackup(folder: string, keys: readonly KeyObject[]): ReadBackup {
  const text = readText(join(folder, BACKUP));
  const manifest = parsed(text);
  if (manifest === undefined) {
    throw new PhiwardError("INVALID_INPUT", `\`${folder}\` is no backup`, {
      help: "name the folder that `phiward backup` made, unchanged",
    });
  }
  const digest = sha256Hex(text);
  const note = readText(join(folder, BACKUP_NOTE));
  const claim = claimOf(note);
  const fits = claim?.origin === backupOrigin(manifest.origin) && claim.root === digest;
  if (!fits || !keys.some((key) => openCheckpoint(note, key).ok)) {
    throw new PhiwardError("UNTRUSTED", "the backup is not signed by a key that is trusted here", {
      help: "give the log's public key, which was kept elsewhere, with --public-key; a backup that it did not sign was changed",
    });
  }
  return { manifest, digest };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new PhiwardError("UNREADABLE", `\`${path}\` cannot be read`, { cause });
  }
}

function parsed(text: string): BackupManifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isManifest(value) && backupText(value) === text ? value : undefined;
}

function isManifest(value: unknown): value is BackupManifest {
  if (!isObject(value)) return false;
  const { schema, node, origin, head, keys, files, ...others } = value as Record<string, unknown>;
  const { seq, hash } = isObject(head) ? (head as Record<string, unknown>) : {};
  return (
    schema === "phiward.backup/1" &&
    Object.keys(others).length === 0 &&
    typeof node === "string" &&
    typeof origin === "string" &&
    typeof keys === "boolean" &&
    Number.isSafeInteger(seq) &&
    HEX.test(String(hash)) &&
    Array.isArray(files) &&
    files.every(
      (file) =>
        isObject(file) &&
        FILE.test(String((file as Record<string, unknown>).path)) &&
        HEX.test(String((file as Record<string, unknown>).sha256)),
    )
  );
}
