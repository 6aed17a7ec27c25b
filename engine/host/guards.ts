/**
 * Files that hold no policy and yet decide about policies: whom releases are trusted from, and what
 * runs the gate and asks for reviews. They are compared as bytes and never read as policy.
 *
 * Some stand in the policy repository's own folder; GitHub reads the others at the root of the Git
 * repository, wherever in it the policies stand. Those are named with a leading `/`.
 */

export type GuardKind = "trust" | "workflow" | "owners";

export interface GuardFile {
  /** Relative to the policy repository's folder; from the root of the Git repository with a `/`. */
  readonly path: string;
  readonly kind: GuardKind;
  /** A link, or a submodule: listed, never followed. */
  readonly link: boolean;
  readonly bytes: number;
}

/** Folders and files beside the policies that are guards, in the policy repository's folder. */
export const TRUST_PLACES = ["trust.json", "trust", "root.json", "root", "engine.yaml"] as const;
/** Beside them in the folder: public keys. */
export const PUBLIC_KEY = /^[^/]+\.pub$/;

/** At the root of the Git repository: what GitHub runs, and whom it asks for a review. */
export const WORKFLOW_PLACES = [
  ".github/workflows",
  ".github/actions",
  "action.yml",
  "action.yaml",
  "action",
] as const;
/** GitHub takes the first of these that exists. */
export const OWNERS_PLACES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"] as const;

/** What a path in the policy repository's folder is; undefined for what is no guard. */
export function trustKind(path: string): GuardKind | undefined {
  return below(path, TRUST_PLACES) || PUBLIC_KEY.test(path) ? "trust" : undefined;
}

/** What a path from the root of the Git repository is. */
export function workflowKind(path: string): GuardKind | undefined {
  if ((OWNERS_PLACES as readonly string[]).includes(path)) return "owners";
  return below(path, WORKFLOW_PLACES) ? "workflow" : undefined;
}

function below(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}/`));
}
