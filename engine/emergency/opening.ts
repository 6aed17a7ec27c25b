/**
 * Openings of emergency grants: who opened which, why, and until when (45 CFR §164.312(a)(2)(ii)).
 *
 * Values and nothing else. Whether a grant is open is asked anew for every call, of the openings that
 * are kept and of the policy in force: an opening ends with its time, with a person who closes it, and
 * with the policy that let it be opened.
 */
import { own } from "../json/value.ts";
import type { Grant } from "../policy/ir.ts";
import { MINUTE } from "../policy/time.ts";

/** Why an opening ended. */
export type ClosedFor =
  | "person"
  | "time"
  /** The policy in force no longer lets this person open this grant, or the grant changed hands. */
  | "policy"
  /** The gateway stopped before the opening was in force, so it never was. */
  | "interrupted";

/** Times are epoch milliseconds. */
export interface Opening {
  /** A UUID; the id of the event that tells of it in the log, too. */
  readonly id: string;
  readonly grant: string;
  /** Whose grant it was, and its day of issue: an opening does not pass on to another holder. */
  readonly principal: string;
  readonly issued: number;
  /** A person, as `openers` writes them. */
  readonly openedBy: string;
  readonly reason: string;
  readonly at: number;
  /** It is open until just before. */
  readonly until: number;
  /** It is not in force yet: its record may not be on disk. */
  readonly pending?: true;
  readonly closedAt?: number;
  /** Absent when nobody closed it. */
  readonly closedBy?: string;
  readonly closedFor?: ClosedFor;
  /** When a person signed that they have looked at it, and who; the log has the signature itself. */
  readonly reviewedAt?: number;
  readonly reviewedBy?: string;
}

/** The grants of the policy in force, as far as an opening depends on them. */
export interface EmergencyGrants {
  readonly grants: Readonly<Record<string, Pick<Grant, "principal" | "issued" | "breakGlass">>>;
}

/** A clock that stands further before an opening than this was set back since. */
const CLOCK_TOLERANCE_MS = MINUTE;

/** The openings that hold at `at`, by grant. */
export function inForce(
  openings: readonly Opening[],
  repository: EmergencyGrants,
  at: number,
): ReadonlyMap<string, Opening> {
  const open = new Map<string, Opening>();
  for (const opening of openings) {
    if (opening.pending === undefined && endOf(opening, repository, at) === undefined) {
      open.set(opening.grant, opening);
    }
  }
  return open;
}

/** Why an opening does not hold at `at`; undefined: it holds. */
export function endOf(
  opening: Opening,
  repository: EmergencyGrants,
  at: number,
): ClosedFor | undefined {
  if (opening.closedAt !== undefined) return opening.closedFor ?? "person";
  const grant = own(repository.grants, opening.grant);
  if (grant?.breakGlass === undefined || !stands(opening, grant, repository)) return "policy";
  // A policy that allows less time now counts for what is open already.
  const until = Math.min(opening.until, opening.at + grant.breakGlass.maxMs);
  // A clock that was set back would keep it open for longer than anybody agreed to.
  const isWithin = at < until && at >= opening.at - CLOCK_TOLERANCE_MS;
  return isWithin ? undefined : "time";
}

/** Whether the policy would still let the same person open the same grant. */
function stands(
  { principal, issued, openedBy }: Opening,
  grant: EmergencyGrants["grants"][string],
  { grants }: EmergencyGrants,
): boolean {
  return (
    grant.principal.id === principal &&
    grant.issued === issued &&
    grant.breakGlass?.openers.includes(openedBy) === true &&
    // Somebody who has left must not leave a door open.
    Object.values(grants).some(
      ({ principal: { kind, id } }) => kind === "person" && id === openedBy,
    )
  );
}

/**
 * The openings that a person still has to look at, oldest first: everything that was opened, however
 * short, until a review of it is signed. `signed` holds the ids of openings that the log knows a
 * `review.emergency` of.
 */
export function awaitingReview(
  openings: readonly Opening[],
  signed: ReadonlySet<string> = new Set(),
): readonly Opening[] {
  return openings
    .filter(({ id, reviewedAt }) => reviewedAt === undefined && !signed.has(id))
    .sort((a, b) => a.at - b.at);
}
