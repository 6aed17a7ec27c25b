/** The numbers of a report are those of the records, and stay so. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import type { DecisionEntry, Entry } from "../../engine/audit/record.ts";
import { activityReport } from "../../engine/review/activity.ts";
import { parsePeriod, periodBefore, periodBetween } from "../../engine/review/period.ts";
import { type ActivityReport, findingsOf } from "../../engine/review/report.ts";
import { signaturesUnder } from "../../engine/review/signed.ts";
import { entries, writeLog } from "../audit/generate.ts";
import { admin, call, calls, days, october, policy, reportOn } from "./world.ts";

describe("the numbers", () => {
  let folder = "";
  let report: ActivityReport;
  /** Of January, which is the month of the report; of February, which is none of it. */
  let january: readonly Entry[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "phiward-numbers-"));
    const all = [...entries(4000, { everyMs: 2_000_000 })];
    january = all.filter(({ at }) => at < Date.UTC(2026, 1, 1));
    expect(january.length).toBeLessThan(all.length);
    writeLog(folder, all);
    const index = freshIndex(folder);
    const period = parsePeriod("2026-01");
    report = activityReport({ folder, index, period, reviewed: new Set(), now: 0 });
    index.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const decisions = (): DecisionEntry[] => january.filter((one) => one.kind === "decision");
  const counted = <T>(items: readonly T[], name: (item: T) => string): Record<string, number> =>
    Object.fromEntries([...Map.groupBy(items, name)].map(([key, group]) => [key, group.length]));

  test("in all are those of a scan", () => {
    const { totals } = report.activity;
    const allowed = decisions().filter(({ verdict }) => verdict === "allow");
    expect(totals.calls).toEqual({ now: decisions().length, before: null });
    expect(totals.denied.now).toBe(decisions().length - allowed.length);
    expect(totals.ephi.now).toBe(allowed.filter(({ ephi }) => ephi).length);
    expect(totals.rejected.now).toBe(january.filter(({ kind }) => kind === "rejected").length);
    const ids = new Set(allowed.map(({ id }) => id));
    const outcomes = january.filter((one) => one.kind === "outcome" && ids.has(one.decision));
    const patients = [...allowed.flatMap(({ subjects }) => subjects)].concat(
      outcomes.flatMap((one) => (one.kind === "outcome" ? one.resultSubjects : [])),
    );
    expect(totals.patients.now).toBe(new Set(patients).size);
  });

  test("by principal, tool, rule, day and hour are those of a scan", () => {
    const { principals, tools, denials, days, rhythm } = report.activity;
    const table = (rows: readonly (readonly [string, number])[]) => Object.fromEntries(rows);
    expect(table(principals.map((row) => [row.principal, row.calls.now]))).toEqual(
      counted(decisions(), ({ principal }) => principal),
    );
    expect(table(tools.map((row) => [`${row.server}/${row.tool}`, row.calls.now]))).toEqual(
      counted(decisions(), ({ server, tool }) => `${server}/${tool}`),
    );
    const denied = decisions().filter(({ verdict }) => verdict === "deny");
    expect(table(denials.map((row) => [`${row.rule} ${row.tool}`, row.denied.now]))).toEqual(
      counted(denied, ({ rule, tool }) => `${rule} ${tool}`),
    );
    expect(
      table(days.filter(({ calls }) => calls > 0).map(({ day, calls }) => [day, calls])),
    ).toEqual(counted(decisions(), ({ at }) => new Date(at).toISOString().slice(0, 10)));
    expect(days).toHaveLength(31);
    expect(rhythm.flat().reduce((sum, one) => sum + one, 0)).toBe(decisions().length);
    // The 5th of January 2026 is a Monday.
    const monday = decisions().filter(({ at }) => new Date(at).getUTCDay() === 1).length;
    expect(rhythm[0]!.reduce((sum, one) => sum + one, 0)).toBe(monday);
  });

  test("name no patient", () => {
    const text = JSON.stringify(report);
    for (const one of decisions()
      .flatMap(({ subjects }) => subjects)
      .slice(0, 50)) {
      expect(text).not.toContain(one.slice(0, 12));
    }
  });
});

describe("the digests", () => {
  const month = [...days(-20, 0, 9), ...calls(30, october(3)), ...calls(5, october(4, 2), {}, 20)];
  // Among them a patient that was met once in the period, and whom the same principal meets again.
  const later = [...calls(3, october(33)), admin(october(34), "review.activity")];

  test("stay when the log goes on after the period", () => {
    expect(reportOn([...month, ...later])).toEqual(reportOn(month));
  });

  test("change with a record of the period", () => {
    const [a, b] = [reportOn(month), reportOn([...month, call(october(30))])];
    expect(a.numbers).not.toBe(b.numbers);
    expect(a.digest).not.toBe(b.digest);
  });

  test("of the numbers stay when only a review came in, and that of the report changes", () => {
    const opened = admin(october(5), "emergency.opened", { event: "o-1", grant: "er" });
    const [a, b] = [[], ["o-1"]].map((ids) =>
      reportOn([...month, opened], { reviewed: new Set(ids) }),
    ) as [ActivityReport, ActivityReport];
    expect(a.numbers).toBe(b.numbers);
    expect(a.digest).not.toBe(b.digest);
    expect(findingsOf(a).map(({ rule }) => rule)).toContain("emergency-unreviewed");
  });

  test("tell which signature is under these numbers, and which under others", () => {
    const report = reportOn(month);
    const { from, to } = report.activity.period;
    const signature = {
      ...{ seq: 1, at: "", by: "person:m.chen", from, to, report: "", findings: 0, note: null },
    };
    const under = signaturesUnder(report, [
      { ...signature, numbers: report.numbers },
      { ...signature, numbers: "sha256:other" },
      { ...signature, numbers: report.numbers, from: "2026-09-01T00:00:00.000Z" },
    ]);
    expect(under.map(({ same }) => same)).toEqual([true, false]);
  });
});

test("what is new and what is gone is told of principals and of access", () => {
  const other = { grant: "b2", principal: "agent:b2" };
  const third = { grant: "b3", principal: "agent:b3" };
  const { comparison } = reportOn([
    call(october(-2)),
    call(october(-2), { tool: "list_wards" }),
    call(october(-2), other),
    call(october(2)),
    call(october(2), { tool: "write_note" }),
    call(october(2), third),
  ]).activity;
  expect(comparison).toEqual({
    newPrincipals: ["agent:b3"],
    gonePrincipals: ["agent:b2"],
    newAccess: [{ principal: "agent:bot", server: "ehr", tool: "write_note", calls: 1 }],
    goneAccess: [{ principal: "agent:bot", server: "ehr", tool: "list_wards", calls: 1 }],
  });
});

test("a release counts once, however often a gateway starts with it", () => {
  const bundle = (version: string) => ({
    ...{ name: "example", version, digest: `sha256:${version.repeat(64)}` },
  });
  const activated = (day: number, version: string) =>
    policy(october(day), "activated", { bundle: bundle(version) });
  const { releases } = reportOn([
    activated(1, "1"),
    activated(2, "1"),
    activated(3, "2"),
    activated(4, "1"),
  ]).activity;
  expect(releases.map(({ version }) => version)).toEqual(["1", "2", "1"]);
});

test.each([
  ["2026-10", "2026-10-01", "2026-10-31", "2026-09"],
  ["2026-01", "2026-01-01", "2026-01-31", "2025-12"],
  ["2028-02", "2028-02-01", "2028-02-29", "2028-01"],
  ["2026-Q1", "2026-01-01", "2026-03-31", "2025-Q4"],
  ["2026-Q4", "2026-10-01", "2026-12-31", "2026-Q3"],
])("the period %s is from %s to %s, after %s", (label, from, to, before) => {
  const period = parsePeriod(label);
  const { fromDay, toDay } = periodBetween(from, to);
  expect([period.fromDay, period.toDay]).toEqual([fromDay, toDay]);
  expect(periodBefore(period)).toEqual(parsePeriod(before));
});

test("the period before some days is as many days", () => {
  expect(periodBefore(periodBetween("2026-10-08", "2026-10-14")).label).toBe(
    "2026-10-01/2026-10-07",
  );
});

test.each(["2026-13", "2026-Q5", "2026", "October", "2026-10-01", ""])(
  "`%s` is no period",
  (text) => {
    expect(() => parsePeriod(text)).toThrow("is no period");
  },
);

test.each([
  ["2026-10-02", "2026-10-01", "the period ends before it begins"],
  ["2026-02-30", "2026-03-01", "is no day"],
])("from %s to %s: %s", (from, to, says) => {
  expect(() => periodBetween(from, to)).toThrow(says);
});
