/** A release from where a person says it is: a folder that holds one, or a Git repository. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { RELEASE, type ReleaseFiles } from "../files.ts";
import { readFolder } from "./folder.ts";
import { CURRENT, readGit, releaseTag } from "./git.ts";

/** `version`: an older one, by its tag; only a Git repository has them. */
export async function readSource(source: string, version?: number): Promise<ReleaseFiles> {
  const isFolder = existsSync(join(source, RELEASE)) || existsSync(join(source, "root"));
  if (isFolder && version === undefined) return readFolder(source);
  return await readGit(source, version === undefined ? CURRENT : releaseTag(version));
}
