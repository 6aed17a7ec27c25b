/** Writes an archive into a new folder: copies, the notes that speak of them, and the signed manifest. */
import { createPublicKey, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { claimOf, signCheckpoint } from "../checkpoint.ts";
import { syncFolder } from "../disk.ts";
import { NOTES_FILE, notesOf } from "../notes.ts";
import { readRecords } from "../read.ts";
import { contentEnd, segmentName, segmentPath } from "../segments.ts";
import { copyInto, makeEmpty, writeInto } from "./files.ts";
import {
  type ArchivedFile,
  archiveOrigin,
  MANIFEST,
  MANIFEST_NOTE,
  type Manifest,
  sha256Hex,
  writeManifest,
} from "./manifest.ts";
import type { ArchivePlan } from "./plan.ts";

export interface Written {
  readonly manifest: Manifest;
  /** SHA-256 of manifest.json. */
  readonly digest: string;
}

/**
 * `key` signs the end of the archive and its manifest, so the log must have been verified before.
 * Everything is on the disk when it resolves. Throws USAGE where the folder is not empty.
 */
export async function writeArchive(
  log: string,
  plan: ArchivePlan,
  to: string,
  { origin, key }: { readonly origin: string; readonly key: KeyObject },
): Promise<Written> {
  makeEmpty(to);
  const files: ArchivedFile[] = [];
  for (const segment of plan.segments) files.push(await copySegment(log, segment, to));
  const end = { origin, count: plan.last.seq, root: plan.last.hash };
  files.push(
    await writeInto(to, `audit/${NOTES_FILE}`, notesUpTo(log, plan, signCheckpoint(end, key))),
  );
  const pem = createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
  files.push(await writeInto(to, "keys/checkpoint.pem.pub", pem));
  const manifest: Manifest = {
    schema: "phiward.archive/1",
    node: plan.first.node,
    origin,
    first: { seq: plan.first.seq, at: plan.first.at, prev: plan.first.prev },
    last: { ...plan.last, at: timeOfLast(log, plan) },
    files,
  };
  const text = writeManifest(manifest);
  const digest = sha256Hex(text);
  const signed = { origin: archiveOrigin(origin), count: plan.last.seq, root: digest };
  await writeInto(to, MANIFEST_NOTE, signCheckpoint(signed, key));
  await writeInto(to, MANIFEST, text);
  await syncFolder(to);
  return { manifest, digest };
}

async function copySegment(log: string, segment: number, to: string): Promise<ArchivedFile> {
  const source = segmentPath(log, segment);
  return await copyInto(source, to, `audit/${segmentName(segment)}`, contentEnd(source));
}

/** The signed notes about these records, and one about the last of them: the archive stands alone. */
function notesUpTo(log: string, { first, last }: ArchivePlan, end: string): string {
  const within: string[] = [];
  for (const note of notesOf(join(log, NOTES_FILE))) {
    const count = claimOf(note)?.count ?? 0;
    if (count >= first.seq && count < last.seq) within.push(note);
  }
  return [...within, end].map((note) => `${note}\n`).join("");
}

function timeOfLast(log: string, { last }: ArchivePlan): string {
  for (const { at } of readRecords(log, { seq: last.seq })) return at;
  return "";
}
