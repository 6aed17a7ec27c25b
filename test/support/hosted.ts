/** The Git side of the fake GitHub: bare repositories, commits by named people, and merges of its own. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Path → text; undefined takes the file away. */
export type Edit = Readonly<Record<string, string | undefined>>;

export interface Signature {
  readonly name: string;
  readonly email: string;
}

export interface Hosted {
  readonly folder: string;
  git(...args: readonly string[]): string;
  /** The commit of a ref; undefined when there is none. */
  tip(ref: string): string | undefined;
  /** A commit on top of `parents[0]` that is in no branch yet. */
  commit(parents: readonly string[], edit: Edit, made: Made): string;
  /** GitHub's test merge; undefined where there are conflicts. */
  merge(base: string, head: string): string | undefined;
  move(ref: string, commit: string): void;
}

export interface Made {
  readonly author: Signature;
  readonly committer?: Signature;
  readonly message?: string;
}

const GITHUB: Signature = { name: "GitHub", email: "noreply@github.com" };

export function hosted(root: string, name: string): Hosted {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  const run = (
    args: readonly string[],
    input = "",
    env: Readonly<Record<string, string>> = {},
  ): string =>
    execFileSync("git", ["-C", folder, ...args], {
      encoding: "utf8",
      input,
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_SYSTEM: "/dev/null",
        ...env,
      },
    }).trim();
  const git = (...args: readonly string[]): string => run(args);
  git("init", "--quiet", "--bare", "--initial-branch=main");
  // As GitHub's servers answer: any commit may be asked for.
  git("config", "uploadpack.allowAnySHA1InWant", "true");

  const record = (tree: string, parents: readonly string[], made: Made): string => {
    const { author, committer = author, message = "A change" } = made;
    return run(
      ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-F", "-"],
      message,
      {
        GIT_AUTHOR_NAME: author.name,
        GIT_AUTHOR_EMAIL: author.email,
        GIT_COMMITTER_NAME: committer.name,
        GIT_COMMITTER_EMAIL: committer.email,
      },
    );
  };
  const tip = (ref: string): string | undefined => {
    try {
      return git("rev-parse", "--verify", "--quiet", `${ref}^{commit}`);
    } catch {
      return undefined;
    }
  };

  return {
    folder,
    git,
    tip,
    move: (ref, commit) => void git("update-ref", ref, commit),
    commit(parents, edit, made) {
      const index = { GIT_INDEX_FILE: join(folder, "edit.index") };
      run(["read-tree", ...(parents[0] === undefined ? ["--empty"] : [parents[0]])], "", index);
      const lines = Object.entries(edit).map(([path, text]) =>
        text === undefined
          ? `0 ${"0".repeat(40)}\t${path}`
          : `100644 ${run(["hash-object", "-w", "--stdin"], text)}\t${path}`,
      );
      run(["update-index", "--index-info"], lines.map((line) => `${line}\n`).join(""), index);
      return record(run(["write-tree"], "", index), parents, made);
    },
    merge(base, head) {
      try {
        const tree = git("merge-tree", "--write-tree", "--no-messages", base, head);
        return record(tree, [base, head], { author: GITHUB, message: "Merge" });
      } catch {
        return undefined;
      }
    },
  };
}
