/**
 * What an engine keeps between two starts, and how it becomes what it believes again. The state file
 * is believed for its counters and digests alone; roots, stops and the release are checked once more,
 * byte for byte, because whoever can write to the folder is not thereby one of the signers.
 */
import { canonical, type Digest, type Json } from "../json/value.ts";
import type { StateFile, TrustFile } from "../schema/types.ts";
import { type Demand, Refused } from "./checks.ts";
import { digestOfFile, reopenHalt } from "./halt.ts";
import type { Beat } from "./heartbeat.ts";
import { MAX_ENVELOPE_BYTES } from "./limits.ts";
import { takeProvenance } from "./provenance.ts";
import { readSigned } from "./read.ts";
import { openStore, type Store, takeBundle, takeRoot, takeSigned } from "./store.ts";
import type { Known, Running } from "./update.ts";
import { wholeSecond } from "./whole-second.ts";

/** The files of a state folder. None is believed for standing there. */
export interface Kept {
  /** Absent at the first start. */
  readonly state?: StateFile;
  readonly roots: ReadonlyMap<number, Uint8Array>;
  readonly object: (digest: Digest) => Uint8Array | undefined;
}

export function readState(bytes: Uint8Array, demand: Demand): StateFile {
  return readSigned("state", "the state file", bytes, MAX_ENVELOPE_BYTES, demand);
}

export interface Reopened {
  readonly known: Known;
  /** Why the release that ran last does not run again. */
  readonly refused?: Refused;
}

/**
 * `pinned` is the root that the trust file names, from the folder or from a source. Throws Refused
 * when the roots or the stops are not what they were: to run without a stop would be worse than not to
 * run.
 */
export async function reopen(
  kept: Kept,
  trust: TrustFile,
  pinned: Uint8Array,
  now: number,
  demand: Demand,
): Promise<Reopened> {
  const { state } = kept;
  if (state !== undefined) {
    const same = state.stream === trust.stream && state.domain === trust.domain;
    demand("state", same, "the state folder is of another stream");
  }
  const at = Math.max(now, state?.signedTime ?? 0);
  let store = openStore(trust, pinned, at, state?.reached as Store["reached"], demand);
  const roots = new Map([[trust.root.version, pinned]]);
  while (state !== undefined && store.root.file.version < state.rootVersion) {
    const version = store.root.file.version + 1;
    const bytes = kept.roots.get(version);
    demand("state", bytes !== undefined, `root ${version} is missing on this machine`);
    store = takeRoot(store, bytes, demand);
    roots.set(version, bytes);
  }
  const halts = new Map<Digest, Uint8Array>();
  for (const digest of (state?.halts ?? []) as Digest[]) {
    const bytes = kept.object(digest);
    demand("state", bytes !== undefined, "an emergency stop is missing on this machine");
    store = { ...store, halts: [...store.halts, reopenHalt(bytes, digest, demand)] };
    halts.set(digest, bytes);
  }
  const beat = beatOf(state);
  if (beat !== undefined) store = { ...store, beat };
  const known: Known = { store, roots, halts };
  try {
    const running = await reopenRunning(store, kept, demand);
    return { known: running === undefined ? known : { ...known, running } };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { known, refused: error };
  }
}

function beatOf(state: StateFile | undefined): Beat | undefined {
  if (state?.heartbeat === undefined) return undefined;
  const { keyid, sequence, expires, release } = state.heartbeat;
  return { keyid, sequence, issuedAt: 0, expiresAt: Date.parse(expires), release };
}

async function reopenRunning(
  store: Store,
  kept: Kept,
  demand: Demand,
): Promise<Running | undefined> {
  const release = kept.state?.release;
  if (release === undefined) return undefined;
  const object = (digest: string): Uint8Array => {
    const bytes = kept.object(digest as Digest);
    demand("state", bytes !== undefined, "a file of the release is missing on this machine");
    return bytes;
  };
  const envelope = object(release.envelope);
  const same = digestOfFile(envelope) === release.envelope;
  demand("state", same, "the release was changed on this machine");
  const pending = takeSigned(store, envelope, demand);
  const bundle = object(release.bundle);
  const verified = await takeBundle(pending, bundle, demand);
  const provenance = release.provenance === undefined ? undefined : object(release.provenance);
  const origins = takeProvenance(verified, provenance, demand);
  return {
    release: verified,
    ...(origins === undefined ? {} : { provenance: origins }),
    bytes: { envelope, bundle, ...(provenance === undefined ? {} : { provenance }) },
  };
}

/** What is to be kept: the state file's text, and everything that it names. */
export interface Keeping {
  readonly state: string;
  readonly roots: ReadonlyMap<number, Uint8Array>;
  readonly objects: ReadonlyMap<Digest, Uint8Array>;
}

export function keepingOf(known: Known, signedBefore: number): Keeping {
  const { store, roots, halts, running } = known;
  const { trust, root, reached, beat } = store;
  const objects = new Map<Digest, Uint8Array>(halts);
  const put = (bytes: Uint8Array): Digest => {
    const digest = digestOfFile(bytes);
    objects.set(digest, bytes);
    return digest;
  };
  const bytes = running?.bytes;
  const state: StateFile = {
    type: "phiward.state/1",
    domain: trust.domain,
    stream: trust.stream,
    rootVersion: root.file.version,
    signedTime: signedTimeOf(known, signedBefore),
    ...(reached === undefined ? {} : { reached }),
    ...(bytes === undefined
      ? {}
      : {
          release: {
            envelope: put(bytes.envelope),
            bundle: put(bytes.bundle),
            ...(bytes.provenance === undefined ? {} : { provenance: put(bytes.provenance) }),
          },
        }),
    ...(beat === undefined
      ? {}
      : {
          heartbeat: {
            keyid: beat.keyid,
            sequence: beat.sequence,
            expires: wholeSecond(beat.expiresAt),
            release: beat.release,
          },
        }),
    halts: store.halts.map(({ digest }) => digest),
  };
  return { state: canonical(state as unknown as Json), roots, objects };
}

/**
 * The newest time that somebody signed; it only rises. The clock of this machine is never among them:
 * one jump of it into the future would make every later text look old.
 */
export function signedTimeOf({ store, running }: Known, before: number): number {
  const released = running === undefined ? 0 : Date.parse(running.release.predicate.issued);
  return Math.max(before, store.beat?.issuedAt ?? 0, released);
}
