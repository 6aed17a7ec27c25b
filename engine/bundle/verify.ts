/** Files from anywhere → a verdict. The same steps for an auditor, an officer, a builder and an engine. */
import type { ProvenanceFile, TrustFile } from "../schema/types.ts";
import { type CheckMade, type Demand, Refused, startChecks } from "./checks.ts";
import { type ReleaseFiles, releaseBytes } from "./files.ts";
import { takeHalt } from "./halt.ts";
import { takeHeartbeat } from "./heartbeat.ts";
import { MAX_ROOTS } from "./limits.ts";
import { takeProvenance } from "./provenance.ts";
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
  /** Where its grants and rules come from; absent when the release does not say. */
  readonly provenance?: ProvenanceFile;
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
    const store = takeWord(followRoots(files, options, demand), files, demand);
    const pending = takeRelease(store, releaseBytes(files, demand), demand);
    // A tag is moved by whoever may push: what it shows is signed, and another version.
    const meant = files.asked === undefined || files.asked === pending.predicate.version;
    demand("pin", meant, `the release is not version ${files.asked}, which was asked for`);
    demand("bundle", files.bundle !== undefined, "there is no bundle");
    const release = await takeBundle(pending, files.bundle, demand);
    const provenance = takeProvenance(release, files.provenance, demand);
    return {
      verdict: "trusted",
      checks: checks.made,
      release,
      rootVersion: store.root.file.version,
      ...(provenance === undefined ? {} : { provenance }),
    };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const refused = { check: error.check, says: error.message };
    return { verdict: "untrusted", checks: checks.made, refused };
  }
}

/** What is said of the day, before any release: that the root is in force, stops, and the heartbeat. */
function takeWord(store: Store, files: ReleaseFiles, demand: Demand): Store {
  requireRootInForce(store, demand);
  const stopped = takeHalts(store, files, demand);
  return files.heartbeat === undefined ? stopped : takeHeartbeat(stopped, files.heartbeat, demand);
}

/** Every emergency stop that follows those that are known. */
export function takeHalts(from: Store, { halts }: ReleaseFiles, demand: Demand): Store {
  let store = from;
  for (;;) {
    const next = halts?.get(store.halts.length + 1);
    if (next === undefined) return store;
    store = takeHalt(store, next, demand);
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
