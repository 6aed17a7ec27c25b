import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { installPacked } from "../support/packed.ts";
import { follow, steady } from "./follow.ts";

const root = resolve(import.meta.dirname, "../..");
const PAGE = join(root, "docs/tutorial.md");

const ENVIRONMENT = {
  LC_ALL: "C.UTF-8",
  TZ: "UTC",
  NO_COLOR: "1",
  npm_config_update_notifier: "false",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "A. Example",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A. Example",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

/** `UPDATE_TUTORIAL=1 npx vitest run test/tutorial` writes what came out; read the difference. */
test("whoever follows the tutorial with the packed package sees what it says", {
  timeout: 240_000,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "phiward-tutorial-"));
  try {
    installPacked(folder);
    const page = readFileSync(PAGE, "utf8");
    const path = [quickNpx(folder), join(root, "node_modules/.bin"), process.env.PATH].join(":");
    const followed = follow(page, folder, { ...ENVIRONMENT, HOME: folder, PATH: path });
    if (process.env.UPDATE_TUTORIAL === "1") writeFileSync(PAGE, followed);
    else expect(steady(followed)).toBe(steady(page));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What `npx` does with a package that is installed, without the second that it takes to start. */
function quickNpx(folder: string): string {
  const bin = join(folder, "node_modules/.quick");
  mkdirSync(bin);
  writeFileSync(join(bin, "npx"), '#!/bin/sh\nexec "./node_modules/.bin/$@"\n', { mode: 0o755 });
  return bin;
}
