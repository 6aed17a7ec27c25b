/** What the log on disk promises beyond the contract: when it tells, what it does when the disk fails, and who may write. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Disk, nodeDisk } from "../../engine/audit/disk.ts";
import { openFileLog } from "../../engine/audit/file-log.ts";
import type { AuditLog } from "../../engine/audit/log.ts";
import { NOTES_FILE } from "../../engine/audit/notes.ts";
import { entry, outcome } from "./entry.ts";
import {
  appendMany,
  diskError,
  diskWith,
  gate,
  openLog,
  recordsIn,
  temporaryFolder,
  verification,
} from "./folder.ts";
import { KEYS, NODE, START } from "./generate.ts";

const segments = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.endsWith(".jsonl"));

describe("when a record is told to be on disk", () => {
  test("the promise waits for the sync, and what comes meanwhile goes with the next one", async () => {
    const folder = temporaryFolder();
    const first = gate();
    const writes: number[] = [];
    const syncs: number[] = [];
    const log = await openLog(folder, {
      disk: diskWith({
        write(fd, bytes, position) {
          writes.push(bytes.toString().split("\n").length - 1);
          return nodeDisk.write(fd, bytes, position);
        },
        async datasync(fd) {
          syncs.push(writes.length);
          if (syncs.length === 1) await first.closed;
          await nodeDisk.datasync(fd);
        },
      }),
    });
    let told = 0;
    const tell = (): void => void told++;
    const all = [0, 1, 2].map((n) => log.append(entry(n)).durable.then(tell));
    await expect.poll(() => syncs.length).toBe(1);
    all.push(...[3, 4].map((n) => log.append(entry(n)).durable.then(tell)));
    await new Promise((resolve) => setTimeout(resolve, 30));
    // Written, but not synced: the system may still lose it.
    expect({ told, writes }).toEqual({ told: 0, writes: [3] });
    first.open();
    await Promise.all(all);
    expect({ told, writes, syncs }).toEqual({ told: 5, writes: [3, 2], syncs: [1, 2] });
  });

  test("an outcome, which nobody waits for, goes with the next record that somebody waits for", async () => {
    const writes: number[] = [];
    const log = await openLog(temporaryFolder(), {
      disk: diskWith({
        write(fd, bytes, position) {
          writes.push(bytes.toString().split("\n").length - 1);
          return nodeDisk.write(fd, bytes, position);
        },
      }),
    });
    const last = log.append(outcome(0)).durable;
    await Promise.all([last, log.append(entry(1)).durable]);
    expect(writes).toEqual([2]);
    // And soon by itself, when there is no other.
    await log.append(outcome(2)).durable;
    expect(writes).toEqual([2, 1]);
    // The end waits for it as well.
    const late = log.append(outcome(3)).durable;
    await log.close();
    await late;
  });

  test("promises resolve in the order of the records", async () => {
    const log = await openLog(temporaryFolder(), { segmentBytes: 4096 });
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 100 }, (_, n) => {
        const { seq, durable } = log.append(n % 3 === 0 ? outcome(n) : entry(n));
        return durable.then(() => order.push(seq));
      }),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).toHaveLength(100);
  });
});

describe("segments", () => {
  test("a full one is followed by the next, and each is whole lines without zeros when the log is closed", async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder, { segmentBytes: 4096 });
    await appendMany(log, 60);
    await log.close();
    const files = segments(folder);
    expect(files.length).toBeGreaterThan(4);
    const texts = files.map((name) => readFileSync(join(folder, name), "utf8"));
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(4096);
      expect(text).toMatch(/^(\{.*\}\n)+$/);
    }
    // 60, and the checkpoint of the end.
    expect(recordsIn(folder).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 61 }, (_, i) => i + 1),
    );
    expect(verification(folder).problems).toEqual([]);
  });

  test("while it is open the newest one is filled with zeros ahead, and the next one is there", async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder, { segmentBytes: 8192 });
    await log.append(entry(0)).durable;
    await expect.poll(() => segments(folder)).toEqual(["0000000001.jsonl", "0000000002.jsonl"]);
    await expect.poll(() => statSync(join(folder, "0000000002.jsonl")).size).toBe(8192);
    const bytes = readFileSync(join(folder, "0000000001.jsonl"));
    expect(bytes).toHaveLength(8192);
    expect(bytes.subarray(bytes.indexOf("\n") + 1).every((byte) => byte === 0)).toBe(true);
  });

  test("a log that is opened again goes on where it ended", async () => {
    const folder = temporaryFolder();
    for (let round = 0; round < 3; round++) {
      const log = await openLog(folder, { segmentBytes: 4096 });
      await appendMany(log, 7);
      await log.close();
    }
    expect(recordsIn(folder)).toHaveLength(3 * 8);
    expect(verification(folder)).toMatchObject({ verdict: "whole", problems: [] });
  });

  test("a record that fits no segment is refused, and the log lives on", async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder, { segmentBytes: 2048 });
    const long = log.append(entry(0, { remote: "x".repeat(3000) }));
    expect(long.seq).toBe(0);
    await expect(long.durable).rejects.toThrow("the record is too long");
    await log.append(entry(1)).durable;
    expect(recordsIn(folder).map(({ seq }) => seq)).toEqual([1]);
  });

  test("files are for their owner alone", async () => {
    const folder = join(temporaryFolder(), "audit");
    const log = await openLog(folder);
    await log.append(entry(0)).durable;
    await log.checkpoint();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of [...segments(folder), NOTES_FILE]) {
      expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    }
  });
});

/** What goes wrong, and what it does to a disk. */
const FAULTS: readonly [name: string, fault: Partial<Disk>, says: string][] = [
  ["the sync fails", { datasync: () => Promise.reject(diskError("EIO")) }, "EIO"],
  [
    "the write fails",
    {
      write: () => {
        throw diskError("EIO");
      },
    },
    "EIO",
  ],
  [
    "the disk is full",
    {
      write: () => {
        throw diskError("ENOSPC");
      },
    },
    "ENOSPC",
  ],
  [
    "a write is cut short",
    { write: (fd, bytes, at) => nodeDisk.write(fd, bytes.subarray(0, bytes.length - 5), at) },
    "a write was cut short",
  ],
];

describe("a disk that fails", () => {
  test.each(FAULTS)(
    "%s: everybody who waits is told, nobody is let through, and the log can be opened again",
    async (_, fault, says) => {
      const folder = temporaryFolder();
      let failing = false;
      let calls = 0;
      const operations: Disk = {
        ...nodeDisk,
        write(fd, bytes, at) {
          calls++;
          return (failing ? (fault.write ?? nodeDisk.write) : nodeDisk.write)(fd, bytes, at);
        },
        datasync: (fd) => (failing ? (fault.datasync ?? nodeDisk.datasync) : nodeDisk.datasync)(fd),
      };
      const log = await openLog(folder, { disk: operations });
      await appendMany(log, 3);
      failing = true;
      const waiting = [3, 4, 5].map((n) => log.append(entry(n)).durable);
      const outcomes = await Promise.allSettled(waiting);
      expect(outcomes.map(({ status }) => status)).toEqual(Array(3).fill("rejected"));
      expect(log.dead).toBe(says);
      expect(log.failing).toBe(says);

      // The disk is well again, and the log stays dead: a sync after a failed one says nothing.
      failing = false;
      calls = 0;
      const late = log.append(entry(6));
      await expect(late.durable).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
      expect({ seq: late.seq, calls }).toEqual({ seq: 0, calls: 0 });
      await log.close();

      const again = await openLog(folder);
      await appendMany(again, 2, 10);
      await again.close();
      const found = verification(folder);
      expect(found).toMatchObject({ verdict: "whole", problems: [] });
      // The three that were told to be safe are there.
      const told = recordsIn(folder).filter(
        (record) => record.kind === "rejected" && record.count! <= 3,
      );
      expect(told).toHaveLength(3);
    },
  );

  test("a rejected promise that nobody listens to is no unhandled rejection", async () => {
    const seen: unknown[] = [];
    const note = (error: unknown): void => void seen.push(error);
    process.on("unhandledRejection", note);
    try {
      const datasync = () => Promise.reject(diskError("EIO"));
      const log = await openLog(temporaryFolder(), { disk: diskWith({ datasync }) });
      log.append(entry(0));
      await expect.poll(() => log.dead).toBe("EIO");
      log.append(entry(1));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(seen).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  test("what a slow disk cannot keep up with is refused before the memory is full", async () => {
    const { closed, open } = gate();
    const log = await openLog(temporaryFolder(), {
      segmentBytes: 128 * 1024 * 1024,
      disk: diskWith({
        datasync: () => closed,
        preallocate: (path, from) => nodeDisk.preallocate(path, from, from),
      }),
    });
    const remote = "x".repeat(67_000);
    const refusals = new Set<number>();
    for (let n = 0; n < 1100; n++) refusals.add(log.append(entry(n, { remote })).seq);
    expect(refusals.has(0)).toBe(true);
    // 64 MiB of records of 67 kB.
    expect(Math.max(...refusals)).toBeLessThan(1010);
    expect(log.dead).toBeUndefined();
    open();
  });
});

describe("room on the disk", () => {
  test("is missed before it is needed: the log says so, and lives on until the segment is full", async () => {
    const folder = temporaryFolder();
    let full = false;
    let now = START;
    const log = await openLog(folder, {
      segmentBytes: 4096,
      now: () => now,
      disk: diskWith({
        preallocate: (path, from, size) =>
          full ? Promise.reject(diskError("ENOSPC")) : nodeDisk.preallocate(path, from, size),
      }),
    });
    // The second segment is made when the log is opened; the third cannot be.
    await expect.poll(() => segments(folder)).toHaveLength(2);
    full = true;
    await appendMany(log, 16);
    await expect.poll(() => log.failing).toBe("the next segment cannot be made (ENOSPC)");
    expect(log.dead).toBeUndefined();

    // Room was made: the next write that is late enough tries again.
    full = false;
    now += 2000;
    await log.append(entry(50)).durable;
    await expect.poll(() => log.failing).toBeUndefined();
    await appendMany(log, 20, 60);
    await log.close();
    expect(verification(folder).problems).toEqual([]);
  });

  test("that never comes back ends the log when the segment is full", async () => {
    const folder = temporaryFolder();
    let full = false;
    const log = await openLog(folder, {
      segmentBytes: 4096,
      disk: diskWith({
        preallocate: (path, from, size) =>
          full ? Promise.reject(diskError("ENOSPC")) : nodeDisk.preallocate(path, from, size),
      }),
    });
    await expect.poll(() => segments(folder)).toHaveLength(2);
    full = true;
    const all = await Promise.allSettled(
      Array.from({ length: 60 }, (_, n) => log.append(entry(n)).durable),
    );
    expect(log.dead).toBe("the next segment cannot be made (ENOSPC)");
    const told = all.filter(({ status }) => status === "fulfilled").length;
    expect(told).toBeGreaterThan(5);
    expect(told).toBeLessThan(60);
    expect(recordsIn(folder)).toHaveLength(told);
  });
});

describe("one writer", () => {
  test("a second one is refused while the first lives, and let in after it", async () => {
    const folder = temporaryFolder();
    const first = await openLog(folder);
    await expect(openLog(folder)).rejects.toMatchObject({ code: "AUDIT_LOCKED" });
    await first.append(entry(0)).durable;
    await first.close();
    const second = await openLog(folder);
    expect(second.head.seq).toBe(2);
  });

  test("a log that could not be opened leaves the folder free", async () => {
    const folder = temporaryFolder();
    const disk = diskWith({ preallocate: () => Promise.reject(diskError("ENOSPC")) });
    await expect(openLog(folder, { disk })).rejects.toMatchObject({
      code: "AUDIT_UNAVAILABLE",
      message: "nothing can be recorded: ENOSPC",
    });
    await openLog(folder);
  });

  test("another node's log is refused: one chain, one node", async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder);
    await log.append(entry(0)).durable;
    await log.close();
    await expect(openLog(folder, { node: "gw-2" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("`gw-1`, not `gw-2`"),
    });
  });

  test.each(["", "a b", "a/b", "é", "-a", "a".repeat(65)])(
    "`%s` is no name of a node",
    async (node) => {
      await expect(openLog(temporaryFolder(), { node })).rejects.toMatchObject({
        code: "INVALID_INPUT",
      });
    },
  );
});

describe("checkpoints", () => {
  const withSinks = (
    folder: string,
    sinks: Parameters<typeof openFileLog>[0]["checkpoint"]["sinks"],
    everyMs = 3_600_000,
  ): Promise<AuditLog> =>
    openFileLog({
      folder,
      node: NODE,
      now: () => START,
      segmentBytes: 64 * 1024,
      checkpoint: { key: KEYS.privateKey, everyRecords: 5, everyMs, sinks },
    });

  test("come after so many records, and go to the folder and to every sink", async () => {
    const folder = temporaryFolder();
    const sent: string[] = [];
    const path = join(folder, "elsewhere.notes");
    const log = await withSinks(folder, [
      { kind: "file", path },
      { kind: "function", send: async (note) => void sent.push(note) },
    ]);
    await appendMany(log, 12);
    await log.close();
    const counts = recordsIn(folder).flatMap((record) =>
      record.kind === "checkpoint" ? [record.count] : [],
    );
    // After five records, then after five more than the checkpoint's own, then at the end.
    expect(counts).toEqual([5, 11, 14]);
    expect(sent).toHaveLength(3);
    const notes = readFileSync(join(folder, NOTES_FILE), "utf8");
    expect(readFileSync(path, "utf8")).toBe(notes);
    expect(sent.map((note) => `${note}\n`).join("")).toBe(notes);
    expect(verification(folder).checkpoints).toMatchObject({ inLog: 3, verified: 3 });
  });

  test("come after a time, if there is anything new", async () => {
    const folder = temporaryFolder();
    const log = await withSinks(folder, [], 20);
    await log.append(entry(0)).durable;
    await expect.poll(() => log.head.seq).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(log.head.seq).toBe(2);
    await log.close();
  });

  test("that cannot be published are told, until one can be", async () => {
    const folder = temporaryFolder();
    let down = true;
    const log = await withSinks(folder, [
      {
        kind: "function",
        send: async () => (down ? Promise.reject(diskError("EPIPE")) : undefined),
      },
    ]);
    await log.append(entry(0)).durable;
    await log.checkpoint();
    expect(log.unpublished).toBe("a checkpoint could not be published (EPIPE)");
    expect(log.dead).toBeUndefined();
    down = false;
    await log.append(entry(1)).durable;
    await log.checkpoint();
    expect(log.unpublished).toBeUndefined();
    await log.close();
  });

  test("a log that was set back behind one is not opened: a second history would be written over the first", async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder);
    await appendMany(log, 3);
    const before = readFileSync(join(folder, "0000000001.jsonl"));
    await appendMany(log, 3, 10);
    await log.close();
    writeFileSync(join(folder, "0000000001.jsonl"), before);
    await expect(openLog(folder)).rejects.toMatchObject({
      code: "AUDIT_BROKEN",
      message:
        "the log ends at record 3, and a checkpoint in `checkpoints.notes` has seen record 6",
    });
  });
});
