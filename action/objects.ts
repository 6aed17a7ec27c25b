/**
 * Git's objects of the repository, in a folder of the Action's own. Nothing is checked out, and the
 * workspace is never asked: an earlier step may have put anything there, and a checkout of head's
 * code would run its filters and hooks. Each commit is fetched alone, without its history.
 */
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { gitTree, PhiwardError, type Tree } from "../engine/index.ts";

export interface Objects {
  /**
   * Fetches a full ref or a commit and answers with the commit's name; undefined when the repository
   * has no such ref. Rejects when it cannot be reached.
   */
  fetch(ref: string): Promise<string | undefined>;
  /** The parents that a fetched commit itself names, in order. */
  parents(commit: string): Promise<readonly string[]>;
  /** Commits of the remote's refs below `prefix`, by full ref. */
  refs(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** The files of a fetched commit, below a folder of it. */
  tree(commit: string, dir: string): Promise<Tree>;
}

export interface Remote {
  /** Where the repository is, without a token. */
  readonly url: string;
  readonly token: string;
}

/** One fetch, in milliseconds. */
const MAX_FETCH = 180_000;

/** `folder` exists and is empty. */
export async function openObjects(folder: string, remote: Remote): Promise<Objects> {
  const git = runner(folder, remote);
  await done(git, "init", "--quiet");
  return {
    async fetch(ref) {
      const { code, stderr } = await git(
        ...[
          "fetch",
          "--quiet",
          "--depth=1",
          "--no-tags",
          "--no-recurse-submodules",
          "--no-auto-gc",
        ],
        ...["--no-write-fetch-head", remote.url, `+${ref}:refs/phiward/fetched`],
      );
      if (code !== 0) {
        if (/couldn't find remote ref|not our ref/.test(stderr)) return undefined;
        throw unreachable(`fetch \`${ref}\``, stderr);
      }
      return (await done(git, "rev-parse", "--verify", "refs/phiward/fetched^{commit}")).trim();
    },
    async parents(commit) {
      // Read from the commit itself: without history Git would say that it has none.
      const text = await done(git, "cat-file", "commit", commit);
      const [header = ""] = text.split("\n\n", 1);
      return [...header.matchAll(/^parent ([0-9a-f]{40})$/gm)].map((match) => match[1]!);
    },
    async refs(prefix) {
      const { code, stdout, stderr } = await git("ls-remote", "--refs", remote.url, `${prefix}*`);
      if (code !== 0) throw unreachable("list the merge queue", stderr);
      return new Map(
        [...stdout.matchAll(/^([0-9a-f]{40})\t(.+)$/gm)].map((match) => [match[2]!, match[1]!]),
      );
    },
    async tree(commit, dir) {
      // Git finds the folder in the tree by where it is asked from; the folder stays empty.
      const inside = join(folder, dir);
      await mkdir(inside, { recursive: true });
      return await gitTree(inside, commit);
    },
  };
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
type Git = (...args: readonly string[]) => Promise<Ended>;

function runner(folder: string, remote: Remote): Git {
  const env = environment(remote);
  return (...args) =>
    new Promise((fulfil, reject) => {
      const child = spawn("git", args, {
        cwd: folder,
        env,
        stdio: ["ignore", "pipe", "pipe"],
        timeout: MAX_FETCH,
        killSignal: "SIGKILL",
      });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
      child.on("error", (cause) =>
        reject(new PhiwardError("GIT", "Git cannot be run", { help: "install git", cause })),
      );
      child.on("close", (code) =>
        fulfil({
          code,
          stdout: Buffer.concat(stdout).toString(),
          stderr: Buffer.concat(stderr).toString(),
        }),
      );
    });
}

/**
 * The token goes to Git in its environment, and only for this remote: an argument could be read by
 * every process of the machine, and a file would outlive the job. Configuration of the machine and
 * of the user is left out: it can name commands that Git runs, and other places to fetch from.
 */
function environment({ url, token }: Remote): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("GIT_") || /^GIT_SSL_CA(INFO|PATH)$/.test(name),
  );
  const header = `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
  return {
    ...Object.fromEntries(inherited.filter(([name]) => !name.startsWith("INPUT_"))),
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${url}.extraHeader`,
    GIT_CONFIG_VALUE_0: header,
  };
}

/** What Git prints, where it must succeed. */
async function done(git: Git, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await git(...args);
  if (code !== 0) throw new PhiwardError("GIT", `git ${args[0]}: ${lastLine(stderr)}`);
  return stdout;
}

function unreachable(what: string, stderr: string): PhiwardError {
  return new PhiwardError("GIT", `Git cannot ${what}: ${lastLine(stderr)}`, {
    help: "give the token `contents: read`, and run the job again",
  });
}

const lastLine = (text: string): string =>
  text.trim().split("\n").at(-1)!.slice(0, 200) || "it ended without a word";
