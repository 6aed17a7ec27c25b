/**
 * The files of a release in a Git repository: the tip of one branch is exactly the current release, and
 * a tag names each. Git moves the bytes and vouches for nothing.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SimpleGit, simpleGit } from "simple-git";
import { PhiwardError } from "../../errors.ts";
import { type ReleaseFiles, releaseFiles } from "../files.ts";
import { MAX_BUNDLE_BYTES, MAX_RELEASE_BYTES } from "../limits.ts";

export const CURRENT = "refs/heads/policy-current";
export const HEARTBEAT_BRANCH = "refs/heads/policy-heartbeat";

/** Silences of a server in one exchange, all together. */
const MAX_WAITS = 10;

export function releaseTag(version: number): string {
  return `refs/tags/policy/v${version}`;
}

/** `ref`: the branch of the current release, or the tag of another. */
export async function readGit(url: string, ref: string = CURRENT): Promise<ReleaseFiles> {
  return await inScratch(async (git) => {
    await fetchRef(git, url, ref);
    return releaseFiles(await contentsOf(git, "FETCH_HEAD"));
  });
}

/** What the two branches are at. */
export interface Tips {
  readonly current: string | undefined;
  readonly heartbeat: string | undefined;
}

/** One request: `--heads` lets the server send no other ref. */
export async function looks(url: string, timeoutMs: number): Promise<Tips> {
  return await inScratch(async (git) => {
    const refs = [CURRENT, HEARTBEAT_BRANCH];
    const listed = await git
      .raw(["ls-remote", "--heads", "--end-of-options", url, ...refs])
      .catch((cause) => {
        throw new PhiwardError("UNREADABLE", `\`${url}\` cannot be read`, { cause });
      });
    const tip = (ref: string): string | undefined =>
      listed
        .split("\n")
        .find((line) => line.endsWith(`\t${ref}`))
        ?.split("\t")[0];
    return { current: tip(CURRENT), heartbeat: tip(HEARTBEAT_BRANCH) };
  }, timeoutMs);
}

/** The current release with the heartbeat, or a pinned one with the roots and stops of today. */
export async function readReleases(
  url: string,
  { current, heartbeat }: Tips,
  pin: number | undefined,
  timeoutMs: number,
): Promise<ReleaseFiles> {
  return await inScratch(async (git) => {
    const read = async (ref: string): Promise<ReleaseFiles> => {
      await fetchRef(git, url, ref);
      return releaseFiles(await contentsOf(git, "FETCH_HEAD"));
    };
    const today: ReleaseFiles = current === undefined ? { roots: new Map() } : await read(CURRENT);
    const said = heartbeat === undefined ? undefined : (await read(HEARTBEAT_BRANCH)).heartbeat;
    const { roots, halts = new Map() } = today;
    // A tag that is gone must not keep the stops of today away.
    const release =
      pin === undefined ? today : await read(releaseTag(pin)).catch(() => ({ roots }));
    return { ...release, roots, halts, ...(said === undefined ? {} : { heartbeat: said }) };
  }, timeoutMs);
}

/** The ref is then FETCH_HEAD. */
export async function fetchRef(git: SimpleGit, url: string, ref: string): Promise<void> {
  await git
    .raw(["fetch", "--quiet", "--depth=1", "--no-tags", "--end-of-options", url, ref])
    .catch((cause) => {
      throw new PhiwardError("UNREADABLE", `there is no release in \`${url}\``, {
        help: "name a Git repository with the branch policy-current, or a folder with release.json",
        cause,
      });
    });
}

/** The files of a commit, by path. */
export async function contentsOf(
  git: SimpleGit,
  commit: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const listing = await git.raw(["--no-replace-objects", "ls-tree", "-r", "-z", "-l", commit]);
  const contents = new Map<string, Uint8Array>();
  let total = 0;
  for (const line of listing.split("\0")) {
    const match = /^100644 blob ([0-9a-f]+) +([0-9]+)\t(.*)$/s.exec(line);
    if (match === null) continue;
    if (Number(match[2]) > MAX_BUNDLE_BYTES) {
      // It is not read, and refused for its size all the same.
      contents.set(match[3]!, Buffer.alloc(MAX_BUNDLE_BYTES + 1));
      continue;
    }
    total += Number(match[2]);
    if (total > MAX_RELEASE_BYTES) {
      throw new PhiwardError("UNREADABLE", "the repository holds more than a release may");
    }
    const bytes = await git.binaryCatFile(["blob", match[1]!]);
    contents.set(match[3]!, bytes as Buffer);
  }
  return contents;
}

/** Work in a Git repository of its own, which is gone afterwards. */
export async function inScratch<T>(
  work: (git: SimpleGit, folder: string) => Promise<T>,
  timeoutMs = 60_000,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "phiward-release-"));
  try {
    // No template: it could bring hooks. simple-git lets only those name one who say so.
    const git = simpleGit({
      baseDir: folder,
      unsafe: { allowUnsafeTemplateDir: true },
      // A server that sends nothing for so long will not send more, and one that drips does not hold us.
      timeout: { block: timeoutMs },
      abort: AbortSignal.timeout(MAX_WAITS * timeoutMs),
      // What is asked of one server is not to be answered by another.
      config: ["http.followRedirects=false"],
    });
    await git.raw(["init", "--quiet", "--template="]);
    return await work(git, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
