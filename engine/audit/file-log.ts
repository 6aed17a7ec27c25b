/** The log on the local disk: JSON Lines in preallocated segments, one writer, durable before it is told. */
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PhiwardError } from "../errors.ts";
import { link, type Owner } from "./chain.ts";
import { claimOf, originOf } from "./checkpoint.ts";
import { type CheckpointOptions, startCheckpointer } from "./checkpointer.ts";
import { type Disk, nodeDisk } from "./disk.ts";
import { lockFolder } from "./lock.ts";
import { type AuditLog, auditUnavailable, refusedAppend, UNWRITABLE } from "./log.ts";
import { NOTES_FILE, notesOf } from "./notes.ts";
import { type Recovered, recover } from "./recover.ts";
import { segmentPath } from "./segments.ts";
import { codeOf, startWriter, type Writer } from "./writer.ts";

const SEGMENT_BYTES = 64 * 1024 * 1024;
/** A development gateway starts often and writes little. */
const DEV_SEGMENT_BYTES = 4 * 1024 * 1024;

export interface FileLogOptions {
  /** Made if need be, readable by its owner alone. */
  readonly folder: string;
  /** The name of this gateway; it stands in every record. */
  readonly node: string;
  /** Marks every record as written by a development gateway. */
  readonly dev?: boolean;
  /** Epoch milliseconds; for the log's own records. */
  readonly now: () => number;
  readonly segmentBytes?: number;
  readonly checkpoint: CheckpointOptions;
  /** The files; the local ones when absent. */
  readonly disk?: Disk;
}

/**
 * Opens a folder's log, or begins one, and holds the folder until `close`. What a crash left behind is
 * cut off, and the next record says so.
 *
 * Throws AUDIT_LOCKED when another process writes there, AUDIT_BROKEN when the log is damaged, and
 * AUDIT_UNAVAILABLE when the disk does not let it be written.
 */
export async function openFileLog(options: FileLogOptions): Promise<AuditLog> {
  const { folder, node, now, disk = nodeDisk } = options;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(node)) {
    throw new PhiwardError("INVALID_INPUT", "the node's name is not of the right form", {
      help: "letters, digits, `.`, `_` and `-`, at most 64",
    });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(folder);
  try {
    const recovered = recover(folder);
    refuseOtherNode(folder, recovered, node);
    const origin = originIn(folder, node, recovered);
    const dev = options.dev === true ? true : undefined;
    const segmentBytes =
      options.segmentBytes ?? (dev === undefined ? SEGMENT_BYTES : DEV_SEGMENT_BYTES);
    const { segment, offset, discarded } = recovered;
    // Over a torn tail as well.
    await disk.preallocate(segmentPath(folder, segment), offset, segmentBytes);
    const writer = startWriter({ folder, disk, segmentBytes, segment, offset, now });
    const log = startLog(options, { node, dev }, origin, recovered, writer, unlock);
    if (discarded > 0) {
      await tellRecovery(log, now(), discarded).catch(async (error) => {
        await log.close();
        throw error;
      });
    }
    return log;
  } catch (error) {
    unlock();
    if (error instanceof PhiwardError) throw error;
    throw auditUnavailable(codeOf(error), error);
  }
}

function refuseOtherNode(folder: string, { newest }: Recovered, node: string): void {
  if (newest === undefined || newest.node === node) return;
  throw new PhiwardError(
    "INVALID_INPUT",
    `the log in \`${folder}\` is that of node \`${newest.node}\`, not \`${node}\``,
    { help: "give this node a state folder of its own, or its old name" },
  );
}

/** A log whose beginning was archived still signs under the name that it began with. */
function originIn(folder: string, node: string, { genesis }: Recovered): string {
  if (genesis !== undefined) return originOf(node, genesis);
  for (const note of notesOf(join(folder, NOTES_FILE))) {
    const claim = claimOf(note);
    if (claim !== undefined) return claim.origin;
  }
  throw new PhiwardError(
    "AUDIT_BROKEN",
    "the beginning of the log is missing, and so are its checkpoints",
  );
}

/** What was cut off must not go unsaid: it may have been more than a torn tail. */
async function tellRecovery(log: AuditLog, at: number, discardedBytes: number): Promise<void> {
  await log.append({ kind: "admin", at, action: "log.recovered", details: { discardedBytes } })
    .durable;
}

function startLog(
  options: FileLogOptions,
  owner: Owner,
  origin: string,
  { head: found, newest }: Recovered,
  writer: Writer,
  unlock: () => void,
): AuditLog {
  const { folder, now } = options;
  let head = found;
  let closed: string | undefined;

  const log: AuditLog = {
    append(entry) {
      const id = entry.id ?? randomUUID();
      // In one go, without an await: the order of the chain is the order on disk.
      const linked = closed === undefined ? link(entry, id, owner, head) : undefined;
      const bytes = linked === undefined ? 0 : Buffer.byteLength(linked.line) + 1;
      const refusal = closed ?? writer.refusal(bytes);
      if (refusal !== undefined) return refusedAppend(id, auditUnavailable(refusal));
      if (linked === undefined) {
        return refusedAppend(id, auditUnavailable(UNWRITABLE));
      }
      head = linked.head;
      // A call is answered before its outcome is recorded, so nobody waits for that.
      const durable = writer.add(linked.line, bytes, entry.kind !== "outcome");
      checkpointer.appended(head.seq);
      return { id, seq: linked.head.seq, durable };
    },
    get dead() {
      return closed ?? writer.dead;
    },
    get failing() {
      return writer.dead ?? writer.failing;
    },
    get unpublished() {
      return checkpointer.failing;
    },
    get head() {
      return head;
    },
    checkpoint: () => checkpointer.checkpoint(),
    async close() {
      if (closed !== undefined) return;
      await checkpointer.stop();
      closed = "the log is closed";
      await writer.close();
      unlock();
    },
  };
  const signed = newest?.kind === "checkpoint" ? newest.seq : 0;
  const checkpointer = startCheckpointer({ log, folder, origin, signed, now }, options.checkpoint);
  return log;
}
