/**
 * Emergency access of a running gateway (45 CFR §164.312(a)(2)(ii)). The order of an opening is
 *
 *     noted → on record → in force → announced
 *
 * so that nothing is open that is not on record, and nobody waits for whoever is to be told. A gateway
 * that stops in between leaves an opening that was never in force; it is closed as interrupted.
 */
import { createHash, randomBytes } from "node:crypto";
import type { AuditLog } from "../audit/log.ts";
import type { AdminEntry } from "../audit/record.ts";
import type { Announcement } from "../emergency/announcement.ts";
import {
  announceOpening,
  closeOpening,
  confirmOpening,
  isPending,
  reviewOpening,
} from "../emergency/change.ts";
import type { EmergencyGrant } from "../emergency/opener.ts";
import {
  awaitingReview,
  type ClosedFor,
  endOf,
  inForce,
  type Opening,
} from "../emergency/opening.ts";
import type { EmergencyStore } from "../emergency/store.ts";
import { eventId } from "../grant/inbox.ts";
import type { PolicySource } from "./policy-source.ts";

/** An opening that is not in force after so long never will be: whoever asked has had their answer. */
const PENDING_MS = 30_000;
const NOTHING: ReadonlyMap<string, Opening> = new Map();

export interface EmergencyParts {
  readonly store: EmergencyStore;
  readonly policy: PolicySource;
  readonly log: AuditLog;
  readonly node: string;
  /** A development gateway keeps every emergency grant dormant. */
  readonly dev: boolean;
  /** Whether the clock stands more than a minute before the latest time on record. */
  readonly clockBehind: (at: number) => boolean;
  /** Tells those who watch; returns when the message is on disk. Absent: nobody is to be told. */
  readonly announce?: (announcement: Announcement) => void;
}

export interface OpenRequest {
  readonly grant: EmergencyGrant;
  /** The person, and the id of the token that proved it. */
  readonly by: string;
  readonly token: string;
  readonly reason: string;
  readonly forMs: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface CloseRequest {
  readonly grant: EmergencyGrant;
  readonly by: string;
  readonly token: string;
  readonly at: number;
}

export interface EmergencyAccess {
  readonly dev: boolean;
  /** Why nothing can be opened; undefined while all is well. */
  readonly problem: string | undefined;
  /** What holds at `at`, by grant: asked for every message. */
  inForce(at: number): ReadonlyMap<string, Opening>;
  /** Opens a grant. `taken`: it is open already. Rejects when that cannot be recorded or kept. */
  open(request: OpenRequest): Promise<Opening | "taken">;
  /** Closes it. `absent`: it is not open. Rejects when that cannot be recorded. */
  close(request: CloseRequest): Promise<Opening | "absent">;
  /** Ends what has come to its end. */
  sweep(at: number): Promise<void>;
  /** Takes note of a signed review that went into the log. */
  reviewed(entry: AdminEntry): Promise<void>;
  awaitingReview(): readonly Opening[];
}

export function emergencyAccess(parts: EmergencyParts): EmergencyAccess {
  const { store, policy, dev, clockBehind } = parts;
  /** Openings that are being ended: closed from here on, whatever the disk does next. */
  const ended = new Set<string>();
  const ending = new Map<string, Promise<void>>();
  const end = (opening: Opening, how: End): Promise<void> => {
    const { id } = opening;
    ended.add(id);
    const work =
      ending.get(id) ??
      recordEnd(parts, opening, how)
        .then(() => store.change(closeOpening(id, how)))
        .then(() => {})
        .finally(() => ending.delete(id));
    ending.set(id, work);
    return work;
  };
  /** Ends those of the openings that have come to their end. */
  const settle = async (openings: readonly Opening[], at: number): Promise<void> => {
    const repository = policy.current()?.repository.source;
    if (repository === undefined) return;
    for (const opening of openings) {
      const why = endOf(opening, repository, at);
      if (why !== undefined) await end(opening, { at, why });
    }
  };
  const access: EmergencyAccess = {
    dev,
    get problem() {
      return store.problem;
    },
    inForce(at) {
      const repository = policy.current()?.repository.source;
      const live = store.live();
      if (dev || live.length === 0 || repository === undefined) return NOTHING;
      // A clock that was set back would give an opening more time than anybody agreed to.
      if (clockBehind(at)) return NOTHING;
      const open = live.filter(({ id }) => !ended.has(id));
      return open.length === 0 ? NOTHING : inForce(open, repository, at);
    },
    async open(request) {
      const { grant, at } = request;
      if (access.inForce(at).has(grant.id)) return "taken";
      // One that is over and not noted yet must not stand in the way.
      await settle(
        inEffect(store.live()).filter((one) => one.grant === grant.id),
        at,
      );
      const opening = openingOf(request);
      await store.change(announceOpening(opening));
      // Where this fails the record may be on disk all the same: the sweep ends what is left.
      await recordOpening(parts, opening, request.token);
      announce(parts, {
        type: "emergency.opened",
        id: opening.id,
        at: opening.at,
        opening: opening.id,
        grant: opening.grant,
        node: parts.node,
        by: opening.openedBy,
        reason: opening.reason,
        until: opening.until,
      });
      return (await store.change(confirmOpening(opening.id))) ? opening : "taken";
    },
    async close({ grant, by, token, at }) {
      const opening = access.inForce(at).get(grant.id);
      if (opening === undefined) return "absent";
      await end(opening, { at, why: "person", by, token });
      return opening;
    },
    async sweep(at) {
      store.refresh();
      await settle(inEffect(store.live()), at);
      for (const opening of store.live()) {
        if (!isPending(opening) || Math.abs(at - opening.at) < PENDING_MS) continue;
        // Its record may not have been written; a second one with the same event is the same.
        await recordOpening(parts, opening);
        await end(opening, { at, why: "interrupted" });
      }
    },
    async reviewed({ action, details, by, at }) {
      const id = details?.opening;
      if (action !== "review.emergency" || typeof id !== "string" || by === undefined) return;
      await store.change(reviewOpening(id, { at, by }));
    },
    awaitingReview: () => (store.problem === undefined ? awaitingReview(store.list()) : []),
  };
  return access;
}

function inEffect(openings: readonly Opening[]): readonly Opening[] {
  return openings.filter((opening) => !isPending(opening));
}

function openingOf({ grant, by, reason, forMs, at }: OpenRequest): Opening {
  return {
    id: eventId(at, randomBytes),
    grant: grant.id,
    principal: grant.principal.id,
    issued: grant.issued,
    openedBy: by,
    reason,
    at,
    until: at + forMs,
  };
}

async function recordOpening(
  { log }: EmergencyParts,
  { id, grant, principal, openedBy, reason, at, until }: Opening,
  token?: string,
): Promise<void> {
  await log.append({
    kind: "admin",
    at,
    action: "emergency.opened",
    event: id,
    by: openedBy,
    grant,
    principal,
    token,
    details: { opening: id, reason, until: new Date(until).toISOString() },
  }).durable;
}

interface End {
  readonly at: number;
  readonly why: ClosedFor;
  readonly by?: string;
  readonly token?: string;
}

/** Before it is noted: whoever stops in between does it again, under the same ids. */
async function recordEnd(
  parts: EmergencyParts,
  opening: Opening,
  { at, why, by, token }: End,
): Promise<void> {
  const { id, grant, principal } = opening;
  const event = closingId(id);
  const person = by === undefined ? {} : { by };
  await parts.log.append({
    kind: "admin",
    at,
    action: "emergency.closed",
    event,
    ...person,
    grant,
    principal,
    token,
    details: { opening: id, reason: why },
  }).durable;
  announce(parts, {
    type: "emergency.closed",
    id: event,
    at,
    opening: id,
    grant,
    node: parts.node,
    ...person,
    closedFor: why,
  });
}

/** Of the same opening always the same (RFC 9562 §5.8: a UUID of version 8). */
function closingId(opening: string): string {
  const bytes = createHash("sha256").update(`closed ${opening}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** A disk that is full must not keep a person from a patient: who watches reads the log as well. */
function announce({ announce: tell }: EmergencyParts, announcement: Announcement): void {
  try {
    tell?.(announcement);
  } catch {
    // The opening itself has to be kept on the same disk; what is wrong with it is told there.
  }
}

/** Where no grant is ever dormant, because nothing is denied. */
export const NO_EMERGENCY: EmergencyAccess = {
  dev: true,
  problem: undefined,
  inForce: () => NOTHING,
  open: async () => "taken",
  close: async () => "absent",
  sweep: async () => {},
  reviewed: async () => {},
  awaitingReview: () => [],
};
