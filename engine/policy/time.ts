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

// RFC 3339 §5.6: the zone is required, and there is no hour 24, which Date.parse takes for the next
// day. Without a zone it would take the local time of this machine.
const INSTANT =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3])(:[0-9]{2}){2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$/;

/** An RFC 3339 date-time → epoch milliseconds; undefined for a time that does not exist. */
export function parseInstant(text: string): number | undefined {
  const upper = text.toUpperCase();
  const day = INSTANT.exec(upper)?.[1];
  if (day === undefined || parseDay(day) === undefined) return undefined;
  const at = Date.parse(upper);
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
