/** A fixture file that grows by whole lines. */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { PhiwardError } from "../errors.ts";

export interface FixtureFile {
  /** One line, in the file when this returns: a process that is killed leaves whole lines. */
  append(line: string): void;
  close(): void;
}

/** A new file: what was recorded before is never written over. */
export function createFixtureFile(path: string, raw: boolean): FixtureFile {
  const fd = created(path, raw ? 0o600 : 0o644);
  return {
    append(line) {
      const bytes = Buffer.from(`${line}\n`, "utf8");
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    },
    close() {
      fsyncSync(fd);
      closeSync(fd);
    },
  };
}

function created(path: string, mode: number): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, "wx", mode);
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    throw new PhiwardError("UNREADABLE", `\`${path}\` cannot be made`, {
      help: exists ? "it exists already: name another file" : "check the folder's permissions",
      cause: error,
    });
  }
}
