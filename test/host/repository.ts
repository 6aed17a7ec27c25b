/** Folders and real Git repositories in a temporary place, which end with the test file. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import type { Files } from "./tree.contract.ts";

const root = mkdtempSync(join(tmpdir(), "phiward-tree-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
export function emptyFolder(): string {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  return folder;
}

export function write(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof content === "string" || content instanceof Uint8Array)
      writeFileSync(target, content);
    else symlinkSync(content.link, target);
  }
}

export function git(folder: string, ...args: string[]): string {
  return execFileSync("git", ["-C", folder, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_AUTHOR_NAME: "A. Example",
      GIT_AUTHOR_EMAIL: "a@example.org",
      GIT_COMMITTER_NAME: "A. Example",
      GIT_COMMITTER_EMAIL: "a@example.org",
    },
  }).trim();
}

/** Commits everything that stands in the folder, and answers with the commit's name. */
export function commit(folder: string, message = "A change"): string {
  git(folder, "add", "--all", "--force");
  git(folder, "-c", "core.autocrlf=false", "commit", "--quiet", "--allow-empty", "-m", message);
  return git(folder, "rev-parse", "HEAD");
}

export function repository(files: Files = {}): string {
  const folder = emptyFolder();
  git(folder, "init", "--quiet", "--initial-branch=main");
  write(folder, files);
  commit(folder);
  return folder;
}
