import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLine, readRecords } from "../../engine/audit/read.ts";
import { linesOf } from "../../engine/audit/segments.ts";
import { appendMany, openLog, recordsIn, temporaryFolder } from "./folder.ts";
import { entries, START, writeLog } from "./generate.ts";

describe("reading a log", () => {
  test("from any number and any time gives the records that are as new, in order", () => {
    const folder = temporaryFolder();
    const all = [...entries(300, { everyMs: 20_000 })];
    writeLog(folder, all, { segmentBytes: 8192 });
    const whole = recordsIn(folder);
    expect(whole.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    const span = Date.parse(whole.at(-1)!.at) - START;
    fc.assert(
      fc.property(
        fc.option(fc.nat(320), { nil: undefined }),
        fc.option(fc.nat(span + 1000), { nil: undefined }),
        (seq, after) => {
          const at = after === undefined ? undefined : START + after;
          const start = {
            ...(seq === undefined ? {} : { seq }),
            ...(at === undefined ? {} : { at }),
          };
          const expected = whole.filter(
            (record) => record.seq >= (seq ?? 0) && Date.parse(record.at) >= (at ?? 0),
          );
          expect([...readRecords(folder, start)]).toEqual(expected);
        },
      ),
    );
  });

  test("that is not there is nothing", () => {
    expect([...readRecords(join(temporaryFolder(), "nowhere"))]).toEqual([]);
  });

  test("while it is written ends with what is wholly there", async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder);
    await appendMany(log, 5);
    expect(recordsIn(folder)).toHaveLength(5);
    await appendMany(log, 5);
    expect(recordsIn(folder)).toHaveLength(10);
  });

  test("stops with an error at a record that was changed, after the ones before it", () => {
    const folder = temporaryFolder();
    writeLog(folder, entries(10));
    const path = join(folder, "0000000001.jsonl");
    const lines = readFileSync(path, "utf8").split("\n");
    lines[4] = lines[4]!.replace('"at":"2026', '"at":"2025');
    writeFileSync(path, lines.join("\n"));
    const seen: number[] = [];
    const read = (): void => {
      for (const { seq } of readRecords(folder)) seen.push(seq);
    };
    expect(read).toThrow(
      expect.objectContaining({
        code: "AUDIT_BROKEN",
        message: expect.stringMatching(/`0000000001\.jsonl`, byte \d+$/),
      }),
    );
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});

describe("the lines of a file", () => {
  const file = (content: string): string => {
    const path = join(temporaryFolder(), "file");
    writeFileSync(path, content);
    return path;
  };
  /** Each is valid only until the next one is asked for. */
  const read = (path: string): unknown[] => {
    const lines: unknown[] = [];
    for (const { bytes, offset, whole } of linesOf(path)) {
      lines.push([bytes.toString(), offset, whole]);
    }
    return lines;
  };

  test("are those that any reader of lines finds, up to the first zero byte", () => {
    fc.assert(
      fc.property(
        // Lines of more than one chunk, too.
        fc.array(
          fc.oneof(
            fc.constantFrom("", "a", "é"),
            fc.nat(9000).map((n) => "x".repeat(n)),
          ),
          {
            maxLength: 8,
          },
        ),
        fc.constantFrom("", "rest", "\0", "\0\0more\n", "rest\0more\n"),
        (lines, end) => {
          const text = lines.map((line) => `${line}\n`).join("") + end;
          const [content] = text.split("\0");
          const parts = content!.split("\n");
          const last = parts.pop()!;
          let offset = 0;
          const expected = parts.map((line) => {
            const at = offset;
            offset += Buffer.byteLength(line) + 1;
            return [line, at, true];
          });
          if (last !== "") expected.push([last, offset, false]);
          expect(read(file(text))).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a line of more than a megabyte is no line, and does not fill the memory", () => {
    const path = file(`${"x".repeat(5_000_000)}\nb\n`);
    const [[text, offset, whole], ...rest] = read(path) as [[string, number, boolean]];
    expect({ offset, whole, rest }).toEqual({ offset: 0, whole: false, rest: [] });
    expect(text.length).toBeLessThan(3_000_000);
  });

  test("one line is read at its place, however long", () => {
    const folder = temporaryFolder();
    const long = "y".repeat(100_000);
    writeFileSync(join(folder, "0000000001.jsonl"), `a\n${long}\nno end`);
    expect(readLine(folder, 1, 0)?.toString()).toBe("a");
    expect(readLine(folder, 1, 2)?.toString()).toBe(long);
    expect(readLine(folder, 1, 100_003)).toBeUndefined();
    expect(readLine(folder, 1, 999_999)).toBeUndefined();
    expect(readLine(folder, 2, 0)).toBeUndefined();
  });
});
