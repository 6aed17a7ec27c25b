/**
 * The folder that is handed over. It is made beside its place and renamed when it is whole, so that
 * nobody takes a half for the whole; the digest of each file is taken as it is written.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { PhiwardError } from "../errors.ts";
import { compareText } from "../finding.ts";

export interface WrittenFile {
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

export interface OutputFile {
  write(bytes: Uint8Array): void;
  close(): void;
}

export interface OutputFolder {
  put(path: string, content: string | Uint8Array): void;
  /** For what is too large to hold. */
  open(path: string): OutputFile;
  /** What has been written so far, by path, sorted. */
  files(): Readonly<Record<string, WrittenFile>>;
  /** Puts the folder in its place. */
  finish(): void;
  /** Leaves nothing behind. */
  abandon(): void;
}

/** Throws USAGE when something stands there already: evidence is never written over. */
export function newFolder(path: string): OutputFolder {
  const target = resolve(path);
  if (existsSync(target) && !isEmptyFolder(target)) {
    throw new PhiwardError("USAGE", `\`${path}\` is not empty`, {
      help: "name a folder that is not there yet: evidence is never written over",
    });
  }
  const draft = `${target}.part`;
  rmSync(draft, { recursive: true, force: true });
  const written = new Map<string, WrittenFile>();

  function open(name: string): OutputFile {
    const file = join(draft, name);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const fd = openSync(file, "wx", 0o600);
    const hash = createHash("sha256");
    let size = 0;
    return {
      write(bytes) {
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
        hash.update(bytes);
        size += bytes.length;
      },
      close() {
        fsyncSync(fd);
        closeSync(fd);
        written.set(name, { bytes: size, sha256: hash.digest("hex") });
      },
    };
  }

  return {
    open,
    put(name, content) {
      const file = open(name);
      file.write(typeof content === "string" ? Buffer.from(content, "utf8") : content);
      file.close();
    },
    files: () => Object.fromEntries([...written].sort(([a], [b]) => compareText(a, b))),
    finish() {
      if (existsSync(target)) rmdirSync(target);
      mkdirSync(dirname(target), { recursive: true });
      renameSync(draft, target);
    },
    abandon: () => rmSync(draft, { recursive: true, force: true }),
  };
}

function isEmptyFolder(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return false;
  }
}
