/** A release as one file, for a machine that no network reaches. */
import { canonical, type Json } from "../json/value.ts";
import type { CarryFile } from "../schema/types.ts";
import { type Demand, startChecks } from "./checks.ts";
import { type ReleaseFiles, releaseContents, releaseFiles } from "./files.ts";
import { readSigned } from "./read.ts";

/** A bundle of 16 MiB, of which each character may be escaped, and what stands beside it. */
export const MAX_CARRY_BYTES = 64 * 1024 * 1024;

/** The same files give the same bytes. */
export function writeCarry(files: ReleaseFiles): string {
  const carried: CarryFile = {
    type: "phiward.carry/1",
    files: [...releaseContents(files)]
      .map(([path, bytes]) => ({ path, text: Buffer.from(bytes).toString("utf8") }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
  return canonical(carried as unknown as Json);
}

/** The files in it, which are as little trusted as any others. Throws Refused. */
export function readCarry(bytes: Uint8Array, demand: Demand = startChecks().demand): ReleaseFiles {
  const { files } = readSigned("carry", "the carried file", bytes, MAX_CARRY_BYTES, demand);
  const inOrder = files.every(({ path }, i) => i === 0 || files[i - 1]!.path < path);
  demand("form", inOrder, "the carried file does not list its files in order");
  return releaseFiles(new Map(files.map(({ path, text }) => [path, Buffer.from(text, "utf8")])));
}
