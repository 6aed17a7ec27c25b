/** The files of a release in a folder. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { PhiwardError } from "../../errors.ts";
import { BUNDLE, PREVIOUS, RELEASE, type ReleaseFiles, ROOT_FILE, releaseFiles } from "../files.ts";
import { MAX_BUNDLE_BYTES } from "../limits.ts";

export function readFolder(folder: string): ReleaseFiles {
  const roots = entries(join(folder, "root")).map((name) => `root/${name}`);
  const wanted = [BUNDLE, RELEASE, PREVIOUS, ...roots.filter((path) => ROOT_FILE.test(path))];
  const contents = new Map<string, Uint8Array>();
  for (const path of wanted) {
    const bytes = readIfThere(join(folder, path));
    if (bytes !== undefined) contents.set(path, bytes);
  }
  return releaseFiles(contents);
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    const { size } = lstatSync(path);
    if (size <= MAX_BUNDLE_BYTES) return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new PhiwardError("UNREADABLE", `\`${path}\` cannot be read`, { cause: error });
  }
  throw new PhiwardError("INVALID_INPUT", `\`${path}\` is larger than ${MAX_BUNDLE_BYTES} bytes`, {
    help: "it is no file of a release",
  });
}

/** Each file whole, or as it was. */
export function writeFolder(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(`${target}.new`, text);
    renameSync(`${target}.new`, target);
  }
}
