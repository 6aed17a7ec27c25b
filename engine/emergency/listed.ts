/** Openings as they are told outside: to an opener over HTTP, and by `phiward emergency`. */
import { compareText } from "../finding.ts";
import { awaitingReview, type ClosedFor, type Opening } from "./opening.ts";

/** Times are RFC 3339, UTC. */
export interface ListedOpening {
  readonly id: string;
  readonly grant: string;
  readonly openedBy: string;
  readonly reason: string;
  readonly at: string;
  readonly until: string;
  readonly closedAt?: string;
  readonly closedBy?: string;
  readonly closedFor?: ClosedFor;
}

export interface ListedGrant {
  readonly grant: string;
  /** The longest time for which it may be opened; null where no policy was asked. */
  readonly maxMinutes: number | null;
  readonly open: ListedOpening | null;
}

export interface EmergencyList {
  readonly grants: readonly ListedGrant[];
  /** Openings of which nobody has signed a review, oldest first. */
  readonly awaitingReview: readonly ListedOpening[];
}

export function listed(opening: Opening): ListedOpening {
  const { id, grant, openedBy, reason, at, until, closedAt, closedBy, closedFor } = opening;
  return {
    id,
    grant,
    openedBy,
    reason,
    at: time(at),
    until: time(until),
    ...(closedAt === undefined ? {} : { closedAt: time(closedAt) }),
    ...(closedBy === undefined ? {} : { closedBy }),
    ...(closedFor === undefined ? {} : { closedFor }),
  };
}

/** From the openings that a state folder keeps. No policy is asked: one may have ended an opening since. */
export function listOpenings(openings: readonly Opening[], at: number): EmergencyList {
  const names = [...new Set(openings.map(({ grant }) => grant))].sort(compareText);
  const isOpen = ({ pending, closedAt, until }: Opening): boolean =>
    pending === undefined && closedAt === undefined && at < until;
  const grants = names.map((grant): ListedGrant => {
    const open = openings.find((one) => one.grant === grant && isOpen(one));
    return { grant, maxMinutes: null, open: open === undefined ? null : listed(open) };
  });
  return { grants, awaitingReview: awaitingReview(openings).map(listed) };
}

function time(at: number): string {
  return new Date(at).toISOString();
}
