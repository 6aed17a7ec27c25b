/** What every command prints with --format json is what schemas/report.schema.json says. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const ajv = new Ajv2020({ strict: false, allErrors: true });
const schema = JSON.parse(readFileSync(join(root, "schemas/report.schema.json"), "utf8"));
ajv.addSchema(schema, "report");

let work = "";
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "phiward-report-"));
  cpSync(join(root, "examples/hospital"), join(work, "careless"), { recursive: true });
  cpSync(join(root, "examples/hospital/careless"), join(work, "careless"), { recursive: true });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function json(args: readonly string[], input = ""): unknown {
  const bin = join(root, "dist/cli/bin.js");
  const { stdout, status } = spawnSync(process.execPath, [bin, ...args, "--format", "json"], {
    cwd: root,
    encoding: "utf8",
    input,
  });
  expect(status, stdout).toBeLessThan(3);
  return JSON.parse(stdout);
}

const ASK =
  '{"grant":"lookup-bot-3","server":"ehr","tool":"fhir_search","args":{},"at":"2026-10-05T09:00:00Z"}';

test.each([
  ["lint", () => ["lint", "examples/hospital"], ""],
  ["test", () => ["test", "examples/hospital"], ""],
  ["test", () => ["test", "examples/hospital", "--coverage", "--mutation"], ""],
  ["explain", () => ["explain", "examples/hospital", "--call", "-"], ASK],
  ["simulate", () => ["simulate", "examples/hospital", "--base", join(work, "careless")], ""],
  ["simulate", () => ["simulate", join(work, "careless"), "--base", "./examples/hospital"], ""],
  ["diff", () => ["diff", "./examples/hospital", join(work, "careless")], ""],
  ["gate", () => ["gate", "examples/hospital", "--base", "./examples/hospital"], ""],
  ["gate", () => ["gate", join(work, "careless"), "--base", "./examples/hospital"], ""],
  ["diff", () => ["diff", join(work, "careless"), "./examples/hospital"], ""],
  [
    "scan",
    () => [
      "scan",
      "--from",
      "examples/hospital/ehr/tools-list.json",
      "--server",
      "ehr",
      "--dir",
      "examples/hospital",
      "--dry-run",
    ],
    "",
  ],
  ["access", () => ["access", "examples/hospital"], ""],
  ["access", () => ["access", "examples/hospital", "--ephi", "--tool", "fhir_create"], ""],
  ["init", () => ["init", join(work, "new")], ""],
  ["error", () => ["lint", join(work, "nowhere")], ""],
  ["error", () => ["lint", "--no-such-flag"], ""],
  ["error", () => ["explain", "examples/hospital", "--call", "-"], "{"],
])("%s", (name, args, input) => {
  const report = json(args(), input);
  const valid = ajv.getSchema(`report#/$defs/${name}`)!;
  expect(valid(report), JSON.stringify(valid.errors, null, 1)).toBe(true);
  expect(ajv.validate("report", report)).toBe(true);
});

test("a report that lacks a key is refused", () => {
  const valid = ajv.getSchema("report#/$defs/lint")!;
  expect(valid({ schema: "phiward.lint/1", files: 1, suppressed: 0 })).toBe(false);
});
