/** The checks that keep the house in order, each shown to fail on a planted violation. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateTypes } from "../scripts/generate-types.ts";

const root = resolve(import.meta.dirname, "..");
let copy = "";

/** A copy of the house, so that a violation can be planted without touching ours. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "phiward-house-"));
  for (const path of [
    "cli",
    "engine",
    "package.json",
    "tsconfig.json",
    ".dependency-cruiser.cjs",
    "biome.json",
  ]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  spawnSync("git", ["init", "-q"], { cwd: copy });
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function run(command: string, args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(join(root, "node_modules/.bin", command), args, {
    cwd: copy,
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

const imports = () => run("depcruise", ["--config", ".dependency-cruiser.cjs", "cli", "engine"]);

function planted<T>(path: string, text: string, look: () => T): T {
  const file = join(copy, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  try {
    return look();
  } finally {
    rmSync(file);
  }
}

describe("the import table", () => {
  test("holds, and the checker really reads the files", () => {
    const { status, output } = imports();
    expect(output).toMatch(/no dependency violations found \((\d{2,}) modules/);
    expect(status).toBe(0);
  });

  const VIOLATIONS: readonly (readonly [rule: string, path: string, text: string])[] = [
    ["room-base", "engine/json/planted.ts", 'export { load } from "../policy/load.ts";'],
    ["room-host", "engine/host/planted.ts", 'export { load } from "../policy/load.ts";'],
    ["room-schema", "engine/schema/planted.ts", 'export { load } from "../policy/load.ts";'],
    ["room-policy", "engine/policy/planted.ts", 'export { decide } from "../decide/decide.ts";'],
    ["room-quota", "engine/quota/planted.ts", 'export { decide } from "../decide/decide.ts";'],
    ["room-grant", "engine/grant/planted.ts", 'export { decide } from "../decide/decide.ts";'],
    ["room-decide", "engine/decide/planted.ts", 'export { load } from "../policy/load.ts";'],
    [
      "room-decide",
      "engine/decide/planted.ts",
      'export type { LoadedRepository } from "../policy/load.ts";',
    ],
    ["room-prove", "engine/prove/planted.ts", 'export { compare } from "../compare/compare.ts";'],
    ["room-compare", "engine/compare/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    ["room-access", "engine/access/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    ["room-calls", "engine/calls/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    ["room-lint", "engine/lint/planted.ts", 'export { simulate } from "../simulate/simulate.ts";'],
    ["room-editor", "engine/editor/planted.ts", 'export { scan } from "../catalog/scan.ts";'],
    ["room-testing", "engine/testing/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    ["room-simulate", "engine/simulate/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    [
      "room-coverage",
      "engine/coverage/planted.ts",
      'export { mutate } from "../mutate/mutate.ts";',
    ],
    ["room-mutate", "engine/mutate/planted.ts", 'export { cover } from "../coverage/coverage.ts";'],
    ["room-gate", "engine/gate/planted.ts", 'export { scan } from "../catalog/scan.ts";'],
    ["room-catalog", "engine/catalog/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    ["room-import", "engine/import/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    ["room-phi", "engine/phi/planted.ts", 'export { decide } from "../decide/decide.ts";'],
    ["room-record", "engine/record/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    ["room-render", "engine/render/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    ["room-cli", "cli/planted.ts", 'export { decide } from "../engine/decide/decide.ts";'],
    ["no-network", "engine/policy/planted.ts", 'export { createServer } from "node:http";'],
    ["no-files-in-the-core", "engine/decide/planted.ts", 'export { readFileSync } from "node:fs";'],
    [
      "no-development-dependency",
      "engine/policy/planted.ts",
      'export { default } from "fast-check";',
    ],
    ["not-found", "engine/policy/planted.ts", 'export { nothing } from "./nowhere.ts";'],
    ["room-audit", "engine/audit/planted.ts", 'export { load } from "../policy/load.ts";'],
    ["room-emergency", "engine/emergency/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    ["room-telemetry", "engine/telemetry/planted.ts", 'export { load } from "../policy/load.ts";'],
    ["room-operate", "engine/operate/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    ["room-postgres", "engine/postgres/planted.ts", 'export { lint } from "../lint/lint.ts";'],
    ["room-review", "engine/review/planted.ts", 'export { gate } from "../gate/gate.ts";'],
    ["room-evidence", "engine/evidence/planted.ts", 'export { gate } from "../gate/gate.ts";'],
    ["room-console", "engine/console/planted.ts", 'export { gate } from "../gate/gate.ts";'],
  ];
  /** Each in a file of its own, so that one look finds them all. */
  const ownPath = (path: string, index: number): string =>
    path.replace("planted", `planted-${index}`);
  let seen: ReturnType<typeof imports>;
  beforeAll(() => {
    const look = (index: number): ReturnType<typeof imports> => {
      const [, path, text] = VIOLATIONS[index]!;
      const next = index + 1 < VIOLATIONS.length ? () => look(index + 1) : imports;
      return planted(ownPath(path, index), text, next);
    };
    seen = look(0);
  });

  test.each(VIOLATIONS.map(([rule, path], index) => [rule, ownPath(path, index)]))(
    "%s is seen in %s",
    (rule, path) => {
      expect(seen.output).toContain(`error ${rule}: ${path}`);
      expect(seen.status).not.toBe(0);
    },
  );

  test("a cycle is seen", () => {
    const { output } = planted("engine/json/a.ts", 'import "./b.ts";', () =>
      planted("engine/json/b.ts", 'import "./a.ts";', imports),
    );
    expect(output).toContain("error no-cycle");
  });
});

describe("formatting and generated files", () => {
  test.each([
    ["formatting", "engine/planted.ts", "export const a   = 1\n"],
    ["an `any`", "engine/planted.ts", "export const a: any = 1;\n"],
    [
      "an unused import",
      "engine/planted.ts",
      'import { join } from "node:path";\n\nexport const a = 1;\n',
    ],
  ])("%s is refused", (_, path, text) => {
    expect(run("biome", ["check", "engine"]).status).toBe(0);
    expect(planted(path, text, () => run("biome", ["check", "engine"])).status).not.toBe(0);
  });

  test("the types are those of the schemas", async () => {
    expect(readFileSync(join(root, "engine/schema/types.ts"), "utf8")).toBe(await generateTypes());
  });
});

describe("the core reads no clock and no chance", () => {
  test("Date.now, new Date() and Math.random stand only in the host and the front doors", () => {
    const { stdout } = spawnSync(
      "grep",
      ["-rnE", "Date\\.now\\(|new Date\\(\\)|Math\\.random\\(|process\\.(env|argv)", "engine"],
      { cwd: root, encoding: "utf8" },
    );
    const lines = stdout
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("engine/host/"))
      // A program of its own, which the evidence folder carries.
      .filter((line) => !line.startsWith("engine/evidence/verify.mjs:"));
    expect(lines).toEqual([]);
  });
});
