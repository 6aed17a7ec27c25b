/**
 * The policies in force: the release that the gateway runs, from its state folder, or a folder of
 * policies where none is released.
 */
import { join } from "node:path";
import { openBundle } from "../bundle/bundle.ts";
import type { Demand } from "../bundle/checks.ts";
import { readEnvelope } from "../bundle/dsse.ts";
import { reopenHalt } from "../bundle/halt.ts";
import { type Kept, reopen } from "../bundle/kept.ts";
import { takeProvenance } from "../bundle/provenance.ts";
import { readKept } from "../bundle/store/state-folder.ts";
import { type Release, readRelease } from "../bundle/store.ts";
import { believing } from "../bundle/untrusted.ts";
import { PhiwardError } from "../errors.ts";
import type { Tree } from "../host/tree.ts";
import type { Digest } from "../json/value.ts";
import { type LoadedRepository, load, sound } from "../policy/load.ts";
import type { HaltFile, ProvenanceFile, TrustFile } from "../schema/types.ts";

export interface PolicyText {
  readonly path: string;
  readonly text: string;
}

export interface InForce {
  readonly loaded: LoadedRepository;
  /** The files that people wrote: the project, servers, policies and grants. */
  readonly texts: readonly PolicyText[];
  /** Absent for a folder that nobody released. */
  readonly release?: Omit<Release, "signers"> & {
    /** Who signed it; undefined when no trust file was there to check that. */
    readonly signers?: readonly string[];
  };
  readonly provenance?: ProvenanceFile;
  /** Every emergency stop that the engine knows. */
  readonly halts: readonly HaltFile[];
}

export interface InForceOptions {
  readonly state: string;
  /** A folder of policies to be taken instead. */
  readonly tree?: Tree | undefined;
  readonly trust?: TrustFile | undefined;
  readonly now: number;
}

/** Rejects with NO_RELEASE when there is neither, and with UNTRUSTED when a signature does not fit. */
export async function inForce({ state, tree, trust, now }: InForceOptions): Promise<InForce> {
  const folder = join(state, "bundle");
  return await believing(async (demand) => {
    const kept = readKept(folder);
    const halts = haltsOf(kept, demand);
    if (tree !== undefined) return { ...(await ofFolder(tree)), halts };
    if (kept.state?.release === undefined) throw noPolicies(state);
    return trust === undefined
      ? { ...(await byDigest(kept, kept.state.release, demand)), halts }
      : { ...(await bySignature(kept, trust, now, demand)), halts };
  });
}

function noPolicies(state: string): PhiwardError {
  return new PhiwardError("USAGE", `no release runs in \`${state}\``, {
    help: "name the policy repository with --dir",
  });
}

function haltsOf(kept: Kept, demand: Demand): readonly HaltFile[] {
  return ((kept.state?.halts ?? []) as Digest[]).map((digest) => {
    const bytes = kept.object(digest);
    demand("state", bytes !== undefined, "an emergency stop is missing on this machine");
    return reopenHalt(bytes, digest, demand).file;
  });
}

async function ofFolder(tree: Tree): Promise<Omit<InForce, "halts">> {
  const loaded = await load(tree);
  sound(loaded);
  const listed = (await tree.list()).filter(({ path }) => isPolicyText(path));
  const texts = await Promise.all(
    listed.map(async ({ path }) => ({
      path,
      text: Buffer.from(await tree.read(path)).toString("utf8"),
    })),
  );
  return { loaded, texts };
}

/** Everything is checked again, as at the gateway's start. */
async function bySignature(
  kept: Kept,
  trust: TrustFile,
  now: number,
  demand: Demand,
): Promise<Omit<InForce, "halts">> {
  const pinned = kept.roots.get(trust.root.version);
  demand("state", pinned !== undefined, "the root that the trust file names is missing here");
  const { known, refused } = await reopen(kept, trust, pinned, now, demand);
  if (refused !== undefined) throw refused;
  const { release, bytes, provenance } = known.running!;
  return {
    loaded: release.repository,
    texts: textsOf(bytes.bundle),
    release: { ...release, signers: release.signers.map(({ person }) => person) },
    ...(provenance === undefined ? {} : { provenance }),
  };
}

/** Without a trust file: that the files are those that the state names, and not who signed them. */
async function byDigest(
  kept: Kept,
  named: NonNullable<NonNullable<Kept["state"]>["release"]>,
  demand: Demand,
): Promise<Omit<InForce, "halts">> {
  const object = (digest: string): Uint8Array => {
    const bytes = kept.object(digest as Digest);
    demand("state", bytes !== undefined, "a file of the release is missing on this machine");
    return bytes;
  };
  const envelope = readEnvelope("release", "the release", object(named.envelope), demand);
  const release = readRelease(envelope, demand);
  const bundle = object(named.bundle);
  const label = `version ${release.predicate.version}`;
  const loaded = await openBundle(bundle, release.digest, label, demand);
  const origins = named.provenance === undefined ? undefined : object(named.provenance);
  const provenance = takeProvenance(release, origins, demand);
  return {
    loaded,
    texts: textsOf(bundle),
    release,
    ...(provenance === undefined ? {} : { provenance }),
  };
}

/** Tests stay out: they say what should be decided, and name patients that were made up for them. */
function isPolicyText(path: string): boolean {
  return /^(phiward\.(yaml|json)|(servers|policies|grants)\/.*\.(yaml|json))$/.test(path);
}

function textsOf(bundle: Uint8Array): readonly PolicyText[] {
  const { files } = JSON.parse(Buffer.from(bundle).toString("utf8")) as {
    files: readonly PolicyText[];
  };
  return files.filter(({ path }) => isPolicyText(path));
}
