/**
 * Who signed an envelope, by a root: each key at most once, each person at most once, and each person
 * in the one group that the root puts them in.
 */
import type { AllOf, AnyOf } from "../schema/types.ts";
import type { Check, Demand } from "./checks.ts";
import type { Envelope } from "./dsse.ts";
import { before, type Ordered } from "./order.ts";
import { type Root, seatsOf } from "./root.ts";
import { verifySignature } from "./verify-signature.ts";

export interface Signer {
  readonly person: string;
  readonly group: string;
  readonly keyid: string;
}

export interface Counted {
  readonly signers: readonly Signer[];
  /** Why the other signatures do not count. */
  readonly others: readonly Check[];
}

/** Signatures that are good, before it is asked what they count for. */
export interface Verified {
  readonly good: readonly (Signer & { readonly until?: Ordered })[];
  readonly others: readonly Check[];
}

/** The root for what is no release: there a key that is revoked never counts. */
export function withoutRevoked(root: Root): Root {
  const never = { epoch: 0, version: 0 };
  return { ...root, revoked: new Map([...root.revoked.keys()].map((id) => [id, never])) };
}

const REASON = { bad: "tampered", "other-namespace": "role", "no-touch": "touch" } as const;

export function verifySigners(envelope: Envelope, root: Root, mustTouch: boolean): Verified {
  const good: Verified["good"][number][] = [];
  const others: Check[] = [];
  for (const { keyid, bytes } of envelope.signatures) {
    const owner = root.owners.get(keyid);
    if (owner === undefined) {
      others.push("signer");
      continue;
    }
    const verdict = verifySignature(envelope, bytes, owner.key, mustTouch);
    const { person, group } = owner;
    const until = root.revoked.get(keyid);
    if (verdict !== "good") others.push(REASON[verdict]);
    else good.push({ person, group, keyid, ...(until === undefined ? {} : { until }) });
  }
  return { good, others };
}

/** Those that count for this release. A date would not do: who has the key writes the date. */
export function countedFor({ good, others }: Verified, release: Ordered): Counted {
  const cut = ({ until }: Verified["good"][number]): boolean =>
    until !== undefined && before(until, release);
  return {
    signers: good.filter((one) => !cut(one)).map(({ until: _, ...signer }) => signer),
    others: [...others, ...good.filter(cut).map(() => "revoked" as const)],
  };
}

/** Who signed what is no release. */
export function countSigners(envelope: Envelope, root: Root, mustTouch: boolean): Counted {
  return countedFor(verifySigners(envelope, withoutRevoked(root), mustTouch), {
    epoch: 1,
    version: 1,
  });
}

/** How many more people of which groups must sign; nothing for a role that is filled. */
export function missing(
  role: AllOf | AnyOf,
  signers: readonly Signer[],
): readonly { readonly group: string; readonly more: number }[] {
  const open = seatsOf(role).map(({ group, threshold }) => {
    const people = new Set(signers.filter((each) => each.group === group).map((s) => s.person));
    return { group, more: Math.max(0, threshold - people.size) };
  });
  const lacking = open.filter(({ more }) => more > 0);
  return "anyOf" in role && lacking.length < open.length ? [] : lacking;
}

/** The gravest reason first: a refusal names the one that explains most. */
const GRAVITY: readonly Check[] = ["tampered", "role", "touch", "revoked", "signer"];

/** `check` is the reason when every signature is good and they are too few. */
export function requireSigners(
  { signers, others }: Counted,
  role: AllOf | AnyOf,
  what: string,
  demand: Demand,
  check: Check = "too-few",
): void {
  const lacking = missing(role, signers);
  const none = signers.length + others.length === 0;
  demand("unsigned", !none, `${what} has no signature`);
  const reason = check === "too-few" ? GRAVITY.find((each) => others.includes(each)) : undefined;
  const wanted = lacking.map(({ group, more }) => `${more} of \`${group}\``).join(" and ");
  demand(reason ?? check, lacking.length === 0, `${what} lacks a signature that counts: ${wanted}`);
}
