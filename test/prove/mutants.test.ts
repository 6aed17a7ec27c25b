/**
 * Would the tests notice? Each bug of the list is put into a copy of the prover, and the table of
 * pairs and the fuzz are run against the copy until one of them objects.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { fuzz, PROVER, type Prover } from "./fuzz.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";
import { PAIRS } from "./pairs.ts";
import { verdictsOf } from "./table.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "prove-mutants-"));
afterAll(() => rmSync(folder, { recursive: true }));

const COPIED = ["prove", "regex"];

/** A copy of the prover with one bug. The rest of the engine is the original. */
async function withBug({ file, find, replace }: Mutant, index: number): Promise<Prover> {
  const root = join(folder, String(index));
  const engine = join(root, "engine");
  mkdirSync(engine, { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  for (const name of readdirSync(join(ROOT, "engine"))) {
    if (!COPIED.includes(name)) symlinkSync(join(ROOT, "engine", name), join(engine, name));
  }
  for (const name of COPIED) {
    cpSync(join(ROOT, "engine", name), join(engine, name), { recursive: true });
  }
  const path = join(engine, file);
  const source = readFileSync(path, "utf8");
  expect(source.split(find).length, `${file} has one place to break`).toBe(2);
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  const load = (name: string): Promise<unknown> =>
    import(/* @vite-ignore */ pathToFileURL(join(engine, "prove", name)).href);
  const { proveTool } = (await load("prove.ts")) as Pick<Prover, "proveTool">;
  const { checkCertificate } = (await load("certificate.ts")) as Pick<Prover, "checkCertificate">;
  return { proveTool, checkCertificate };
}

/** What objects to the prover first; undefined if nothing does. */
function objection(prover: Prover): string | undefined {
  try {
    for (const row of PAIRS) {
      const { expected, got } = verdictsOf(row, prover);
      if (got.join() !== expected.join()) return `table: ${row.name}`;
    }
    const runs = [
      { from: 1, count: 700, options: {} },
      { from: 100_000, count: 700, options: { grants: true } },
      { from: 300_000, count: 300, options: { subjects: true } },
    ];
    for (const run of runs) {
      const [problem] = fuzz({ ...run, samples: 60, prover, first: true }).problems;
      if (problem !== undefined) return `fuzz: ${problem}`;
    }
    return undefined;
  } catch (error) {
    return `crash: ${error}`;
  }
}

test.each(MUTANTS.map((mutant, index) => ({ ...mutant, index })))(
  "a prover is caught in which $bug",
  async (mutant) => {
    const prover = await withBug(mutant, mutant.index);
    expect(objection(prover)).toBeDefined();
  },
  120_000,
);

test("the prover itself is not", () => {
  expect(objection(PROVER)).toBeUndefined();
}, 120_000);

test("the list is as long as it claims to be", () => {
  expect(MUTANTS.length).toBeGreaterThanOrEqual(14);
});
