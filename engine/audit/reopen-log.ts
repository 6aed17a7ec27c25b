/** A log opened in its gateway's stead, by a command that has something to record while none runs. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PhiwardError } from "../errors.ts";
import { loadOrCreateCheckpointKey } from "./checkpoint.ts";
import { openFileLog } from "./file-log.ts";
import type { AuditLog } from "./log.ts";
import type { AuditRecord } from "./record.ts";
import { linesOf, listSegments, segmentPath } from "./segments.ts";

/**
 * `held`: a gateway writes there. `absent`: there is no log, or not the key that signs it; a log is
 * never begun here, since its node and its key are for the gateway's own configuration to say.
 */
export async function reopenLog(
  state: string,
  keyPath: string,
  now: () => number,
): Promise<AuditLog | "held" | "absent"> {
  const folder = join(state, "audit");
  const owner = ownerOf(folder);
  if (owner === undefined || !existsSync(keyPath)) return "absent";
  const key = loadOrCreateCheckpointKey(keyPath).privateKey;
  const checkpoint = { key, everyRecords: Infinity, everyMs: 60_000, sinks: [] };
  try {
    return await openFileLog({ folder, ...owner, now, checkpoint });
  } catch (error) {
    if (error instanceof PhiwardError && error.code === "AUDIT_LOCKED") return "held";
    throw error;
  }
}

/** Whose log it is, by the first record of its newest segment that has one. */
function ownerOf(folder: string): Pick<AuditRecord, "node" | "dev"> | undefined {
  for (const segment of listSegments(folder).toReversed()) {
    for (const { bytes, whole } of linesOf(segmentPath(folder, segment))) {
      if (!whole) break;
      const { node, dev } = JSON.parse(bytes.toString("utf8")) as AuditRecord;
      return { node, ...(dev === undefined ? {} : { dev }) };
    }
  }
  return undefined;
}
