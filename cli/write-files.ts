/** Files of a policy repository, each replaced at once: whoever stops the command finds the old text or the new one. */
import { rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type * as Engine from "../engine/index.ts";

/** `null` removes the file. Paths are relative to the folder. */
export async function writeFiles(
  engine: typeof Engine,
  folder: string,
  files: ReadonlyMap<string, string | null>,
): Promise<void> {
  for (const [path, text] of files) {
    const target = join(folder, path);
    const beside = `${target}.phiward-${process.pid}`;
    try {
      if (text === null) {
        await rm(target);
        continue;
      }
      await writeFile(beside, text, { flag: "wx", mode: (await stat(target)).mode });
      await rename(beside, target);
    } catch (error) {
      throw engine.unreadable(target, error as NodeJS.ErrnoException);
    }
  }
}
