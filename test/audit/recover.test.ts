/** What a crash may leave behind is cut off and told; anything else is not opened. */
import {
  appendFileSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recover } from "../../engine/audit/recover.ts";
import { appendMany, openLog, recordsIn, temporaryFolder, verification } from "./folder.ts";
import { entries, ORIGIN, writeLog } from "./generate.ts";

const FIRST = "0000000001.jsonl";

/** A whole log of some records, and its bytes. */
function logOf(
  count: number,
  seed = 1,
): {
  readonly folder: string;
  readonly path: string;
  readonly bytes: Buffer;
} {
  const folder = temporaryFolder();
  writeLog(folder, entries(count, { seed }));
  const path = join(folder, FIRST);
  return { folder, path, bytes: readFileSync(path) };
}

/** The offsets at which lines begin, and the end. */
function linesIn(bytes: Buffer): number[] {
  const starts = [0];
  for (let at = bytes.indexOf("\n"); at !== -1; at = bytes.indexOf("\n", at + 1))
    starts.push(at + 1);
  return starts;
}

describe("a torn tail", () => {
  test("at every byte of the last two records: what is whole stays, the rest is counted", () => {
    const { folder, path, bytes } = logOf(6);
    const starts = linesIn(bytes);
    const [third, second, end] = starts.slice(-3) as [number, number, number];
    for (let cut = third; cut <= end; cut++) {
      writeFileSync(path, bytes.subarray(0, cut));
      const whole = cut === end ? 6 : cut >= second ? 5 : 4;
      const found = recover(folder);
      expect(found.head.seq, `cut at ${cut}`).toBe(whole);
      expect(found.offset).toBe(starts[whole]);
      expect(found.discarded).toBe(cut - starts[whole]!);
      if (cut % 16 > 0) continue;
      // The zeros that were written ahead change nothing.
      appendFileSync(path, Buffer.alloc(3000));
      expect(recover(folder)).toEqual(found);
    }
  });

  test("is told by the next record, and the chain goes on", async () => {
    const { folder, path, bytes } = logOf(6);
    truncateSync(path, bytes.length - 10);
    const log = await openLog(folder);
    await appendMany(log, 3);
    await log.close();
    const after = recordsIn(folder).slice(5);
    expect(after[0]).toMatchObject({
      kind: "admin",
      seq: 6,
      action: "log.recovered",
      details: { discardedBytes: bytes.length - 10 - linesIn(bytes)[5]! },
    });
    expect(verification(folder)).toMatchObject({ verdict: "whole", problems: [], origin: ORIGIN });
  });

  test("of which the disk kept the later sectors only is one too: the hole is whole sectors", () => {
    const { folder, path, bytes } = logOf(20);
    const start = linesIn(bytes)[15]!;
    const sector = Math.ceil(start / 512) * 512;
    const torn = Buffer.from(bytes);
    // The write of the last five records lost one sector in its middle.
    torn.fill(0, sector + 512, sector + 1024);
    writeFileSync(path, torn);
    const { head, discarded, offset } = recover(folder);
    expect(head.seq).toBeLessThanOrEqual(17);
    expect(offset + discarded).toBe(bytes.length);
    // It lost its first sector: the rest of the sector before was there already.
    const first = Buffer.from(bytes);
    first.fill(0, start, sector + 512);
    writeFileSync(path, first);
    expect(recover(folder).head.seq).toBe(15);
  });

  test("in a segment that was just begun leaves the head in the one before", async () => {
    const folder = temporaryFolder();
    writeLog(folder, entries(20), { segmentBytes: 8192 });
    const { segment, head } = recover(folder);
    writeFileSync(join(folder, `${String(segment + 1).padStart(10, "0")}.jsonl`), '{"argKeys":[');
    expect(recover(folder)).toMatchObject({ head, segment: segment + 1, offset: 0, discarded: 12 });
    const log = await openLog(folder, { segmentBytes: 8192 });
    await appendMany(log, 1);
    await log.close();
    expect(verification(folder)).toMatchObject({ verdict: "whole", problems: [] });
  });

  test("as the very first write leaves an empty log", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, FIRST), '{"at":"2026');
    expect(recover(folder)).toMatchObject({
      head: { seq: 0 },
      segment: 1,
      offset: 0,
      discarded: 11,
    });
    writeFileSync(join(folder, FIRST), Buffer.alloc(4096));
    expect(recover(folder)).toMatchObject({
      head: { seq: 0 },
      segment: 1,
      offset: 0,
      discarded: 0,
    });
  });
});

describe("what is no torn tail is not opened, and its place is named", () => {
  type Change = (bytes: Buffer, starts: readonly number[]) => Buffer;
  const overwritten =
    (line: number, by: Buffer): Change =>
    (bytes, starts) => {
      const copy = Buffer.from(bytes);
      by.copy(copy, starts[line]! + 20);
      return copy;
    };
  const followed =
    (by: Buffer): Change =>
    (bytes) =>
      Buffer.concat([bytes, by]);
  test.each<[string, Change, RegExp]>([
    [
      "a record in the middle that was edited",
      overwritten(2, Buffer.from("X")),
      /not what was written: `0000000001\.jsonl`, line 3, byte \d+/,
    ],
    [
      // Whole, with its line end: no crash writes that.
      "the last record, edited",
      overwritten(5, Buffer.from("X")),
      /not what was written: `0000000001\.jsonl`, line 6/,
    ],
    [
      "a record that was taken out",
      (bytes, starts) => Buffer.concat([bytes.subarray(0, starts[2]), bytes.subarray(starts[3])]),
      /does not follow the one before it: `0000000001\.jsonl`, line 3/,
    ],
    [
      "a record of another chain whose number fits",
      (bytes, starts) => {
        const other = logOf(6, 2).bytes;
        const foreign = other.subarray(linesIn(other)[2], linesIn(other)[3]);
        return Buffer.concat([bytes.subarray(0, starts[2]), foreign, bytes.subarray(starts[3])]);
      },
      /does not follow the one before it: `0000000001\.jsonl`, line 3/,
    ],
    [
      "a hole that is no sector",
      overwritten(2, Buffer.alloc(1)),
      /no torn write: `0000000001\.jsonl`, line 3/,
    ],
    [
      "more garbage than one write can leave",
      followed(Buffer.alloc(1024 * 1024 + 1, "x")),
      /no torn write: `0000000001\.jsonl`, line 7/,
    ],
    [
      "a whole line of garbage at the end",
      followed(Buffer.from("garbage\n")),
      /not what was written: `0000000001\.jsonl`, line 7/,
    ],
  ])("%s", async (_, change, says) => {
    const { folder, path, bytes } = logOf(6);
    writeFileSync(path, change(bytes, linesIn(bytes)));
    const before = readFileSync(path);
    await expect(openLog(folder)).rejects.toMatchObject({
      code: "AUDIT_BROKEN",
      message: expect.stringMatching(says),
    });
    // It is evidence: nothing of it was touched.
    expect(readFileSync(path)).toEqual(before);
  });

  test("a torn segment that another one follows", async () => {
    const folder = temporaryFolder();
    writeLog(folder, entries(20), { segmentBytes: 8192 });
    const { segment } = recover(folder);
    const last = join(folder, `${String(segment).padStart(10, "0")}.jsonl`);
    const before = join(folder, `${String(segment - 1).padStart(10, "0")}.jsonl`);
    writeFileSync(last, "torn");
    truncateSync(before, readFileSync(before).length - 5);
    await expect(openLog(folder)).rejects.toMatchObject({
      code: "AUDIT_BROKEN",
      message: expect.stringContaining("ends in a torn record, and another follows"),
    });
  });
});

describe("a log whose beginning was archived", () => {
  test("is opened under the name of its checkpoints", async () => {
    const folder = temporaryFolder();
    writeLog(folder, entries(40), { segmentBytes: 8192, everyRecords: 10 });
    const archive = temporaryFolder();
    renameSync(join(folder, FIRST), join(archive, FIRST));
    const log = await openLog(folder, { segmentBytes: 8192 });
    await appendMany(log, 1);
    await log.checkpoint();
    const last = recordsIn(folder).at(-1);
    expect(last).toMatchObject({ kind: "checkpoint", origin: ORIGIN });
  });

  test("is not opened without any: nobody could tell whose it is", async () => {
    const folder = temporaryFolder();
    writeLog(folder, entries(40), { segmentBytes: 8192 });
    rmSync(join(folder, FIRST));
    await expect(openLog(folder)).rejects.toMatchObject({ code: "AUDIT_BROKEN" });
  });
});
