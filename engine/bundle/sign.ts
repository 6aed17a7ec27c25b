/** Adds a signature, and says who is still missing. */
import type { AllOf, AnyOf } from "../schema/types.ts";
import type { Demand } from "./checks.ts";
import { type Envelope, withSignature, writeEnvelope } from "./dsse.ts";
import type { Ordered } from "./order.ts";
import type { Owner, Root } from "./root.ts";
import type { Signer as KeySigner } from "./signer/signer.ts";
import { countedFor, countSigners, missing, type Signer, verifySigners } from "./signers.ts";

export interface Signed {
  /** The file of the envelope. */
  readonly text: string;
  readonly by: Pick<Owner, "person" | "group"> & { readonly keyid: string };
  readonly signers: readonly Signer[];
  /** Who must still sign, each condition counted apart. */
  readonly missing: readonly { readonly group: string; readonly more: number }[];
}

/** `conditions` are all to be met. `release` is absent for what is none. Throws Refused for a key that is in none of the roots. */
export async function addSignature(
  envelope: Envelope,
  signer: KeySigner,
  roots: readonly Root[],
  release: Ordered | undefined,
  conditions: readonly { readonly root: Root; readonly role: AllOf | AnyOf }[],
  demand: Demand,
): Promise<Signed> {
  const owner = roots
    .map((root) => root.owners.get(signer.key.id))
    .find((found) => found !== undefined);
  demand("signer", owner !== undefined, `the key ${signer.key.id} is not in the root`);
  const signed = withSignature(envelope, await signer.sign(envelope));
  const counted = (root: Root): readonly Signer[] =>
    release === undefined
      ? countSigners(signed, root, true).signers
      : countedFor(verifySigners(signed, root, true), release).signers;
  const open = new Map<string, number>();
  for (const { root, role } of conditions) {
    for (const { group, more } of missing(role, counted(root))) {
      open.set(group, Math.max(more, open.get(group) ?? 0));
    }
  }
  return {
    text: writeEnvelope(signed),
    by: { person: owner.person, group: owner.group, keyid: signer.key.id },
    signers: counted(roots.at(-1)!),
    missing: [...open].map(([group, more]) => ({ group, more })),
  };
}

/** Everything that must be met for a release with this verdict. */
export function releaseConditions(
  root: Root,
  verdict: "same" | "narrower" | "broader" | "unknown",
): readonly { readonly root: Root; readonly role: AllOf }[] {
  const extra =
    verdict === "broader" || verdict === "unknown" ? root.file.extraFor[verdict] : undefined;
  return [root.file.roles.release, ...(extra === undefined ? [] : [extra])].map((role) => ({
    root,
    role,
  }));
}
