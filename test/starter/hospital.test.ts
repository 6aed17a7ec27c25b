/** The hospital's real server, and the calls that were recorded in front of it. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { diskTree } from "../../engine/host/disk.ts";
import { type Tree, withTexts } from "../../engine/host/tree.ts";
import { lint } from "../../engine/lint/lint.ts";
import { type LoadedRepository, load } from "../../engine/policy/load.ts";
import { type StarterReport, starterFiles } from "../../engine/starter/starter.ts";

const HOSPITAL = fileURLToPath(new URL("../../examples/hospital", import.meta.url));
const NOW = Date.parse("2026-11-24T12:00:00Z");

let folder: string;
let tree: Tree;
let report: StarterReport;
let loaded: LoadedRepository;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "phiward-starter-"));
  for (const part of ["servers", "fixtures"]) {
    cpSync(join(HOSPITAL, part), join(folder, part), { recursive: true });
  }
  tree = diskTree(folder);
  report = await starterFiles(tree, {
    now: NOW,
    responsible: "person:j.rivera",
    recorded: "fixtures/medagentbench.jsonl",
  });
  loaded = await load(withTexts(tree, new Map(Object.entries(report.files))));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

test("gets policies that let every recorded call through", () => {
  expect(report.recorded!.calls).toBeGreaterThan(50);
  expect(report.recorded!.allowed).toBe(report.recorded!.calls);
});

test("that pass lint, and hold none of the recorded identifiers", () => {
  const { findings } = lint(loaded, NOW);
  const own = findings.filter(({ place }) => Object.hasOwn(report.files, place.file));
  expect(own.filter(({ severity }) => severity === "error")).toEqual([]);
  const recorded = readFileSync(join(folder, "fixtures/medagentbench.jsonl"), "utf8");
  // Their patients' numbers: a capital and seven digits.
  const ids = new Set(recorded.match(/\bS[0-9]{7}\b/g));
  expect(ids.size).toBeGreaterThan(20);
  const written = Object.values(report.files).join("\n");
  expect([...ids].filter((id) => written.includes(id))).toEqual([]);
});

test("with tests that notice nine slips in ten", () => {
  expect(report.tests.score).toBeGreaterThanOrEqual(90);
});
