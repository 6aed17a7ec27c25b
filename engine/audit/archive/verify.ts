/** Is an archive whole, and all of it? Needs nothing but its folder, and a public key to trust. */
import type { KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { claimOf, openCheckpoint } from "../checkpoint.ts";
import { listSegments, segmentName } from "../segments.ts";
import type { Problem } from "../verify/problem.ts";
import { type Verification, type VerifyOptions, verifyLog } from "../verify/verify.ts";
import type { KeptNotes } from "../verify/witness.ts";
import { fileProblems } from "./files.ts";
import {
  archiveOrigin,
  MANIFEST,
  MANIFEST_NOTE,
  type Manifest,
  readManifest,
  sha256Hex,
} from "./manifest.ts";

export interface ArchiveVerification extends Verification {
  readonly archive: {
    /** SHA-256 of manifest.json: the record `log.archived` of the log it came from names the same. */
    readonly manifest: string;
    readonly first: number;
    readonly last: number;
  };
}

export function isArchive(folder: string): boolean {
  return existsSync(join(folder, MANIFEST));
}

/** Throws INVALID_INPUT where the manifest is none. */
export async function verifyArchive(
  folder: string,
  { keys, kept, onProgress }: Omit<VerifyOptions, "after">,
): Promise<ArchiveVerification> {
  const text = readFileSync(join(folder, MANIFEST), "utf8");
  const manifest = readManifest(text);
  const { origin, first, last } = manifest;
  const digest = sha256Hex(text);
  const log = join(folder, "audit");
  const verification = verifyLog(log, {
    keys,
    // Checkpoints that were kept elsewhere go on where the archive ends.
    kept: kept.map((one) => upTo(one, last.seq)),
    after: { origin, seq: first.seq - 1, hash: first.prev },
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const found = [
    ...signatureProblems(folder, manifest, digest, keys),
    ...endProblems(verification, manifest),
    ...(await ownFileProblems(folder, manifest)),
  ].map((says): Problem => ({ kind: "archive", segment: 1, line: 1, offset: 0, seq: null, says }));
  return {
    ...verification,
    verdict: found.length > 0 ? "broken" : verification.verdict,
    problems: [...found, ...verification.problems],
    problemCount: verification.problemCount + found.length,
    archive: { manifest: digest, first: first.seq, last: last.seq },
  };
}

function upTo({ name, notes }: KeptNotes, last: number): KeptNotes {
  return { name, notes: notes.filter((note) => (claimOf(note)?.count ?? 0) <= last) };
}

/** Whoever cuts an archive at a checkpoint has a valid end; the signed manifest says where the end is. */
function signatureProblems(
  folder: string,
  { origin, last }: Manifest,
  digest: string,
  keys: readonly KeyObject[],
): readonly string[] {
  const path = join(folder, MANIFEST_NOTE);
  const note = existsSync(path) ? readFileSync(path, "utf8") : "";
  const claim = claimOf(note);
  const fits =
    claim?.origin === archiveOrigin(origin) && claim.count === last.seq && claim.root === digest;
  if (!fits) return [`\`${MANIFEST_NOTE}\` is not about this \`${MANIFEST}\``];
  if (keys.length === 0 || keys.some((key) => openCheckpoint(note, key).ok)) return [];
  return [`the signature of \`${MANIFEST}\` does not fit`];
}

function endProblems({ first, last, head }: Verification, manifest: Manifest): readonly string[] {
  const begins = first?.seq === manifest.first.seq;
  const ends = last?.seq === manifest.last.seq && head === manifest.last.hash;
  return [
    ...(begins ? [] : [`it does not begin with record ${manifest.first.seq}`]),
    ...(ends ? [] : [`it does not end with record ${manifest.last.seq}`]),
  ];
}

async function ownFileProblems(folder: string, { files }: Manifest): Promise<readonly string[]> {
  const listed = new Set(files.map(({ path }) => path));
  const others = listSegments(join(folder, "audit"))
    .map((segment) => `audit/${segmentName(segment)}`)
    .filter((path) => !listed.has(path));
  return [
    ...(await fileProblems(folder, files)),
    ...others.map((path) => `\`${path}\` is not part of the archive`),
  ];
}
