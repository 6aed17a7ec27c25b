/**
 * The files of a release in a Git repository: the tip of one branch is exactly the current release, and
 * a tag names each. Git moves the bytes and vouches for nothing.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SimpleGit, simpleGit } from "simple-git";
import { PhiwardError } from "../../errors.ts";
import { type ReleaseFiles, releaseFiles } from "../files.ts";
import { MAX_BUNDLE_BYTES } from "../limits.ts";

export const CURRENT = "refs/heads/policy-current";

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

async function fetchRef(git: SimpleGit, url: string, ref: string): Promise<void> {
  await git
    .raw(["fetch", "--quiet", "--depth=1", "--no-tags", "--end-of-options", url, ref])
    .catch((cause) => {
      throw new PhiwardError("UNREADABLE", `there is no release in \`${url}\``, {
        help: "name a Git repository with the branch policy-current, or a folder with release.json",
        cause,
      });
    });
}

async function contentsOf(
  git: SimpleGit,
  commit: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const listing = await git.raw(["--no-replace-objects", "ls-tree", "-r", "-z", "-l", commit]);
  const contents = new Map<string, Uint8Array>();
  for (const line of listing.split("\0")) {
    const match = /^100644 blob ([0-9a-f]+) +([0-9]+)\t(.*)$/s.exec(line);
    if (match === null || Number(match[2]) > MAX_BUNDLE_BYTES) continue;
    const bytes = await git.binaryCatFile(["blob", match[1]!]);
    contents.set(match[3]!, bytes as Buffer);
  }
  return contents;
}

export interface Publication {
  readonly version: number;
  readonly files: Readonly<Record<string, string>>;
}

/** One commit after the one that is there, and its tag, both or neither. Gives the commit's name. */
export async function publishGit(url: string, { version, files }: Publication): Promise<string> {
  return await inScratch(async (git, folder) => {
    const tip = await git.raw(["ls-remote", "--heads", "--end-of-options", url, CURRENT]);
    const parent = /^([0-9a-f]{40,64})\t/.exec(tip)?.[1];
    if (parent !== undefined) await fetchRef(git, url, CURRENT);
    const tree = await writeTree(git, folder, files);
    const commit = await git.raw([
      ...AUTHOR,
      "commit-tree",
      ...(parent === undefined ? [] : ["-p", parent]),
      "-m",
      `Policy release ${version}`,
      tree,
    ]);
    const name = commit.trim();
    const tag = releaseTag(version);
    await git.raw([...AUTHOR, "tag", "-a", "-m", `Policy release ${version}`, tag.slice(10), name]);
    await git
      .raw([
        "push",
        "--quiet",
        "--atomic",
        "--end-of-options",
        url,
        `${name}:${CURRENT}`,
        `${tag}:${tag}`,
      ])
      .catch((cause) => {
        throw new PhiwardError("GIT", `the repository does not take version ${version}`, {
          help: "it may hold this version already, or protect the branch policy-current from you",
          cause,
        });
      });
    return name;
  });
}

/** Who made the commit says nothing: the signatures in it do. */
const AUTHOR = [
  "-c",
  "user.name=phiward",
  "-c",
  "user.email=phiward@invalid",
  "-c",
  "tag.gpgSign=false",
];

async function writeTree(
  git: SimpleGit,
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, "content");
    await writeFile(file, text);
    // Without filters: Git must not change a byte of what is signed.
    const blob = (await git.raw(["hash-object", "-w", "--no-filters", file])).trim();
    await git.raw(["update-index", "--add", "--cacheinfo", `100644,${blob},${path}`]);
  }
  return (await git.raw(["write-tree"])).trim();
}

async function inScratch<T>(work: (git: SimpleGit, folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "phiward-release-"));
  try {
    // No template: it could bring hooks. simple-git lets only those name one who say so.
    const git = simpleGit({ baseDir: folder, unsafe: { allowUnsafeTemplateDir: true } });
    await git.raw(["init", "--quiet", "--template="]);
    return await work(git, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
