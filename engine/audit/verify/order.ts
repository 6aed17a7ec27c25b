/**
 * Do the records follow one another? Fed with each line in turn, in constant memory.
 *
 * A record is in order when its number is the next one and its `prev` is the hash of the one before.
 * Otherwise, with `next` as the number that was expected:
 *
 *     number = next, another `prev`    spliced
 *     number > next                    the numbers between are a gap: removed, unless they turn up later
 *     number < next, in a gap          reordered
 *     number < next, in no gap         spliced: it stands there a second time
 *
 * Records that follow one another in the wrong place are one problem, not many.
 */
import type { Link } from "../chain.ts";
import type { Hex64 } from "../record.ts";
import { segmentName } from "../segments.ts";
import type { Place, Report } from "./problem.ts";

export interface Order {
  /** A genuine record. Returns whether it is in order. */
  record(link: Link, place: Place): boolean;
  /** A line that is not what was written; `says` why. */
  damaged(kind: "edited" | "form", place: Place, says: string): void;
  /** Reports what stayed missing, but for a beginning that was archived up to this record. */
  end(archived?: number): void;
  /** The newest record that is in order. */
  readonly head: { readonly seq: number; readonly hash: Hex64 } | undefined;
}

interface Gap {
  from: number;
  to: number;
  readonly place: Place;
}

/** Gaps that may still be filled; of a log with more than this, the oldest are reported at once. */
const MAX_GAPS = 1000;

export function startOrder(segments: readonly number[], report: Report): Order {
  let head: { readonly seq: number; readonly hash: Hex64 } | undefined;
  /** The last record that stood in a wrong place. */
  let aside: Link | undefined;
  /** The first of the damaged lines since the last genuine record. */
  let damage:
    | { readonly kind: "edited" | "form"; readonly place: Place; readonly says: string }
    | undefined;
  const gaps: Gap[] = [];

  const next = (): number => (head?.seq ?? 0) + 1;

  function record(link: Link, place: Place): boolean {
    if (damage !== undefined) {
      reportDamage(link.seq);
      // The damaged lines stand for the numbers that are missing here, and hide the hash before.
      if (link.seq >= next()) return advance(link);
    }
    if (link.seq > next()) {
      // A log may begin in the middle only when its beginning was taken away.
      open({ from: next(), to: link.seq - 1, place });
      return advance(link);
    }
    if (link.seq < next()) {
      misplaced(link, place);
      return false;
    }
    if (head !== undefined && link.prev !== head.hash) {
      report({
        kind: "spliced",
        ...place,
        seq: link.seq,
        says: `record ${link.seq} does not follow record ${head.seq}: one of the two was rewritten, or is of another chain`,
      });
    }
    return advance(link);
  }

  function advance({ seq, hash }: Link): true {
    head = { seq, hash };
    aside = undefined;
    return true;
  }

  function misplaced(link: Link, place: Place): void {
    const gap = gaps.find(({ from, to }) => from <= link.seq && link.seq <= to);
    const goesOn = aside !== undefined && link.seq === aside.seq + 1 && link.prev === aside.hash;
    aside = link;
    if (gap !== undefined) fill(gap, link.seq);
    if (goesOn) return;
    const says =
      gap === undefined
        ? `record ${link.seq} stands here although the chain has gone beyond it: it is of another chain, or a copy`
        : `record ${link.seq} stands in a later place than its number`;
    report({ kind: gap === undefined ? "spliced" : "reordered", ...place, seq: link.seq, says });
  }

  function open(gap: Gap): void {
    gaps.push(gap);
    if (gaps.length > MAX_GAPS) reportGap(gaps.shift()!);
  }

  function fill(gap: Gap, seq: number): void {
    const rest = [
      { from: gap.from, to: seq - 1, place: gap.place },
      { from: seq + 1, to: gap.to, place: gap.place },
    ];
    gaps.splice(gaps.indexOf(gap), 1, ...rest.filter(({ from, to }) => from <= to));
  }

  function reportGap({ from, to, place }: Gap): void {
    const what =
      from === 1
        ? `the beginning is missing: the first record is number ${to + 1}`
        : from === to
          ? `record ${from} is missing`
          : `records ${from} to ${to} are missing`;
    const before = place.segment - 1;
    const file =
      place.line === 1 && before > 0 && !segments.includes(before)
        ? `, and so is \`${segmentName(before)}\``
        : "";
    report({ kind: "removed", ...place, seq: from, says: what + file });
  }

  function reportDamage(following: number | undefined): void {
    const { kind, place, says } = damage!;
    const first = next();
    const last = following === undefined ? first : following - 1;
    const which =
      last < first
        ? "a line that was put in: "
        : last === first
          ? `record ${first}: `
          : `records ${first} to ${last}: `;
    report({ kind, ...place, seq: last < first ? null : first, says: which + says });
    damage = undefined;
  }

  return {
    record,
    damaged(kind, place, says) {
      damage ??= { kind, place, says };
    },
    end(archived = 0) {
      if (damage !== undefined) reportDamage(undefined);
      for (const gap of gaps) if (gap.from !== 1 || gap.to !== archived) reportGap(gap);
    },
    get head() {
      return head;
    },
  };
}
