/** Where in the log an export of a period begins, so that what is older is not read. */
import { placeOf, rangeOf } from "../index/find.ts";
import type { Index } from "../index/schema.ts";
import { BEGINNING, type Place } from "./verified.ts";

/** Before the first record that may be of the time; undefined: there is none. */
export function placeBefore(index: Index, from: number | undefined): Place | undefined {
  if (from === undefined) return BEGINNING;
  const range = rangeOf(index, { from });
  const place = range === undefined ? undefined : placeOf(index)(Math.max(1, range.first));
  if (range === undefined || place === undefined) return undefined;
  return { segment: place.segment, offset: place.offset, seq: Math.max(1, range.first) - 1 };
}
