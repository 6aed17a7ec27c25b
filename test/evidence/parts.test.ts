/** The parts of an export that need no hospital: what is masked, what is assumed, and hostile names. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import type { DecisionEntry } from "../../engine/audit/record.ts";
import { masked } from "../../engine/evidence/config.ts";
import { CONFIG_DEFAULTS } from "../../engine/evidence/connections.ts";
import { writeEvidence } from "../../engine/evidence/evidence.ts";
import { diskTree } from "../../engine/host/disk.ts";
import { parsePeriod } from "../../engine/review/period.ts";
import { entries, writeLog } from "../audit/generate.ts";
import { filesOf, read, readCsv } from "./files.ts";

const ROOT = resolve(import.meta.dirname, "../..");

test.each([
  ["env:EHR_TOKEN", "env:EHR_TOKEN"],
  ["file:/run/secrets/key", "file:/run/secrets/key"],
  // A program's arguments may be the secret itself.
  ["exec:vault read -field=x s3cr3t", "exec:vault ***"],
  ["postgres://phiward:s3cr3t@db.example.org/audit", "postgres://***@db.example.org/audit"],
  ["https://notes.example.org/gw-1?sig=s3cr3t", "https://notes.example.org/gw-1?***"],
  [
    ["server", "--api-key", "s3cr3t", "--port", "1"],
    ["server", "--api-key", "***", "--port", "1"],
  ],
  [
    ["server", "--token=s3cr3t"],
    ["server", "--token=***"],
  ],
  [
    { a: [{ b: "https://u:s3cr3t@h/" }], n: 3, t: true },
    { a: [{ b: "https://***@h/" }], n: 3, t: true },
  ],
])("of a configuration, %j is shown as %j", (value, expected) => {
  expect(masked(value)).toEqual(expected);
});

test("what is assumed where a configuration is silent is what its schema says", () => {
  const schema = readFileSync(join(ROOT, "schemas/engine.schema.json"), "utf8");
  const { idle, absolute, listen, tls, poll, checkpointEvery, checkpointRecords } = CONFIG_DEFAULTS;
  for (const words of [
    `ends after this. ${idle} when absent`,
    `however busy. ${absolute} when absent`,
    `${listen} when absent`,
    `TLS that is spoken. ${tls} when absent`,
    `emergency stop. ${poll} when absent`,
    `"${checkpointEvery} when absent`,
    `${checkpointRecords} when absent`,
  ]) {
    expect(schema).toContain(words);
  }
});

test("names that would run, hide or reorder text are text, in pages and in tables", async () => {
  const work = mkdtempSync(join(tmpdir(), "phiward-evidence-names-"));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  const [first] = entries(1) as Generator<DecisionEntry>;
  const names = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\u202egnp.exe",
    '"quoted", and more',
  ];
  const hostile = names.map((tool): DecisionEntry => ({ ...first!, id: undefined, tool }));
  writeLog(join(work, "state/audit"), hostile, { everyRecords: 2 });
  const index = freshIndex(join(work, "state/audit"));
  onTestFinished(() => index.close());
  const { folder } = await writeEvidence({
    state: join(work, "state"),
    ...{ index, period: parsePeriod("2026-01"), now: Date.UTC(2026, 9, 1), records: true },
    output: join(work, "evidence"),
    tree: diskTree(join(ROOT, "examples/hospital")),
  });
  const tools = readCsv(read(folder, "data/tools.csv")).map((row) => row[1]);
  expect(tools).toEqual(
    expect.arrayContaining(["'=cmd|' /C calc'!A0", "'@SUM(A1)", '"quoted", and more']),
  );
  for (const file of filesOf(folder).filter((one) => one.endsWith(".html"))) {
    expect(read(folder, file), file).not.toMatch(/<script|\u202e/);
  }
  expect(read(folder, "index.html")).toContain("&#60;script&#62;");
});
