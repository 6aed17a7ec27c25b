/**
 * The command line end to end: every `*.txt` beside this file is commands, their expected output and
 * exit code, and then the files they run on.
 *
 *     # What the script shows.
 *     $ phiward lint
 *     expected standard output
 *     ! expected standard error
 *     [exit 1]
 *
 *     -- policies/lookup.yaml --
 *     the file's text
 *
 * `[exit 0]` is left out. `UPDATE_SCRIPTS=1 npx vitest run test/scripts` writes what came out; read
 * the difference before you commit it.
 */
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const here = import.meta.dirname;
const root = resolve(here, "../..");
let work = "";

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "phiward-scripts-"));
  mkdirSync(join(work, "bin"));
  symlinkSync(join(root, "dist/cli/bin.js"), join(work, "bin/phiward"));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Script {
  readonly title: string;
  readonly commands: { readonly line: string; readonly expected: string }[];
  readonly files: readonly (readonly [path: string, text: string])[];
  /** Everything from the first file's heading on, as written. */
  readonly tail: string;
}

function parseScript(text: string): Script {
  const start = text.search(/^-- .+ --$/m);
  const head = start === -1 ? text : text.slice(0, start);
  const tail = start === -1 ? "" : text.slice(start);
  const [intro = "", ...blocks] = head.split(/^\$ /m);
  const files = tail.split(/^-- (.+) --\n/m).slice(1);
  return {
    title: intro.replace(/^# ?/gm, "").trim(),
    commands: blocks.map((block) => {
      const [line = "", ...rest] = block.split("\n");
      return { line, expected: rest.join("\n").trim() };
    }),
    files: Array.from(
      { length: files.length / 2 },
      (_, i) => [files[2 * i]!, files[2 * i + 1]!] as const,
    ),
    tail,
  };
}

const ENVIRONMENT = {
  HOME: tmpdir(),
  TZ: "UTC",
  LC_ALL: "C",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "A. Example",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_AUTHOR_DATE: "2026-10-01T12:00:00Z",
  GIT_COMMITTER_NAME: "A. Example",
  GIT_COMMITTER_EMAIL: "a@example.org",
  GIT_COMMITTER_DATE: "2026-10-01T12:00:00Z",
};

function run(line: string, cwd: string): string {
  const path = [join(work, "bin"), join(root, "node_modules/.bin"), process.env.PATH].join(":");
  const { status, stdout, stderr } = spawnSync("sh", ["-c", line], {
    cwd,
    encoding: "utf8",
    env: { ...ENVIRONMENT, PATH: path },
  });
  const errors = stderr === "" ? "" : `${stderr.trimEnd().replace(/^/gm, "! ")}\n`;
  const exit = status === 0 ? "" : `[exit ${status}]`;
  return (
    `${stdout.trimEnd()}\n${errors}${exit}`
      .replace(/[ \t]+$/gm, "")
      // What differs from run to run: how long it took, and where it ran.
      .replace(/\b\d+ ms$/gm, "N ms")
      .replaceAll(cwd, ".")
      .trim()
  );
}

for (const name of readdirSync(here)
  .filter((file) => file.endsWith(".txt"))
  .sort()) {
  const file = join(here, name);
  const script = parseScript(readFileSync(file, "utf8"));
  test(`${name}: ${script.title.split("\n")[0]}`, () => {
    const folder = join(work, name);
    for (const [path, text] of script.files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    mkdirSync(folder, { recursive: true });
    symlinkSync(join(root, "examples"), join(folder, "examples"));
    const got = script.commands.map(({ line }) => ({ line, output: run(line, folder) }));
    if (process.env.UPDATE_SCRIPTS === "1") {
      const intro = script.title.replace(/^/gm, "# ").replace(/ +$/gm, "");
      const body = got.map(
        ({ line, output }) => `$ ${line}\n${output === "" ? "" : `${output}\n`}`,
      );
      writeFileSync(
        file,
        `${intro}\n\n${body.join("\n")}${script.tail === "" ? "" : `\n${script.tail}`}`,
      );
      return;
    }
    expect(got.map(({ line, output }) => `$ ${line}\n${output}`).join("\n\n")).toBe(
      script.commands.map(({ line, expected }) => `$ ${line}\n${expected}`).join("\n\n"),
    );
  });
}
