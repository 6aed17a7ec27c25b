/** JSON Pointers (RFC 6901): every pointer that is written is one, and says where it came from. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeStep, formatPointer, LineMap } from "../../engine/source.ts";

interface Group {
  readonly tests: readonly { description: string; data: unknown; valid: boolean }[];
}
const FILE = new URL("../fixtures/peer-suites/json-pointer-format.json", import.meta.url);
const CASES = (JSON.parse(readFileSync(FILE, "utf8")) as Group[])
  .flatMap(({ tests }) => tests)
  .filter(
    (row): row is { description: string; data: string; valid: boolean } =>
      typeof row.data === "string",
  );

/** RFC 6901, section 3 and 4. */
const IS_POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/s;
const parsePointer = (text: string): string[] =>
  text
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

test("the suite has both kinds of cases", () => {
  expect(CASES.filter(({ valid }) => valid).length).toBeGreaterThan(15);
  expect(CASES.filter(({ valid }) => !valid).length).toBeGreaterThan(10);
});

describe("the JSON Schema Test Suite", () => {
  test.each(CASES.filter(({ valid }) => valid))("$description: $data", ({ data }) => {
    expect(formatPointer(parsePointer(data))).toBe(data);
  });

  test.each(CASES.filter(({ valid }) => !valid))(
    "$description: $data is never written",
    ({ data }) => {
      // Read leniently, it would name some steps; written, those have another text.
      expect(formatPointer(parsePointer(data))).not.toBe(data);
      expect(IS_POINTER.test(data)).toBe(false);
    },
  );
});

test("any steps make a pointer, from which they can be read again", () => {
  const step = fc.oneof(
    fc.nat(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("", "/", "~", "~1", "~0", "~01", "~~//", "a/b", "resources/read", "#"),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const text = formatPointer(steps);
      expect(text).toMatch(IS_POINTER);
      expect(parsePointer(text)).toEqual(steps.map(String));
    }),
  );
});

test.each([
  ["resources/read", "resources~1read"],
  ["a~b", "a~0b"],
  ["~1", "~01"],
  ["/~", "~1~0"],
  ["", ""],
])("the step %j is written %j", (step, text) => {
  expect(escapeStep(step)).toBe(text);
});

test("lines and columns count from one, and a column counts UTF-16 units", () => {
  const lines = new LineMap("a\r\n😀b\n\nc");
  expect(lines.at(0)).toEqual({ line: 1, column: 1 });
  expect(lines.at(2)).toEqual({ line: 1, column: 3 });
  expect(lines.at(3)).toEqual({ line: 2, column: 1 });
  expect(lines.at(5)).toEqual({ line: 2, column: 3 });
  expect(lines.at(7)).toEqual({ line: 3, column: 1 });
  expect(lines.at(8)).toEqual({ line: 4, column: 1 });
  expect(lines.at(9)).toEqual({ line: 4, column: 2 });
  expect(new LineMap("").at(0)).toEqual({ line: 1, column: 1 });
});
