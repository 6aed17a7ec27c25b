/**
 * Keeps one state after the other, and copies the folder after every single operation on the disk:
 * `keep-steps.ts STATE IMAGES TRUST NOW SOURCE…`. Image n is what a kill after operation n leaves
 * (`killed`), and what is left when the power fails then (`unpowered`): of a file nothing that was
 * not synced, of a folder no name that was not. Writes one line for each operation.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { startChecks } from "../../engine/bundle/checks.ts";
import { keepingOf } from "../../engine/bundle/kept.ts";
import { readFolder } from "../../engine/bundle/store/folder.ts";
import { keep } from "../../engine/bundle/store/state-folder.ts";
import { openStore } from "../../engine/bundle/store.ts";
import { readTrust } from "../../engine/bundle/trust.ts";
import { type Known, update } from "../../engine/bundle/update.ts";

const [state = "", images = "", trust = "", now = "", ...sources] = process.argv.slice(2);

const real = { ...fs };
/** Of every file that is open or was: an inode that is free could become another file's. */
const paths = new Map<number, string>();
/** By inode: what is on the disk whatever happens. */
const contents = new Map<number, Buffer>();
const folders = new Map<number, ReadonlyMap<string, number>>();
let keeping = -1;
let done = 0;
let busy = false;

function after<Args extends readonly unknown[], Result>(
  name: string,
  operate: (...args: Args) => Result,
  settle: (result: Result, ...args: Args) => void = () => {},
): (...args: Args) => Result {
  return (...args) => {
    const result = operate(...args);
    // Copying an image writes files too.
    if (keeping < 0 || busy) return result;
    busy = true;
    settle(result, ...args);
    const image = join(images, String(done++));
    real.cpSync(state, join(image, "killed"), { recursive: true });
    restore(real.statSync(state).ino, join(image, "unpowered"));
    real.writeSync(1, `${JSON.stringify({ keeping, name })}\n`);
    busy = false;
    return result;
  };
}

function sync(fd: number): void {
  const path = paths.get(fd)!;
  const { ino } = real.fstatSync(fd);
  if (real.fstatSync(fd).isFile()) contents.set(ino, real.readFileSync(path));
  else {
    const names = real.readdirSync(path);
    folders.set(ino, new Map(names.map((name) => [name, real.statSync(join(path, name)).ino])));
    for (const name of names) {
      const { ino, isDirectory } = inodeOf(join(path, name));
      if (isDirectory && !folders.has(ino)) folders.set(ino, new Map());
    }
  }
}

function inodeOf(path: string): { ino: number; isDirectory: boolean } {
  const stat = real.statSync(path);
  return { ino: stat.ino, isDirectory: stat.isDirectory() };
}

function restore(folder: number, to: string): void {
  real.mkdirSync(to, { recursive: true });
  for (const [name, ino] of folders.get(folder) ?? []) {
    if (folders.has(ino)) restore(ino, join(to, name));
    else real.writeFileSync(join(to, name), contents.get(ino) ?? "");
  }
}

/** The first write of a file takes a half of it, as write(2) may. */
function half(fd: number, bytes: Uint8Array, at: number): number {
  const length = at === 0 ? Math.ceil(bytes.length / 2) : bytes.length - at;
  return real.writeSync(fd, bytes, at, length);
}

Object.assign(fs, {
  mkdirSync: after("mkdir", real.mkdirSync),
  openSync: after("open", real.openSync, (fd, path) => {
    paths.set(fd, String(path));
  }),
  closeSync: () => {},
  writeSync: after("write", half),
  fsyncSync: after("fsync", real.fsyncSync, (_, fd) => sync(fd)),
  renameSync: after("rename", real.renameSync),
  rmSync: after("rm", real.rmSync),
});
syncBuiltinESMExports();

const { demand } = startChecks();
const trusted = readTrust(trust, real.readFileSync(trust, "utf8"));
let known: Known | undefined;
for (const [index, source] of sources.entries()) {
  const files = readFolder(source);
  const root = files.roots.get(trusted.root.version)!;
  known ??= {
    store: openStore(trusted, root, Number(now), undefined, demand),
    roots: new Map([[trusted.root.version, root]]),
    halts: new Map(),
  };
  known = (await update(known, files, Number(now))).known;
  keeping = index;
  keep(join(state, "bundle"), keepingOf(known, 0));
  keeping = -1;
}
