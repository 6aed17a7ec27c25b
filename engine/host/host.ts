/** The world outside: the clock, folders and Git revisions. Everything else is a function of these. */
import { resolve } from "node:path";
import { diskTree } from "./disk.ts";
import { gitTree } from "./git.ts";
import { gitHistory } from "./history.ts";
import type { History, Tree } from "./tree.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Host {
  /** Epoch milliseconds. */
  now(): number;
  /** The environment of this process. It may hold secrets. */
  readonly env: Environment;
  /** The files of a folder on disk. */
  folder(path: string): Tree;
  /**
   * The files of a revision of the repository in `path`: a name that Git knows; or, where it starts
   * with `./`, `../` or `/`, another folder.
   */
  revision(path: string, revision: string): Promise<Tree>;
  /**
   * How the repository in `path` came to be what it is at a commit, back to `since` where that is on
   * its line, and otherwise to the beginning, or to a bound.
   */
  history(path: string, commit: string, since?: string): Promise<History>;
}

export const nodeHost: Host = {
  now: () => Date.now(),
  env: process.env,
  folder: (path) => diskTree(path),
  revision: async (path, revision) =>
    /^(\.{0,2}\/|\.{1,2}$)/.test(revision)
      ? diskTree(resolve(revision))
      : await gitTree(path, revision),
  history: gitHistory,
};
