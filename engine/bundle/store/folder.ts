/** The files of a release in a folder. */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { PhiwardError } from "../../errors.ts";
import {
  BUNDLE,
  HALT_FILE,
  HEARTBEAT,
  PREVIOUS,
  PREVIOUS_PROVENANCE,
  PROVENANCE,
  RELEASE,
  type ReleaseFiles,
  ROOT_FILE,
  releaseFiles,
} from "../files.ts";
import { MAX_BUNDLE_BYTES } from "../limits.ts";

export function readFolder(folder: string): ReleaseFiles {
  const numbered = ["root", "halt"].flatMap((name) =>
    entries(join(folder, name)).map((file) => `${name}/${file}`),
  );
  const wanted = [
    BUNDLE,
    RELEASE,
    PREVIOUS,
    PROVENANCE,
    PREVIOUS_PROVENANCE,
    HEARTBEAT,
    ...numbered.filter((path) => ROOT_FILE.test(path) || HALT_FILE.test(path)),
  ];
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
    // A device or a pipe has no end.
    return statSync(path).isFile() ? readBounded(path) : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new PhiwardError("UNREADABLE", `\`${path}\` cannot be read`, { cause: error });
  }
}

/** Of a file that is too large, one byte more than is allowed: enough to be refused for its size. */
function readBounded(path: string): Uint8Array {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, MAX_BUNDLE_BYTES + 1));
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(fd, bytes, length, bytes.length - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
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
