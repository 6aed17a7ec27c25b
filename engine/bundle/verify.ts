/** Files from anywhere → a verdict. The same steps for an auditor, an officer, a builder and an engine. */
import type { TrustFile } from "../schema/types.ts";
import { type CheckMade, type Demand, Refused, startChecks } from "./checks.ts";
import { type ReleaseFiles, releaseBytes } from "./files.ts";
import { MAX_ROOTS } from "./limits.ts";
import {
  openStore,
  type Reached,
  requireRootInForce,
  type Store,
  takeBundle,
  takeRelease,
  takeRoot,
  type VerifiedRelease,
} from "./store.ts";

export interface Verification {
  readonly verdict: "trusted" | "untrusted";
  readonly checks: readonly CheckMade[];
  readonly refused?: { readonly check: CheckMade["name"]; readonly says: string };
  /** Only when trusted. */
  readonly release?: VerifiedRelease;
  readonly rootVersion?: number;
}

export interface VerifyOptions {
  readonly trust: TrustFile;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly reached?: Reached;
}

export async function verifyRelease(
  files: ReleaseFiles,
  options: VerifyOptions,
): Promise<Verification> {
  const checks = startChecks();
  const demand: Demand = checks.demand;
  try {
    const store = followRoots(files, options, demand);
    requireRootInForce(store, demand);
    const pending = takeRelease(store, releaseBytes(files, demand), demand);
    demand("bundle", files.bundle !== undefined, "there is no bundle");
    const release = await takeBundle(pending, files.bundle, demand);
    const rootVersion = store.root.file.version;
    return { verdict: "trusted", checks: checks.made, release, rootVersion };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const refused = { check: error.check, says: error.message };
    return { verdict: "untrusted", checks: checks.made, refused };
  }
}

/** From the root of the trust file, one by one, to the last that is there. */
export function followRoots(
  { roots }: ReleaseFiles,
  { trust, now, reached }: VerifyOptions,
  demand: Demand,
): Store {
  const first = roots.get(trust.root.version);
  demand("root-pin", first !== undefined, `there is no root ${trust.root.version}`);
  let store = openStore(trust, first, now, reached, demand);
  for (let step = 0; step < MAX_ROOTS; step++) {
    const next = roots.get(store.root.file.version + 1);
    if (next === undefined) return store;
    store = takeRoot(store, next, demand);
  }
  return store;
}
