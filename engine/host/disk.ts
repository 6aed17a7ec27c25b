/** A tree on the local disk. */
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PhiwardError } from "../errors.ts";
import { compareText } from "../finding.ts";
import { FOLDERS, PROJECT_FILES, type Tree, type TreeFile } from "./tree.ts";

export function diskTree(folder: string): Tree {
  return {
    label: folder,
    async list() {
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
      const root = await lstat(folder).catch((error) => {
        throw unreadable(folder, error);
      });
      if (!root.isDirectory() && !root.isSymbolicLink()) {
        throw new PhiwardError("UNREADABLE", `\`${folder}\` is not a folder`, {
          help: "name the folder that holds phiward.yaml",
        });
      }
      await Promise.all([...FOLDERS, ...PROJECT_FILES].map(visit));
      return files.sort((a, b) => compareText(a.path, b.path));
    },
    async read(path) {
      return await readFile(join(folder, path)).catch((error) => {
        throw unreadable(path, error);
      });
    },
  };
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
