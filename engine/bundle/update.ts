/**
 * One update: what was believed, and the files that a source has now → what is believed now. Each step
 * grows what is known or refuses; what grew before a refusal stays. The order is that of a grown
 * trust: who may sign, what is stopped, what is current, and only then what runs.
 *
 *     roots ─▶ the running release again ─▶ root in force ─▶ stops ─▶ heartbeat ─▶ release
 *
 * A stop is therefore in force before anything after it can fail. No I/O; one time for all steps.
 */
import type { Digest } from "../json/value.ts";
import type { ProvenanceFile } from "../schema/types.ts";
import { type Check, type CheckMade, type Demand, Refused, startChecks } from "./checks.ts";
import { type ReleaseFiles, releaseBytes } from "./files.ts";
import { digestOfFile } from "./halt.ts";
import { takeHeartbeat } from "./heartbeat.ts";
import { MAX_ROOTS } from "./limits.ts";
import { before } from "./order.ts";
import { takeProvenance } from "./provenance.ts";
import {
  reachedBy,
  requireNamed,
  requireRootInForce,
  type Store,
  takeBundle,
  takeRelease,
  takeRoot,
  takeSigned,
  type VerifiedRelease,
} from "./store.ts";
import { takeHalts } from "./verify.ts";

/** A release that runs, with the bytes by which it can be checked again. */
export interface Running {
  readonly release: VerifiedRelease;
  readonly provenance?: ProvenanceFile;
  readonly bytes: {
    readonly envelope: Uint8Array;
    readonly bundle: Uint8Array;
    readonly provenance?: Uint8Array;
  };
}

/** Everything that an engine believes. */
export interface Known {
  readonly store: Store;
  /** Every root after the pinned one, and the pinned one, by version. */
  readonly roots: ReadonlyMap<number, Uint8Array>;
  /** The envelopes of the stops, by digest. */
  readonly halts: ReadonlyMap<Digest, Uint8Array>;
  /** Absent: nothing was ever verified, or what ran is trusted no longer. */
  readonly running?: Running;
}

export interface Update {
  readonly known: Known;
  readonly checks: readonly CheckMade[];
  /** Why it went no further. */
  readonly refused?: { readonly check: Check; readonly says: string };
  /** A bug stopped it. What grew before is known all the same: a stop must not be lost to one. */
  readonly bug?: unknown;
}

export async function update(before: Known, files: ReleaseFiles, now: number): Promise<Update> {
  const { demand, ...checks } = startChecksOf();
  let known: Known = { ...before, store: { ...before.store, now } };
  const grow = (more: Partial<Known>): void => {
    known = { ...known, ...more };
  };
  try {
    for (let step = 0; step < MAX_ROOTS; step++) {
      const version = known.store.root.file.version + 1;
      const bytes = files.roots.get(version);
      if (bytes === undefined) break;
      const store = takeRoot(known.store, bytes, demand);
      grow({ store, roots: new Map([...known.roots, [version, bytes]]) });
    }
    known = withoutDistrusted(known, before.store.root.digest, demand);
    requireRootInForce(known.store, demand);
    // One by one, so that those before a bad one are in force.
    for (;;) {
      const sequence = known.store.halts.length + 1;
      const bytes = files.halts?.get(sequence);
      if (bytes === undefined) break;
      const store = takeHalts(
        known.store,
        { ...files, halts: new Map([[sequence, bytes]]) },
        demand,
      );
      grow({ store, halts: new Map([...known.halts, [digestOfFile(bytes), bytes]]) });
    }
    if (files.heartbeat !== undefined) {
      grow({ store: takeHeartbeat(known.store, files.heartbeat, demand) });
    }
    const running = await takeNewer(known, files, demand);
    if (running !== undefined) grow({ running, store: reached(known.store, running.release) });
    return { known, checks: checks.made() };
  } catch (error) {
    if (!(error instanceof Refused)) return { known, checks: checks.made(), bug: error };
    const refused = { check: error.check, says: error.message };
    return { known, checks: checks.made(), refused };
  }
}

function startChecksOf(): { readonly demand: Demand; made(): readonly CheckMade[] } {
  const checks = startChecks();
  return { demand: checks.demand, made: () => checks.made };
}

/** Under a new root the release that runs must stand again, at once: its signer may have been a thief. */
function withoutDistrusted(known: Known, oldRoot: Digest, demand: Demand): Known {
  const { running, store } = known;
  if (running === undefined || store.root.digest === oldRoot) return known;
  if (stands(running, store, demand)) return known;
  // Not the end of the update: the same source may hold a release that the new root trusts.
  const { running: _, ...rest } = known;
  return rest;
}

/** Whether what runs is still signed by those who may. */
export function stands(running: Running, store: Store, demand: Demand): boolean {
  try {
    takeSigned(store, running.bytes.envelope, demand);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

async function takeNewer(
  { store, running }: Known,
  files: ReleaseFiles,
  demand: Demand,
): Promise<Running | undefined> {
  if (files.release === undefined && running !== undefined) return undefined;
  const envelope = releaseBytes(files, demand);
  if (running !== undefined && Buffer.from(envelope).equals(running.bytes.envelope)) {
    requireNamed(store, running.release, demand);
    return undefined;
  }
  const pending = takeRelease(store, envelope, demand);
  const { bundle, provenance } = files;
  // Nothing new but signatures that came later.
  if (pending.statement === running?.release.statement) return undefined;
  demand("bundle", bundle !== undefined, "there is no bundle");
  const release = await takeBundle(pending, bundle, demand);
  const origins = takeProvenance(release, provenance, demand);
  return {
    release,
    ...(origins === undefined ? {} : { provenance: origins }),
    bytes: { envelope, bundle, ...(provenance === undefined ? {} : { provenance }) },
  };
}

/** A pinned release may be older than one that ran; the mark of that one stays. */
function reached(store: Store, release: VerifiedRelease): Store {
  const next = reachedBy(release);
  const falls = store.reached !== undefined && before(next, store.reached);
  return falls ? store : { ...store, reached: next };
}
