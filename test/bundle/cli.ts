/** The command line as a user has it, whose every answer is what the schema of reports says. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const ajv = new Ajv2020({ strict: false });
const isReport = ajv.compile(
  JSON.parse(readFileSync(join(root, "schemas/report.schema.json"), "utf8")),
);

/** Every command is a process of its own, on a machine that may be busy. */
export const LIMIT_MS = 180_000;

export type Environment = Readonly<Record<string, string>>;

/** A machine with `phiward` on its path, and Git that knows its user and nothing else. */
export function userIn(work: string, gitConfig = ""): Environment {
  for (const folder of ["bin", "home", "home/.ssh"]) mkdirSync(join(work, folder));
  symlinkSync(join(root, "dist/cli/bin.js"), join(work, "bin/phiward"));
  symlinkSync(process.execPath, join(work, "bin/node"));
  writeFileSync(
    join(work, "home/.gitconfig"),
    `[user]\nname = A. Example\nemail = a@example.org\n${gitConfig}`,
  );
  return {
    PATH: `${join(work, "bin")}:${process.env.PATH}`,
    HOME: join(work, "home"),
    GIT_CONFIG_NOSYSTEM: "1",
  };
}

/** The answer as JSON, with the exit code; also when it is not 0. */
export function answer(cwd: string, env: Environment, args: readonly string[]) {
  const all = [...args, "--format", "json"];
  const { status, stdout, stderr } = spawnSync("phiward", all, { cwd, env, encoding: "utf8" });
  expect(stdout, stderr).not.toBe("");
  const json = JSON.parse(stdout);
  expect(isReport(json), JSON.stringify(isReport.errors?.slice(-3))).toBe(true);
  return { status, ...json };
}
