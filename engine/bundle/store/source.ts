/** A release from where a person says it is: a folder, a carried file, a web server, or a Git repository. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { RELEASE, type ReleaseFiles } from "../files.ts";
import { isFile, readCarried } from "./carried.ts";
import { readFolder } from "./folder.ts";
import { CURRENT, HEARTBEAT_BRANCH, looks, readGit, releaseTag } from "./git.ts";
import { isPlainHttps, watch } from "./poll.ts";

/** Milliseconds for which a server may say nothing. */
const TIMEOUT_MS = 60_000;

/** `version`: an older one, by its tag; only a Git repository has them. */
export async function readSource(source: string, version?: number): Promise<ReleaseFiles> {
  if (version === undefined) {
    if (isFile(source)) return await readCarried(source);
    if (isPlainHttps(source)) return await readPlain(source);
    const isFolder = existsSync(join(source, RELEASE)) || existsSync(join(source, "root"));
    if (isFolder) return readFolder(source);
  }
  const today = await readGit(source, CURRENT);
  if (version === undefined) return { ...today, ...(await heartbeatAt(source)) };
  // Who may sign, and what is stopped, is said today: a key may have been stolen since.
  const { roots, halts = new Map() } = today;
  return { ...(await readGit(source, releaseTag(version))), roots, halts, asked: version };
}

async function readPlain(source: string): Promise<ReleaseFiles> {
  const files = await watch(source, TIMEOUT_MS).read({ root: 1, halt: 1 });
  return files ?? { roots: new Map() };
}

async function heartbeatAt(url: string): Promise<Pick<ReleaseFiles, "heartbeat">> {
  const { heartbeat: tip } = await looks(url, TIMEOUT_MS);
  if (tip === undefined) return {};
  const { heartbeat } = await readGit(url, HEARTBEAT_BRANCH);
  return heartbeat === undefined ? {} : { heartbeat };
}
