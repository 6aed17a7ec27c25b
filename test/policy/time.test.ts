/** Days, instants and durations: only those that exist. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  DAY,
  formatDay,
  HOUR,
  MINUTE,
  parseDay,
  parseDuration,
  parseInstant,
  SECOND,
} from "../../engine/policy/time.ts";

describe("days", () => {
  test.each([
    ["1970-01-01", 0],
    ["2026-10-01", Date.UTC(2026, 9, 1)],
    ["2024-02-29", Date.UTC(2024, 1, 29)],
    ["2000-02-29", Date.UTC(2000, 1, 29)],
    ["0001-01-01", -62_135_596_800_000],
    ["9999-12-31", Date.UTC(9999, 11, 31)],
  ])("%s begins at %d", (text, at) => {
    expect(parseDay(text)).toBe(at);
  });

  test.each([
    "2026-02-29",
    "2100-02-29",
    "1900-02-29",
    "2026-02-30",
    "2026-04-31",
    "2026-13-01",
    "2026-00-10",
    "2026-01-00",
    "2026-01-32",
    "2026-1-1",
    "20260101",
    "2026-01",
    "2026",
    "26-01-01",
    "+002026-01-01",
    "-002026-01-01",
    "2026-01-01T00:00:00Z",
    "2026-01-01 ",
    " 2026-01-01",
    "2026/01/01",
    "Jan 1, 2026",
    "tomorrow",
    "",
  ])("%j does not exist", (text) => {
    expect(parseDay(text)).toBeUndefined();
  });

  test("every day of four centuries is read and written back, and begins a day after the last", () => {
    let expected = Date.UTC(1800, 0, 1);
    for (let day = 0; day < 146_097; day++, expected += DAY) {
      const text = formatDay(expected);
      if (parseDay(text) !== expected) throw new Error(text);
    }
    expect(formatDay(expected)).toBe("2200-01-01");
  });

  test("no text is read as a day but the one that is written for it", () => {
    const number = (max: number, width: number): fc.Arbitrary<string> =>
      fc.nat(max).map((n) => String(n).padStart(width, "0"));
    fc.assert(
      fc.property(number(9999, 4), number(15, 2), number(35, 2), (y, m, d) => {
        const at = parseDay(`${y}-${m}-${d}`);
        const month = new Date(Date.UTC(2000, 0, 1));
        month.setUTCFullYear(Number(y), Number(m), 0);
        const exists =
          Number(m) >= 1 && Number(m) <= 12 && Number(d) >= 1 && Number(d) <= month.getUTCDate();
        expect(at !== undefined).toBe(exists);
        if (at !== undefined) expect(formatDay(at)).toBe(`${y}-${m}-${d}`);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("instants", () => {
  test.each([
    ["2026-10-01T12:00:00Z", Date.UTC(2026, 9, 1, 12)],
    ["2026-10-01t12:00:00z", Date.UTC(2026, 9, 1, 12)],
    ["2026-10-01T12:00:00.5Z", Date.UTC(2026, 9, 1, 12) + 500],
    ["2026-10-01T12:00:00.123456789Z", Date.UTC(2026, 9, 1, 12) + 123],
    ["2026-10-01T12:00:00+02:00", Date.UTC(2026, 9, 1, 10)],
    ["2026-10-01T00:30:00+02:00", Date.UTC(2026, 8, 30, 22, 30)],
    ["2026-10-01T23:59:59-23:59", Date.UTC(2026, 9, 2, 23, 58, 59)],
    ["2026-10-01T12:00:00-00:00", Date.UTC(2026, 9, 1, 12)],
    ["2026-10-01T23:59:59Z", Date.UTC(2026, 9, 1, 23, 59, 59)],
    ["2026-10-01T00:00:00Z", Date.UTC(2026, 9, 1)],
  ])("%s", (text, at) => {
    expect(parseInstant(text)).toBe(at);
  });

  test.each([
    "2026-02-30T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "2026-10-01T24:00:00Z",
    "2026-10-01T25:00:00Z",
    "2026-10-01T12:60:00Z",
    "2026-10-01T12:00:60Z",
    "2026-10-01T12:00:00+24:00",
    "2026-10-01T12:00:00+12:60",
    "2026-10-01T12:00:00+99:99",
    "2026-10-01",
    // Without a zone it would mean another instant on another machine.
    "2026-10-01T12:00:00",
    "2026-10-01 12:00:00Z",
    "2026-10-01T12:00Z",
    "2026-10-01T12:00:00.Z",
    "2026-10-01T12:00:00,5Z",
    "2026-10-01T12:00:00Z ",
    "+002026-10-01T12:00:00Z",
    "Thu, 01 Oct 2026 12:00:00 GMT",
    "",
    "now",
  ])("%j does not exist", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test("an instant is read as it is written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 0) }), (at) => {
        expect(parseInstant(new Date(at).toISOString())).toBe(at);
      }),
    );
  });
});

test.each([
  ["0s", 0],
  ["500ms", 500],
  ["1s", SECOND],
  ["30m", 30 * MINUTE],
  ["4h", 4 * HOUR],
  ["366d", 366 * DAY],
  ["007s", 7 * SECOND],
])("%s takes %d milliseconds", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
