/** A heartbeat before its key signed it. */
import type { HeartbeatFile } from "../schema/types.ts";
import type { Release, Store } from "./store.ts";
import { wholeSecond } from "./whole-second.ts";

/**
 * Says that this release is the current one. Its number is the time in seconds: it rises without anybody
 * having to know the heartbeat before, and a wrong one from the repository cannot make it stand still.
 */
export function newHeartbeat(
  { root, trust, halts, now }: Store,
  { predicate, statement }: Pick<Release, "predicate" | "statement">,
  lifeMs: number,
): HeartbeatFile {
  const { epoch, version } = predicate;
  return {
    type: "phiward.heartbeat/1",
    domain: root.file.domain,
    stream: trust.stream,
    sequence: Math.floor(now / 1000),
    issued: wholeSecond(now),
    expires: wholeSecond(now + lifeMs),
    rootVersion: root.file.version,
    release: { epoch, version, statement },
    haltSequence: halts.length,
  };
}
