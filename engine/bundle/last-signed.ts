/** The release that the next one follows: which it is, and what its commit gives. */
import type { Tree } from "../host/tree.ts";
import type { LoadedRepository } from "../policy/load.ts";
import { buildBundle } from "./bundle.ts";
import { type Demand, Refused, startChecks } from "./checks.ts";
import { readEnvelope } from "./dsse.ts";
import type { ReleaseFiles } from "./files.ts";
import { countedFor, requireSigners, verifySigners } from "./signers.ts";
import { type Release, readRelease, type Store } from "./store.ts";

/** The policy folder at a commit, from Git's objects. */
export type TreeAt = (commit: string) => Promise<Tree>;

/**
 * The envelope that the next release follows: the one in the folder when its people have signed it, and
 * otherwise, as it is a draft, the one before it.
 */
export function lastSigned(store: Store, files: ReleaseFiles): Uint8Array | undefined {
  const { release, previous } = files;
  if (release === undefined) return previous;
  try {
    signedRelease(store, release, startChecks().demand);
    return release;
  } catch (error) {
    if (error instanceof Refused) return previous;
    throw error;
  }
}

/** A release that its people have signed. It may have expired since. */
export function signedRelease(
  store: Store,
  bytes: Uint8Array,
  demand: Demand,
): Omit<Release, "signers"> {
  const envelope = readEnvelope("release", "the release before", bytes, demand);
  const release = readRelease(envelope, demand);
  const verified = verifySigners(envelope, store.root, store.trust.touch ?? true);
  const counted = countedFor(verified, release.predicate);
  requireSigners(counted, store.root.file.roles.release, "the release before", demand);
  return release;
}

/** The repository of the release before, made again; undefined before the first. */
export async function loadedBefore(
  last: Omit<Release, "signers"> | undefined,
  treeAt: TreeAt,
  demand: Demand,
): Promise<LoadedRepository | undefined> {
  if (last === undefined) return undefined;
  const before = await buildBundle(await treeAt(last.predicate.source.commit));
  const same = before.digest === last.digest;
  demand("bundle", same, "the commit of the release before gives another bundle");
  return before.loaded;
}
