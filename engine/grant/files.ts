/** A file that is there as a whole or not at all, whenever the machine stops. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** The steps of a durable write, each of which may fail. */
export interface FileSteps {
  /** Makes a new file that only its owner may read. */
  create(path: string): number;
  write(file: number, text: string): void;
  sync(file: number): void;
  rename(from: string, to: string): void;
  /** Until the folder is on disk a new name in it may be lost. */
  syncFolder(path: string): void;
}

export const nodeSteps: FileSteps = {
  create: (path) => openSync(path, "wx", 0o600),
  write: (file, text) => writeFileSync(file, text),
  sync: (file) => fsyncSync(file),
  rename: (from, to) => renameSync(from, to),
  syncFolder: (path) => {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  },
};

/** What a draft is called until it is whole. */
export const DRAFT = ".draft";

/** Replaces the file at `path`: after an error or a crash it is the old one or the new one. */
export function writeDurably(path: string, text: string, steps: FileSteps = nodeSteps): void {
  const draft = `${path}${DRAFT}`;
  // Of an earlier crash.
  rmSync(draft, { force: true });
  const file = steps.create(draft);
  try {
    steps.write(file, text);
    steps.sync(file);
  } finally {
    closeSync(file);
  }
  steps.rename(draft, path);
  steps.syncFolder(dirname(path));
}
