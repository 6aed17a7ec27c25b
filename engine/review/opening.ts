/** One opening of emergency access, with everything that was done under it: what its reviewer reads. */
import { openReader } from "../audit/index/reader.ts";
import type { AdminRecord, DecisionRecord } from "../audit/record.ts";
import { adminRecords, seqsOf } from "./events.ts";
import type { LogToReview } from "./facts.ts";
import { REVIEW_ACTIONS } from "./sign-off.ts";

export interface OpeningToReview {
  readonly id: string;
  readonly grant: string;
  readonly openedBy: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly at: string;
  readonly until: string;
  readonly closed: { readonly at: string; readonly by: string | null } | null;
  /** Oldest first: times, tools, verdicts, and how many patients; no patient is named. */
  readonly calls: readonly OpenedCall[];
  /** Who has signed, oldest first. */
  readonly signatures: readonly {
    readonly at: string;
    readonly by: string;
    readonly note: string | null;
    readonly seq: number;
  }[];
}

export interface OpenedCall {
  readonly seq: number;
  readonly at: string;
  readonly server: string;
  readonly tool: string;
  readonly verdict: "allow" | "deny";
  readonly patients: number;
}

/** undefined where the log tells of no such opening. */
export function openingToReview(log: LogToReview, id: string): OpeningToReview | undefined {
  const isIt = ({ event, details }: AdminRecord): boolean => (details?.opening ?? event) === id;
  const [opened] = adminRecords(log, "emergency.opened").filter(isIt);
  if (opened === undefined) return undefined;
  const { grant = "", by = "", at, expires = at, details = {} } = opened;
  const end = adminRecords(log, "emergency.closed").find(isIt);
  return {
    id,
    grant,
    openedBy: by,
    reason: String(details.reason ?? ""),
    at,
    until: expires,
    closed: end === undefined ? null : { at: end.at, by: end.by ?? null },
    calls: callsUnder(log, id, grant, Date.parse(at), Date.parse(end?.at ?? expires)),
    signatures: adminRecords(log, REVIEW_ACTIONS.emergency)
      .filter(isIt)
      .map(({ at, by = "", seq, details }) => ({
        at,
        by,
        note: details?.note === undefined ? null : String(details.note),
        seq,
      })),
  };
}

function callsUnder(
  log: LogToReview,
  id: string,
  grant: string,
  from: number,
  to: number,
): readonly OpenedCall[] {
  const reader = openReader(log.folder, log.index);
  return [...seqsOf(log, { kind: "decision", grant, from, to })].reverse().flatMap((seq) => {
    const found = reader.read(seq);
    if (found?.record.kind !== "decision") return [];
    const record: DecisionRecord = found.record;
    if (record.emergency !== undefined && record.emergency !== id) return [];
    const { at, server, tool, method, verdict, subjects } = record;
    const patients = new Set([...subjects, ...(found.outcome?.resultSubjects ?? [])]).size;
    return [{ seq, at, server, tool: tool === "" ? method : tool, verdict, patients }];
  });
}
