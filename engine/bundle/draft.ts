/** A release before anybody signed it, as its builder makes it. */
import type { Digest } from "../json/value.ts";
import type { ProvenanceFile, ReleasePredicate, ReleaseStatement } from "../schema/types.ts";
import { type BuiltBundle, buildBundle } from "./bundle.ts";
import { type ProvedChange, proveChange } from "./change.ts";
import type { Demand } from "./checks.ts";
import { type Envelope, wrap } from "./dsse.ts";
import { BUNDLE, PROVENANCE } from "./files.ts";
import type { GateReview } from "./gate-report.ts";
import { loadedBefore, signedRelease, type TreeAt } from "./last-signed.ts";
import { writeProvenance } from "./provenance.ts";
import type { Store } from "./store.ts";
import { type Past, trace } from "./trace.ts";
import { wholeSecond } from "./whole-second.ts";

export interface Draft extends ProvedChange {
  readonly envelope: Envelope;
  readonly bundle: BuiltBundle;
  readonly predicate: ReleasePredicate;
  /** Absent where no history was given. */
  readonly provenance?: ProvenanceFile;
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
  /** The last emergency stop that it lifts; as in the release before when absent. */
  readonly haltsCleared?: number;
  readonly past?: Past;
  /** Reports of the gate about changes since the release before. */
  readonly reports?: readonly GateReview[];
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
  const before = await loadedBefore(last, treeAt, demand);
  const proved = proveChange(before, bundle.loaded);
  const traced =
    options.past === undefined
      ? undefined
      : await trace(
          { ...options, past: options.past, reports: options.reports ?? [] },
          { last, before, after: bundle.loaded },
          treeAt,
          demand,
        );
  const lifted = options.haltsCleared ?? 0;
  demand("halt-cleared", lifted <= store.halts.length, `emergency stop ${lifted} is not here`);
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
    ...liftedBy(options, last?.predicate),
    source: {
      repository: known.repository,
      commit: options.commit,
      path: options.path,
      ...reviewOf(options, traced),
    },
    ...(options.tests === undefined ? {} : { tests: options.tests }),
    change: proved.change,
  };
  const statement: ReleaseStatement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [
      subject(BUNDLE, bundle.digest),
      ...(traced === undefined ? [] : [subject(PROVENANCE, writeProvenance(traced.file).digest)]),
    ],
    predicateType: "https://phiward.dev/policy-release/v1",
    predicate,
  };
  return {
    ...proved,
    bundle,
    predicate,
    envelope: wrap("release", statement),
    ...(traced === undefined ? {} : { provenance: traced.file }),
  };
}

/** Stops that a release has lifted stay lifted. */
function liftedBy(
  { haltsCleared }: DraftOptions,
  before: ReleasePredicate | undefined,
): Pick<ReleasePredicate, "haltsCleared"> {
  const lifted = haltsCleared ?? before?.haltsCleared;
  return lifted === undefined ? {} : { haltsCleared: lifted };
}

/** How the newest change was reviewed: as the options say, or else the gate's report on it. */
function reviewOf(
  { pullRequest, approvers }: DraftOptions,
  traced: Awaited<ReturnType<typeof trace>> | undefined,
): Pick<ReleasePredicate["source"], "pullRequest" | "approvers"> {
  const newest = traced?.history.steps[0]?.commit;
  const change = traced?.file.changes.find(({ commit }) => commit === newest);
  const judged = change?.pullRequest?.from === "gate" ? change.pullRequest.number : undefined;
  const number = pullRequest ?? judged;
  return {
    ...(number === undefined ? {} : { pullRequest: number }),
    approvers: approvers.length > 0 ? approvers : (change?.approvers ?? []),
  };
}

function subject(
  name: ReleaseStatement["subject"][number]["name"],
  digest: Digest,
): ReleaseStatement["subject"][number] {
  return { name, digest: { sha256: digest.slice("sha256:".length) } };
}
