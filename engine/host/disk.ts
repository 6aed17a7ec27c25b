/** A tree on the local disk. */
import { lstat, open, readdir, readFile, readlink, realpath } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { PhiwardError } from "../errors.ts";
import { compareText } from "../finding.ts";
import {
  type GuardFile,
  type Guards,
  guardFile,
  isInstalled,
  isPublicKey,
  ROOT_PLACES,
  TRUST_PLACES,
} from "./guards.ts";
import { FOLDERS, PROJECT_FILES, type Tree, type TreeFile } from "./tree.ts";

export function diskTree(folder: string): Tree {
  return {
    label: folder,
    async list() {
      const root = await lstat(folder).catch((error) => {
        throw unreadable(folder, error);
      });
      if (!root.isDirectory() && !root.isSymbolicLink()) {
        throw new PhiwardError("UNREADABLE", `\`${folder}\` is not a folder`, {
          help: "name the folder that holds phiward.yaml",
        });
      }
      const files = await filesBelow(folder, [...FOLDERS, ...PROJECT_FILES]);
      return files.sort((a, b) => compareText(a.path, b.path));
    },
    async read(path) {
      return await readFile(join(folder, path)).catch((error) => {
        throw unreadable(path, error);
      });
    },
    async *stream(path) {
      const file = await open(join(folder, path)).catch((error) => {
        throw unreadable(path, error);
      });
      yield* file.createReadStream({ highWaterMark: PIECE });
    },
    guards: () => guardsOf(folder),
  };
}

/** Bytes that are read at once from a file that is too large to hold. */
const PIECE = 1024 * 1024;

/** Every file below the named places of a folder, hidden ones too; a link is listed, not followed. */
async function filesBelow(folder: string, places: readonly string[]): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  const visit = async (path: string): Promise<void> => {
    const stat = await lstat(join(folder, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw unreadable(path, error);
    });
    if (stat === undefined) {
      // A name that is not UTF-8 reaches nothing by the text that it is read as; left out, the
      // file would be silently without effect.
      if (path.includes("\uFFFD")) files.push({ path, bytes: 0, link: false });
      return;
    }
    if (stat.isDirectory()) {
      const names = await readdir(join(folder, path)).catch((error) => {
        throw unreadable(path, error);
      });
      await Promise.all(names.map((name) => visit(`${path}/${name}`)));
    } else {
      files.push({
        path,
        bytes: stat.size,
        link: !stat.isFile(),
        modified: stat.mtimeMs,
      });
    }
  };
  await Promise.all(places.map(visit));
  return files;
}

async function guardsOf(folder: string): Promise<Guards> {
  const here = await realpath(folder).catch((error) => {
    throw unreadable(folder, error);
  });
  const root = await gitRoot(here);
  const keys = (await readdir(here)).filter(isPublicKey);
  const found = await Promise.all([
    guardsBelow(here, "", [...TRUST_PLACES, ...keys]),
    guardsBelow(root, "/", ROOT_PLACES),
  ]);
  const files = found.flat().sort((a, b) => compareText(a.path, b.path));
  return { at: relative(root, here).replaceAll(sep, "/"), files };
}

async function guardsBelow(
  folder: string,
  prefix: "" | "/",
  places: readonly string[],
): Promise<GuardFile[]> {
  const files = (await filesBelow(folder, places)).filter(({ path }) => !isInstalled(path));
  return await Promise.all(
    files.map(async ({ path, link }) => {
      const at = join(folder, path);
      const bytes = await (link ? readlink(at, { encoding: "buffer" }) : readFile(at)).catch(
        (error) => {
          throw unreadable(path, error);
        },
      );
      return guardFile(prefix + path, bytes);
    }),
  );
}

/** The folder that holds `.git`, here or above; this one where there is none. */
async function gitRoot(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await lstat(join(at, ".git")).then(
      () => true,
      () => false,
    );
    if (found) return at;
    if (at === dirname(at)) return folder;
  }
}

export function unreadable(path: string, error: NodeJS.ErrnoException): PhiwardError {
  const why: Readonly<Record<string, string>> = {
    ENOENT: "does not exist",
    EACCES: "may not be read",
    EISDIR: "is a folder",
  };
  return new PhiwardError(
    "UNREADABLE",
    `\`${path}\` ${why[error.code ?? ""] ?? `cannot be read (${error.code ?? "unknown error"})`}`,
    { cause: error },
  );
}
