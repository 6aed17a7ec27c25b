/**
 * Where the rules of each release that an engine ran come from, in its state folder. The record of a
 * decision names the file by its digest, so that it is found years later and cannot be exchanged.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256 } from "../../json/value.ts";
import type { ProvenanceChange, ProvenanceFile } from "../../schema/types.ts";
import { Refused, startChecks } from "../checks.ts";
import { type Origin, originOf } from "../origin.ts";
import { takeProvenance } from "../provenance.ts";

function fileOf(state: string, digest: string): string {
  return join(state, "origins", `${digest.slice("sha256:".length)}.json`);
}

/** Keeps a release's provenance. On disk when it resolves: before a record may name it. */
export async function keepOrigins(state: string, bytes: Uint8Array): Promise<void> {
  mkdirSync(join(state, "origins"), { recursive: true, mode: 0o700 });
  const target = fileOf(state, sha256(Buffer.from(bytes).toString("utf8")));
  const file = await open(`${target}.new`, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${target}.new`, target);
  const folder = await open(dirname(target), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** What of a recorded decision tells where it comes from. */
export interface RecordedDecision {
  readonly grant: string;
  readonly policy: { readonly name: string } | null;
  readonly rule: string;
  readonly method: string;
  readonly tool: string;
  readonly bundle: { readonly provenance?: string | undefined } | null;
}

/** The origin of a recorded decision; null when its release does not say, or its file is gone. */
export function recordedOrigins(state: string): (record: RecordedDecision) => Origin | null {
  const known = new Map<string, ProvenanceFile | undefined>();
  return ({ grant, policy, rule, method, tool, bundle }) => {
    const digest = bundle?.provenance;
    if (digest === undefined) return null;
    if (!known.has(digest)) known.set(digest, keptProvenance(state, digest));
    const file = known.get(digest);
    if (file === undefined) return null;
    return originOf(file, { grant, policy: policy?.name ?? null, rule, method, tool });
  };
}

/** The changes that a release's provenance names; empty when its file is not here any more. */
export function recordedChanges(state: string): (digest: string) => readonly ProvenanceChange[] {
  return (digest) => keptProvenance(state, digest)?.changes ?? [];
}

/** The provenance that a record names by its digest; undefined when it is not here any more. */
export function keptProvenance(state: string, digest: string): ProvenanceFile | undefined {
  try {
    const bytes = readFileSync(fileOf(state, digest));
    const provenance = sha256(bytes.toString("utf8"));
    // Another file under this name would put a decision down to somebody who did not approve it.
    if (provenance !== digest) return undefined;
    return takeProvenance({ provenance }, bytes, startChecks().demand);
  } catch (error) {
    if (error instanceof Refused || (error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
