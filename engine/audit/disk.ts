/** What the log does to files, as a small interface: tests put a disk in its place that fails. */
import { constants, fdatasync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";

export interface Disk {
  /** Writes at a position; returns how many bytes were written. Throws what the system says. */
  write(fd: number, bytes: Uint8Array, position: number): number;
  /** Resolves when what was written to the file is on the disk. */
  datasync(fd: number): Promise<void>;
  /**
   * Makes a file hold nothing but zeros from `from` on, up to `size`; makes the file if need be.
   * Resolves when the file and its name are on the disk.
   */
  preallocate(path: string, from: number, size: number): Promise<void>;
}

const CHUNK_BYTES = 1024 * 1024;

export const nodeDisk: Disk = {
  write: (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  datasync: (fd) =>
    new Promise((resolve, reject) => {
      fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
    }),
  async preallocate(path, from, size) {
    const zeros = Buffer.alloc(Math.min(CHUNK_BYTES, Math.max(0, size - from)));
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      await file.truncate(from);
      for (let at = from; at < size; at += zeros.length) {
        const length = Math.min(zeros.length, size - at);
        const { bytesWritten } = await file.write(zeros, 0, length, at);
        if (bytesWritten !== length) throw new Error("short write");
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(dirname(path));
  },
};

/** A new name in a folder survives a power loss only when the folder is synced too. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
