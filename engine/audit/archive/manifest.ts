/**
 * What an archive says of itself, and its signature:
 *
 *     manifest.json     which records, which files with their SHA-256; in canonical form (RFC 8785)
 *     manifest.note     a signed note over it, as checkpoints are: `<chain>/archive`, the number of the
 *                       last record, and the SHA-256 of manifest.json
 *     audit/…           the segments, and the checkpoints that speak of them
 *     keys/checkpoint.pem.pub
 *
 * Nothing in it depends on when or where it was made: the same records give the same bytes.
 */
import { createHash } from "node:crypto";
import { PhiwardError } from "../../errors.ts";
import { canonical, isObject, type Json } from "../../json/value.ts";
import type { Hex64 } from "../record.ts";

export const MANIFEST = "manifest.json";
export const MANIFEST_NOTE = "manifest.note";

export interface ArchivedFile {
  /** In the archive, such as `audit/0000000001.jsonl`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Hex64;
}

export interface Manifest {
  readonly schema: "phiward.archive/1";
  readonly node: string;
  /** The chain's name. */
  readonly origin: string;
  /** `prev`: the hash of the record before; of the first record of all, the chain's genesis. */
  readonly first: { readonly seq: number; readonly at: string; readonly prev: Hex64 };
  readonly last: { readonly seq: number; readonly at: string; readonly hash: Hex64 };
  readonly files: readonly ArchivedFile[];
}

export function writeManifest(manifest: Manifest): string {
  return `${canonical(manifest as unknown as Json)}\n`;
}

/** The name under which the manifest of a chain's archive is signed. */
export function archiveOrigin(origin: string): string {
  return `${origin}/archive`;
}

export function sha256Hex(bytes: string | Uint8Array): Hex64 {
  return createHash("sha256").update(bytes).digest("hex");
}

const HEX = /^[0-9a-f]{64}$/;
/** No path leads out of the archive. */
const FILE = /^audit\/([0-9]{10}\.jsonl|checkpoints\.notes)$|^keys\/checkpoint\.pem\.pub$/;

/** Throws INVALID_INPUT where the text is not of this form. */
export function readManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isManifest(value) && writeManifest(value) === text) return value;
  throw new PhiwardError("INVALID_INPUT", `\`${MANIFEST}\` is not of the form of an archive's`, {
    help: "name the folder that `phiward audit archive` made, unchanged",
  });
}

function isManifest(value: unknown): value is Manifest {
  if (!isObject(value)) return false;
  const { schema, node, origin, first, last, files, ...others } = value as Record<string, unknown>;
  return (
    schema === "phiward.archive/1" &&
    Object.keys(others).length === 0 &&
    typeof node === "string" &&
    typeof origin === "string" &&
    isEnd(first, "prev") &&
    isEnd(last, "hash") &&
    Array.isArray(files) &&
    files.every(isFile)
  );
}

function isEnd(value: unknown, hash: "prev" | "hash"): boolean {
  if (!isObject(value)) return false;
  const { seq, at, [hash]: digest } = value as Record<string, unknown>;
  return Number.isSafeInteger(seq) && typeof at === "string" && HEX.test(String(digest));
}

function isFile(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { path, bytes, sha256 } = value as Record<string, unknown>;
  return FILE.test(String(path)) && Number.isSafeInteger(bytes) && HEX.test(String(sha256));
}
