/** Folders for logs, and disks that fail when they are told to. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Disk, nodeDisk } from "../../engine/audit/disk.ts";
import { type FileLogOptions, openFileLog } from "../../engine/audit/file-log.ts";
import type { AuditLog } from "../../engine/audit/log.ts";
import { readRecords } from "../../engine/audit/read.ts";
import type { AuditRecord } from "../../engine/audit/record.ts";
import { type Verification, verifyLog } from "../../engine/audit/verify/verify.ts";
import { entry } from "./entry.ts";
import { KEYS, NODE, START } from "./generate.ts";

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "phiward-audit-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export type LogFields = Partial<Omit<FileLogOptions, "folder" | "checkpoint">> & {
  readonly everyRecords?: number;
};

/** A log without checkpoints on a timer; it is closed when the test is over. */
export async function openLog(folder: string, fields: LogFields = {}): Promise<AuditLog> {
  const { everyRecords = 1_000_000, ...rest } = fields;
  const log = await openFileLog({
    folder,
    node: NODE,
    now: () => START,
    segmentBytes: 64 * 1024,
    checkpoint: { key: KEYS.privateKey, everyRecords, everyMs: 3_600_000, sinks: [] },
    ...rest,
  });
  onTestFinished(() => log.close());
  return log;
}

export async function appendMany(log: AuditLog, count: number, from = 0): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, i) => log.append(entry(from + i)).durable));
}

export function recordsIn(folder: string): AuditRecord[] {
  return [...readRecords(folder)];
}

export function verification(folder: string): Verification {
  return verifyLog(folder, { keys: [KEYS.publicKey], kept: [] });
}

/** What a disk says: with a code, as Node has it. */
export function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code });
}

/** The real disk, with some of its operations replaced. */
export function diskWith(operations: Partial<Disk>): Disk {
  return { ...nodeDisk, ...operations };
}

/** A promise, and the way to end it. */
export function gate(): { readonly closed: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { closed: promise, open: resolve };
}
