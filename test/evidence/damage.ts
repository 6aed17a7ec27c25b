/** A log of small segments and what can be done to it: each change is found by every verifier alike. */
import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkpointEntry, signCheckpoint } from "../../engine/audit/checkpoint.ts";
import { NOTES_FILE } from "../../engine/audit/notes.ts";
import { readRecords } from "../../engine/audit/read.ts";
import type { CheckpointEntry } from "../../engine/audit/record.ts";
import {
  entries,
  KEYS,
  ORIGIN,
  patient,
  START,
  type WriteOptions,
  writeLog,
} from "../audit/generate.ts";

const SEGMENT_BYTES = 8192;

export function written(folder: string, count = 40, options: WriteOptions = {}, seed = 1): void {
  writeLog(folder, entries(count, { seed }), {
    segmentBytes: SEGMENT_BYTES,
    everyRecords: 10,
    ...options,
  });
}

export function segmentsOf(folder: string): string[][] {
  return segmentFiles(folder).map((name) =>
    readFileSync(join(folder, name), "utf8").trimEnd().split("\n"),
  );
}

function segmentFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .sort();
}

export function rewrite(folder: string, segments: readonly (readonly string[])[]): void {
  for (const [i, lines] of segments.entries()) {
    const text = lines.map((line) => `${line}\n`).join("");
    writeFileSync(join(folder, `${String(i + 1).padStart(10, "0")}.jsonl`), text);
  }
}

/** Of another chain, written beside the first. */
export type OtherChain = () => string[][];

type Change = (segments: string[][], other: OtherChain) => string[][];

const LINES: Readonly<Record<string, Change>> = {
  "nothing at all": (segments) => segments,
  "a letter of a record": ([first, ...rest]) => [
    first!.map((line, i) => (i === 3 ? line.replace("treatment", "treatmenT") : line)),
    ...rest,
  ],
  "the hash of a record": ([first, ...rest]) => [
    first!.map((line, i) => (i === 3 ? line.replace(/"hash":"./, '"hash":"x') : line)),
    ...rest,
  ],
  "a record, taken out": ([first, ...rest]) => [first!.filter((_, i) => i !== 4), ...rest],
  "two records, exchanged": ([first, second, ...rest]) => [
    [...first!.slice(0, 2), second![1]!, ...first!.slice(3)],
    [second![0]!, first![2]!, ...second!.slice(2)],
    ...rest,
  ],
  "records of another chain, whose numbers fit": ([first, ...rest], other) => [
    [...first!.slice(0, 5), ...other()[0]!.slice(5, first!.length)],
    ...rest,
  ],
  "one record of another chain": ([first, ...rest], other) => [
    first!.map((line, i) => (i === 2 ? other()[0]![2]! : line)),
    ...rest,
  ],
  "another chain, behind": (segments, other) => [...segments, ...other()],
  "another chain, instead": (_, other) => other(),
  "a record, twice": ([first, ...rest]) => [[...first!, first![2]!], ...rest],
  "a block, in another place": ([first, second, ...rest]) => [
    first!.slice(0, 3),
    [...second!, ...first!.slice(3, 6)],
    [...first!.slice(6)],
    ...rest,
  ],
  "a line, put in": ([first, ...rest]) => [
    [...first!.slice(0, 4), '{"hello":1}', ...first!.slice(4)],
    ...rest,
  ],
  "an empty line": ([first, ...rest]) => [[...first!.slice(0, 4), "", ...first!.slice(4)], ...rest],
  "several places": ([first, second, ...rest]) => [
    first!.filter((_, i) => i !== 3 && i !== 4),
    second!.filter((_, i) => i !== 0),
    ...rest,
  ],
  "the beginning, taken away": ([first, ...rest]) => [first!.slice(4), ...rest],
  "the end, cut off": (segments) => [...segments.slice(0, -1), segments.at(-1)!.slice(0, -3)],
  "the last files, emptied": (segments) => segments.map((lines, i) => (i < 2 ? lines : [])),
  "everything, emptied": (segments) => segments.map(() => []),
};

const other = generateKeyPairSync("ed25519");

/** What is done to the files of a folder that `written` made. */
type Deed = (folder: string) => void;

const FILES: Readonly<Record<string, Deed>> = {
  "a file, missing": (folder) => rmSync(join(folder, "0000000003.jsonl")),
  "a record, zeroed": (folder) => {
    const length = Buffer.byteLength(segmentsOf(folder)[1]![0]!) + 1;
    change(join(folder, "0000000002.jsonl"), (bytes) => bytes.fill(0, 0, length));
  },
  "a hole in the middle of a line": (folder) =>
    change(join(folder, "0000000002.jsonl"), (bytes) => bytes.fill(0, 700, 900)),
  // Sectors are lost whole: a hole of another form was made by somebody, and is no torn write.
  "a hole in the last file": (folder) => {
    const path = join(folder, segmentFiles(folder).at(-1)!);
    change(path, (bytes) => bytes.fill(0, bytes.length - 333, bytes.length - 222));
  },
  "a last record, cut short": (folder) => {
    const path = join(folder, segmentFiles(folder).at(-1)!);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 7));
  },
  "a record before the last checkpoint, cut short": (folder) => {
    const path = join(folder, segmentFiles(folder).at(-1)!);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 1200));
  },
  "a first segment, cut short": (folder) => {
    const path = join(folder, "0000000001.jsonl");
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 100));
  },
  "room that was made ahead": (folder) => {
    const path = join(folder, segmentFiles(folder).at(-1)!);
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(10_000)]));
    writeFileSync(join(folder, "0000000099.jsonl"), Buffer.alloc(10_000));
  },
  "a note, edited": (folder) => notes(folder, (text) => text.replace("\n10\n", "\n11\n")),
  "no note at all": (folder) => notes(folder, (text) => `hello\n\n${text}`),
  "notes, in another order": (folder) =>
    notes(folder, (text) =>
      text
        .split(/\n\n(?!—)/)
        .filter((note) => note !== "")
        .toReversed()
        .map((note) => `${note.trim()}\n\n`)
        .join(""),
    ),
  "a note of another chain": (folder) =>
    notes(folder, (text) => text.replace(ORIGIN, "gw-9/0000000000000000")),
  "notes, signed with another key": (folder) => {
    rmSync(folder, { recursive: true });
    written(folder, 40, { key: other.privateKey });
  },
  ...Object.fromEntries(
    Object.entries(OWN_CHECKPOINTS()).map(([name, say]) => [
      `a checkpoint in the chain ${name}`,
      (folder: string) => withOwnCheckpoint(folder, say),
    ]),
  ),
};

type Say = (entry: CheckpointEntry) => Partial<CheckpointEntry>;

function OWN_CHECKPOINTS(): Readonly<Record<string, Say>> {
  return {
    "that says the truth": () => ({}),
    "of another count": () => ({ count: 3 }),
    "of another last record": () => ({ root: patient(1) }),
    "of another name": () => ({ origin: "gw-1/0000000000000000" }),
    "whose note is of other records": () => ({
      note: signCheckpoint({ origin: ORIGIN, count: 4, root: patient(2) }, KEYS.privateKey),
    }),
    "without a note": () => ({ note: "none" }),
    "that was signed by somebody else": ({ origin, count, root }) => ({
      note: signCheckpoint({ origin, count, root }, other.privateKey),
    }),
  };
}

/** Four records, and a checkpoint of them that says something else than what stands there. */
function withOwnCheckpoint(folder: string, say: Say): void {
  rmSync(folder, { recursive: true });
  const four = [...entries(4)];
  writeLog(folder, four);
  const [last] = [...readRecords(folder)].slice(-1);
  const head = { seq: 4, hash: last!.hash, at: START };
  const entry = checkpointEntry(ORIGIN, head, KEYS.privateKey, START);
  writeLog(folder, [...four, { ...entry, ...say(entry) }]);
}

function change(path: string, how: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path);
  how(bytes);
  writeFileSync(path, bytes);
}

function notes(folder: string, how: (text: string) => string): void {
  const path = join(folder, NOTES_FILE);
  writeFileSync(path, how(readFileSync(path, "utf8")));
}

/** Every kind of damage, by name; `aside` is a folder for another chain. */
export const DAMAGE: readonly (readonly [string, (folder: string, aside: string) => void])[] = [
  ...Object.entries(LINES).map(
    ([name, how]) =>
      [
        name,
        (folder: string, aside: string): void => {
          const chain: OtherChain = () => {
            written(aside, 40, {}, 2);
            return segmentsOf(aside);
          };
          rewrite(folder, how(segmentsOf(folder), chain));
        },
      ] as const,
  ),
  ...Object.entries(FILES),
];
