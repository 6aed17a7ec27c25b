/**
 * The state of an engine on disk. Everything that the state file names is there before it, so that a
 * crash between any two writes leaves the state before or the one after:
 *
 *     objects, roots ─▶ state.json ─▶ sweep
 *
 * Each file is written beside its place, synced, and renamed; the folder is synced after it. The first
 * time the whole folder is made like that, so that one without a state file is never a crash's work.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { PhiwardError } from "../../errors.ts";
import type { Digest } from "../../json/value.ts";
import type { StateFile } from "../../schema/types.ts";
import { Refused, startChecks } from "../checks.ts";
import { type Keeping, type Kept, readState } from "../kept.ts";
import { MAX_BUNDLE_BYTES } from "../limits.ts";

const STATE = "state.json";
const ROOTS = "roots";
const OBJECTS = "objects";

/**
 * Throws Refused (`state`) when the state file is damaged, or gone beside what it named. No crash leaves
 * it so, and starting anew would let whoever damages the file bring back an old release.
 */
export function readKept(folder: string): Kept {
  const bytes = bytesOf(join(folder, STATE));
  if (bytes === undefined && entries(join(folder, ROOTS)).length > 0) {
    throw new Refused("state", "the state of the releases is gone");
  }
  const state = bytes === undefined ? undefined : stateIn(bytes);
  const roots = new Map<number, Uint8Array>();
  for (const name of entries(join(folder, ROOTS))) {
    const version = /^([1-9][0-9]{0,5})\.json$/.exec(name)?.[1];
    const bytes = version === undefined ? undefined : bytesOf(join(folder, ROOTS, name));
    if (bytes !== undefined) roots.set(Number(version), bytes);
  }
  return {
    roots,
    object: (digest) => bytesOf(objectPath(folder, digest)),
    ...(state === undefined ? {} : { state }),
  };
}

function stateIn(bytes: Uint8Array): StateFile {
  try {
    return readState(bytes, startChecks().demand);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new Refused("state", "the state of the releases is damaged");
  }
}

/** When it returns, the state is on the disk. Throws UNREADABLE. */
export function keep(folder: string, keeping: Keeping): void {
  try {
    if (existsSync(join(folder, STATE))) write(folder, keeping);
    else begin(folder, keeping);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new PhiwardError("UNREADABLE", `the state of the releases cannot be written (${code})`, {
      help: "see that the disk has room, and that the folder is the gateway's own",
      cause,
    });
  }
  sweep(folder);
}

function begin(folder: string, keeping: Keeping): void {
  const beside = `${folder}.new`;
  rmSync(beside, { recursive: true, force: true });
  write(beside, keeping);
  renameSync(beside, folder);
  syncFolder(dirname(folder));
}

function write(folder: string, { state, roots, objects }: Keeping): void {
  mkdirSync(join(folder, ROOTS), { recursive: true, mode: 0o700 });
  mkdirSync(join(folder, OBJECTS), { recursive: true, mode: 0o700 });
  for (const [digest, bytes] of objects) writeOnce(objectPath(folder, digest), bytes);
  for (const [version, bytes] of roots) writeOnce(join(folder, ROOTS, `${version}.json`), bytes);
  syncFolder(join(folder, OBJECTS));
  syncFolder(join(folder, ROOTS));
  replace(join(folder, STATE), Buffer.from(state));
  syncFolder(folder);
}

function objectPath(folder: string, digest: Digest): string {
  return join(folder, OBJECTS, digest.slice("sha256:".length));
}

/** A file under its own digest, or a root under its number, is never another one later. */
function writeOnce(path: string, bytes: Uint8Array): void {
  if (bytesOf(path)?.equals(bytes) !== true) replace(path, bytes);
}

function replace(path: string, bytes: Uint8Array): void {
  const fd = openSync(`${path}.new`, "w", 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** What the state does not name, and what a crash left half written. Never an error: it is only room. */
function sweep(folder: string): void {
  const state = bytesOf(join(folder, STATE))?.toString("utf8") ?? "";
  const named = new Set(state.match(/[0-9a-f]{64}/g));
  for (const name of entries(join(folder, OBJECTS))) {
    if (!named.has(name)) rmSync(join(folder, OBJECTS, name), { force: true });
  }
}

function bytesOf(path: string): Buffer | undefined {
  if (!existsSync(path) || statSync(path).size > MAX_BUNDLE_BYTES) return undefined;
  return readFileSync(path);
}

function entries(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
