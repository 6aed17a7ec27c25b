/** A heartbeat: which release is the current one, said again and again by a key that can say no more. */
import { parseInstant } from "../policy/time.ts";
import type { HeartbeatFile } from "../schema/types.ts";
import type { Demand } from "./checks.ts";
import { readEnvelope } from "./dsse.ts";
import { MAX_ENVELOPE_BYTES, MAX_HEARTBEAT_LIFE_MS, MAX_SKEW_MS } from "./limits.ts";
import { before } from "./order.ts";
import { readSigned } from "./read.ts";
import { countSigners, requireSigners } from "./signers.ts";
import type { Store } from "./store.ts";

export interface Beat {
  readonly keyid: string;
  readonly sequence: number;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly release: HeartbeatFile["release"];
}

/** Roots and emergency stops are to be taken before: the heartbeat tells whether some were withheld. */
export function takeHeartbeat(store: Store, bytes: Uint8Array, demand: Demand): Store {
  const envelope = readEnvelope("heartbeat", "the heartbeat", bytes, demand);
  const counted = countSigners(envelope, store.root, store.trust.touch ?? true);
  requireSigners(counted, store.root.file.roles.heartbeat, "the heartbeat", demand);
  const { payload } = envelope;
  const file = readSigned("heartbeat", "the heartbeat", payload, MAX_ENVELOPE_BYTES, demand);
  const same = file.domain === store.root.file.domain && file.stream === store.trust.stream;
  demand("stream", same, "the heartbeat is of another stream");
  const beat = timesOf(file, counted.signers[0]!.keyid, store.now, demand);
  // One that is believed already is not old: it is read again after the release that came next.
  if (!isKnown(store, beat)) requireOrder(store, beat, file, demand);
  requireComplete(store, file, demand);
  return { ...store, beat };
}

function timesOf(file: HeartbeatFile, keyid: string, now: number, demand: Demand): Beat {
  const [issuedAt, expiresAt] = [parseInstant(file.issued), parseInstant(file.expires)];
  const sound = issuedAt !== undefined && expiresAt !== undefined && issuedAt < expiresAt;
  demand("form", sound, "the heartbeat expires before it begins");
  const short = expiresAt - issuedAt <= MAX_HEARTBEAT_LIFE_MS;
  demand("heartbeat-life", short, "the heartbeat vouches for longer than a heartbeat may");
  demand("future", issuedAt <= now + MAX_SKEW_MS, "the heartbeat is dated in the future");
  demand("freeze", now < expiresAt, "the heartbeat has expired: what is served may be old");
  return { keyid, sequence: file.sequence, issuedAt, expiresAt, release: file.release };
}

/** Whether it vouches for this release: one that names a newer one says that this one is old. */
export function vouchesFor(
  { release }: Beat,
  running: { readonly epoch: number; readonly version: number; readonly statement: string },
): boolean {
  return before(release, running) || release.statement === running.statement;
}

function isKnown({ beat }: Store, { keyid, sequence, release }: Beat): boolean {
  return (
    beat?.keyid === keyid &&
    beat.sequence === sequence &&
    beat.release.statement === release.statement
  );
}

/** A key that the root no longer has cannot go on, and the next one begins to count anew. */
function requireOrder(
  { beat, root, reached }: Store,
  next: Beat,
  { release }: HeartbeatFile,
  demand: Demand,
): void {
  const goesOn = beat !== undefined && root.owners.has(beat.keyid);
  const ordered = !goesOn || next.sequence >= beat.sequence;
  demand("heartbeat-order", ordered, "a newer heartbeat was here before");
  if (reached === undefined) return;
  const forward = !before(release, reached);
  demand(
    "heartbeat-order",
    forward,
    "the heartbeat names an older release than the one that ran here",
  );
  const same = before(reached, release) || release.statement === reached.statement;
  demand("fork", same, `the heartbeat names another release of version ${release.version}`);
}

function requireComplete(
  { root, halts }: Store,
  { rootVersion, haltSequence }: HeartbeatFile,
  demand: Demand,
): void {
  const rooted = rootVersion <= root.file.version;
  demand("root-withheld", rooted, `the heartbeat knows root ${rootVersion}, which is not here`);
  // One that lags behind is no attack: stops are pushed without it.
  const stopped = haltSequence <= halts.length;
  demand("halt-withheld", stopped, `emergency stop ${haltSequence} is not here`);
}
