/** Without any one of its checks, the verifier believes something in the table of attacks. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { FAMILIES } from "../bundle/attacks/table.ts";
import { EQUIVALENT } from "./bundle-equivalent.ts";
import { type Mutant, mutantsOf, sourcesIn } from "./bundle-mutants.ts";

const SOURCES = resolve(import.meta.dirname, "../../engine/bundle");
const RUNNER = resolve(import.meta.dirname, "bundle-mutation-runner.ts");
const folder = mkdtempSync(join(tmpdir(), "phiward-mutation-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);
// What the verifier loads at run time: packages, and the schemas, two folders above it.
for (const name of ["node_modules", "schemas"]) {
  symlinkSync(resolve(import.meta.dirname, "../..", name), join(folder, name));
}

test("every check is missed by an attack when it is removed", async () => {
  const table = await layAll();
  expect(await firstChange(undefined, table)).toBe("");
  const alive: string[] = [];
  const mutants = mutantsOf(SOURCES, sourcesIn(SOURCES));
  for (const mutant of mutants) {
    if ((await firstChange(mutant, table)) === "") alive.push(nameOf(mutant));
  }
  const dead = mutants.length - alive.length;
  process.stdout.write(`${mutants.length} checks removed, ${dead} missed\n${alive.join("\n")}\n`);
  expect(alive.filter((name) => EQUIVALENT[name] === undefined)).toEqual([]);
  // A reason for something that is gone, or that an attack does catch, is no longer one.
  expect(Object.keys(EQUIVALENT).filter((name) => !alive.includes(name))).toEqual([]);
});

function nameOf({ path, within, removed }: Mutant): string {
  return `${path} ${within}: ${removed}`;
}

/** Writes every attack once; a list of their folders, the quick ones first. */
async function layAll(): Promise<string> {
  const attacks = FAMILIES.flatMap((family) => family.attacks);
  const rows: { folder: string; check: string }[] = [];
  for (const [index, { check, lay }] of attacks.entries()) {
    const place = join(folder, String(index));
    mkdirSync(place);
    await lay(place);
    rows.push({ folder: place, check });
  }
  const table = join(folder, "table.json");
  writeFileSync(table, JSON.stringify(rows));
  return table;
}

/** The first attack that a mutant judges otherwise; empty when there is none. */
async function firstChange(mutant: Mutant | undefined, table: string): Promise<string> {
  const outfile = join(folder, "engine/bundle/mutant.mjs");
  await build({
    entryPoints: [RUNNER],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "silent",
    plugins: mutant === undefined ? [] : [replacing(mutant)],
  });
  try {
    const options = { encoding: "utf8", timeout: 60_000, stdio: "pipe" } as const;
    return execFileSync(process.execPath, [outfile, table], options);
  } catch {
    return "it did not end well";
  }
}

function replacing({ path, source }: Mutant): Plugin {
  return {
    name: "mutant",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, (args) =>
        args.path === join(SOURCES, path) ? { contents: source, loader: "ts" } : undefined,
      );
    },
  };
}
