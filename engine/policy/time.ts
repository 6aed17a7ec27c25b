/** Dates, instants and durations of the file formats. All times are UTC, in epoch milliseconds. */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** `2026-10-01` → its first instant in UTC; undefined for a day that does not exist. */
export function parseDay(text: string): number | undefined {
  const at = Date.parse(`${text}T00:00:00Z`);
  // Date.parse takes 2026-02-30 for the second of March.
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text ? undefined : at;
}

/** An RFC 3339 date-time → epoch milliseconds; undefined for a time that does not exist. */
export function parseInstant(text: string): number | undefined {
  if (parseDay(text.slice(0, 10)) === undefined) return undefined;
  // RFC 3339 has no hour 24 (§5.6), which Date.parse takes for the next day.
  if (text.slice(11, 13) === "24") return undefined;
  const at = Date.parse(text.toUpperCase());
  return Number.isNaN(at) ? undefined : at;
}

const UNITS = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY } as const;

/** `4h` → milliseconds. The schema has checked the form. */
export function parseDuration(text: string): number {
  const match = /^([0-9]+)(ms|s|m|h|d)$/.exec(text)!;
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

export function formatDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
