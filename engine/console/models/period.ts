/** `from` and `to` of an address or a form: days, both of them whole. */
import type { Period } from "../../audit/index/find.ts";
import { DAY, parseDay } from "../../policy/time.ts";

export interface Days {
  readonly from?: string;
  readonly to?: string;
}

/** What is no day is not asked. */
export function daysOf(given: URLSearchParams): Days {
  const [from, to] = [dayIn(given.get("from")), dayIn(given.get("to"))];
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function dayIn(text: string | null): string | undefined {
  return text !== null && parseDay(text) !== undefined ? text : undefined;
}

export function periodOf({ from, to }: Days): Period {
  return {
    ...(from === undefined ? {} : { from: parseDay(from)! }),
    ...(to === undefined ? {} : { to: parseDay(to)! + DAY - 1 }),
  };
}
