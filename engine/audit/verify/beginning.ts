/**
 * A log whose beginning is not here: was it archived, or taken away? The chain itself says: before a
 * segment is removed, a record `log.archived` names the last record that went, with its hash. Whoever
 * removes files without it, or other files, is told apart by that.
 */
import type { Link } from "../chain.ts";
import type { AdminRecord, AuditRecord, Hex64 } from "../record.ts";

/** The action of the record that says that a part of the log went to an archive. */
export const ARCHIVED = "log.archived";

export interface Archived {
  /** The number of the last record that is not here. */
  readonly to: number;
  /** The chain's name. */
  readonly origin: string;
  /** SHA-256 of the archive's manifest: 64 hexadecimal digits. */
  readonly manifest: Hex64;
  /** When it was removed. */
  readonly at: string;
}

export interface Begun {
  /** A record that is in order. */
  record(link: Link): void;
  /** undefined: the beginning is here, or no record says where it went. */
  readonly archived: Archived | undefined;
}

/** The hash of a record of the log; undefined: it is not here. */
type HashAt = (seq: number) => Hex64 | undefined;

const MARK = Buffer.from(`{"action":"${ARCHIVED}",`);

export function startBeginning(first: AuditRecord | undefined, hashAt: HashAt): Begun {
  const missing = first === undefined || first.seq === 1 ? undefined : first;
  let archived: Archived | undefined;
  return {
    record({ hashed }) {
      if (missing === undefined || !hashed.subarray(0, MARK.length).equals(MARK)) return;
      const record = JSON.parse(hashed.toString("utf8")) as AdminRecord;
      archived ??= archivedBefore(missing, record, hashAt);
    },
    get archived() {
      return archived;
    },
  };
}

/**
 * What the record says, if it speaks of what is missing before the first record. A crash may have come
 * between two removals: then some of what it speaks of is still here.
 */
function archivedBefore(
  first: AuditRecord,
  { details, at }: AdminRecord,
  hashAt: HashAt,
): Archived | undefined {
  const { to, hash, origin, manifest, removed } = details ?? {};
  const missing = first.seq - 1;
  if (removed !== true || typeof to !== "number" || to < missing) return undefined;
  if (hash !== (to === missing ? first.prev : hashAt(to))) return undefined;
  return { to: missing, origin: String(origin), manifest: String(manifest), at };
}
