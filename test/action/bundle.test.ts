/** The one file that GitHub runs: fresh, alone, and with the licences of what is in it. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { INPUTS } from "../../action/inputs.ts";
import { buildAction } from "../../scripts/build-action.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const DIST = join(ROOT, "action/dist");

test("is what its sources make: `npm run build:action` writes it", async () => {
  const built = await buildAction();
  expect(readdirSync(DIST).sort()).toEqual(Object.keys(built).sort());
  // Compared as one truth: a difference of megabytes helps nobody.
  for (const [name, text] of Object.entries(built))
    expect(readFileSync(join(DIST, name), "utf8") === text, `action/dist/${name} is fresh`).toBe(
      true,
    );
});

test("needs nothing beside it", () => {
  const folder = mkdtempSync(join(tmpdir(), "phiward-alone-"));
  copyFileSync(join(DIST, "index.js"), join(folder, "index.mjs"));
  const { status, stdout } = spawnSync(process.execPath, [join(folder, "index.mjs")], {
    cwd: folder,
    env: {},
    encoding: "utf8",
    timeout: 30_000,
  });
  rmSync(folder, { recursive: true });
  expect(stdout).toContain("the environment has no `GITHUB_EVENT_PATH`");
  expect(status).toBe(2);
});

test("names no place of the machine that built it", () => {
  const text = readFileSync(join(DIST, "index.js"), "utf8");
  expect(text.includes(ROOT)).toBe(false);
});

test("comes with the licence of every package in it", () => {
  const text = readFileSync(join(DIST, "LICENSES.txt"), "utf8");
  for (const name of ["@octokit/rest", "ajv", "re2js", "simple-git", "yaml"])
    expect(text).toMatch(new RegExp(`^${name} \\d`, "m"));
});

test("has the inputs and outputs that action.yml says", () => {
  const action = parse(readFileSync(join(ROOT, "action.yml"), "utf8"));
  expect(action.runs).toEqual({ using: "node24", main: "action/dist/index.js" });
  expect(Object.keys(action.inputs)).toEqual([...INPUTS]);
  expect(Object.keys(action.outputs)).toEqual([
    "verdict",
    "blocks",
    "approved",
    "report",
    "counts",
  ]);
  // Where each default stands once, it is the code's; only the token is the runner's to give.
  for (const [name, input] of Object.entries(action.inputs as Record<string, { default?: string }>))
    expect(input.default).toBe(name === "token" ? "$" + "{{ github.token }}" : undefined);
});
