/** Files of signed notes: one after the other, a blank line between. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** The file in a log's folder in which every signed note of it stands. */
export const NOTES_FILE = "checkpoints.notes";

const CHUNK_BYTES = 64 * 1024;
/** Between two notes. Within a note a blank line is followed by a signature. */
const BETWEEN = /\n\n(?!— )/;
/** The same where the text goes on: it is not known yet what follows a blank line at its end. */
const BETWEEN_SO_FAR = /\n\n(?=[\s\S]{2})(?!— )/;
/** Up to the end of the last line with a signature, which ends a note. Read as one byte a letter. */
const FINISHED = /^[\s\S]*\n\xe2\x80\x94 [^\n]+\n\n?/;

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
 * asked for does not come: a verifier would look for records that it has not read yet. Neither does
 * the beginning of a note at the end, which a crash leaves there.
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
      if (read === 0) return yield* splitNotes(finished(Buffer.from(text)).toString());
      const notes = text.split(BETWEEN_SO_FAR);
      // The last one may go on in the next chunk.
      text = notes.pop()!;
      for (const note of notes) yield* splitNotes(note);
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
    const read = readSync(fd, buffer, 0, CHUNK_BYTES, start);
    return splitNotes(finished(buffer.subarray(0, read)).toString()).at(-1);
  } finally {
    closeSync(fd);
  }
}

/** The notes without the beginning of one that was never written to its end. */
function finished(notes: Buffer): Buffer {
  return notes.subarray(0, FINISHED.exec(notes.toString("latin1"))?.[0].length ?? 0);
}

/** Adds a note, and resolves when it is on the disk. */
export async function appendNote(path: string, note: string): Promise<void> {
  const file = await open(path, "a+", 0o600);
  try {
    await cutUnfinished(file);
    await file.appendFile(`${note}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Or the next note would go on in the line in which a crash left the last one. */
async function cutUnfinished(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const start = Math.max(0, size - CHUNK_BYTES);
  const tail = Buffer.alloc(size - start);
  await file.read(tail, 0, tail.length, start);
  const whole = finished(tail);
  if (whole.length < tail.length) await file.truncate(start + whole.length);
  if (whole.length > 0 && !whole.toString("latin1").endsWith("\n\n")) await file.appendFile("\n");
}
