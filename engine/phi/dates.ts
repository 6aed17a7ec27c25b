/**
 * Dates and times, moved by one keyed offset and written as they were. Each form is moved around a
 * circle of all its dates, so that two dates never become one.
 */
import { drawn } from "./key.ts";

export interface Offset {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  /** Of the day, for what has a time. */
  readonly minutes: number;
}

/** Back by one to four years: an order stays an order, an interval an interval. */
export function offsetOf(key: Uint8Array): Offset {
  const bytes = drawn(key, "offset", "", 8);
  const days = -(366 + (bytes.readUInt32BE(0) % 1095));
  return {
    days,
    months: Math.round(days / 30.44),
    years: Math.round(days / 365.25),
    minutes: -(1 + (bytes.readUInt32BE(4) % 1439)),
  };
}

/** A four-digit number outside of these is no year, and eight digits that begin with it no day. */
const FIRST_YEAR = 1850;
const LAST_YEAR = 2100;
const MINUTES = 1440;

interface Form {
  readonly pattern: RegExp;
  /** Undefined where the digits are no date of this form. */
  shift(parts: readonly string[], offset: Offset): string | undefined;
}

const DAY = "([0-9]{4})-([0-9]{2})-([0-9]{2})";
const CLOCK = "([0-9]{2}):([0-9]{2})((?::[0-5][0-9](?:\\.[0-9]{1,9})?)?)";

const FORMS: readonly Form[] = [
  // FHIR, ISO 8601
  {
    pattern: new RegExp(`^${DAY}$`),
    shift: ([y, m, d], offset) => dayText(moveDay(y!, m!, d!, offset.days), "-"),
  },
  {
    pattern: new RegExp(`^${DAY}([T ])${CLOCK}((?:Z|[+-][0-9]{2}:[0-9]{2})?)$`),
    shift: ([y, m, d, t, hh, mm, rest, zone], offset) => {
      const moved = moveInstant(y!, m!, d!, hh!, mm!, offset);
      if (moved === undefined) return undefined;
      return `${dayText(moved.day, "-")}${t}${two(moved.hours)}:${two(moved.minutes)}${rest}${zone}`;
    },
  },
  {
    pattern: /^([0-9]{4})-([0-9]{2})$/,
    shift([y, m], { months }) {
      const [year, month] = [Number(y), Number(m)];
      if (year < 1 || month < 1 || month > 12) return undefined;
      const moved = around((year - 1) * 12 + month - 1 + months, 9999 * 12);
      return `${four(Math.floor(moved / 12) + 1)}-${two((moved % 12) + 1)}`;
    },
  },
  {
    pattern: /^([0-9]{4})$/,
    shift([y], { years }) {
      const year = Number(y);
      if (!isYear(year)) return undefined;
      return four(FIRST_YEAR + around(year - FIRST_YEAR + years, LAST_YEAR - FIRST_YEAR + 1));
    },
  },
  {
    pattern: new RegExp(`^${CLOCK}$`),
    shift([hh, mm, rest], { minutes }) {
      const [hours, minute] = [Number(hh), Number(mm)];
      if (hours > 23 || minute > 59) return undefined;
      const moved = around(hours * 60 + minute + minutes, MINUTES);
      return `${two(Math.floor(moved / 60))}:${two(moved % 60)}${rest}`;
    },
  },
  // HL7 v2 (DT, TS) and X12
  {
    pattern: /^([0-9]{4})([0-9]{2})([0-9]{2})$/,
    shift([y, m, d], { days }) {
      return isYear(Number(y)) ? dayText(moveDay(y!, m!, d!, days, true), "") : undefined;
    },
  },
  {
    pattern:
      /^([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})((?:[0-5][0-9])?)((?:[+-][0-9]{4})?)$/,
    shift([y, m, d, hh, mm, ss, zone], offset) {
      if (!isYear(Number(y))) return undefined;
      const moved = moveInstant(y!, m!, d!, hh!, mm!, offset, true);
      if (moved === undefined) return undefined;
      return `${dayText(moved.day, "")}${two(moved.hours)}${two(moved.minutes)}${ss}${zone}`;
    },
  },
  // As people in the United States write them
  {
    pattern: /^([0-9]{2})\/([0-9]{2})\/([0-9]{4})$/,
    shift([m, d, y], { days }) {
      if (!isYear(Number(y))) return undefined;
      const text = dayText(moveDay(y!, m!, d!, days, true), "-");
      return text?.replace(/^(.{4})-(.{2})-(.{2})$/, "$2/$3/$1");
    },
  },
];

/** The text with its date moved; undefined where the text is no date. */
export function shiftDate(text: string, offset: Offset): string | undefined {
  if (text.length > 40) return undefined;
  for (const { pattern, shift } of FORMS) {
    const parts = pattern.exec(text);
    if (parts !== null) return shift(parts.slice(1), offset);
  }
  return undefined;
}

const DAY_MS = 86_400_000;

/** Days since 0001-01-01, or undefined for a day that there is not. */
function dayNumber(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return year >= 1 && real ? Math.round((date.getTime() - EPOCH) / DAY_MS) : undefined;
}

const EPOCH = new Date(0).setUTCFullYear(1, 0, 1);
const ALL = { first: 0, count: dayNumber(9999, 12, 31)! + 1 };
const NEAR = {
  first: dayNumber(FIRST_YEAR, 1, 1)!,
  count: dayNumber(LAST_YEAR, 12, 31)! - dayNumber(FIRST_YEAR, 1, 1)! + 1,
};

function moveDay(
  year: string,
  month: string,
  day: string,
  days: number,
  near = false,
): number | undefined {
  const number = dayNumber(Number(year), Number(month), Number(day));
  const { first, count } = near ? NEAR : ALL;
  return number === undefined ? undefined : first + around(number - first + days, count);
}

function moveInstant(
  year: string,
  month: string,
  day: string,
  hours: string,
  minutes: string,
  offset: Offset,
  near = false,
): { day: number; hours: number; minutes: number } | undefined {
  const number = dayNumber(Number(year), Number(month), Number(day));
  if (number === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const { first, count } = near ? NEAR : ALL;
  const at = (number - first + offset.days) * MINUTES + Number(hours) * 60 + Number(minutes);
  const moved = around(at + offset.minutes, count * MINUTES);
  const ofDay = moved % MINUTES;
  return {
    day: first + Math.floor(moved / MINUTES),
    hours: Math.floor(ofDay / 60),
    minutes: ofDay % 60,
  };
}

function dayText(number: number | undefined, separator: string): string | undefined {
  if (number === undefined) return undefined;
  const date = new Date(EPOCH + number * DAY_MS);
  return [four(date.getUTCFullYear()), two(date.getUTCMonth() + 1), two(date.getUTCDate())].join(
    separator,
  );
}

function isYear(year: number): boolean {
  return year >= FIRST_YEAR && year <= LAST_YEAR;
}

function around(value: number, count: number): number {
  return ((value % count) + count) % count;
}

const two = (value: number): string => String(value).padStart(2, "0");
const four = (value: number): string => String(value).padStart(4, "0");
