/** Whatever is done to a log behind a checkpoint is found, and where. */
import { generateKeyPairSync } from "node:crypto";
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkpointEntry, signCheckpoint } from "../../engine/audit/checkpoint.ts";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import { NOTES_FILE } from "../../engine/audit/notes.ts";
import type { CheckpointEntry } from "../../engine/audit/record.ts";
import { type Verification, verifyLog } from "../../engine/audit/verify/verify.ts";
import { appendMany, openLog, recordsIn, temporaryFolder, verification } from "./folder.ts";
import { entries, KEYS, ORIGIN, patient, START, type WriteOptions, writeLog } from "./generate.ts";

/** The text of a log of small segments, line by line. */
interface Lines {
  readonly folder: string;
  /** By segment. */
  readonly segments: string[][];
}

const SEGMENT_BYTES = 8192;

function written(count: number, options: WriteOptions = {}, seed = 1): Lines {
  const folder = temporaryFolder();
  writeLog(folder, entries(count, { seed }), {
    segmentBytes: SEGMENT_BYTES,
    everyRecords: 10,
    ...options,
  });
  return { folder, segments: linesOf(folder) };
}

function linesOf(folder: string): string[][] {
  return segmentFiles(folder).map((name) =>
    readFileSync(join(folder, name), "utf8").trimEnd().split("\n"),
  );
}

function segmentFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .sort();
}

/** Writes the lines back, in the segments that they were in. */
function rewrite({ folder }: Lines, segments: readonly (readonly string[])[]): void {
  for (const [i, lines] of segments.entries()) {
    const text = lines.map((line) => `${line}\n`).join("");
    writeFileSync(join(folder, `${String(i + 1).padStart(10, "0")}.jsonl`), text);
  }
}

/** Problems as `kind segment:line record`. */
function found({ problems }: Verification): string[] {
  return problems.map(({ kind, segment, line, seq }) => `${kind} ${segment}:${line} ${seq ?? "-"}`);
}

describe("a whole log", () => {
  test("is whole, from end to end, with every signature checked", () => {
    const log = written(100);
    const result = verification(log.folder);
    expect(result).toMatchObject({
      verdict: "whole",
      origin: ORIGIN,
      records: 112,
      segments: log.segments.length,
      first: { seq: 1 },
      last: { seq: 112 },
      problems: [],
      problemCount: 0,
      checkpoints: { inLog: 12, verified: 12, unverified: 0 },
    });
    expect(log.segments.length).toBeGreaterThan(5);
  });

  test("is whole while it is being written, zeros and all", async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder, { segmentBytes: SEGMENT_BYTES, everyRecords: 10 });
    await appendMany(log, 55);
    expect(verification(folder)).toMatchObject({ verdict: "whole", problems: [] });
  });

  test("without a public key its chain is checked, and its signatures are counted as not", () => {
    const { folder } = written(30);
    expect(verifyLog(folder, { keys: [], kept: [] })).toMatchObject({
      verdict: "whole",
      checkpoints: { verified: 0, unverified: 4 },
    });
  });

  test("tells how far it has come", () => {
    const folder = temporaryFolder();
    writeLog(folder, entries(70_000));
    const told: number[] = [];
    verifyLog(folder, { keys: [], kept: [], onProgress: (records) => told.push(records) });
    expect(told).toEqual([65_536]);
  });
});

describe("any single change behind a checkpoint is found, at its place", () => {
  const log = { count: 40, total: 45 };
  // The record at `n`, counted through all segments.
  const place = (segments: readonly (readonly string[])[], n: number): [number, number] => {
    let left = n;
    for (const [i, lines] of segments.entries()) {
      if (left < lines.length) return [i, left];
      left -= lines.length;
    }
    throw new Error("no such record");
  };
  // Behind the last checkpoint's own record stands nothing that would miss it.
  const nth = fc.nat(log.total - 2);

  test("a byte", () => {
    const lines = written(log.count);
    const files = segmentFiles(lines.folder).map((name) => join(lines.folder, name));
    fc.assert(
      fc.property(nth, fc.nat(), fc.integer({ min: 1, max: 255 }), (n, at, change) => {
        const [segment, line] = place(lines.segments, n);
        const path = files[segment]!;
        const before = readFileSync(path);
        const texts = lines.segments[segment]!;
        const start = texts
          .slice(0, line)
          .reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
        // The line end belongs to the line.
        const offset = start + (at % (Buffer.byteLength(texts[line]!) + 1));
        const bytes = Buffer.from(before);
        bytes[offset] = bytes[offset]! ^ change;
        writeFileSync(path, bytes);
        const result = verification(lines.folder);
        writeFileSync(path, before);
        expect(result.verdict).toBe("broken");
        const [first] = result.problems;
        expect([first!.segment, first!.line, first!.offset]).toEqual([
          segment + 1,
          line + 1,
          start,
        ]);
        expect(["edited", "form", "torn"]).toContain(first!.kind);
        if (first!.kind !== "torn") expect(first!.seq).toBe(n + 1);
      }),
      { numRuns: 200 },
    );
  });

  test("a record that is taken out", () => {
    const lines = written(log.count);
    fc.assert(
      fc.property(nth, (n) => {
        const [segment, line] = place(lines.segments, n);
        const copy = lines.segments.map((texts) => [...texts]);
        copy[segment]!.splice(line, 1);
        rewrite(lines, copy);
        const result = verification(lines.folder);
        expect(result.verdict).toBe("broken");
        expect(result.problems[0]).toMatchObject({ kind: "removed", seq: n + 1 });
      }),
    );
  });

  test("two records that change places", () => {
    const lines = written(log.count);
    fc.assert(
      fc.property(nth, nth, (a, b) => {
        fc.pre(a !== b);
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const copy = lines.segments.map((texts) => [...texts]);
        const [i, j] = [place(copy, first), place(copy, second)];
        const text = copy[i[0]]![i[1]]!;
        copy[i[0]]![i[1]] = copy[j[0]]![j[1]]!;
        copy[j[0]]![j[1]] = text;
        rewrite(lines, copy);
        const result = verification(lines.folder);
        expect(result.verdict).toBe("broken");
        expect(result.problems.some(({ kind }) => kind === "reordered" || kind === "spliced")).toBe(
          true,
        );
        const where = result.problems[0]!;
        const at = place(copy, first);
        const late = place(copy, second);
        // Told at the one or at the other end of the exchange.
        const ends = [at, late, place(copy, first + 1)].map(([s, l]) => `${s + 1}:${l + 1}`);
        expect(ends).toContain(`${where.segment}:${where.line}`);
      }),
    );
  });

  test("an end that is cut off, at any record", () => {
    const lines = written(log.count);
    fc.assert(
      fc.property(fc.nat(log.total - 2), (n) => {
        const [segment, line] = place(lines.segments, n);
        const copy = lines.segments.map((texts, i) =>
          i < segment ? texts : i === segment ? texts.slice(0, line) : [],
        );
        rewrite(lines, copy);
        const result = verification(lines.folder);
        expect(result.verdict).toBe("broken");
        expect(result.problems.at(-1)).toMatchObject({ kind: "truncated", seq: n + 1 });
        expect(result.problems.at(-1)!.says).toContain(`the log ends at record ${n}`);
      }),
    );
  });
});

describe("what was done to a log is called by its name", () => {
  const other = () => written(40, {}, 2);
  /** A change of the lines, by segment, and what is found. */
  test.each<[string, (segments: string[][]) => string[][], readonly string[]]>([
    [
      "records of another chain, whose numbers fit",
      ([first, ...rest]) => [
        [...first!.slice(0, 5), ...other().segments[0]!.slice(5, first!.length)],
        ...rest,
      ],
      // Where it begins, what a checkpoint has seen there, and where the true one goes on.
      ["spliced 1:6 6", "checkpoint 1:10 10", "spliced 2:1 11"],
    ],
    [
      "another chain behind this one",
      (segments) => [...segments, ...other().segments],
      ["spliced 5:1 1"],
    ],
    [
      "a record twice",
      ([first, ...rest]) => [[...first!, first![2]!], ...rest],
      ["spliced 1:11 3"],
    ],
    [
      "a block of records in another place",
      ([first, second, ...rest]) => [
        first!.slice(0, 3),
        [...second!, ...first!.slice(3, 6)],
        [...first!.slice(6)],
        ...rest,
      ],
      ["reordered 2:13 4"],
    ],
    [
      "a line that was put in",
      ([first, ...rest]) => [[...first!.slice(0, 4), '{"hello":1}', ...first!.slice(4)], ...rest],
      ["form 1:5 -"],
    ],
    [
      "records that were taken out of several places",
      ([first, second, ...rest]) => [
        first!.filter((_, i) => i !== 3 && i !== 4),
        second!.filter((_, i) => i !== 0),
        ...rest,
      ],
      ["removed 1:4 4", "removed 2:1 11"],
    ],
    [
      "the beginning, taken away",
      ([first, ...rest]) => [first!.slice(4), ...rest],
      ["removed 1:1 1"],
    ],
  ])("%s", (_, change, expected) => {
    const lines = written(40);
    rewrite(lines, change(lines.segments));
    const result = verification(lines.folder);
    expect(result.verdict).toBe("broken");
    expect(found(result)).toEqual(expected);
  });

  test("a record that was rewritten with a new hash of its own does not fit the next one", () => {
    const [lines, forged] = [written(40), written(40, {}, 2)];
    // Number 3 of another chain has its own valid hash.
    const copy = lines.segments.map((texts) => [...texts]);
    copy[0]![2] = forged.segments[0]![2]!;
    rewrite(lines, copy);
    expect(found(verification(lines.folder))).toEqual(["spliced 1:3 3", "spliced 1:4 4"]);
  });

  test("a segment that is missing is named", () => {
    const { folder } = written(60);
    rmSync(join(folder, "0000000003.jsonl"));
    const result = verification(folder);
    expect(found(result)).toEqual([expect.stringMatching(/^removed 4:1 \d+$/)]);
    expect(result.problems[0]!.says).toMatch(
      /^records \d+ to \d+ are missing, and so is `0000000003\.jsonl`$/,
    );
  });

  test("a record that was zeroed in the middle is an edit, and the rest is read", () => {
    const { folder, segments } = written(40);
    const path = join(folder, "0000000002.jsonl");
    const bytes = readFileSync(path);
    bytes.fill(0, 0, Buffer.byteLength(segments[1]![0]!) + 1);
    writeFileSync(path, bytes);
    const result = verification(folder);
    expect(found(result)).toEqual(["edited 2:1 11"]);
    expect(result.last!.seq).toBe(45);
  });

  test("a torn last record is told, and is no break", () => {
    const { folder, segments } = written(40, { lastCheckpoint: false });
    const path = join(folder, segmentFiles(folder).at(-1)!);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 7));
    const result = verification(folder);
    expect(result.verdict).toBe("whole");
    expect(found(result)).toEqual([`torn ${segments.length}:${segments.at(-1)!.length} -`]);
  });

  test("and is a break when a checkpoint has seen more", () => {
    const { folder } = written(44);
    const path = join(folder, segmentFiles(folder).at(-1)!);
    const bytes = readFileSync(path);
    // Into the record before the last checkpoint.
    writeFileSync(path, bytes.subarray(0, bytes.length - 1200));
    const result = verification(folder);
    expect(result.verdict).toBe("broken");
    expect(result.problems.map(({ kind }) => kind)).toEqual(["torn", "truncated"]);
  });

  test("of a log of garbage the first problems are kept, and all are counted", () => {
    const folder = temporaryFolder();
    const [a, b] = ["a", "b"].map((name) => {
      const path = join(folder, name);
      writeLog(path, entries(2100, { seed: name.length }));
      return linesOf(path)[0]!;
    }) as [string[], string[]];
    // Every second record is missing.
    const text = a
      .filter((_, i) => i % 2 === 0)
      .map((line) => `${line}\n`)
      .join("");
    expect(b).toHaveLength(2100);
    const log = temporaryFolder();
    writeFileSync(join(log, "0000000001.jsonl"), text);
    const result = verification(log);
    expect(result.problemCount).toBe(1049);
    expect(result.problems).toHaveLength(1000);
  });
});

describe("a log that its own keeper wrote anew", () => {
  /** The true log's checkpoints, as they were kept elsewhere. */
  const kept = (options: WriteOptions = {}, seed = 1) => {
    const folder = temporaryFolder();
    const { notes } = writeLog(folder, entries(40, { seed }), { everyRecords: 10, ...options });
    return { name: "kept.notes", notes };
  };
  const rewritten = () => written(40, {}, 2).folder;

  test("is whole by its own word", () => {
    expect(verification(rewritten()).verdict).toBe("whole");
  });

  test("is contradicted by a checkpoint that was kept elsewhere", () => {
    const result = verifyLog(rewritten(), { keys: [KEYS.publicKey], kept: [kept()] });
    expect(result.verdict).toBe("broken");
    expect(result.problems[0]).toMatchObject({ kind: "checkpoint", seq: 10 });
    expect(result.problems[0]!.says).toBe(
      "`kept.notes` has seen another record 10: the chain was written anew",
    );
  });

  test("and agrees with those of the true one, whatever their order", () => {
    const { name, notes } = kept();
    const result = verifyLog(written(40).folder, {
      keys: [KEYS.publicKey],
      kept: [{ name, notes: notes.toReversed() }],
    });
    expect(result).toMatchObject({ verdict: "whole", problems: [] });
    expect(result.checkpoints.witnesses.at(-1)).toEqual({
      name,
      external: true,
      agreed: 5,
      others: 0,
    });
  });

  test("under a new name is contradicted because nobody else has heard of it", () => {
    const notes = kept().notes.map((note) => note.replaceAll(ORIGIN, "gw-1/0123456789abcdef"));
    const result = verifyLog(rewritten(), { keys: [KEYS.publicKey], kept: [{ name: "k", notes }] });
    expect(result.problems.map(({ says }) => says)).toEqual([
      "`k` has no checkpoint of this log: it is another log's, or this one was written anew",
    ]);
  });

  test("checkpoints of several gateways in one file are told apart", () => {
    const { notes } = kept();
    const others = notes.map((note) => note.replaceAll(ORIGIN, "gw-2/0123456789abcdef"));
    const result = verifyLog(written(40).folder, {
      keys: [KEYS.publicKey],
      kept: [{ name: "k", notes: [...others, ...notes] }],
    });
    expect(result).toMatchObject({ verdict: "whole" });
    expect(result.checkpoints.witnesses.at(-1)).toMatchObject({ name: "k", agreed: 5, others: 5 });
  });

  test("is contradicted by an index that has seen the true one", () => {
    const { folder } = written(40, { notes: false });
    freshIndex(folder).close();
    const before = temporaryFolder();
    cpSync(folder, before, { recursive: true });
    rewrite({ folder, segments: [] }, written(40, { notes: false }, 2).segments);
    expect(verification(folder).problems).toEqual([
      expect.objectContaining({ kind: "spliced", seq: 45 }),
    ]);
    // The same index, and a log without its end.
    rewrite(
      { folder: before, segments: [] },
      linesOf(before).map((lines, i, all) => (i === all.length - 1 ? [] : lines)),
    );
    expect(verification(before).problems).toEqual([
      expect.objectContaining({
        kind: "truncated",
        says: expect.stringContaining("`index.sqlite` has seen record 45"),
      }),
    ]);
  });
});

describe("checkpoints that cannot be believed", () => {
  const other = generateKeyPairSync("ed25519");

  test("signed with another key", () => {
    const { folder } = written(40, { key: other.privateKey });
    const result = verification(folder);
    expect(result.verdict).toBe("broken");
    expect(result.problems[0]).toMatchObject({ kind: "checkpoint" });
    expect(result.problems[0]!.says).toContain("it is signed with another key");
    // After a change of keys, both are given.
    const both = verifyLog(folder, { keys: [KEYS.publicKey, other.publicKey], kept: [] });
    expect(both).toMatchObject({ verdict: "whole" });
  });

  /** Four records, and then a checkpoint of them that says something else than what stands there. */
  test.each<[string, (entry: CheckpointEntry) => Partial<CheckpointEntry>, string]>([
    ["that says the truth", () => ({}), ""],
    ["of another count", () => ({ count: 3 }), "checkpoint 5 signs another chain"],
    ["of another last record", () => ({ root: patient(1) }), "checkpoint 5 signs another chain"],
    ["of another name", () => ({ origin: "gw-1/0000000000000000" }), "another chain's name"],
    [
      "whose note is of other records",
      () => ({
        note: signCheckpoint({ origin: ORIGIN, count: 4, root: patient(2) }, KEYS.privateKey),
      }),
      "the signed note of checkpoint 5 says something else than its record",
    ],
    ["without a note", () => ({ note: "none" }), "says something else than its record"],
    [
      "that was signed by somebody else",
      ({ origin, count, root }) => ({
        note: signCheckpoint({ origin, count, root }, other.privateKey),
      }),
      "record 5: a checkpoint cannot be believed: it is signed with another key",
    ],
  ])("one in the chain, %s", (_, change, says) => {
    const folder = temporaryFolder();
    const four = [...entries(4)];
    writeLog(folder, four);
    const [last] = recordsIn(folder).slice(-1);
    const head = { seq: 4, hash: last!.hash, at: START };
    const entry = checkpointEntry(ORIGIN, head, KEYS.privateKey, START);
    writeLog(folder, [...four, { ...entry, ...change(entry) }]);
    const { verdict, problems } = verification(folder);
    expect(verdict).toBe(says === "" ? "whole" : "broken");
    expect(problems.map((problem) => problem.says).join("; ")).toContain(says);
    expect(problems).toHaveLength(says === "" ? 0 : 1);
  });

  test.each<[string, (text: string) => string, string]>([
    [
      "a note that was edited",
      (text) => text.replace("\n10\n", "\n11\n"),
      "its signature does not fit",
    ],
    ["no note at all", (text) => `hello\n\n${text}`, "not of the form of a signed note"],
    [
      "notes in another order",
      (text) =>
        text
          .split(/\n\n(?!—)/)
          .filter((note) => note !== "")
          .toReversed()
          .map((note) => `${note.trim()}\n\n`)
          .join(""),
      "the notes do not stand in their order",
    ],
  ])("%s, beside the log", (_, change, says) => {
    const { folder } = written(40);
    const path = join(folder, NOTES_FILE);
    writeFileSync(path, change(readFileSync(path, "utf8")));
    const result = verification(folder);
    expect(result.verdict).toBe("broken");
    expect(result.problems.map((problem) => problem.says).join("\n")).toContain(says);
  });

  test("a claim to have seen more than there is counts only when it is signed", () => {
    const { folder } = written(40);
    const path = join(folder, NOTES_FILE);
    const forged = readFileSync(path, "utf8")
      .split(/\n\n(?!—)/)[0]!
      .replace("\n10\n", "\n999\n");
    writeFileSync(path, `${readFileSync(path, "utf8")}${forged}\n`);
    expect(verification(folder).problems.map(({ kind }) => kind)).toEqual(["checkpoint"]);
  });
});

test("a folder whose beginning was archived is broken by itself, and says what is missing", () => {
  const { folder } = written(60);
  renameSync(join(folder, "0000000001.jsonl"), join(temporaryFolder(), "0000000001.jsonl"));
  const result = verification(folder);
  expect(result).toMatchObject({ verdict: "broken", origin: null });
  expect(result.problems).toHaveLength(1);
  expect(result.problems[0]!.says).toMatch(
    /^the beginning is missing: the first record is number \d+, and so is `0000000001\.jsonl`$/,
  );
});
