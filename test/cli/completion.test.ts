/** The completion scripts, in a real bash; in zsh and fish where the machine has them. */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { RULES } from "../../engine/lint/rules/index.ts";

const root = resolve(import.meta.dirname, "../..");
const bin = process.env.PHIWARD_BIN ?? join(root, "dist/cli/bin.js");

function scriptFor(shell: string): string {
  const { stdout, status } = spawnSync(process.execPath, [bin, "completion", shell], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect(status).toBe(0);
  return stdout;
}

const has = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0;

describe("bash", () => {
  let script = "";
  beforeAll(() => {
    script = scriptFor("bash");
  });

  /** What bash would offer after these words, of which the last is being typed. */
  function offered(...words: string[]): string[] {
    const ask = `${script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _phiward
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", ask, "bash", "phiward", ...words], {
      encoding: "utf8",
      timeout: 10_000,
    });
    expect(stderr).toBe("");
    return stdout.split("\n").filter((word) => word !== "");
  }

  const rows: [words: string[], offers: string[]][] = [
    [["li"], ["lint"]],
    [
      ["audit", ""],
      ["archive", "export", "query", "report", "verify", "who"],
    ],
    [
      ["token", "r"],
      ["revoke", "rotate"],
    ],
    [
      ["lint", "--f"],
      ["--fix", "--format"],
    ],
    [["lint", "--format", "s"], ["sarif"]],
    // bash splits at the equals sign.
    [
      ["lint", "--format", "=", "j"],
      ["json", "junit"],
    ],
    [
      ["lint", "--format", "="],
      ["text", "json", "sarif", "github", "junit"],
    ],
    [
      ["lint", "--no"],
      ["--no-color", "--now"],
    ],
    // A folder: bash's own names of files are offered where nothing else is.
    [["lint", ""], []],
    [["lint", "--output", ""], []],
    // The name of a command is no command once another one has been given.
    [["lint", "audit", "--d"], ["--dry-run"]],
    [["completion", "--he"], ["--help"]],
  ];
  it.each(rows)("after `phiward %s` offers what there is", (words, offers) => {
    expect(offered(...words)).toEqual(offers);
  });

  it("offers every command", () => {
    expect(offered("")).toContain("gateway");
  });

  it("offers the names of the rules to `lint --explain`", () => {
    expect(offered("lint", "--explain", "")).toEqual(RULES.map(({ id }) => id));
  });
});

describe.each([
  ["zsh", ["-n"]],
  ["fish", ["--no-execute"]],
] as const)("%s", (shell, check) => {
  it.skipIf(!has(shell))("takes the script as well-formed", () => {
    const { status, stderr } = spawnSync(shell, [...check, "/dev/stdin"], {
      input: scriptFor(shell),
      encoding: "utf8",
      timeout: 10_000,
    });
    expect([status, stderr]).toEqual([0, ""]);
  });

  it("names every command and its flags", () => {
    const script = scriptFor(shell);
    for (const word of ["gateway", "dry-run", "deny-if-optional", "query"]) {
      expect(script).toContain(word);
    }
  });
});
