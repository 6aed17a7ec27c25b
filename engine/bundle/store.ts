/**
 * The trusted store: what is believed, and the only functions that make it grow. Each takes what was
 * believed before and bytes from anywhere, makes every check, and gives back what is believed now; or
 * it throws Refused, and what was believed before stays. No I/O, and one time for a whole update.
 *
 *     openStore ─▶ takeRoot* ─▶ requireRootInForce ─▶ takeRelease ─▶ takeBundle
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
import { MAX_ENVELOPE_BYTES, MAX_JUMP, MAX_SKEW_MS } from "./limits.ts";
import { readSigned } from "./read.ts";
import { type Root, readRoot } from "./root.ts";
import { countSigners, requireSigners, type Signer } from "./signers.ts";

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
}

declare const pending: unique symbol;
declare const verified: unique symbol;

export interface Release {
  readonly predicate: ReleasePredicate;
  /** Of the statement. */
  readonly statement: Digest;
  /** Of the bundle. */
  readonly digest: Digest;
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
  requireRootSigners(envelope, root, root, trust, demand);
  return { trust, now, root, ...(reached === undefined ? {} : { reached }) };
}

/** The next root: signed by the people of the one before, and by its own. */
export function takeRoot(store: Store, bytes: Uint8Array, demand: Demand): Store {
  const { root: old, trust } = store;
  const what = `root ${old.file.version + 1}`;
  const envelope = readEnvelope("root", what, bytes, demand);
  // The new root's own words are read first to know its version, and believed only afterwards.
  const root = readRoot(envelope.payload, demand);
  const next = root.file.version === old.file.version + 1;
  demand("root-version", next, `${what} has another version`);
  demand("root-domain", root.file.domain === old.file.domain, `${what} is of another domain`);
  requireRootSigners(envelope, root, old, trust, demand);
  requireRootSigners(envelope, root, root, trust, demand);
  return { ...store, root };
}

function requireRootSigners(
  envelope: Envelope,
  root: Root,
  by: Root,
  trust: TrustFile,
  demand: Demand,
): void {
  const version = root.file.version;
  // Cut-offs are versions of releases; who may sign a root is what the root says.
  const counted = countSigners(
    envelope,
    { ...by, revoked: new Map() },
    { version, ...touch(trust) },
  );
  const whose = by === root ? "its own people" : `the people of root ${by.file.version}`;
  requireSigners(counted, by.file.roles.root, `root ${version}, by ${whose},`, demand);
}

function touch(trust: TrustFile): { readonly mustTouch: boolean } {
  return { mustTouch: trust.touch ?? true };
}

/** Roots in between may have run out; the last one may not. */
export function requireRootInForce({ root, now }: Store, demand: Demand): void {
  demand("root-expired", now < root.expiresAt, `root ${root.file.version} has expired`);
}

export function takeRelease(store: Store, bytes: Uint8Array, demand: Demand): PendingRelease {
  const envelope = readEnvelope("release", "the release", bytes, demand);
  // The version is needed to count keys that are revoked from one on; nothing else is used before.
  const release = readRelease(envelope, demand);
  const { predicate } = release;
  const counted = countSigners(envelope, store.root, {
    version: predicate.version,
    ...touch(store.trust),
  });
  requireSigners(counted, store.root.file.roles.release, "the release", demand);
  requireExtraSigners(store.root, predicate, counted, demand);
  requirePlace(store, predicate, demand);
  requireOrder(store, release, demand);
  requireTime(store.now, predicate, demand);
  requirePin(store.trust, release, demand);
  return { ...release, signers: counted.signers } as unknown as PendingRelease;
}

/** The statement in an envelope. Its signatures are not looked at. */
export function readRelease({ payload }: Envelope, demand: Demand): Omit<Release, "signers"> {
  const statement = readSigned("release", "the release", payload, MAX_ENVELOPE_BYTES, demand);
  return {
    predicate: statement.predicate,
    statement: sha256(payload.toString("utf8")),
    digest: `sha256:${statement.subject[0]!.digest.sha256}` as Digest,
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
  if (reached === undefined) return;
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

interface Ordered {
  readonly epoch: number;
  readonly version: number;
}

function before(a: Ordered, b: Ordered): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.version < b.version);
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
