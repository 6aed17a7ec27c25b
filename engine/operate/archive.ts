/**
 * The oldest part of a log goes to an archive, which can be verified alone; and, where that is wanted,
 * leaves the log:
 *
 *     verify ▶ plan ▶ write ▶ verify the copy ▶ record `log.archived` ▶ remove
 *
 * A gateway may be running: it writes to the newest segment alone, and that one never goes.
 */
import { type ArchivePlan, planArchive } from "../audit/archive/plan.ts";
import { removeArchived } from "../audit/archive/remove.ts";
import { verifyArchive } from "../audit/archive/verify.ts";
import { type Written, writeArchive } from "../audit/archive/write.ts";
import { freshIndex } from "../audit/index/fresh.ts";
import { auditState } from "../audit/state.ts";
import { ARCHIVED } from "../audit/verify/beginning.ts";
import { type Verification, verifyLog } from "../audit/verify/verify.ts";
import { PhiwardError } from "../errors.ts";
import type { Random } from "../grant/token.ts";
import { DAY } from "../policy/time.ts";
import { adminEvent, recordAdmin, type Told } from "../review/tell.ts";
import { signingKey } from "./signing-key.ts";

export interface Archiving {
  /** The state folder. */
  readonly state: string;
  /** A new or empty folder. */
  readonly to: string;
  /** Epoch milliseconds: what is younger stays. */
  readonly before: number;
  readonly remove: boolean;
  readonly by?: string | undefined;
  /** Where the log's checkpoint key is; in the state folder when absent. */
  readonly checkpointKey?: string | undefined;
  readonly now: () => number;
  readonly random: Random;
  /** Milliseconds to wait for the gateway to record it; 5 seconds when absent. */
  readonly waitMs?: number;
}

export interface ArchiveReport {
  readonly to: string;
  /** null: nothing is old enough, and nothing was written. */
  readonly archived: {
    readonly from: number;
    readonly last: number;
    readonly since: string;
    readonly until: string;
    readonly segments: number;
    /** SHA-256 of the archive's manifest. */
    readonly manifest: string;
  } | null;
  readonly removed: boolean;
  /** Whether the chain says so already, or will when a gateway starts. */
  readonly recorded: Told | null;
}

/** What the limits of the current windows took stands in the log, and a window is at most a day. */
const KEPT_MS = 2 * DAY;

export async function archiveLog(asked: Archiving): Promise<ArchiveReport> {
  const { log } = auditState(asked.state);
  const key = signingKey(asked.state, asked.checkpointKey);
  const { origin } = whole(verifyLog(log, { keys: [key.publicKey], kept: [] }), "the log");
  const youngest = asked.remove ? asked.now() - KEPT_MS : Infinity;
  const plan = planArchive(log, Math.min(asked.before, youngest));
  if (plan === undefined) {
    return { to: asked.to, archived: null, removed: false, recorded: null };
  }
  const written = await writeArchive(log, plan, asked.to, {
    origin: origin!,
    key: key.privateKey,
  });
  whole(await verifyArchive(asked.to, { keys: [key.publicKey], kept: [] }), "the copy");
  const recorded = await tell(asked, plan, written);
  if (asked.remove) await remove(log, plan, recorded);
  return {
    to: asked.to,
    archived: {
      from: plan.first.seq,
      last: plan.last.seq,
      since: plan.first.at,
      until: written.manifest.last.at,
      segments: plan.segments.length,
      manifest: written.digest,
    },
    removed: asked.remove,
    recorded,
  };
}

function whole<V extends Verification>(verification: V, what: string): V {
  const [problem] = verification.problems.filter(({ kind }) => kind !== "torn");
  if (verification.verdict === "whole") return verification;
  throw new PhiwardError("AUDIT_BROKEN", `${what} is not whole: ${problem?.says ?? ""}`, {
    help: "nothing was removed; keep the folder as it is, as evidence, and run `phiward audit verify`",
  });
}

async function tell(
  { state, by, checkpointKey, remove: removed, now, random, waitMs }: Archiving,
  { first, last, segments }: ArchivePlan,
  { manifest: { origin }, digest }: Written,
): Promise<Told> {
  const details = {
    from: first.seq,
    to: last.seq,
    hash: last.hash,
    origin,
    manifest: digest,
    segments: segments.length,
    removed,
  };
  const words = { action: ARCHIVED, ...(by === undefined ? {} : { by }), details };
  return await recordAdmin(state, adminEvent(words, now(), random), {
    now,
    checkpointKey,
    ...(waitMs === undefined ? {} : { waitMs }),
  });
}

/** What the chain does not say was archived would look stolen. */
async function remove(log: string, plan: ArchivePlan, recorded: Told): Promise<void> {
  if (recorded !== "recorded") {
    throw new PhiwardError(
      "AUDIT_UNAVAILABLE",
      "the archive is not on record, so nothing is removed",
      {
        help: "the copy is complete; start the gateway, or run this again where the log can be written",
      },
    );
  }
  // The index looks a last time at what goes, and has seen all of it.
  freshIndex(log).close();
  await removeArchived(log, plan);
}
