/**
 * A person signs that they have reviewed: the activity of a period (45 CFR §164.308(a)(1)(ii)(D)), the
 * access that was granted (§164.308(a)(4)(ii)(C)), or an opening of emergency access
 * (§164.312(a)(2)(ii)). The signature is an administrative record in the chain. It says what was seen
 * by digest, so that it fits exactly one report, and who signed, by their own grant.
 */
import type { Digest } from "../json/value.ts";
import { mustSign, type Reviewer } from "./reviewer.ts";
import type { AdminWords } from "./tell.ts";

export const REVIEW_ACTIONS = {
  activity: "review.activity",
  access: "review.access",
  emergency: "review.emergency",
} as const;

/** Every sign-off may carry a note; `cleanNote` has let it pass. */
interface Noted {
  readonly note?: string | undefined;
}

export interface ActivityReviewed extends Noted {
  /** RFC 3339; the period is from the first until just before the second. */
  readonly from: string;
  readonly to: string;
  /** Of the report that was shown, and of its numbers alone. */
  readonly report: Digest;
  readonly numbers: Digest;
  /** How many findings it had. */
  readonly findings: number;
}

export interface AccessReviewed extends Noted {
  /** Of Git: the policy repository as it was reviewed. */
  readonly commit: string;
  /** How many grants were reviewed, and of those how many are to go or to become less. */
  readonly grants: number;
  readonly revoke: number;
  readonly narrow: number;
  /** Of the review sheet. */
  readonly digest: Digest;
}

export interface EmergencyReviewed extends Noted {
  readonly opening: string;
  /** The emergency grant. */
  readonly grant: string;
}

/** Throws NOT_PERMITTED for somebody who may not sign. */
export function signActivity(
  reviewer: Reviewer,
  { from, to, report, numbers, findings, note }: ActivityReviewed,
): AdminWords {
  return signed(reviewer, REVIEW_ACTIONS.activity, {
    from,
    to,
    report,
    numbers,
    findings,
    ...noted(note),
  });
}

/** Throws NOT_PERMITTED for somebody who may not sign. */
export function signAccess(
  reviewer: Reviewer,
  { commit, grants, revoke, narrow, digest, note }: AccessReviewed,
): AdminWords {
  const details = { commit, grants, revoke, narrow, digest, ...noted(note) };
  return signed(reviewer, REVIEW_ACTIONS.access, details);
}

/** Throws NOT_PERMITTED for somebody who may not sign. */
export function signEmergency(
  reviewer: Reviewer,
  { opening, grant, note }: EmergencyReviewed,
): AdminWords {
  return { ...signed(reviewer, REVIEW_ACTIONS.emergency, { opening, ...noted(note) }), grant };
}

function signed(
  reviewer: Reviewer,
  action: string,
  details: NonNullable<AdminWords["details"]>,
): AdminWords {
  mustSign(reviewer);
  return {
    action,
    by: reviewer.principal,
    grant: reviewer.grant,
    principal: reviewer.principal,
    details,
  };
}

function noted(note: string | undefined): { readonly note?: string } {
  return note === undefined || note === "" ? {} : { note };
}
