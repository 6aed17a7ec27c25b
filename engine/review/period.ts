/** Periods of review: whole days, UTC, and the period that one is compared with. */
import { PhiwardError } from "../errors.ts";
import { DAY, formatDay, parseDay } from "../policy/time.ts";

/** Days as numbers since 1970-01-01, both ends included. */
export interface Period {
  /** `2026-10`, `2026-Q4`, or `2026-10-01/2026-10-14`. */
  readonly label: string;
  readonly fromDay: number;
  readonly toDay: number;
}

/** Where a period begins, and where the next one would: epoch milliseconds. */
export function startOf({ fromDay }: Period): number {
  return fromDay * DAY;
}
export function endOf({ toDay }: Period): number {
  return (toDay + 1) * DAY;
}

/** `2026-10` or `2026-Q4`. Throws USAGE for any other text. */
export function parsePeriod(text: string): Period {
  const month = /^([0-9]{4})-(0[1-9]|1[0-2])$/.exec(text);
  if (month !== null) return months(text, Number(month[1]), Number(month[2]) - 1, 1);
  const quarter = /^([0-9]{4})-Q([1-4])$/.exec(text);
  if (quarter !== null) {
    return months(text, Number(quarter[1]), (Number(quarter[2]) - 1) * QUARTER, QUARTER);
  }
  throw new PhiwardError("USAGE", `\`${text.slice(0, 60)}\` is no period`, {
    help: "write a month such as 2026-10, a quarter such as 2026-Q4, or days with --from and --to",
  });
}

const QUARTER = 3;

function months(label: string, year: number, month: number, count: number): Period {
  return {
    label,
    fromDay: Date.UTC(year, month) / DAY,
    toDay: Date.UTC(year, month + count) / DAY - 1,
  };
}

/** From a day to a day, such as `2026-10-01`. Throws USAGE. */
export function periodBetween(from: string, to: string): Period {
  const [first, last] = [from, to].map((text) => {
    const at = parseDay(text);
    if (at !== undefined) return at / DAY;
    throw new PhiwardError("USAGE", `\`${text.slice(0, 60)}\` is no day`, {
      help: "write a day such as 2026-10-01; a review is of whole days, UTC",
    });
  }) as [number, number];
  if (last < first) {
    throw new PhiwardError("USAGE", "the period ends before it begins", {
      help: "--from is the first day, and --to the last",
    });
  }
  return { label: `${from}/${to}`, fromDay: first, toDay: last };
}

/** The month or quarter before; of other periods as many days, right before. */
export function periodBefore(period: Period): Period {
  const { fromDay, toDay, label } = period;
  if (label.includes("/")) {
    const length = toDay - fromDay + 1;
    const before = { fromDay: fromDay - length, toDay: fromDay - 1 };
    return { label: `${dayText(before.fromDay)}/${dayText(before.toDay)}`, ...before };
  }
  const last = new Date((fromDay - 1) * DAY);
  const [year, month] = [last.getUTCFullYear(), last.getUTCMonth()];
  return parsePeriod(
    label.includes("Q")
      ? `${year}-Q${Math.floor(month / QUARTER) + 1}`
      : `${year}-${String(month + 1).padStart(2, "0")}`,
  );
}

/** `2026-10-01` */
export function dayText(day: number): string {
  return formatDay(day * DAY);
}
