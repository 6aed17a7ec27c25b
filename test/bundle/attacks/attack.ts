/** What an attack is, and how it lies on disk. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Check } from "../../../engine/bundle/checks.ts";
import { type ReleaseFiles, releaseContents } from "../../../engine/bundle/files.ts";
import type { TrustFile } from "../../../engine/schema/types.ts";
import { NOW, TRUST } from "../world.ts";

export interface Attack {
  /** What the attacker does, as a sentence. */
  readonly title: string;
  /** The check that must name it. */
  readonly check: Check;
  /** Writes everything that the victim is given into an empty folder. */
  readonly lay: (folder: string) => Promise<void>;
}

export interface Family {
  readonly name: string;
  readonly attacks: readonly Attack[];
}

/** Title, check, and what is given. */
export type Row<G> = readonly [title: string, check: Check, given: () => G | Promise<G>];

export function family<G>(
  name: string,
  lay: (folder: string, given: G) => void | Promise<void>,
  rows: readonly Row<G>[],
): Family {
  const attacks = rows.map(([title, check, given]) => ({
    title,
    check,
    lay: async (folder: string) => await lay(folder, await given()),
  }));
  return { name, attacks };
}

/** How the files are looked at; written beside them. */
export interface Case {
  readonly kind: "verify" | "sign" | "update";
  /** Epoch milliseconds. */
  readonly now: number;
  /** Of the release, in the folder. */
  readonly source?: string;
  /** The version that is asked for by its tag. */
  readonly version?: number;
}

export type Content = Uint8Array | string;

/** A release as an auditor or an engine is given it. */
export interface Given {
  readonly files: ReleaseFiles;
  readonly trust?: Partial<TrustFile>;
  readonly now?: number;
  /** Other files, by their path. */
  readonly more?: Readonly<Record<string, Content>>;
}

export function layRelease(folder: string, given: Given): void {
  write(folder, "trust.json", JSON.stringify({ ...TRUST, ...given.trust }));
  for (const [path, content] of Object.entries(contents(given))) {
    write(folder, join("release", path), content);
  }
  // A release of which nothing is left is a folder all the same.
  mkdirSync(join(folder, "release", "root"), { recursive: true });
  writeCase(folder, { kind: "verify", now: given.now ?? NOW, source: "release" });
}

/** The same in a bare repository, as `policy-current` and the tag of its version. */
export function layRepository(folder: string, given: Given): void {
  layRelease(folder, given);
  commitRelease(folder);
  writeCase(folder, { kind: "verify", now: given.now ?? NOW, source: "release.git" });
}

export function commitRelease(folder: string): void {
  git(folder, "init", "--quiet", "--bare", "--initial-branch=policy-current");
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--allow-empty", "-m", "A release");
}

/** Git in the bare repository, with the release's folder as its work tree. */
export function git(folder: string, ...args: readonly string[]): string {
  const places = [`--git-dir=${folder}/release.git`, `--work-tree=${folder}/release`];
  return runGit(args[0] === "init" ? [...args, `${folder}/release.git`] : [...places, ...args]);
}

/** Commits these files to the repository in a folder; the same files give the same commit. */
export function commitFiles(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) write(folder, path, text);
  runGit(["init", "--quiet", "--initial-branch=main", folder]);
  runGit(["-C", folder, "add", "--all", "--force"]);
  runGit(["-C", folder, "commit", "--quiet", "-m", "A change"]);
  return runGit(["-C", folder, "rev-parse", "HEAD"]);
}

function runGit(args: readonly string[]): string {
  const identity = ["-c", "user.name=A. Example", "-c", "user.email=a@example.org"];
  return execFileSync("git", [...identity, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_AUTHOR_DATE: "2026-10-01T12:00:00Z",
      GIT_COMMITTER_DATE: "2026-10-01T12:00:00Z",
    },
  }).trim();
}

function contents({ files, more = {} }: Given): Readonly<Record<string, Content>> {
  return { ...Object.fromEntries(releaseContents(files)), ...more };
}

export function writeCase(folder: string, value: Case): void {
  write(folder, "case.json", JSON.stringify(value));
}

export function write(folder: string, path: string, content: Content): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
}
