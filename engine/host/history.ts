/** How a policy folder came to be what it is, from Git's commits. */
import { type SimpleGit, simpleGit } from "simple-git";
import { PhiwardError } from "../errors.ts";
import { GLOBAL_ARGS } from "./git.ts";
import { FOLDERS, type History, PROJECT_FILES, type Step } from "./tree.ts";

/** Commits that are looked at; each is read and compiled, at some tens of milliseconds. */
const MAX_STEPS = 500;

/** See `Host.history`. Rejects with GIT when the commit is not there. */
export async function gitHistory(folder: string, commit: string, since?: string): Promise<History> {
  const git = simpleGit({ baseDir: folder });
  const known = since !== undefined && (await isOnLine(git, commit, since));
  const steps = await touching(git, known ? [commit, `^${since}`] : [commit]);
  if (steps.length > MAX_STEPS) return { steps: steps.slice(0, MAX_STEPS), before: "cut" };
  if (known) return { steps, before: "since" };
  const shallow = (await git.raw(["rev-parse", "--is-shallow-repository"])).trim() === "true";
  return { steps, before: shallow ? "cut" : "nothing" };
}

/** Whether a commit is another, or comes before it on the line of first parents. */
async function isOnLine(git: SimpleGit, commit: string, since: string): Promise<boolean> {
  if (commit === since) return true;
  const listed = await revList(git, ["--parents", commit, `^${since}`]).catch(() => "");
  const last = listed.trimEnd().split("\n").at(-1) ?? "";
  return last.split(" ")[1] === since;
}

async function touching(git: SimpleGit, range: readonly string[]): Promise<readonly Step[]> {
  const listed = await revList(git, [
    "--no-commit-header",
    "--format=%H %s",
    `--max-count=${MAX_STEPS + 1}`,
    ...range,
    "--",
    ...FOLDERS,
    ...PROJECT_FILES,
  ]);
  return listed.split("\n").flatMap((line) => {
    const [, commit, subject] = /^([0-9a-f]+) ?(.*)$/.exec(line) ?? [];
    return commit === undefined ? [] : [{ commit, subject: subject! }];
  });
}

async function revList(git: SimpleGit, args: readonly string[]): Promise<string> {
  return await git
    .raw([
      ...GLOBAL_ARGS,
      "-c",
      "i18n.logOutputEncoding=UTF-8",
      "rev-list",
      "--first-parent",
      ...args,
    ])
    .catch((cause) => {
      throw new PhiwardError("GIT", "Git does not show the history of the commit", { cause });
    });
}
