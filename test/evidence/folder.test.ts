/** The folder as a whole: what is in it, what never is, and that whoever changes it is found out. */
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openCheckpoint } from "../../engine/audit/checkpoint.ts";
import { readRecords } from "../../engine/audit/read.ts";
import { publicKey } from "../../engine/audit/state.ts";
import type { Evidence } from "../../engine/evidence/evidence.ts";
import { recordExport } from "../../engine/evidence/tell.ts";
import { PATIENTS, patientId } from "../quarter/cast.ts";
import { filesOf, read, readCsv } from "./files.ts";
import { AUGUST, NOW, smallQuarter } from "./quarter.ts";

const made = smallQuarter(3000);
let whole: Evidence;
let part: Evidence;
beforeAll(async () => {
  whole = await made().write("whole");
  part = await made().write("part", { period: AUGUST });
}, 60_000);

interface Verified {
  readonly code: number | null;
  readonly text: string;
}

/** As the auditor runs it: in its own process, with nothing of ours around it. */
function verify(folder: string, ...args: readonly string[]): Verified {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder, "verify.mjs"), ...args],
    { encoding: "utf8", cwd: "/", env: {}, timeout: 30_000 },
  );
  return { code: status, text: stdout + stderr };
}

function copyOf({ folder }: Evidence, name: string): string {
  const copy = made().folder(name);
  rmSync(copy, { recursive: true, force: true });
  cpSync(folder, copy, { recursive: true });
  return copy;
}

const RECORDS = "records/0000000001.jsonl";

/** Changes the manifest so that it names the files as they are now. */
function forgeManifest(folder: string): void {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const manifest = JSON.parse(read(folder, "manifest.json"));
  for (const path of Object.keys(manifest.files)) {
    if (!existsSync(join(folder, path))) delete manifest.files[path];
    else {
      const bytes = readFileSync(join(folder, path));
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      manifest.files[path] = { bytes: bytes.length, sha256 };
    }
  }
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
}

function edit(folder: string, file: string, how: (text: string) => string): void {
  const before = read(folder, file);
  const after = how(before);
  expect(after).not.toBe(before);
  writeFileSync(join(folder, file), after);
}

describe("the records", () => {
  test("of the whole log are the log's own lines, byte for byte", () => {
    const log = readFileSync(join(made().quarter.state, "audit/0000000001.jsonl"), "utf8");
    expect(read(whole.folder, RECORDS)).toBe(log);
  });

  test("of a part begin and end with a signed checkpoint, and hold every record between", () => {
    const lines = read(part.folder, RECORDS).trimEnd().split("\n");
    const [first, last] = [lines[0]!, lines.at(-1)!].map((line) => JSON.parse(line));
    expect([first.kind, last.kind]).toEqual(["checkpoint", "checkpoint"]);
    expect(first.at < "2026-08-05" && last.at >= "2026-08-21").toBe(true);
    const log = readFileSync(join(made().quarter.state, "audit/0000000001.jsonl"), "utf8");
    expect(log).toContain(read(part.folder, RECORDS));
    const within = [...readRecords(join(made().quarter.state, "audit"))].filter(
      ({ at }) => at >= "2026-08-05" && at < "2026-08-21",
    );
    expect(part.facts.tally.records).toBe(within.length);
    expect(part.facts.chain.records).toMatchObject({
      lines: lines.length,
      beside: lines.length - within.length,
    });
  });

  test("of a period without any are none, and the rest of the folder is there", async () => {
    const { folder } = await made().write("empty", {
      period: { label: "x", fromDay: 1, toDay: 2 },
    });
    expect(read(folder, "index.html")).toContain("No record of the log is of this period");
    expect(verify(folder)).toMatchObject({ code: 0 });
  });

  test("can be left out, and every figure stays", async () => {
    const { folder, facts } = await made().write("small", { records: false });
    expect(filesOf(folder).filter((path) => path.startsWith("records/"))).toEqual([]);
    expect(facts.tally).toEqual(whole.facts.tally);
    const { code, text } = verify(folder);
    expect([code, text]).toEqual([0, expect.stringContaining("records     not in this folder")]);
  });
});

describe("the verifier in the folder", () => {
  test.each(["whole", "part"])("finds the folder of the %s as it was written", (which) => {
    const { folder } = which === "whole" ? whole : part;
    const { code, text } = verify(folder);
    expect(code).toBe(0);
    expect(text).toContain("WHOLE: everything here is what was written\n");
    expect(text).toContain("checked with the public key in this folder. It shows");
    expect(text).toContain(
      which === "whole"
        ? "they begin with the first record of the chain"
        : "they begin with a record from before the period",
    );
    expect(text).toMatch(
      which === "whole" ? /they end within the period/ : /they end with a record from behind/,
    );
  });

  test("says that a key was given, and refuses another", () => {
    const key = join(part.folder, "records/checkpoint-key.pem");
    expect(verify(part.folder, "--key", key).text).toContain("with the public key that you gave");
    const other = made().folder("other.pem");
    const { publicKey: stranger } = generateKeyPairSync("ed25519");
    writeFileSync(other, stranger.export({ type: "spki", format: "pem" }));
    const { code, text } = verify(part.folder, "--key", other);
    expect([code, text]).toEqual([3, expect.stringContaining("it is signed with another key")]);
  });

  test("believes checkpoints that were kept elsewhere, also of before and behind the period", () => {
    const kept = join(made().quarter.state, "audit/checkpoints.notes");
    const { code, text } = verify(part.folder, "--checkpoints", kept);
    expect([code, text]).toEqual([0, expect.stringMatching(/checkpoints\.notes: [1-9]\d* agree/)]);
  });

  /** What somebody does to a copy, whether they know of the manifest, and what the verifier says. */
  const line = (n: number) => (text: string) => text.split("\n")[n]!;
  test.each<[string, (folder: string) => void, string]>([
    [
      "a page",
      (folder) => edit(folder, "index.html", (text) => text.replace("denied", "allowed")),
      "file       index.html: it is not the file",
    ],
    [
      "a table",
      (folder) => appendFileSync(join(folder, "data/grants.csv"), "x"),
      "file       data/grants.csv: it is not",
    ],
    [
      "a file that is gone",
      (folder) => rmSync(join(folder, "limits.html")),
      "file       limits.html: it is missing",
    ],
    [
      "a file more",
      (folder) => writeFileSync(join(folder, "data/note.txt"), "x"),
      "file       data/note.txt: the manifest does not name it",
    ],
    [
      "a record, and the manifest with it",
      (folder) => {
        edit(folder, RECORDS, (text) => text.replace('"verdict":"deny"', '"verdict":"allow"'));
        forgeManifest(folder);
      },
      "edited     0000000001.jsonl:",
    ],
    [
      "a record taken out, and the manifest with it",
      (folder) => {
        edit(folder, RECORDS, (text) => text.replace(`${line(40)(text)}\n`, ""));
        forgeManifest(folder);
      },
      "removed    0000000001.jsonl:41",
    ],
    [
      "the first records taken out, and the manifest with it",
      (folder) => {
        edit(folder, RECORDS, (text) => text.split("\n").slice(30).join("\n"));
        forgeManifest(folder);
      },
      "the beginning is missing",
    ],
    [
      "two records exchanged, and the manifest with it",
      (folder) => {
        edit(folder, RECORDS, (text) => {
          const lines = text.split("\n");
          return [...lines.slice(0, 50), lines[51], lines[50], ...lines.slice(52)].join("\n");
        });
        forgeManifest(folder);
      },
      "reordered  0000000001.jsonl:",
    ],
    [
      "the end cut off, with the manifest and the notes",
      (folder) => {
        edit(folder, RECORDS, (text) => `${text.trimEnd().split("\n").slice(0, -30).join("\n")}\n`);
        rmSync(join(folder, "records/checkpoints.notes"));
        forgeManifest(folder);
      },
      "the manifest says",
    ],
    [
      "the beginning cut off up to a later checkpoint, with a manifest that says so",
      (folder) => {
        edit(folder, RECORDS, (text) => {
          const lines = text.split("\n");
          const at = lines.findIndex((one, i) => i > 60 && one.includes('"kind":"checkpoint"'));
          return lines.slice(at).join("\n");
        });
        forgeManifest(folder);
        const manifest = JSON.parse(read(folder, "manifest.json"));
        manifest.chain.first = JSON.parse(read(folder, RECORDS).split("\n")[0]!).seq;
        writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
        // The chain is in order, and the text says what it does not show.
        expect(verify(folder).text).toMatch(
          /^WHOLE.*, but the beginning of the period is not here$/m,
        );
        appendFileSync(join(folder, "index.html"), " ");
      },
      "they begin within the period: what was before it is not here",
    ],
  ])("finds %s", (name, deed, expected) => {
    const copy = copyOf(part, name.replace(/[^a-z]+/g, "-"));
    deed(copy);
    const { code, text } = verify(copy);
    expect(text).toContain(expected);
    expect(text).toContain("BROKEN");
    expect(code).toBe(3);
  });

  test("cannot read what is no folder of evidence, and says so", () => {
    const empty = made().folder("nothing");
    mkdirSync(empty);
    const { code } = verify(part.folder, join(empty, "absent"));
    expect(code).toBe(2);
  });
});

describe("what is written by hand in how-to-verify", () => {
  test("its commands do what it says", () => {
    const blocks = read(part.folder, "how-to-verify.txt")
      .split("BY HAND: A RECORD")[1]!
      .split("WHAT THE ANSWER")[0]!
      .split(/\n\n/)
      .filter((block) => block.startsWith("    "));
    const copy = copyOf(part, "by-hand");
    const run = (script: string): string =>
      spawnSync("sh", ["-c", script], { cwd: copy, encoding: "utf8", timeout: 20_000 }).stdout;
    const [hash, next, note, root] = blocks.map(run) as [string, string, string, string];
    const [computed, stored] = hash.match(/[0-9a-f]{64}/g)!;
    expect(computed).toBe(stored);
    expect(next).toContain(stored);
    expect(note).toContain("Signature Verified Successfully");
    // The first note speaks of the record before the first one here.
    const [digits] = root.match(/[0-9a-f]{64}/)!;
    expect(read(copy, RECORDS).split("\n")[0]).toContain(`"prev":"${digits}"`);
  });

  test("the notes fit the public key that is beside them", () => {
    const key = publicKey("key", read(part.folder, "records/checkpoint-key.pem"));
    const notes = read(part.folder, "records/checkpoints.notes")
      .split(/\n\n(?!—)/)
      .filter((one) => one.trim() !== "");
    expect(notes.length).toBeGreaterThan(2);
    for (const note of notes) expect(openCheckpoint(`${note.trim()}\n`, key).ok).toBe(true);
  });
});

describe("tables for spreadsheets", () => {
  test("are read by a strict reader, and every row has as many cells as its head", () => {
    const tables = filesOf(whole.folder).filter((path) => path.endsWith(".csv"));
    expect(tables.length).toBeGreaterThan(15);
    for (const path of tables) {
      // The activity report's file has several tables, one below the other.
      if (path === "data/activity.csv") continue;
      const [head, ...rows] = readCsv(read(whole.folder, path));
      const odd = rows.filter((row) => row.length !== head!.length);
      expect(odd, path).toEqual([]);
    }
  });

  test("have no cell that a spreadsheet would run", () => {
    for (const path of filesOf(whole.folder).filter((one) => one.endsWith(".csv"))) {
      const cells = readCsv(read(whole.folder, path)).flat();
      expect(
        cells.filter((one) => /^[=+\-@\t\r]/.test(one)),
        path,
      ).toEqual([]);
    }
  });

  test("of records have a row for each line", () => {
    const [, ...rows] = readCsv(read(part.folder, "records/csv/0000000001.csv"));
    const lines = read(part.folder, RECORDS).trimEnd().split("\n");
    expect(rows.map(([seq]) => Number(seq))).toEqual(lines.map((one) => JSON.parse(one).seq));
  });
});

describe("what is never in it", () => {
  test("no patient's id, no token, no private key, in any byte", () => {
    const ids = new RegExp(`p-(${Array.from({ length: 3 }, (_, i) => i + 1).join("|")})[0-9]{5}`);
    expect(patientId(0)).toMatch(ids);
    expect(patientId(PATIENTS - 1)).toMatch(ids);
    const tokens = [...made().quarter.tokens.values()];
    for (const path of filesOf(whole.folder)) {
      const text = readFileSync(join(whole.folder, path), "latin1");
      expect(ids.test(text), path).toBe(false);
      expect(text.includes("phw_"), path).toBe(false);
      expect(
        tokens.some((token) => text.includes(token)),
        path,
      ).toBe(false);
      expect(text.includes("PRIVATE KEY"), path).toBe(false);
    }
  });

  test("nothing runs, and nothing is loaded from elsewhere", () => {
    for (const path of filesOf(whole.folder).filter((one) => one.endsWith(".html"))) {
      const html = read(whole.folder, path);
      expect(html, path).toContain(`content="default-src 'none'; style-src`);
      expect(html, path).not.toMatch(/<(script|iframe|object|embed|img|link|base|form)\b/i);
      expect(html, path).not.toMatch(/\son[a-z]+=|javascript:|(src|href)="(https?:)?\/\//i);
    }
  });
});

describe("making it", () => {
  test("twice gives the same bytes", async () => {
    const again = await made().write("again");
    expect(again.manifest.digest).toBe(whole.manifest.digest);
    expect(filesOf(again.folder)).toEqual(filesOf(whole.folder));
  });

  test("never writes over a folder, and leaves nothing when it fails", async () => {
    await expect(made().write("whole")).rejects.toMatchObject({ code: "USAGE" });
    const tree = { label: "broken", list: async () => [], read: async () => new Uint8Array() };
    await expect(made().write("failed", { tree })).rejects.toThrow();
    expect([existsSync(made().folder("failed")), existsSync(made().folder("failed.part"))]).toEqual(
      [false, false],
    );
  });

  test("is itself recorded, with the digest of the manifest and nothing of a patient", async () => {
    const state = made().folder("state");
    cpSync(made().quarter.state, state, { recursive: true });
    const told = await recordExport(state, whole, {
      by: "person:e.winter",
      now: () => NOW,
      random: (bytes) => Buffer.alloc(bytes, 7),
    });
    expect(told).toBe("recorded");
    const records = [...readRecords(join(state, "audit"))].filter(({ kind }) => kind === "admin");
    expect(records.at(-1)).toMatchObject({
      action: "evidence.exported",
      by: "person:e.winter",
      details: { from: whole.facts.period.from, digest: whole.manifest.digest, records: true },
    });
  });

  test("of a log that is broken says so, and says where", async () => {
    const state = made().folder("broken");
    cpSync(made().quarter.state, state, { recursive: true });
    edit(state, "audit/0000000001.jsonl", (text) =>
      text.replace('"verdict":"deny"', '"verdict":"deNy"'),
    );
    const { facts, folder } = await made().write("of-broken", { state });
    expect(facts.chain.verification).toMatchObject({ verdict: "broken", problemCount: 1 });
    const html = read(folder, "index.html");
    expect(html).toContain("The log is broken");
    expect(html).toContain("it is not what was written");
    expect(verify(folder)).toMatchObject({ code: 3, text: expect.stringContaining("edited") });
  });
});
