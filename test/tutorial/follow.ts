/**
 * Follows a page as a reader does. Of its fenced blocks,
 *
 *     ```yaml title="policies/x.yaml"   is a file to write
 *     ```diff title="policies/x.yaml"   is an edit of a file that is there
 *     ```console                        is commands after `$ `, each with what it prints
 *
 * and everything else is for the eye.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const FENCE = /^```(\w+)(?: title="([^"]+)")?\n([\s\S]*?)^```$/gm;

/** The page, with what the commands print now. */
export function follow(page: string, folder: string, env: NodeJS.ProcessEnv): string {
  return page.replace(FENCE, (block, kind: string, title: string | undefined, text: string) => {
    if (kind === "console") return `\`\`\`console\n${runAll(text, folder, env)}\`\`\``;
    if (title === undefined) return block;
    const path = join(folder, title);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, kind === "diff" ? edited(readFileSync(path, "utf8"), text, title) : text);
    return block;
  });
}

function runAll(text: string, cwd: string, env: NodeJS.ProcessEnv): string {
  const commands = text.split("\n").filter((line) => line.startsWith("$ "));
  return commands.map((line) => `${line}\n${run(line.slice(2), cwd, env)}`).join("\n");
}

function run(line: string, cwd: string, env: NodeJS.ProcessEnv): string {
  const { stdout } = spawnSync("sh", ["-c", `exec 2>&1; ${line}`], {
    cwd,
    encoding: "utf8",
    env,
    timeout: 60_000,
  });
  const printed = stdout
    .replaceAll(cwd, ".")
    .replace(/[ \t]+$/gm, "")
    .trim();
  return printed === "" ? "" : `${printed}\n`;
}

/** A page without what differs from run to run: days, digests, how long it took. */
export function steady(text: string): string {
  return text
    .replace(/\b20\d\d-\d\d-\d\d(T[\d:.]+Z)?/g, "DAY")
    .replace(/\bsha256:[0-9a-f]+/g, "sha256:DIGEST")
    .replace(/\b\d+ ms\b/g, "N ms");
}

/** The lines with `+` for those with `-`, where all others stand as they are. */
function edited(before: string, diff: string, title: string): string {
  const lines = diff.split("\n").filter((line) => line !== "");
  const side = (mark: string): string =>
    lines
      .filter((line) => line[0] === " " || line[0] === mark)
      .map((line) => `${line.slice(1)}\n`)
      .join("");
  const parts = before.split(side("-"));
  if (parts.length !== 2) throw new Error(`${parts.length - 1} places in ${title} for an edit`);
  return parts.join(side("+"));
}
