/**
 * The whole quarter, 10 million calls: every story in it is found, the log is whole, and how long each
 * question takes is printed. `PHIWARD_QUARTER=FOLDER` takes one that was generated before.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askQuarter, table, verifyQuarter } from "../bench/quarter.ts";
import { ask, type ReportJson, STORIES, shownBy } from "../quarter/answers.ts";
import { type Planted, writeQuarter } from "../quarter/generate.ts";

const CALLS = Number(process.env.PHIWARD_QUARTER_CALLS ?? 10_000_000);

const GENERATION_MS = 60 * 60_000;

let work = "";
let folder = process.env.PHIWARD_QUARTER;
let planted: Planted;
let report: ReportJson;
const places = () => ({
  state: join(folder!, "state"),
  repository: join(folder!, "policies"),
});

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "phiward-quarter-"));
  // What is planted does not depend on how many calls there are beside it.
  ({ planted } = await writeQuarter({ folder: join(work, "few"), calls: 1000 }));
  if (folder === undefined) {
    folder = join(work, "all");
    await writeQuarter({ folder, calls: CALLS });
  }
  const args = ["audit", "report", "--period", "2026-Q3", "--dir", places().repository];
  report = ask<ReportJson>(places(), args);
}, GENERATION_MS);
afterAll(() => rmSync(work, { recursive: true, force: true }));

test.each(STORIES)("the activity report finds $title, and its command shows it", (story) => {
  const finding = report.findings.find(({ id }) => id === story.finding(planted));
  expect(finding, story.finding(planted)).toBeDefined();
  expect(story.shows(shownBy(places(), finding!), planted)).toBe(true);
});

test("the questions of an auditor, and how long each takes", () => {
  const figures = askQuarter(places().state);
  console.log(table(figures));
  expect(figures.length).toBeGreaterThan(10);
});

test("the log is whole, and memory does not grow with it", () => {
  const { verdict, perSecond, records, grownBytes } = verifyQuarter(places().state);
  console.log(`verify: ${records} records, ${Math.round(perSecond)}/s`);
  expect(verdict).toBe("whole");
  expect(grownBytes).toBeLessThan(200e6);
});
