/**
 * Files that hold no policy and yet decide about policies: whom releases are trusted from, what runs
 * the gate, and whom GitHub asks for a review. They are compared as bytes and never read as policy.
 *
 * Some stand in the policy repository's own folder; GitHub reads the others at the root of the Git
 * repository, wherever in it the policies stand. Those are named with a leading `/`.
 */
import { createHash } from "node:crypto";

export type GuardKind = "trust" | "workflow" | "owners";

export interface GuardFile {
  /** Relative to the policy repository's folder; with a leading `/`, to the Git repository's root. */
  readonly path: string;
  readonly kind: GuardKind;
  /** SHA-256 of the bytes; of what a link names. */
  readonly digest: string;
  /** Whether the file speaks of phiward, so that it may be what runs the gate. */
  readonly namesPhiward: boolean;
}

export interface Guards {
  /**
   * Where the folder stands in its Git repository, such as `policies/ehr`; "" at the root, or outside
   * of one. Of two folders that stand at different places nobody can compare what is at the root.
   */
  readonly at: string;
  /** Sorted by path. */
  readonly files: readonly GuardFile[];
}

export const NO_GUARDS: Guards = { at: "", files: [] };

/** In the policy repository's folder: trust files, and what an engine takes from the repository. */
export const TRUST_PLACES = [
  "trust.json",
  "trust",
  "root.json",
  "root",
  "release/trust.json",
  "release/root",
  "engine.yaml",
] as const;

/** At the root of the Git repository: what GitHub runs, and whom it asks for a review. */
export const ROOT_PLACES = [
  ".github/workflows",
  ".github/actions",
  "action.yml",
  "action.yaml",
  "action",
  // GitHub takes the first of these that exists.
  ".github/CODEOWNERS",
  "CODEOWNERS",
  "docs/CODEOWNERS",
] as const;

/** Directly in the folder: public keys. */
export function isPublicKey(name: string): boolean {
  return name.endsWith(".pub");
}

/** Packages that somebody installed beside an action are not part of the repository. */
export function isInstalled(path: string): boolean {
  return path.includes("/node_modules/");
}

/** `path` as `GuardFile` writes it. */
export function guardFile(path: string, bytes: Uint8Array): GuardFile {
  return {
    path,
    kind: !path.startsWith("/") ? "trust" : path.endsWith("CODEOWNERS") ? "owners" : "workflow",
    digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
    namesPhiward: Buffer.from(bytes).includes("phiward"),
  };
}
