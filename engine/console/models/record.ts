/** One record, as its line stands in the log, and whether it stands in the chain. */
import { readLink } from "../../audit/chain.ts";
import { placeOf } from "../../audit/index/find.ts";
import type { Index } from "../../audit/index/schema.ts";
import { readLine } from "../../audit/read.ts";
import type { AuditRecord, Hex64 } from "../../audit/record.ts";
import { segmentName } from "../../audit/segments.ts";

export interface OneRecord {
  readonly record: AuditRecord;
  /** The bytes of the log. */
  readonly line: string;
  readonly segment: string;
  readonly offset: number;
  /** SHA-256 of the line without its hash is its hash. */
  readonly genuine: boolean;
  /** It names the hash of the record before it; null: that one cannot be read. */
  readonly follows: boolean | null;
  /** Number of the record that says what became of the call. */
  readonly outcome?: number;
}

/** undefined: the log has no record of this number. */
export function oneRecord(folder: string, index: Index, seq: number): OneRecord | undefined {
  const place = placeOf(index);
  const at = place(seq);
  const line = at === undefined ? undefined : readLine(folder, at.segment, at.offset);
  if (at === undefined || line === undefined) return undefined;
  const link = readLink(line);
  const text = line.toString("utf8");
  const record = link === undefined || link.seq !== seq ? undefined : parsed(text);
  if (link === undefined || record === undefined) return undefined;
  return {
    record,
    line: text,
    segment: segmentName(at.segment),
    offset: at.offset,
    genuine: link.genuine,
    follows: followsFrom(hashBefore(), link.prev),
    ...(at.outcome === undefined ? {} : { outcome: at.outcome }),
  };

  function hashBefore(): Hex64 | undefined {
    const before = place(seq - 1);
    const bytes =
      before === undefined ? undefined : readLine(folder, before.segment, before.offset);
    const link = bytes === undefined ? undefined : readLink(bytes);
    return link?.genuine === true && link.seq === seq - 1 ? link.hash : undefined;
  }
}

function followsFrom(before: Hex64 | undefined, prev: Hex64): boolean | null {
  return before === undefined ? null : before === prev;
}

/** What was edited may be no JSON any more. */
function parsed(line: string): AuditRecord | undefined {
  try {
    return JSON.parse(line) as AuditRecord;
  } catch {
    return undefined;
  }
}
