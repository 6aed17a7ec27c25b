/** Files of signed notes: one after the other, a blank line between. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";

/** The file in a log's folder in which every signed note of it stands. */
export const NOTES_FILE = "checkpoints.notes";

const CHUNK_BYTES = 64 * 1024;
/** Between two notes. Within a note a blank line is followed by a signature. */
const BETWEEN = /\n\n(?!— )/;

/** The notes of a text. */
export function splitNotes(text: string): string[] {
  return text
    .split(BETWEEN)
    .map((note) => note.trim())
    .filter((note) => note !== "")
    .map((note) => `${note}\n`);
}

/**
 * The notes of a file, in order; none when there is no file. What is added after the first one was
 * asked for does not come: a verifier would look for records that it has not read yet.
 */
export function* notesOf(path: string): Generator<string> {
  if (!existsSync(path)) return;
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const decoder = new TextDecoder();
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let text = "";
    for (let at = 0; ; at += CHUNK_BYTES) {
      const read = readSync(fd, buffer, 0, Math.max(0, Math.min(CHUNK_BYTES, size - at)), at);
      text += decoder.decode(buffer.subarray(0, read), { stream: read > 0 });
      const notes = text.split(BETWEEN);
      // The last one may go on in the next chunk.
      text = read === 0 ? "" : notes.pop()!;
      for (const note of notes) yield* splitNotes(note);
      if (read === 0) return;
    }
  } finally {
    closeSync(fd);
  }
}

/** The newest note of a file, without reading all of it. */
export function newestNote(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    const start = Math.max(0, fstatSync(fd).size - CHUNK_BYTES);
    const text = buffer.toString("utf8", 0, readSync(fd, buffer, 0, CHUNK_BYTES, start));
    const last = text.trim().split(BETWEEN).at(-1);
    return last === undefined || last === "" ? undefined : `${last}\n`;
  } finally {
    closeSync(fd);
  }
}

/** Adds a note, and resolves when it is on the disk. */
export async function appendNote(path: string, note: string): Promise<void> {
  const file = await open(path, "a", 0o600);
  try {
    await file.appendFile(`${note}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
