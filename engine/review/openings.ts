/** Openings of emergency access, as the log tells of them. */
import { seqsOf } from "./events.ts";
import type { Facts } from "./facts.ts";
import { endOf } from "./period.ts";
import type { OpeningRow } from "./report.ts";

/** Those that began in the period, oldest first. */
export function openingRows({ log, events, period }: Facts): readonly OpeningRow[] {
  const closed = new Map(
    events.admin
      .filter(({ action }) => action === "emergency.closed")
      .map(({ details, at }) => [String(details?.opening), at]),
  );
  return events.admin
    .filter(({ action }) => action === "emergency.opened")
    .map(({ event, details, grant = "", by = "", at, expires = at, seq }) => {
      const id = String(details?.opening ?? event);
      const end = closed.get(id) ?? expires;
      // What goes on beyond the period belongs to the next report.
      const to = Math.min(Date.parse(end), endOf(period)) - 1;
      const calls = [...seqsOf(log, { kind: "decision", grant, from: Date.parse(at), to })].length;
      return {
        id,
        grant,
        by,
        reason: String(details?.reason ?? ""),
        at,
        until: expires,
        closed: closed.get(id) ?? null,
        calls,
        seq,
      };
    });
}
