/**
 * The trusted store: what is believed, and the only functions that make it grow. Each takes what was
 * believed before and bytes from anywhere, makes every check, and gives back what is believed now; or
 * it throws Refused, and what was believed before stays. No I/O, and one time for a whole update.
 *
 *     openStore ─▶ takeRoot* ─▶ requireRootInForce ─▶ takeHalt* ─▶ takeHeartbeat
 *               ─▶ takeRelease ─▶ takeBundle
 *
 * A release is taken without its bundle and is then a `PendingRelease`: only takeBundle makes of it
 * what may be run.
 */
import { type Digest, sha256 } from "../json/value.ts";
import type { LoadedRepository } from "../policy/load.ts";
import { parseInstant } from "../policy/time.ts";
import type { ReleasePredicate, TrustFile } from "../schema/types.ts";
import { openBundle } from "./bundle.ts";
import type { Demand } from "./checks.ts";
import { type Envelope, readEnvelope } from "./dsse.ts";
import { BUNDLE, PROVENANCE } from "./files.ts";
import type { Halt } from "./halt.ts";
import { type Beat, vouchesFor } from "./heartbeat.ts";
import { MAX_ENVELOPE_BYTES, MAX_JUMP, MAX_SKEW_MS } from "./limits.ts";
import { before } from "./order.ts";
import { readSigned } from "./read.ts";
import { type Root, readRoot } from "./root.ts";
import {
  countedFor,
  countSigners,
  requireSigners,
  type Signer,
  type Verified,
  verifySigners,
} from "./signers.ts";

/** The release that an engine ran last. It only ever rises. */
export interface Reached {
  readonly epoch: number;
  readonly version: number;
  /** Of the statement. */
  readonly statement: Digest;
}

export interface Store {
  readonly trust: TrustFile;
  /** Epoch milliseconds; fixed when the update starts. */
  readonly now: number;
  readonly root: Root;
  readonly reached?: Reached;
  /** The newest heartbeat. */
  readonly beat?: Beat;
  /** All emergency stops, the first one first. */
  readonly halts: readonly Halt[];
}

declare const pending: unique symbol;
declare const verified: unique symbol;

export interface Release {
  readonly predicate: ReleasePredicate;
  /** Of the statement. */
  readonly statement: Digest;
  /** Of the bundle. */
  readonly digest: Digest;
  /** Of where its grants and rules come from; absent when the release does not say. */
  readonly provenance?: Digest;
  readonly signers: readonly Signer[];
}
/** Signed, but its bundle has not been seen. */
export type PendingRelease = Release & { readonly [pending]: true };
/** Signed, with its bundle, which compiles. */
export type VerifiedRelease = Release & {
  readonly repository: LoadedRepository;
  readonly [verified]: true;
};

/** The store at the root that the trust file names. */
export function openStore(
  trust: TrustFile,
  rootBytes: Uint8Array,
  now: number,
  reached: Reached | undefined,
  demand: Demand,
): Store {
  const envelope = readEnvelope("root", "the root", rootBytes, demand);
  // The digest in the trust file is what vouches for the first root, before anything of it is read.
  const same = sha256(envelope.payload.toString("utf8")) === trust.root.digest;
  demand("root-pin", same, "the root is not the one that the trust file names");
  const root = readRoot(envelope.payload, demand);
  demand("root-version", root.file.version === trust.root.version, "the root has another version");
  demand("root-domain", root.file.domain === trust.domain, "the root is of another domain");
  const what = `root ${trust.root.version}`;
  requireRootSigners(envelope, what, root, "its own people", trust, demand);
  return { trust, now, root, halts: [], ...(reached === undefined ? {} : { reached }) };
}

/** The next root: signed by the people of the one before, and by its own. */
export function takeRoot(store: Store, bytes: Uint8Array, demand: Demand): Store {
  const { root: old, trust } = store;
  const what = `root ${old.file.version + 1}`;
  const envelope = readEnvelope("root", what, bytes, demand);
  requireRootSigners(envelope, what, old, `the people of root ${old.file.version}`, trust, demand);
  const root = readRoot(envelope.payload, demand);
  const next = root.file.version === old.file.version + 1;
  demand("root-version", next, `${what} has another version`);
  demand("root-domain", root.file.domain === old.file.domain, `${what} is of another domain`);
  requireRootSigners(envelope, what, root, "its own people", trust, demand);
  return { ...store, root };
}

function requireRootSigners(
  envelope: Envelope,
  what: string,
  by: Root,
  whose: string,
  trust: TrustFile,
  demand: Demand,
): void {
  // A stolen key stays listed for what it signed before, and must not choose the next signers.
  const counted = countSigners(envelope, by, trust.touch ?? true);
  requireSigners(counted, by.file.roles.root, `${what}, by ${whose},`, demand);
}

/** Roots in between may have run out; the last one may not. */
export function requireRootInForce({ root, now }: Store, demand: Demand): void {
  demand("root-expired", now < root.expiresAt, `root ${root.file.version} has expired`);
}

export function takeRelease(store: Store, bytes: Uint8Array, demand: Demand): PendingRelease {
  const release = takeSigned(store, bytes, demand);
  const { predicate } = release;
  requireOrder(store, release, demand);
  requireNamed(store, release, demand);
  requireStopsKnown(store, predicate, demand);
  requireTime(store.now, predicate, demand);
  return release;
}

/**
 * What does not change with time, and is asked again whenever the root or the trust file is another:
 * the signatures, the place, the pin. Of a release that was taken before, this is all.
 */
export function takeSigned(store: Store, bytes: Uint8Array, demand: Demand): PendingRelease {
  const { root, trust } = store;
  const envelope = readEnvelope("release", "the release", bytes, demand);
  const verified = verifySigners(envelope, root, trust.touch ?? true);
  requireVouched(verified, root, demand);
  // What it is of is needed to count keys that are cut off; nothing else is used before.
  const release = readRelease(envelope, demand);
  const { predicate } = release;
  const counted = countedFor(verified, predicate);
  requireSigners(counted, root.file.roles.release, "the release", demand);
  requireExtraSigners(root, predicate, counted, demand);
  requirePlace(store, predicate, demand);
  requirePin(trust, release, demand);
  return { ...release, signers: counted.signers } as unknown as PendingRelease;
}

/** Nothing of a text is read that no key of the root has signed: a reader's bug is no stranger's door. */
function requireVouched({ good, others }: Verified, { file }: Root, demand: Demand): void {
  if (good.length === 0) {
    requireSigners({ signers: [], others }, file.roles.release, "the release", demand);
  }
}

/** The statement in an envelope. Its signatures are not looked at. */
export function readRelease({ payload }: Envelope, demand: Demand): Omit<Release, "signers"> {
  const statement = readSigned("release", "the release", payload, MAX_ENVELOPE_BYTES, demand);
  const [bundle, provenance] = statement.subject;
  const named =
    bundle?.name === BUNDLE && (provenance === undefined || provenance.name === PROVENANCE);
  demand("form", named, "the release names other files than its own");
  return {
    predicate: statement.predicate,
    statement: sha256(payload.toString("utf8")),
    digest: `sha256:${bundle.digest.sha256}` as Digest,
    ...(provenance === undefined
      ? {}
      : { provenance: `sha256:${provenance.digest.sha256}` as Digest }),
  };
}

/** People beside the usual ones; the root may ask for more of them, and never for fewer. */
function requireExtraSigners(
  { file }: Root,
  { change: { verdict } }: ReleasePredicate,
  counted: Parameters<typeof requireSigners>[0],
  demand: Demand,
): void {
  if (verdict === "same" || verdict === "narrower") return;
  const extra = file.extraFor[verdict];
  // Silence must not make the gravest change the easiest one.
  demand("extra-signers", extra !== undefined, `the root lets nobody sign what is ${verdict}`);
  requireSigners(counted, extra, `the release, which is ${verdict},`, demand, "extra-signers");
}

function requirePlace({ root, trust }: Store, predicate: ReleasePredicate, demand: Demand): void {
  const { domain, stream, source, rootVersion, epoch } = predicate;
  const same = domain === root.file.domain && stream === trust.stream;
  demand("stream", same, "the release is of another stream");
  const known = Object.hasOwn(root.file.streams, stream) ? root.file.streams[stream] : undefined;
  demand("stream", known !== undefined, "the root does not name the stream of the release");
  const home = source.repository === known.repository;
  demand("repository", home, "the release is of a repository that the root does not name");
  const seen = rootVersion <= root.file.version;
  demand("root-withheld", seen, `the release knows root ${rootVersion}, which is not here`);
  demand("epoch", epoch === known.epoch, "the release is of another epoch than the root's");
}

function requireOrder(
  { root, trust, reached }: Store,
  { predicate, statement }: Omit<Release, "signers">,
  demand: Demand,
): void {
  const { epoch, version, stream } = predicate;
  const floors = [
    { epoch, version: root.file.streams[stream]!.floor },
    trust.floor ?? { epoch: 1, version: 1 },
  ];
  const above = floors.every((floor) => !before(predicate, floor));
  demand("floor", above, `version ${version} is below the floor`);
  // Who pins a release by its digest means that one, also after a newer one.
  if (reached === undefined || trust.pin !== undefined) return;
  demand("rollback", !before(predicate, reached), `version ${reached.version} ran here before`);
  if (reached.epoch !== epoch) return;
  const same = version !== reached.version || statement === reached.statement;
  demand("fork", same, `another release of version ${version} ran here before`);
  const near = version - reached.version <= MAX_JUMP;
  demand("jump", near, `version ${version} is more than ${MAX_JUMP} ahead`);
  const follows =
    version !== reached.version + 1 ||
    (predicate.previous?.version === reached.version &&
      predicate.previous.statement === reached.statement);
  demand("lineage", follows, "the release does not follow the one that ran here");
}

/** A release that the newest heartbeat does not name is withheld in favour of this one. */
export function requireNamed(
  { beat, trust }: Store,
  { predicate, statement }: Omit<Release, "signers">,
  demand: Demand,
): void {
  if (beat === undefined || trust.pin !== undefined) return;
  // A heartbeat that lags is no attack: a release is pushed before it.
  const { epoch, version } = predicate;
  const named = vouchesFor(beat, { epoch, version, statement });
  demand("heartbeat-release", named, `the heartbeat names version ${beat.release.version}`);
}

function requireStopsKnown(
  { halts }: Store,
  { haltsCleared = 0 }: ReleasePredicate,
  demand: Demand,
): void {
  const known = haltsCleared <= halts.length;
  demand(
    "halt-cleared",
    known,
    `the release lifts emergency stop ${haltsCleared}, which is not here`,
  );
}

function requireTime(now: number, { issued, expires }: ReleasePredicate, demand: Demand): void {
  const [from, until] = [parseInstant(issued), parseInstant(expires)];
  const sound = from !== undefined && until !== undefined && from < until;
  demand("form", sound, "the release expires before it begins");
  demand("future", from <= now + MAX_SKEW_MS, "the release is dated in the future");
  demand("expired", now < until, "the release has expired");
}

function requirePin({ pin }: TrustFile, release: Omit<Release, "signers">, demand: Demand): void {
  const { version } = release.predicate;
  const pinned = pin === undefined || (pin.version === version && pin.digest === release.digest);
  demand("pin", pinned, "the release is not the one that the trust file pins");
}

/** The release with its bundle: what may be run. */
export async function takeBundle(
  release: PendingRelease,
  bytes: Uint8Array,
  demand: Demand,
): Promise<VerifiedRelease> {
  const label = `version ${release.predicate.version}`;
  const repository = await openBundle(bytes, release.digest, label, demand);
  return { ...release, repository } as unknown as VerifiedRelease;
}

export function reachedBy({ predicate, statement }: VerifiedRelease): Reached {
  return { epoch: predicate.epoch, version: predicate.version, statement };
}
