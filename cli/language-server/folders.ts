/** The policy repository that a file of an editor belongs to, and the texts of it that are not saved. */
import { existsSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** A file as the engine names it: its repository's folder, and its path in it. */
export interface Member {
  readonly root: string;
  readonly path: string;
}

/** The nearest folder above with a phiward.yaml; `otherwise` where there is none. */
export function memberOf(uri: string, otherwise: string): Member | undefined {
  if (!uri.startsWith("file:")) return undefined;
  const file = fileURLToPath(uri);
  const root = nearestRoot(dirname(file)) ?? otherwise;
  const path = relative(root, file).split(sep).join("/");
  return path.startsWith("../") ? undefined : { root, path };
}

function nearestRoot(folder: string): string | undefined {
  if (["phiward.yaml", "phiward.json"].some((name) => existsSync(join(folder, name))))
    return folder;
  const up = dirname(folder);
  return up === folder ? undefined : nearestRoot(up);
}

export function uriOf({ root, path }: Member): string {
  return pathToFileURL(join(root, path)).href;
}
