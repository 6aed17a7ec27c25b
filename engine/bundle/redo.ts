/** A release made again by whoever is to sign it. */
import { buildBundle } from "./bundle.ts";
import { proveChange } from "./change.ts";
import type { Demand } from "./checks.ts";
import type { Draft } from "./draft.ts";
import { readEnvelope } from "./dsse.ts";
import { loadedBefore, signedRelease, type TreeAt } from "./last-signed.ts";
import { takeProvenance } from "./provenance.ts";
import { requireSameOrigins } from "./same-origins.ts";
import { readRelease, type Store } from "./store.ts";
import { type Past, trace } from "./trace.ts";

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
  origins?: { readonly past: Past; readonly said: Uint8Array | undefined },
): Promise<Draft> {
  const envelope = readEnvelope("release", "the release", draft, demand);
  const release = readRelease(envelope, demand);
  const { predicate, digest } = release;
  const last = previous === undefined ? undefined : signedRelease(store, previous, demand);
  const follows = last?.statement === predicate.previous?.statement;
  demand("lineage", follows, "the release does not follow the one that stands beside it");
  const bundle = await buildBundle(await treeAt(predicate.source.commit));
  demand("bundle", bundle.digest === digest, "the commit gives another bundle");
  const before = await loadedBefore(last, treeAt, demand);
  const proved = proveChange(before, bundle.loaded);
  const { verdict, proof } = predicate.change;
  const same = proved.change.verdict === verdict && proved.change.proof === proof;
  demand("proof", same, `the change is ${proved.change.verdict}, which the release does not say`);
  if (origins === undefined) return { ...proved, bundle, predicate, envelope };
  const provenance = takeProvenance(release, origins.said, demand);
  demand(
    "provenance",
    provenance !== undefined,
    "the release does not say where its rules come from",
  );
  const { file, history } = await trace(
    { commit: predicate.source.commit, past: origins.past, reports: [] },
    { last, before, after: bundle.loaded },
    treeAt,
    demand,
  );
  requireSameOrigins(provenance, file, history, demand);
  return { ...proved, bundle, predicate, envelope, provenance };
}
