/** A small hospital quarter: every story in it is found by one command, and no patient is named. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { publicKey } from "../../engine/audit/state.ts";
import { verifyLog } from "../../engine/audit/verify/verify.ts";
import { lint } from "../../engine/lint/lint.ts";
import { load } from "../../engine/policy/load.ts";
import { memoryTree } from "../support/tree.ts";
import { ask, type ReportJson, STORIES, shownBy } from "./answers.ts";
import { CAST, QUARTER_END } from "./cast.ts";
import { type Quarter, writeQuarter } from "./generate.ts";

let work = "";
let quarter: Quarter;
let report: ReportJson;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "phiward-quarter-"));
  quarter = await writeQuarter({ folder: work, calls: 20_000 });
  report = ask<ReportJson>(quarter, [
    "audit",
    "report",
    "--period",
    "2026-Q3",
    "--dir",
    quarter.repository,
  ]);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const logOf = ({ state }: Quarter): string => join(state, "audit");

test("the log is whole, and all its checkpoints are signed", () => {
  const path = join(quarter.state, "keys", "checkpoint.pem.pub");
  const key = publicKey(path, readFileSync(path, "utf8"));
  const { verdict, records, problems } = verifyLog(logOf(quarter), { keys: [key], kept: [] });
  expect({ verdict, records, problems }).toEqual({
    verdict: "whole",
    records: quarter.records,
    problems: [],
  });
});

test("the policy repository of the quarter has no errors, and grants what its 400 principals have", async () => {
  const loaded = await load(memoryTree(quarter.releases.at(-1)!.sources));
  const { findings } = lint(loaded, QUARTER_END);
  const errors = findings.filter(({ severity }) => severity === "error");
  expect(errors).toEqual([]);
  expect(new Set(CAST.map(({ principal }) => principal)).size).toBe(400);
});

test.each(STORIES)("the activity report finds $title, and its command shows it", (story) => {
  const { planted } = quarter;
  const finding = report.findings.find(({ id }) => id === story.finding(planted));
  expect(finding, story.finding(planted)).toBeDefined();
  expect(story.shows(shownBy(quarter, finding!), planted)).toBe(true);
});

test("the report finds the hours in which the node was silent", () => {
  const { from, to } = quarter.planted.broken;
  const silent = report.findings.find(
    ({ rule, id }) => rule === "silent-node" && id.includes("2026-07-22"),
  );
  expect(silent?.numbers.hours).toBeGreaterThanOrEqual(Math.floor((to - from) / 3_600_000));
});

test("a release's new rule stands among the denials, with its place in the policies", () => {
  const { rule, policy } = quarter.planted.newRule;
  const row = report.denials.find((one) => one.rule === rule && one.policy === policy);
  expect(row?.denied.now).toBeGreaterThan(50);
  expect(report.standing.places[`${policy} ${rule}`]).toMatch(/^policies\/lookup\.yaml:[0-9]+$/);
});

test("what was granted and never used is found", () => {
  const { never, mostly } = quarter.planted.unused;
  const { unused } = ask<{ unused: { grant: string; server: string }[] }>(quarter, [
    ...["grant", "unused", quarter.repository, "--since", "2026-07-01"],
  ]);
  const serversOf = (grant: string): readonly string[] => [
    ...new Set(unused.filter((one) => one.grant === grant).map(({ server }) => server)),
  ];
  for (const grant of never) expect(serversOf(grant)).toEqual(["ehr"]);
  for (const grant of mostly)
    expect(serversOf(grant)).toEqual(expect.arrayContaining(["ehr", "imaging"]));
});

test("who accessed a neighbour's record, under what authority, and who approved it", () => {
  const { insider } = quarter.planted;
  const found = ask<{
    accesses: { principal: string; pullRequest: string; approvers: string[] }[];
  }>(quarter, ["audit", "who", "--patient", "-"], insider.patients[0]);
  const theirs = found.accesses.filter(({ principal }) => principal === insider.principal);
  expect(theirs).toHaveLength(1);
  expect(theirs[0]).toMatchObject({ pullRequest: "101", approvers: ["m.chen", "s.park"] });
});

test("no patient's id is in anything that was written", () => {
  for (const name of readdirSync(work, { recursive: true, encoding: "utf8" })) {
    const path = join(work, name);
    if (!/\.(jsonl|json|yaml|notes|sqlite)$/.test(name)) continue;
    expect(/\bp-1[0-9]{5}\b/.test(readFileSync(path, "latin1")), name).toBe(false);
  }
  expect(/\bp-1[0-9]{5}\b/.test(JSON.stringify(report))).toBe(false);
});

test("the same seed gives the same bytes", async () => {
  const [one, two] = await Promise.all(
    ["one", "two"].map((name) => writeQuarter({ folder: join(work, name), calls: 500 })),
  );
  const bytes = ({ state }: Quarter): Buffer =>
    readFileSync(join(state, "audit", "0000000001.jsonl"));
  expect(bytes(one!).equals(bytes(two!))).toBe(true);
  expect(readFileSync(join(one!.state, "tokens.json"))).toEqual(
    readFileSync(join(two!.state, "tokens.json")),
  );
});
