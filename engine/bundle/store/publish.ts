/**
 * Publishes to a Git repository: a release with its tag and its heartbeat, a heartbeat alone, or an
 * emergency stop. What belongs together is pushed together, so that no engine sees a half of it.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SimpleGit } from "simple-git";
import { PhiwardError } from "../../errors.ts";
import { HALT_FILE, HEARTBEAT } from "../files.ts";
import { CURRENT, contentsOf, fetchRef, HEARTBEAT_BRANCH, inScratch, releaseTag } from "./git.ts";

type Texts = Readonly<Record<string, string>>;

export interface Publication {
  readonly version: number;
  readonly files: Texts;
  /** The text of heartbeat.json. */
  readonly heartbeat?: string;
}

/** One commit after the one that is there, its tag and the heartbeat: all or none. Gives the commit's name. */
export async function publishGit(
  url: string,
  { version, files, heartbeat }: Publication,
): Promise<string> {
  return await inScratch(async (git, folder) => {
    const parent = await tipOf(git, url, CURRENT);
    const stops = parent === undefined ? {} : await stopsAt(git, url);
    const message = `Policy release ${version}`;
    const commit = await commitOf(git, folder, { files: { ...stops, ...files }, message, parent });
    const tag = releaseTag(version);
    await git.raw([...AUTHOR, "tag", "-a", "-m", message, tag.slice("refs/tags/".length), commit]);
    const beat =
      heartbeat === undefined
        ? []
        : [`+${await beatOf(git, folder, heartbeat)}:${HEARTBEAT_BRANCH}`];
    await push(git, url, [`${commit}:${CURRENT}`, `${tag}:${tag}`, ...beat], {
      says: `the repository does not take version ${version}`,
      help: "it may hold this version already, or protect the branch policy-current from you",
    });
    return commit;
  });
}

/** The emergency stops beside the release that is there. They are never taken away: a release lifts them. */
async function stopsAt(git: SimpleGit, url: string): Promise<Texts> {
  await fetchRef(git, url, CURRENT);
  const there = [...(await contentsOf(git, "FETCH_HEAD"))];
  return Object.fromEntries(
    there.flatMap(([path, bytes]) => (HALT_FILE.test(path) ? [[path, textOf(bytes)]] : [])),
  );
}

/** In place of the heartbeat that is there. */
export async function publishHeartbeat(url: string, heartbeat: string): Promise<void> {
  await inScratch(async (git, folder) => {
    const commit = await beatOf(git, folder, heartbeat);
    await push(git, url, [`+${commit}:${HEARTBEAT_BRANCH}`], {
      says: "the repository does not take the heartbeat",
      help: "it may protect the branch policy-heartbeat from you",
    });
  });
}

/** One more file beside the current release. Rejects when there is none, or somebody pushed meanwhile. */
export async function publishBeside(
  url: string,
  {
    path,
    text,
    message,
  }: { readonly path: string; readonly text: string; readonly message: string },
): Promise<string> {
  return await inScratch(async (git, folder) => {
    await fetchRef(git, url, CURRENT);
    const parent = (await git.raw(["rev-parse", "FETCH_HEAD"])).trim();
    const there = await contentsOf(git, "FETCH_HEAD");
    const files = {
      ...Object.fromEntries([...there].map(([name, bytes]) => [name, textOf(bytes)])),
      [path]: text,
    };
    const commit = await commitOf(git, folder, { files, message, parent });
    await push(git, url, [`${commit}:${CURRENT}`], {
      says: `the repository does not take \`${path}\``,
      help: "somebody may have published at the same time: try once more",
    });
    return commit;
  });
}

/** One commit without a past: nobody needs old heartbeats. */
async function beatOf(git: SimpleGit, folder: string, heartbeat: string): Promise<string> {
  const files = { [HEARTBEAT]: heartbeat };
  return await commitOf(git, folder, { files, message: "Heartbeat", parent: undefined });
}

async function tipOf(git: SimpleGit, url: string, branch: string): Promise<string | undefined> {
  const tip = await git
    .raw(["ls-remote", "--heads", "--end-of-options", url, branch])
    .catch((cause) => {
      throw new PhiwardError("GIT", `\`${url}\` cannot be read`, {
        help: "name a Git repository that you may push to",
        cause,
      });
    });
  return /^([0-9a-f]{40,64})\t/.exec(tip)?.[1];
}

/** Who made a commit says nothing: the signatures in it do. */
const AUTHOR = [
  "-c",
  "user.name=phiward",
  "-c",
  "user.email=phiward@invalid",
  "-c",
  "tag.gpgSign=false",
];

interface Content {
  readonly files: Texts;
  readonly message: string;
  readonly parent: string | undefined;
}

async function commitOf(
  git: SimpleGit,
  folder: string,
  { files, message, parent }: Content,
): Promise<string> {
  const paths = Object.keys(files);
  const contents = paths.map((_, i) => join(folder, `content-${i}`));
  await Promise.all(contents.map((file, i) => writeFile(file, files[paths[i]!]!)));
  // Without filters: Git must not change a byte of what is signed.
  const hashed = await git.raw(["hash-object", "-w", "--no-filters", ...contents]);
  const blobs = hashed.trim().split("\n");
  await git.raw(["read-tree", "--empty"]);
  await git.raw([
    "update-index",
    "--add",
    ...paths.flatMap((path, i) => ["--cacheinfo", `100644,${blobs[i]},${path}`]),
  ]);
  const tree = (await git.raw(["write-tree"])).trim();
  const after = parent === undefined ? [] : ["-p", parent];
  return (await git.raw([...AUTHOR, "commit-tree", ...after, "-m", message, tree])).trim();
}

async function push(
  git: SimpleGit,
  url: string,
  refs: readonly string[],
  { says, help }: { readonly says: string; readonly help: string },
): Promise<void> {
  await git
    .raw(["push", "--quiet", "--atomic", "--end-of-options", url, ...refs])
    .catch((cause) => {
      throw new PhiwardError("GIT", says, { help, cause });
    });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
