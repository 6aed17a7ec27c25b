/**
 * `manifest.json`: every file of the folder by digest, and which part of which chain the records are.
 * The verifier reads nothing else first.
 */
import { PhiwardError } from "../errors.ts";
import { canonical, type Digest, type Json, sha256 } from "../json/value.ts";
import type { Facts } from "./facts.ts";
import type { WrittenFile } from "./folder.ts";

export const MANIFEST = "manifest.json";

export interface Manifest {
  readonly text: string;
  readonly digest: Digest;
}

export function manifestOf(
  { period, made, chain }: Facts,
  files: Readonly<Record<string, WrittenFile>>,
): Manifest {
  const { excerpt, records, verification, included } = chain;
  if (excerpt === undefined && included && records.lines > 0) {
    throw new PhiwardError("BUG", "records were written that belong to no excerpt");
  }
  const value = {
    type: "phiward.evidence/1",
    period,
    made,
    chain: {
      included: included && excerpt !== undefined,
      origin: verification.origin,
      node: nodeOf(verification.origin),
      first: excerpt?.first ?? null,
      last: excerpt?.last ?? null,
      begins: excerpt?.begins ?? null,
      ends: excerpt?.ends ?? null,
      lines: records.lines,
    },
    files,
  };
  const text = canonical(value as unknown as Json);
  return { text, digest: sha256(text) };
}

function nodeOf(origin: string | null): string | null {
  return origin?.slice(0, origin.lastIndexOf("/")) ?? null;
}
