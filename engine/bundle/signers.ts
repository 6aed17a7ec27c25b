/**
 * Who signed an envelope, by a root: each key at most once, each person at most once, and each person
 * in the one group that the root puts them in.
 */
import type { AllOf, AnyOf } from "../schema/types.ts";
import type { Check, Demand } from "./checks.ts";
import type { Envelope } from "./dsse.ts";
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

export interface CountOptions {
  /** The version that is signed, for keys that are revoked from a version on. */
  readonly version: number;
  readonly mustTouch: boolean;
}

const REASON = { bad: "tampered", "other-namespace": "role", "no-touch": "touch" } as const;

export function countSigners(envelope: Envelope, root: Root, options: CountOptions): Counted {
  const signers: Signer[] = [];
  const others: Check[] = [];
  for (const { keyid, bytes } of envelope.signatures) {
    const owner = root.owners.get(keyid);
    if (owner === undefined) {
      others.push("signer");
      continue;
    }
    const verdict = verifySignature(envelope, bytes, owner.key, options.mustTouch);
    const { person, group } = owner;
    // A date would not do: who has the key writes the date.
    const cut = root.revoked.get(keyid);
    if (verdict !== "good") others.push(REASON[verdict]);
    else if (cut !== undefined && options.version > cut) others.push("revoked");
    else signers.push({ person, group, keyid });
  }
  return { signers, others };
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
