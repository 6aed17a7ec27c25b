/** Openings of emergency access, as the log tells of them, and who has reviewed them. */
import { countOf, shapesFor } from "../../audit/index/find.ts";
import type { Index } from "../../audit/index/schema.ts";
import { query } from "../../audit/query.ts";
import type { AdminRecord } from "../../audit/record.ts";
import { REVIEW_ACTIONS } from "../../review/sign-off.ts";
import type { Books } from "../books.ts";

export interface OpeningSeen {
  readonly id: string;
  readonly grant: string;
  readonly by: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly at: string;
  readonly until: string;
  readonly closed: string | null;
  readonly calls: number;
  /** The record that tells of it. */
  readonly seq: number;
  /** null: it awaits a review. */
  readonly review: {
    readonly by: string;
    readonly at: string;
    readonly seq: number;
    readonly note: string | null;
  } | null;
}

/** As many are looked at; there are few of them in a year. */
const MAX_OPENINGS = 500;

/** Those that await a review first, and of these the oldest; the others newest first. */
export function openingsSeen({ audit }: Books, index: Index): readonly OpeningSeen[] {
  const told = (rule: string): readonly AdminRecord[] =>
    query(audit.log, index, { kind: "admin", rule }, { limit: MAX_OPENINGS }).records.map(
      ({ record }) => record as AdminRecord,
    );
  const about = (record: AdminRecord): string => String(record.details?.opening ?? record.event);
  const closed = new Map(told("emergency.closed").map((one) => [about(one), one.at]));
  const signed = new Map(told(REVIEW_ACTIONS.emergency).map((one) => [about(one), one]));
  const seen = told("emergency.opened").map((record): OpeningSeen => {
    const { at, by = "", grant = "", expires = at, details, seq } = record;
    const id = about(record);
    const end = closed.get(id) ?? null;
    const review = signed.get(id);
    const period = { from: Date.parse(at), to: Date.parse(end ?? expires) };
    return {
      id,
      grant,
      by,
      reason: String(details?.reason ?? ""),
      at,
      until: expires,
      closed: end,
      calls: countOf(index, shapesFor(index, { kind: "decision", grant }), period),
      seq,
      review:
        review === undefined
          ? null
          : {
              by: review.by ?? "",
              at: review.at,
              seq: review.seq,
              note: review.details?.note === undefined ? null : String(review.details.note),
            },
    };
  });
  const open = seen.filter(({ review }) => review === null).toReversed();
  return [...open, ...seen.filter(({ review }) => review !== null)];
}
