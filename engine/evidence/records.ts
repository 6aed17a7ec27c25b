/**
 * The records of an excerpt, on their way into the folder: the chain's own lines, byte for byte, and a
 * table beside them for spreadsheets. A line that is not what was written is copied as well: it is
 * evidence too, and the verifier says what is wrong with it.
 */
import { readLink } from "../audit/chain.ts";
import { claimOf } from "../audit/checkpoint.ts";
import type { Excerpt } from "../audit/index/excerpt.ts";
import { notesOf } from "../audit/notes.ts";
import type { AuditRecord } from "../audit/record.ts";
import { MAX_LINE_BYTES, segmentName, tailOf } from "../audit/segments.ts";
import { RECORD_COLUMNS, recordCells } from "../render/audit-query.ts";
import { csv } from "../render/csv.ts";
import type { OutputFile, OutputFolder } from "./folder.ts";

/** As many records stand in one file; a spreadsheet holds 1,048,576 rows. */
const PART_RECORDS = 200_000;
/** So much is gathered before it is written. */
const BLOCK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

export interface RecordsOptions {
  /** Epoch milliseconds, both ends included: what is counted. */
  readonly period: { readonly from: number; readonly to: number };
  /** Where the lines go; undefined: they are only counted. */
  readonly into?: OutputFolder | undefined;
  /** Hears of each genuine record of the period. */
  readonly each: (record: AuditRecord) => void;
  /** Hears now and then how many have gone by. */
  readonly onProgress?: ((records: number) => void) | undefined;
}

export interface WrittenRecords {
  /** How many lines stand in the files. */
  readonly lines: number;
  /** How many of them are not of the period: they lead to the checkpoint before, or behind. */
  readonly beside: number;
  readonly parts: readonly string[];
}

const PROGRESS_EVERY = 50_000;

/** Reads the excerpt once, and writes while it reads. */
export function writeRecords(
  log: string,
  { first, last, segment, offset }: Excerpt,
  { period, into, each, onProgress }: RecordsOptions,
): WrittenRecords {
  const parts = into === undefined ? undefined : startParts(into);
  let lines = 0;
  let beside = 0;
  for (const { bytes, whole } of tailOf(log, segment, offset)) {
    if (!whole) continue;
    const link = readLink(bytes);
    if (link !== undefined && link.seq > last && lines > 0) break;
    lines++;
    const record =
      link?.genuine === true && link.seq >= first
        ? (JSON.parse(bytes.toString("utf8")) as AuditRecord)
        : undefined;
    parts?.add(bytes, record);
    const at = record === undefined ? Number.NaN : Date.parse(record.at);
    if (record !== undefined && period.from <= at && at <= period.to) each(record);
    else beside++;
    if (lines % PROGRESS_EVERY === 0) onProgress?.(lines);
    if (link?.seq === last) break;
  }
  return { lines, beside, parts: parts?.close() ?? [] };
}

interface Parts {
  /** The line's bytes are copied: its reader uses them again. */
  add(line: Buffer, record: AuditRecord | undefined): void;
  /** The names of the files of lines. */
  close(): readonly string[];
}

function startParts(into: OutputFolder): Parts {
  const names: string[] = [];
  let lines: Block<Buffer> | undefined;
  let table: Block<string> | undefined;
  let inPart = 0;

  function turn(): void {
    lines?.close();
    table?.close();
    const name = segmentName(names.length + 1);
    names.push(`records/${name}`);
    lines = lineBlock(into.open(`records/${name}`));
    table = rowBlock(into.open(`records/csv/${name.replace("jsonl", "csv")}`));
    table.add(csv([RECORD_COLUMNS]));
    inPart = 0;
  }

  return {
    add(line, record) {
      if (lines === undefined || inPart === PART_RECORDS) turn();
      inPart++;
      lines!.add(line);
      if (record !== undefined) table!.add(csv([recordCells({ record })]));
    },
    close() {
      lines?.close();
      table?.close();
      return names;
    },
  };
}

/** Gathers lines, and writes them together. */
interface Block<Line> {
  add(line: Line): void;
  close(): void;
}

function lineBlock(file: OutputFile): Block<Buffer> {
  const block = Buffer.allocUnsafe(BLOCK_BYTES + MAX_LINE_BYTES + 1);
  let filled = 0;
  const flush = (): void => {
    file.write(block.subarray(0, filled));
    filled = 0;
  };
  return {
    add(line) {
      filled += line.copy(block, filled);
      block[filled++] = NEWLINE;
      if (filled >= BLOCK_BYTES) flush();
    },
    close() {
      flush();
      file.close();
    },
  };
}

function rowBlock(file: OutputFile): Block<string> {
  let waiting: string[] = [];
  let size = 0;
  const flush = (): void => {
    file.write(Buffer.from(waiting.map((row) => `${row}\r\n`).join(""), "utf8"));
    waiting = [];
    size = 0;
  };
  return {
    add(row) {
      waiting.push(row);
      size += row.length;
      if (size >= BLOCK_BYTES) flush();
    },
    close() {
      flush();
      file.close();
    },
  };
}

/** The signed notes that speak of the excerpt, or of the record before it. */
export function* notesWithin(
  path: string,
  { first, last }: Pick<Excerpt, "first" | "last">,
): Generator<string> {
  for (const note of notesOf(path)) {
    const count = claimOf(note)?.count ?? 0;
    if (first - 1 <= count && count <= last) yield note;
  }
}
