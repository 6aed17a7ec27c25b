/** The strict reader against JSON.parse: the same values, never more, and everything in its place. */
import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isExact } from "../../engine/json/number.ts";
import { MAX_DEPTH, readJson } from "../../engine/json/read.ts";
import { InexactNumber, isObject, type Received } from "../../engine/json/value.ts";
import type { Pointer } from "../../engine/source.ts";

/** A value as JSON.parse would have read it. */
function rounded(value: Received): unknown {
  if (value instanceof InexactNumber) return Number(value.text);
  if (Array.isArray(value)) return value.map(rounded);
  if (!isObject(value)) return value;
  const object: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    Object.defineProperty(object, key, {
      value: rounded(member as Received),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return object;
}

/** Every place in a value. */
function pointersOf(value: unknown, at: Pointer = []): Pointer[] {
  if (typeof value !== "object" || value === null) return [at];
  const members: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return [at, ...members.flatMap(([step, member]) => pointersOf(member, [...at, step]))];
}

function valueAt(value: unknown, pointer: Pointer): unknown {
  return pointer.reduce<unknown>((v, step) => (v as Record<string | number, unknown>)[step], value);
}

function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  const lines = text.split("\n");
  return lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0) + column - 1;
}

/** The JSON value that begins at an offset, by the length of the longest text that parses. */
function valueBeginning(text: string, offset: number): unknown {
  const c = text[offset]!;
  if (c === "{" || c === "[" || c === '"') {
    for (let end = offset + 1; end <= text.length; end++) {
      if (!'}]"'.includes(text[end - 1]!)) continue;
      try {
        return JSON.parse(text.slice(offset, end));
      } catch {
        // Not the end yet.
      }
    }
    return undefined;
  }
  return JSON.parse(/^[-+.0-9a-zA-Z]+/.exec(text.slice(offset))![0]);
}

const keyText = fc.oneof(
  fc.constantFrom("a", "b", "", "__proto__", "constructor", "a/b", "~0", "0", "é", "\u0000", '"'),
  fc.string({ unit: "grapheme", maxLength: 6 }),
);
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom(null, true, false, "", "x", "a\nb", "\u2028", "\u{1F600}"),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "grapheme", maxLength: 8 }),
    fc.array(tie("any"), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(keyText, tie("any")), { maxLength: 4, selector: ([key]) => key })
      .map((members) => {
        // Written out, so that `__proto__` is a key like any other.
        const text = members.map(([key, v]) => `${JSON.stringify(key)}:${JSON.stringify(v)}`);
        return JSON.parse(`{${text.join(",")}}`) as unknown;
      }),
  ),
})).any;
const indent = fc.constantFrom("", " ", "\t", "   ");
const text = fc.tuple(value, indent, fc.boolean()).map(([v, space, crlf]) => {
  const written = JSON.stringify(v, null, space);
  return crlf ? written.replaceAll("\n", "\r\n") : written;
});

describe("well-formed JSON", () => {
  test("is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(text, (t) => {
        const result = readJson("f.json", t);
        if (!result.ok) throw new Error(JSON.stringify(result.problems));
        deepStrictEqual(rounded(result.value), JSON.parse(t));
        // What JSON.stringify wrote survives.
        expect(JSON.stringify(result.value)).toBe(JSON.stringify(JSON.parse(t)));
      }),
      { numRuns: 2000 },
    );
  });

  test("has every value and every key where its place says", () => {
    fc.assert(
      fc.property(text, (t) => {
        const result = readJson("f.json", t);
        if (!result.ok) throw new Error(JSON.stringify(result.problems));
        const parsed: unknown = JSON.parse(t);
        for (const pointer of pointersOf(parsed)) {
          const place = result.located.place(pointer);
          expect(place.file).toBe("f.json");
          deepStrictEqual(valueBeginning(t, offsetOf(t, place)), valueAt(parsed, pointer));
          const step = pointer.at(-1);
          const key = offsetOf(t, result.located.place(pointer, "key"));
          if (typeof step === "string") expect(valueBeginning(t, key)).toBe(step);
          else expect(key).toBe(offsetOf(t, place));
          // Below it there is nothing more: the nearest ancestor answers.
          if (typeof valueAt(parsed, pointer) !== "object") {
            expect(result.located.place([...pointer, "x", 0])).toEqual(place);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("with its byte order mark is the same, and in the same place", () => {
    const broken = '{"a": [1, x]}';
    expect(readJson("f.json", `\uFEFF${broken}`)).toEqual(readJson("f.json", broken));
    const result = readJson("f.json", '\uFEFF{"a": 1}');
    expect(result.ok && result.located.place(["a"], "key")).toEqual({
      file: "f.json",
      line: 1,
      column: 2,
    });
  });

  test("numbers that do not survive are kept as they were written", () => {
    const result = readJson("f.json", "[9007199254740993, 1e999, 0.1, -0, 1.0, 1E2, 1e-400]");
    if (!result.ok) throw new Error("it is well-formed");
    expect(result.value).toEqual([
      new InexactNumber("9007199254740993"),
      new InexactNumber("1e999"),
      0.1,
      -0,
      1,
      100,
      new InexactNumber("1e-400"),
    ]);
  });

  test("a number is what JSON.parse reads, or its text where that is not exact", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 17 });
    const number = fc.tuple(
      fc.constantFrom("", "-"),
      digits,
      fc.constantFrom("", "."),
      digits,
      fc.constantFrom("", "", "e5", "E+22", "e-7", "e", "."),
    );
    const seen = { exact: 0, inexact: 0, broken: 0 };
    fc.assert(
      fc.property(number, (parts) => {
        const t = parts.join("");
        const result = readJson("f.json", `[${t}]`);
        const isNumber = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?(e5|E\+22|e-7)?$/.test(t);
        expect(result.ok).toBe(isNumber || t === "");
        if (!isNumber || !result.ok) return void seen.broken++;
        const exact = isExact(t, Number(t));
        seen[exact ? "exact" : "inexact"]++;
        expect(result.value).toStrictEqual([exact ? Number(t) : new InexactNumber(t)]);
      }),
      { numRuns: 5000 },
    );
    expect(Math.min(seen.exact, seen.inexact, seen.broken)).toBeGreaterThan(100);
  });

  test("a key called __proto__ is a property, and changes no prototype", () => {
    const result = readJson("f.json", '{"__proto__": {"polluted": true}, "a": 1}');
    if (!result.ok) throw new Error("it is well-formed");
    const object = result.value as Record<string, unknown>;
    expect(Object.keys(object)).toEqual(["__proto__", "a"]);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(object.polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test(`nests ${MAX_DEPTH} levels and no more, whatever they are of`, () => {
    const nested = (depth: number, open: string, close: string, inner: string): string =>
      open.repeat(depth) + inner + close.repeat(depth);
    for (const [open, close, inner] of [
      ["[", "]", ""],
      ['{"a":', "}", "1"],
      ['[{"a":', "}]", "1"],
    ] as const) {
      const step = open.startsWith("[{") ? 2 : 1;
      expect(readJson("f", nested(MAX_DEPTH / step, open, close, inner)).ok).toBe(true);
      expect(readJson("f", nested(MAX_DEPTH / step + 1, open, close, inner)).ok).toBe(false);
    }
    // Depth is what is open, not what was opened.
    const beside = JSON.stringify(Array(500).fill([{ a: [] }, {}, []]));
    expect(readJson("f", beside).ok).toBe(true);
  });
});

describe("damaged JSON", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ..."{}[],:\"'\\/\n\t 0-+.eE",
      "null",
      "NaN",
      "\\u",
      "\\uD800",
      "//",
      "/**/",
      "\u0000",
      "\uFEFF",
    ),
    fc.string({ unit: "binary", maxLength: 2 }),
    fc.constant(""),
  );
  const damaged = fc
    .tuple(text, fc.array(fc.tuple(fc.nat(200), fc.nat(5), piece), { minLength: 1, maxLength: 4 }))
    .map(([t, edits]) =>
      edits.reduce((s, [at, cut, put]) => {
        const from = at % (s.length + 1);
        return s.slice(0, from) + put + s.slice(from + cut);
      }, t),
    );

  test("never throws, is accepted only if JSON.parse accepts it, and then as the same value", () => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(damaged, (t) => {
        const result = readJson("f.json", t, { foldKeys: t.length % 2 === 0 });
        if (result.ok) {
          accepted++;
          // JSON.parse takes no byte order mark.
          deepStrictEqual(rounded(result.value), JSON.parse(t.replace(/^\uFEFF/, "")));
          return;
        }
        refused++;
        expect(result.problems.length).toBeGreaterThan(0);
        const lines = t.replace(/^\uFEFF/, "").split("\n");
        for (const { message, help, line, column } of result.problems) {
          expect(message).toMatch(/^[a-z`]|^JSON/);
          expect(help).not.toBe("");
          expect(lines[line - 1]).toBeDefined();
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
        }
      }),
      { numRuns: 5000 },
    );
    // Both happen often enough for the sentence above to say something.
    expect(Math.min(accepted, refused)).toBeGreaterThan(200);
  });

  test("what JSON.parse refuses is refused, and the rest only where readers disagree", () => {
    fc.assert(
      fc.property(damaged, (t) => {
        const result = readJson("f.json", t);
        let parsed = true;
        try {
          JSON.parse(t.replace(/^\uFEFF/, ""));
        } catch {
          parsed = false;
        }
        if (!parsed) expect(result.ok).toBe(false);
        else if (!result.ok) {
          for (const { message } of result.problems)
            expect(message).toMatch(/^(a key stands twice|half of a surrogate pair)/);
        }
      }),
      { numRuns: 5000 },
    );
  });

  // Other code goes by these; the words may change.
  test.each([
    ["{", "bad_json"],
    ['{"a": "\u0001"}', "bad_json"],
    ['{"a": 1} 2', "bad_json"],
    ['{"a": 1, "a": 2}', "duplicate_key"],
    ['{"a": 1, "A": 2}', "duplicate_key"],
    ['{"a": "\\uD800"}', "surrogate"],
    ['{"a": "\uD800"}', "surrogate"],
    ["[".repeat(MAX_DEPTH + 1), "too_deep"],
    // The first problem is told first, whatever comes after it.
    ['{"a": 1, "a": 2', "duplicate_key"],
  ])("%j is a problem of the kind %s", (t, code) => {
    const result = readJson("f.json", t, { foldKeys: true });
    expect(!result.ok && result.problems[0]?.code).toBe(code);
  });

  test("no message repeats the text, which may be a patient's", () => {
    const secret = "Zxqv-7713-Example";
    for (const t of [
      `{"${secret}": 1, "${secret}": 2}`,
      `{"a": "${secret}}`,
      `{"a": ${secret}}`,
      `{"${secret}" 1}`,
      `{"a": "${secret}\\q"}`,
      `{"a": 1} ${secret}`,
      `{"a": "${secret}\\uD800"}`,
      `{'${secret}': 1}`,
    ]) {
      const result = readJson("f.json", t);
      expect(result.ok).toBe(false);
      expect(JSON.stringify(result)).not.toContain(secret);
    }
  });
});

describe("keys that a reader may take for one", () => {
  const fold = (t: string) => readJson("f.json", t, { foldKeys: true });
  const messages = (t: string): string[] => {
    const result = fold(t);
    return result.ok ? [] : result.problems.map(({ message }) => message);
  };
  const DIFFER =
    "two keys of one object differ only in case or in how their characters are encoded";

  test.each([
    ["case", "id", "ID"],
    ["case in Greek", "σ", "ς"],
    ["case in German", "straße", "STRASSE"],
    ["a capital sharp s", "ẞ", "ss"],
    ["composition", "é", "e\u0301"],
    ["width", "ｉｄ", "id"],
    ["a ligature", "ﬁeld", "field"],
    ["the Kelvin sign", "\u212A", "k"],
    ["the long s", "ſ", "S"],
    ["a superscript", "x²", "x2"],
    ["Turkish letters", "ı", "I"],
  ])("%s", (_, a, b) => {
    expect(messages(JSON.stringify({ [a]: 1, [b]: 2 }))).toEqual([DIFFER]);
    // A file's keys are compared as they stand.
    expect(readJson("f.json", JSON.stringify({ [a]: 1, [b]: 2 })).ok).toBe(true);
    // In two objects they are two keys.
    expect(messages(JSON.stringify([{ [a]: 1 }, { [b]: 2 }]))).toEqual([]);
  });

  test("the same key is said to be the same, written however", () => {
    expect(messages('{"a": 1, "a": 2}')).toEqual(["a key stands twice in one object"]);
    expect(messages('{"a": 1, "\\u0061": 2}')).toEqual(["a key stands twice in one object"]);
    expect(messages('{"a": 1, "A": 2, "a": 3}')).toHaveLength(2);
  });

  test("keys that differ in more are kept apart", () => {
    expect(messages('{"a": 1, "b": 2, "a ": 3, "a_": 4, "á": 5}')).toEqual([]);
  });
});

describe("large texts are read in time", () => {
  const cases: [string, () => string][] = [
    ["a hundred thousand elements", () => `[${"1,".repeat(100_000)}1]`],
    ["a long key above many values", () => `{"${"k".repeat(500_000)}":[${"1,".repeat(100_000)}1]}`],
    [
      "long keys in each other",
      () => `${'{"'.concat("k".repeat(16_000), '":').repeat(60)}1${"}".repeat(60)}`,
    ],
    ["a decimal with a megabyte of zeros", () => `0.1${"0".repeat(1_000_000)}1`],
    ["an integer of a million digits", () => "9".repeat(1_000_000)],
    ["an exponent of a million digits", () => `1e-${"9".repeat(1_000_000)}`],
    ["a string of a million escapes", () => `"${"\\n".repeat(500_000)}"`],
    [
      "fifty thousand keys",
      () => `{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":1`).join()}}`,
    ],
    ["fifty thousand times one key", () => `{${'"k":1,'.repeat(50_000)}"k":1}`],
    ["a megabyte of white space", () => `${" \n".repeat(500_000)}1`],
    ["a million open brackets", () => "[".repeat(1_000_000)],
  ];
  test.each(cases)("%s", { timeout: 10_000 }, (_, make) => {
    const result = readJson("f.json", make(), { foldKeys: true });
    if (result.ok) expect(result.located.place(["nothing"]).line).toBeGreaterThan(0);
    else expect(result.problems.length).toBeGreaterThan(0);
  });
});
