/**
 * What an operator must see coming: what ends soon, what fills up, how near the process is to its
 * limits. Names end in their unit, and a point in time is in seconds since 1970, so that an alert can
 * compare it with `time()`.
 */
import { statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { NOTES_FILE } from "../audit/notes.ts";
import type { TokenStore } from "../grant/store.ts";
import type { GaugeOf } from "./metrics.ts";
import type { PolicySource } from "./policy-source.ts";
import { certificateEnd, type TlsFiles } from "./tls.ts";

export interface Operated {
  readonly state: string;
  readonly policy: PolicySource;
  readonly tokens: TokenStore;
  readonly tls: TlsFiles | undefined;
  /** Why a checkpoint is not everywhere that it should be. */
  readonly unpublished: () => string | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function operatorGauges(operated: Operated): readonly GaugeOf[] {
  const { state, policy, tokens, tls, unpublished, now } = operated;
  const load = eventLoopLoad();
  return [
    {
      name: "phiward_certificate_expiry_timestamp_seconds",
      help: "when the listener's certificate ends",
      read: () => seconds(tls?.cert === undefined ? undefined : certificateEnd(tls.cert)),
    },
    {
      name: "phiward_grant_expiry_timestamp_seconds",
      help: "when the next grant ends",
      read: () => seconds(soonestGrant(policy, now())),
    },
    {
      name: "phiward_token_expiry_timestamp_seconds",
      help: "when the next token ends",
      read: () => seconds(soonestToken(tokens, now())),
    },
    {
      name: "phiward_checkpoint_timestamp_seconds",
      help: "when the newest checkpoint was signed",
      read: () => seconds(modified(join(state, "audit", NOTES_FILE))),
    },
    {
      name: "phiward_checkpoint_unpublished",
      help: "1 when the newest checkpoint is not everywhere that it should be",
      read: () => Number(unpublished() !== undefined),
    },
    {
      name: "phiward_state_free_bytes",
      help: "room on the disk of the state folder; without room everything is denied",
      read: () => freeBytes(state),
    },
    {
      name: "phiward_event_loop_utilization_ratio",
      help: "how busy the one thread was since the last scrape, from 0 to 1",
      read: load,
    },
    {
      name: "process_resident_memory_bytes",
      help: "memory of the process",
      read: () => process.memoryUsage.rss(),
    },
    {
      name: "process_start_time_seconds",
      help: "when the process began",
      read: () => performance.timeOrigin / 1000,
    },
  ];
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

function soonest(ends: Iterable<number>, at: number): number | undefined {
  let least = Infinity;
  for (const end of ends) if (end > at) least = Math.min(least, end);
  return least === Infinity ? undefined : least;
}

function soonestGrant(policy: PolicySource, at: number): number | undefined {
  const grants = policy.current()?.repository.grants.values() ?? [];
  return soonest(
    [...grants].map(({ source }) => source.expires),
    at,
  );
}

function soonestToken(tokens: TokenStore, at: number): number | undefined {
  try {
    const live = tokens
      .list()
      .filter(({ revokedAt, orphanedAt }) => revokedAt === undefined && orphanedAt === undefined);
    return soonest(
      live.map(({ expiresAt }) => expiresAt),
      at,
    );
  } catch {
    // `/readyz` says that tokens cannot be read.
    return undefined;
  }
}

function modified(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

function eventLoopLoad(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
