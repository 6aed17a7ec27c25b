/** Files on their way into a folder that is written once: copied or written, on the disk, with their digest. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { PhiwardError } from "../../errors.ts";
import type { ArchivedFile } from "./manifest.ts";
import { sha256Hex } from "./manifest.ts";

/** Makes the folder. Throws USAGE where something is in it. */
export function makeEmpty(to: string, allowed: readonly string[] = []): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  if (readdirSync(to).every((name) => allowed.includes(name))) return;
  throw new PhiwardError("USAGE", `\`${to}\` is not empty`, {
    help: "name a new folder: nothing that is there is written over",
  });
}

/** Copies the first `bytes` of a file; all of it when absent. `path` is the one in the folder. */
export async function copyInto(
  source: string,
  to: string,
  path: string,
  bytes?: number,
): Promise<ArchivedFile> {
  if (bytes === 0) return await writeInto(to, path, "");
  const target = place(to, path);
  const digest = createHash("sha256");
  let copied = 0;
  const reading = createReadStream(source, bytes === undefined ? {} : { end: bytes - 1 });
  reading.on("data", (chunk) => {
    digest.update(chunk);
    copied += chunk.length;
  });
  await pipeline(reading, createWriteStream(target, { mode: 0o600, flags: "wx" }));
  const file = await open(target, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return { path, bytes: copied, sha256: digest.digest("hex") };
}

export async function writeInto(
  to: string,
  path: string,
  content: string | Uint8Array,
): Promise<ArchivedFile> {
  await writeFile(place(to, path), content, { mode: 0o600, flag: "wx", flush: true });
  return { path, bytes: Buffer.byteLength(content), sha256: sha256Hex(content) };
}

function place(to: string, path: string): string {
  const target = join(to, path);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  return target;
}

/** What is wrong with the files of a folder, by its manifest. */
export async function fileProblems(
  folder: string,
  files: readonly ArchivedFile[],
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { path, bytes, sha256 } of files) {
    const found = await digestOf(join(folder, path));
    if (found === undefined) problems.push(`\`${path}\` is missing`);
    else if (found.sha256 !== sha256 || found.bytes !== bytes) {
      problems.push(`\`${path}\` is not what was written`);
    }
  }
  return problems;
}

async function digestOf(path: string): Promise<Pick<ArchivedFile, "bytes" | "sha256"> | undefined> {
  if (!existsSync(path)) return undefined;
  const digest = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    digest.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: digest.digest("hex") };
}
