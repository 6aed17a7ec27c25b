/** Where an export goes. */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";

export interface ExportSink {
  /** Resolves when what was sent is safe there. `head` stands before everything, once. */
  send(text: string, head: string): Promise<void>;
  close(): Promise<void>;
}

const NEWLINE = 0x0a;

/** Adds to a file, which only its owner may read. On disk when `send` resolves. */
export function fileSink(path: string): ExportSink {
  const fd = openSync(path, "a+", 0o600);
  return {
    async send(text, head) {
      const { size } = fstatSync(fd);
      // A crash may have cut the last line short; what was cut comes again, on a line of its own.
      const mend = size > 0 && !endsLine(fd, size) ? "\n" : "";
      writeAll(fd, Buffer.from(`${mend}${size === 0 ? head : ""}${text}`));
      fsyncSync(fd);
    },
    async close() {
      closeSync(fd);
    },
  };
}

function endsLine(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === NEWLINE;
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/** Hands each text to a function, which resolves when it may have the next one. */
export function functionSink(write: (text: string) => Promise<void>): ExportSink {
  let begun = false;
  return {
    async send(text, head) {
      await write(begun ? text : head + text);
      begun = true;
    },
    close: async () => {},
  };
}
