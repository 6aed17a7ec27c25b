/** A carried release on disk. */
import { readFileSync, statSync } from "node:fs";
import { PhiwardError } from "../../errors.ts";
import { MAX_CARRY_BYTES, readCarry } from "../carry.ts";
import type { ReleaseFiles } from "../files.ts";
import { believing } from "../untrusted.ts";

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Rejects with UNTRUSTED for a file that is none. */
export async function readCarried(path: string): Promise<ReleaseFiles> {
  if (statSync(path).size > MAX_CARRY_BYTES) {
    throw new PhiwardError("INVALID_INPUT", `\`${path}\` is larger than ${MAX_CARRY_BYTES} bytes`, {
      help: "it is no release that was carried",
    });
  }
  return await believing((demand) => readCarry(readFileSync(path), demand));
}
