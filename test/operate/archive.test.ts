/** Archives: verified alone, told from what was taken away, and asked like the log. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { planArchive } from "../../engine/audit/archive/plan.ts";
import { verifyArchive } from "../../engine/audit/archive/verify.ts";
import { type CheckpointKey, loadOrCreateCheckpointKey } from "../../engine/audit/checkpoint.ts";
import { openFileLog } from "../../engine/audit/file-log.ts";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import { NOTES_FILE, splitNotes } from "../../engine/audit/notes.ts";
import { query } from "../../engine/audit/query.ts";
import { listSegments, segmentPath } from "../../engine/audit/segments.ts";
import { verifyLog } from "../../engine/audit/verify/verify.ts";
import { type ArchiveReport, archiveLog } from "../../engine/operate/archive.ts";
import { archiveJson, archiveText } from "../../engine/render/archive.ts";
import { plain } from "../../engine/render/paint.ts";
import { entry } from "../audit/entry.ts";
import { entries, NODE, START, writeLog } from "../audit/generate.ts";

const YEAR = 366 * 24 * 60 * 60 * 1000;
const NOW = START + YEAR;

let work: string;
let state: string;
let log: string;
let to: string;
let keys: CheckpointKey;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "phiward-archive-"));
  state = join(work, "state");
  log = join(state, "audit");
  to = join(work, "archive");
  keys = loadOrCreateCheckpointKey(join(state, "keys", "checkpoint.pem"));
  // Five segments and more, a checkpoint in every one of them, none of them at a segment's end.
  writeLog(log, entries(600), { segmentBytes: 64 * 1024, everyRecords: 37, key: keys.privateKey });
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

function archive(fields: Partial<Parameters<typeof archiveLog>[0]> = {}): Promise<ArchiveReport> {
  return archiveLog({
    state,
    to,
    before: NOW,
    remove: false,
    now: () => NOW,
    random: (bytes) => Buffer.alloc(bytes, 7),
    ...fields,
  });
}

const verifyState = () => verifyLog(log, { keys: [keys.publicKey], kept: [] });
const verifyCopy = (folder = to) => verifyArchive(folder, { keys: [keys.publicKey], kept: [] });

/** A record of a gateway that goes on. */
async function append(count: number, at = NOW): Promise<void> {
  const checkpoint = { key: keys.privateKey, everyRecords: 1e6, everyMs: 1e6, sinks: [] };
  const open = await openFileLog({
    folder: log,
    node: NODE,
    now: () => at,
    segmentBytes: 64 * 1024,
    checkpoint,
  });
  await Promise.all(
    Array.from({ length: count }, (_, i) => open.append({ ...entry(i), at }).durable),
  );
  await open.close();
}

describe("an archive", () => {
  test("is whole by itself, from the first record to the end of a segment", async () => {
    const { archived, recorded, removed } = await archive();
    expect(archived).toMatchObject({ from: 1, segments: listSegments(log).length - 1 });
    expect([recorded, removed]).toEqual(["recorded", false]);
    const found = await verifyCopy();
    expect(found.problems).toEqual([]);
    expect(found).toMatchObject({
      verdict: "whole",
      archive: { first: 1, last: archived!.last, manifest: archived!.manifest },
    });
    // Its very last record is signed, although no checkpoint of the log stands there.
    expect(found.checkpoints.witnesses[0]?.agreed).toBeGreaterThan(5);
  });

  test("of the same records is the same, byte for byte", async () => {
    await archive();
    const again = join(work, "again");
    await archive({ to: again });
    const contents = (folder: string) =>
      readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true })
        .filter((one) => one.isFile())
        .map(({ parentPath, name }) => [
          join(parentPath, name).slice(folder.length),
          readFileSync(join(parentPath, name), "latin1"),
        ]);
    expect(contents(again)).toEqual(contents(to));
  });

  test("holds only segments all of whose records are older than asked for", async () => {
    const middle = planArchive(log, NOW)!.segments[2]!;
    const first = JSON.parse(
      readFileSync(segmentPath(log, middle + 1), "utf8").split("\n")[0]!,
    ) as { at: string; seq: number };
    const { archived } = await archive({ before: Date.parse(first.at) + 1 });
    expect(archived).toMatchObject({ last: first.seq - 1, segments: middle });
  });

  test("is not made where nothing is old enough, or the place is taken", async () => {
    expect(await archive({ before: START - 1 })).toMatchObject({ archived: null });
    expect(existsSync(to)).toBe(false);
    writeFileSync(join(work, "taken"), "");
    await expect(archive({ to: work })).rejects.toMatchObject({ code: "USAGE" });
  });

  test("is not made of a log that is not whole: signing its end would vouch for it", async () => {
    const path = segmentPath(log, 2);
    const text = readFileSync(path, "latin1");
    writeFileSync(path, text.replace('"verdict":"allow"', '"verdict":"deny" '), "latin1");
    await expect(archive()).rejects.toMatchObject({ code: "AUDIT_BROKEN" });
    expect(existsSync(to)).toBe(false);
  });

  test("agrees with checkpoints that were kept elsewhere, which go on where it ends", async () => {
    const { archived } = await archive();
    const notes = splitNotes(readFileSync(join(log, NOTES_FILE), "utf8"));
    const kept = [{ name: "kept", notes }];
    const found = await verifyArchive(to, { keys: [keys.publicKey], kept });
    expect(found.verdict).toBe("whole");
    const { agreed } = found.checkpoints.witnesses.find(({ external }) => external)!;
    expect(agreed).toBe(
      notes.filter((note) => Number(note.split("\n")[1]) <= archived!.last).length,
    );
  });
});

describe("an archive that was changed is told", () => {
  const edit = (path: string, from: string, into: string): void => {
    const text = readFileSync(join(to, path), "latin1");
    expect(text).toContain(from);
    writeFileSync(join(to, path), text.replace(from, into), "latin1");
  };
  test.each<[string, () => void, RegExp]>([
    [
      "a record",
      () => edit("audit/0000000002.jsonl", '"verdict":"allow"', '"verdict":"deny" '),
      /not what was written/,
    ],
    ["a segment is gone", () => unlinkSync(join(to, "audit/0000000003.jsonl")), /is missing/],
    [
      "another one was put in",
      () => cpSync(join(log, "0000000001.jsonl"), join(to, "audit/0000000099.jsonl")),
      /is not part of the archive/,
    ],
    [
      "a checkpoint",
      () => appendFileSync(join(to, "audit", NOTES_FILE), "x"),
      /not what was written/,
    ],
    ["the manifest's signature", () => unlinkSync(join(to, "manifest.note")), /is not about this/],
    ["the manifest", () => edit("manifest.json", '"seq":1}', '"seq":2}'), /is not about this/],
  ])("%s", async (_, change, says) => {
    await archive();
    change();
    const found = await verifyCopy();
    expect(found.verdict).toBe("broken");
    expect(found.problems.map((problem) => problem.says).join("\n")).toMatch(says);
  });

  test("also where it was cut at a signed checkpoint, with a manifest that says so", async () => {
    await archive();
    const shorter = join(work, "shorter");
    await archive({ to: shorter, before: Date.parse((await verifyCopy()).last!.at) - 1 });
    // The shorter one's records, under the longer one's signature.
    cpSync(join(to, "manifest.note"), join(shorter, "manifest.note"));
    expect((await verifyCopy(shorter)).verdict).toBe("broken");
  });

  test("a manifest of another form is none", async () => {
    await archive();
    writeFileSync(join(to, "manifest.json"), '{"schema":"phiward.archive/1","files":[]}');
    await expect(verifyCopy()).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});

describe("with --remove", () => {
  test("the log begins later, says why, and goes on", async () => {
    const { archived } = await archive({ remove: true });
    const found = verifyState();
    expect(found.problems).toEqual([]);
    expect(found).toMatchObject({
      verdict: "whole",
      first: { seq: archived!.last + 1 },
      archived: { to: archived!.last, manifest: archived!.manifest },
      origin: (await verifyCopy()).origin,
    });
    await append(20);
    expect(verifyState()).toMatchObject({ verdict: "whole" });
  });

  test("a second archive takes up where the first ended", async () => {
    const first = await archive({ remove: true, before: START + 60_000 });
    await append(300);
    const second = join(work, "second");
    const { archived } = await archive({
      to: second,
      remove: true,
      now: () => NOW + YEAR,
      before: NOW + YEAR,
    });
    expect(archived!.from).toBe((first.archived?.last ?? 0) + 1);
    expect(await verifyCopy(second)).toMatchObject({
      verdict: "whole",
      origin: verifyState().origin,
    });
    expect(verifyState()).toMatchObject({ verdict: "whole", archived: { to: archived!.last } });
  });

  test("files that were taken away without a record are told apart", async () => {
    unlinkSync(segmentPath(log, 1));
    expect(verifyState()).toMatchObject({ verdict: "broken", archived: null });
  });

  test("so is one more than the record says", async () => {
    const { archived } = await archive({ remove: true, before: START + 60_000 });
    await append(1);
    unlinkSync(segmentPath(log, archived!.segments + 1));
    expect(verifyState()).toMatchObject({ verdict: "broken" });
  });

  test("a crash between two removals leaves a log that is whole", async () => {
    const before = join(work, "before");
    cpSync(log, before, { recursive: true });
    await archive({ remove: true });
    // As if the last of the removed segments were still there.
    const last = listSegments(log)[0]! - 1;
    cpSync(segmentPath(before, last), segmentPath(log, last));
    expect(verifyState()).toMatchObject({ verdict: "whole" });
  });

  test("what is younger than two days stays: the limits of the day stand in it", async () => {
    const { archived } = await archive({ remove: true, now: () => START + 3_600_000 });
    expect(archived).toBeNull();
  });

  test("nothing goes while the chain cannot say so", async () => {
    const segments = listSegments(log);
    const key = join(work, "other.pem");
    cpSync(join(state, "keys/checkpoint.pem"), key);
    const elsewhere = { checkpointKey: key, remove: true, waitMs: 200 };
    const held = await openFileLog({
      folder: log,
      node: NODE,
      now: () => NOW,
      segmentBytes: 64 * 1024,
      checkpoint: { key: keys.privateKey, everyRecords: 1e6, everyMs: 1e6, sinks: [] },
    });
    // Whoever holds the log does not look into the inbox.
    await expect(archive(elsewhere)).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
    await held.close();
    expect(listSegments(log)).toEqual(expect.arrayContaining(segments));
    expect(await verifyCopy()).toMatchObject({ verdict: "whole" });
  });

  test("the index answers for what is here, and an archive for what went", async () => {
    freshIndex(log).close();
    const { archived } = await archive({ remove: true });
    const asked = (folder: string, anew: boolean) => {
      if (anew) rmSync(join(folder, "index.sqlite"), { force: true });
      const index = freshIndex(folder);
      const page = query(folder, index, { kind: "decision" }, { limit: 10_000, after: undefined });
      index.close();
      return page;
    };
    for (const anew of [false, true]) {
      const page = asked(log, anew);
      expect(page.problems).toEqual([]);
      expect(page.records.every(({ record }) => record.seq > archived!.last)).toBe(true);
    }
    const old = asked(join(to, "audit"), true);
    expect(old.problems).toEqual([]);
    expect(old.records[0]!.record.seq).toBeLessThanOrEqual(archived!.last);
    // The index that the question made is no part of the archive.
    expect(await verifyCopy()).toMatchObject({ verdict: "whole" });
  });
});

test("the report is of the form that its schema says, and names where the archive is", async () => {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(
    JSON.parse(
      readFileSync(join(import.meta.dirname, "../../schemas/report.schema.json"), "utf8"),
    ) as object,
    "report",
  );
  const report = await archive({ remove: true });
  expect(ajv.validate("report", archiveJson(report)), ajv.errorsText()).toBe(true);
  expect(archiveText(report, plain)).toContain(to);
});
