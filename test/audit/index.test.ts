/** The index: thrown away or grown, it is the same; whatever happens to it, the log is what counts. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { startIndexer } from "../../engine/audit/index/background.ts";
import { damageOf, indexReport } from "../../engine/audit/index/find.ts";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import { INDEX_FILE, type Index } from "../../engine/audit/index/schema.ts";
import { query } from "../../engine/audit/query.ts";
import { appendMany, openLog, recordsIn, temporaryFolder } from "./folder.ts";
import { entries, writeLog } from "./generate.ts";

const TABLES = [
  ...["record", "shape", "patient", "span", "waiting", "damage", "cursor"],
  ...["daily", "principal", "hourly", "met", "relation"],
];

/** Everything in an index; shapes by what they say, for their numbers are in the order of arrival. */
function contentOf(index: Index): unknown {
  const content = Object.fromEntries(
    TABLES.map((table) => [table, index.prepare(`SELECT * FROM ${table}`).all()]),
  );
  index.close();
  return content;
}

/** Grows a folder's log piece by piece; the index is brought up to date after each piece. */
function grow(folder: string, lines: Buffer, pieces: number, each: () => void): void {
  const path = join(folder, "0000000001.jsonl");
  for (let i = 1; i <= pieces; i++) {
    // In the middle of a line, mostly.
    writeFileSync(path, lines.subarray(0, Math.ceil((lines.length * i) / pieces)));
    each();
  }
}

describe("an index", () => {
  test("that grew with the log is the one that is made of the whole log", () => {
    const [grown, rebuilt] = [temporaryFolder(), temporaryFolder()];
    writeLog(rebuilt, entries(2000), { everyRecords: 100 });
    const lines = readFileSync(join(rebuilt, "0000000001.jsonl"));
    grow(grown, lines, 37, () => freshIndex(grown).close());
    const made = contentOf(freshIndex(rebuilt));
    expect(contentOf(freshIndex(grown))).toEqual(made);
    // And again, when it is thrown away.
    rmSync(join(grown, INDEX_FILE));
    expect(contentOf(freshIndex(grown))).toEqual(made);
  });

  test("follows a log that is being written, over many segments", async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder, { segmentBytes: 8192 });
    for (let round = 0; round < 10; round++) {
      await appendMany(log, 30, 30 * round);
      const index = freshIndex(folder);
      expect(indexReport(folder, index)).toEqual({ records: log.head.seq, lag: 0 });
      index.close();
    }
    await log.close();
    const index = freshIndex(folder);
    const all = query(folder, index, {}, { limit: 1000 });
    index.close();
    expect(all.problems).toEqual([]);
    expect(all.records.map(({ record }) => record)).toEqual(recordsIn(folder).reverse());
  });

  test("leaves a line that is not wholly there for the next time, also when the next segment is ready", () => {
    const folder = temporaryFolder();
    writeLog(folder, entries(20));
    const path = join(folder, "0000000001.jsonl");
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, bytes.length - 9), Buffer.alloc(500)]));
    writeFileSync(join(folder, "0000000002.jsonl"), Buffer.alloc(4096));
    const half = freshIndex(folder);
    expect({ ...indexReport(folder, half), damage: damageOf(half) }).toEqual({
      records: 19,
      lag: 0,
      damage: [],
    });
    half.close();
    writeFileSync(path, bytes);
    const index = freshIndex(folder);
    expect({ ...indexReport(folder, index), damage: damageOf(index) }).toMatchObject({
      records: 20,
      damage: [],
    });
    index.close();
  });

  test.each<[string, (path: string) => void]>([
    [
      "is garbage",
      (path) => writeFileSync(path, "this is no database at all, but long enough to be one"),
    ],
    ["is empty", (path) => truncateSync(path)],
    ["was cut", (path) => truncateSync(path, 8192)],
    [
      "has another version",
      (path) => {
        const other = new DatabaseSync(path);
        other.exec("PRAGMA user_version = 99");
        other.close();
      },
    ],
    [
      "has damaged pages",
      (path) => {
        const bytes = readFileSync(path);
        bytes.fill(0xff, 4096, bytes.length - 100);
        writeFileSync(path, bytes);
      },
    ],
  ])("that %s is made anew", (_, harm) => {
    const folder = temporaryFolder();
    writeLog(folder, entries(500));
    const before = contentOf(freshIndex(folder));
    harm(join(folder, INDEX_FILE));
    expect(contentOf(freshIndex(folder))).toEqual(before);
  });

  test("marks what it could not read, and goes on behind it", () => {
    const folder = temporaryFolder();
    writeLog(folder, entries(50));
    const path = join(folder, "0000000001.jsonl");
    const lines = readFileSync(path, "utf8").split("\n");
    lines[10] = lines[10]!.replace('"at":"2026', '"at":"2025');
    lines[20] = "not a record";
    writeFileSync(path, lines.join("\n"));
    const index = freshIndex(folder);
    expect(damageOf(index).map(({ says }) => says)).toEqual([
      "a record is not what was written",
      "a record does not follow the one before it",
      "a line is no record",
      "a record does not follow the one before it",
    ]);
    expect(indexReport(folder, index).records).toBe(50);
    const page = query(folder, index, {}, { limit: 100 });
    index.close();
    expect(page.records).toHaveLength(48);
    expect(page.problems).toHaveLength(4);
  });

  test("that has seen more than the log has does not follow it back", () => {
    const folder = temporaryFolder();
    writeLog(folder, entries(50));
    freshIndex(folder).close();
    truncateSync(join(folder, "0000000001.jsonl"), 3000);
    expect(() => freshIndex(folder)).toThrow(
      expect.objectContaining({
        code: "AUDIT_BROKEN",
        message: "the index has seen record 50, and the log has it no longer",
      }),
    );
  });

  test("is not believed: a record that was changed behind its back is a problem, and is not shown", () => {
    const folder = temporaryFolder();
    writeLog(folder, entries(50));
    freshIndex(folder).close();
    const path = join(folder, "0000000001.jsonl");
    const lines = readFileSync(path, "utf8").split("\n");
    const changed = lines.findIndex((line) => line.includes('"verdict":"allow"'));
    lines[changed] = lines[changed]!.replace(
      '"principal":"agent:agent-',
      '"principal":"agent:other-',
    );
    writeFileSync(path, lines.join("\n"));
    const index = freshIndex(folder);
    const page = query(folder, index, {}, { limit: 100 });
    index.close();
    expect(page.records).toHaveLength(49);
    expect(page.problems.map(({ says }) => says)).toEqual([
      `record ${changed + 1} is not what was written`,
    ]);
  });
});

describe("the indexer in the background", () => {
  test("keeps up, says how far behind it is, and ends when it is told", async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder, { segmentBytes: 32 * 1024 });
    const indexer = startIndexer(folder, 20);
    await appendMany(log, 200);
    await expect.poll(() => indexer.lag(log.head.seq), { timeout: 5000 }).toBe(0);
    expect(indexer.lag(log.head.seq + 7)).toBe(7);
    await appendMany(log, 100);
    // Nobody waits a whole round.
    indexer.poke();
    await expect.poll(() => indexer.lag(log.head.seq), { timeout: 5000 }).toBe(0);
    expect(indexer.failing).toBeUndefined();
    await log.close();
    await indexer.stop();
    const index = freshIndex(folder);
    expect(indexReport(folder, index).records).toBe(301);
    index.close();
  });

  test("begins again when somebody throws the index away", async () => {
    const folder = temporaryFolder();
    writeLog(folder, entries(300));
    const indexer = startIndexer(folder, 20);
    onTestFinished(() => indexer.stop());
    await expect.poll(() => indexer.lag(300), { timeout: 5000 }).toBe(0);
    for (const suffix of ["", "-wal", "-shm"])
      rmSync(join(folder, `${INDEX_FILE}${suffix}`), { force: true });
    await expect
      .poll(() => statSync(join(folder, INDEX_FILE), { throwIfNoEntry: false })?.size ?? 0, {
        timeout: 5000,
      })
      .toBeGreaterThan(0);
    await expect.poll(() => indexer.failing).toBeUndefined();
  });
});

test("an index whose maker was killed, again and again, is the whole one in the end", async () => {
  const [folder, whole] = [temporaryFolder(), temporaryFolder()];
  for (const each of [folder, whole])
    writeLog(each, entries(25_000), { segmentBytes: 1024 * 1024 });
  const maker = join(import.meta.dirname, "index-child.ts");
  for (let kill = 0; kill < 3; kill++) {
    const child = spawn(process.execPath, [maker, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await firstStep(child);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
  }
  expect(contentOf(freshIndex(folder))).toEqual(contentOf(freshIndex(whole)));
});

function firstStep(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.stdout!.once("data", () => resolve());
    child.once("exit", () => resolve());
  });
}
