/** A release before anybody signed it: made by its builder, and made again by everybody who signs. */
import type { Tree } from "../host/tree.ts";
import type { ReleasePredicate, ReleaseStatement } from "../schema/types.ts";
import { type BuiltBundle, buildBundle } from "./bundle.ts";
import { type ProvedChange, proveChange } from "./change.ts";
import { type Demand, Refused, startChecks } from "./checks.ts";
import { type Envelope, readEnvelope, wrap } from "./dsse.ts";
import type { ReleaseFiles } from "./files.ts";
import { countSigners, requireSigners } from "./signers.ts";
import { type Release, readRelease, type Store } from "./store.ts";

/** The policy folder at a commit, from Git's objects. */
export type TreeAt = (commit: string) => Promise<Tree>;

export interface Draft extends ProvedChange {
  readonly envelope: Envelope;
  readonly bundle: BuiltBundle;
  readonly predicate: ReleasePredicate;
}

export interface DraftOptions {
  readonly commit: string;
  /** Where the policy folder stands in its repository; empty at the root. */
  readonly path: string;
  readonly lifeMs: number;
  readonly graceSeconds: number;
  readonly pullRequest?: number;
  readonly approvers: ReleasePredicate["source"]["approvers"];
  readonly tests?: ReleasePredicate["tests"];
}

/** `previous` is the envelope of the release before, or absent for the first. Throws Refused. */
export async function draftRelease(
  store: Store,
  previous: Uint8Array | undefined,
  treeAt: TreeAt,
  options: DraftOptions,
  demand: Demand,
): Promise<Draft> {
  const last = previous === undefined ? undefined : signedRelease(store, previous, demand);
  const bundle = await buildBundle(await treeAt(options.commit));
  const proved = await changeSince(last, bundle, treeAt, demand);
  const { file } = store.root;
  const stream = store.trust.stream;
  const known = Object.hasOwn(file.streams, stream) ? file.streams[stream] : undefined;
  demand("stream", known !== undefined, "the root does not name the stream");
  const follows = last !== undefined && last.predicate.epoch === known.epoch;
  const predicate: ReleasePredicate = {
    domain: file.domain,
    stream,
    epoch: known.epoch,
    version: follows ? last.predicate.version + 1 : known.floor,
    ...(last === undefined
      ? {}
      : { previous: { version: last.predicate.version, statement: last.statement } }),
    rootVersion: file.version,
    issued: wholeSecond(store.now),
    expires: wholeSecond(store.now + options.lifeMs),
    graceSeconds: options.graceSeconds,
    source: {
      repository: known.repository,
      commit: options.commit,
      path: options.path,
      ...(options.pullRequest === undefined ? {} : { pullRequest: options.pullRequest }),
      approvers: options.approvers,
    },
    ...(options.tests === undefined ? {} : { tests: options.tests }),
    change: proved.change,
  };
  const statement: ReleaseStatement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "bundle.json", digest: { sha256: bundle.digest.slice("sha256:".length) } }],
    predicateType: "https://phiward.dev/policy-release/v1",
    predicate,
  };
  return { ...proved, bundle, predicate, envelope: wrap("release", statement) };
}

/**
 * Makes a draft again from its commit, and compares: whoever signs vouches for what their own machine
 * says, not for what the builder's said. Throws Refused.
 */
export async function redoDraft(
  store: Store,
  draft: Uint8Array,
  previous: Uint8Array | undefined,
  treeAt: TreeAt,
  demand: Demand,
): Promise<Draft> {
  const envelope = readEnvelope("release", "the release", draft, demand);
  const { predicate, digest } = readRelease(envelope, demand);
  const last = previous === undefined ? undefined : signedRelease(store, previous, demand);
  const follows = last?.statement === predicate.previous?.statement;
  demand("lineage", follows, "the release does not follow the one that stands beside it");
  const bundle = await buildBundle(await treeAt(predicate.source.commit));
  demand("bundle", bundle.digest === digest, "the commit gives another bundle");
  const proved = await changeSince(last, bundle, treeAt, demand);
  const { verdict, proof } = predicate.change;
  const same = proved.change.verdict === verdict && proved.change.proof === proof;
  demand("proof", same, `the change is ${proved.change.verdict}, which the release does not say`);
  return { ...proved, bundle, predicate, envelope };
}

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
function signedRelease(store: Store, bytes: Uint8Array, demand: Demand): Omit<Release, "signers"> {
  const envelope = readEnvelope("release", "the release before", bytes, demand);
  const release = readRelease(envelope, demand);
  const counted = countSigners(envelope, store.root, {
    version: release.predicate.version,
    mustTouch: store.trust.touch ?? true,
  });
  requireSigners(counted, store.root.file.roles.release, "the release before", demand);
  return release;
}

async function changeSince(
  last: Omit<Release, "signers"> | undefined,
  bundle: BuiltBundle,
  treeAt: TreeAt,
  demand: Demand,
): Promise<ProvedChange> {
  if (last === undefined) return proveChange(undefined, bundle.loaded);
  const before = await buildBundle(await treeAt(last.predicate.source.commit));
  const same = before.digest === last.digest;
  demand("bundle", same, "the commit of the release before gives another bundle");
  return proveChange(before.loaded, bundle.loaded);
}

/** Times in signed texts have no fraction: one instant, one text. */
export function wholeSecond(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
