/** What the index counts for reports is what somebody who reads every record would count. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  allPatientsMet,
  dailyCounts,
  dayOf,
  hoursOfWork,
  metOnce,
  newPatientsMet,
  patientsByDay,
  patientsMet,
  silences,
} from "../../engine/audit/index/activity.ts";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import { type Index, patientKey } from "../../engine/audit/index/schema.ts";
import { readRecords } from "../../engine/audit/read.ts";
import type { AuditRecord, DecisionRecord } from "../../engine/audit/record.ts";
import { writeQuarter } from "./generate.ts";

const DAYS = { fromDay: dayOf(Date.UTC(2026, 7, 10)), toDay: dayOf(Date.UTC(2026, 7, 30)) };
const HOUR = 3_600_000;

let work = "";
let log = "";
let index: Index;
let records: readonly AuditRecord[];

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "phiward-counts-"));
  const { state } = await writeQuarter({ folder: work, calls: 4_000 });
  log = join(state, "audit");
  index = freshIndex(log);
  records = [...readRecords(log)];
});
afterAll(() => {
  index.close();
  rmSync(work, { recursive: true, force: true });
});

const inDays = ({ at }: { readonly at: string }): boolean => {
  const day = dayOf(Date.parse(at));
  return DAYS.fromDay <= day && day <= DAYS.toDay;
};

/** Each meeting of a principal and a patient. */
function meetings(): { principal: string; patient: number; at: string }[] {
  const decisions = new Map<string, DecisionRecord>();
  return records.flatMap((record) => {
    if (record.kind === "decision") {
      decisions.set(record.id, record);
      if (record.verdict === "deny") return [];
      const { principal, at } = record;
      return record.subjects.map((one) => ({ principal, patient: patientKey(one), at }));
    }
    if (record.kind !== "outcome") return [];
    const { principal } = decisions.get(record.decision)!;
    const { at } = record;
    return record.resultSubjects.map((one) => ({ principal, patient: patientKey(one), at }));
  });
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  return new Map([...Map.groupBy(items, key)].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

test("records of each kind, principal and rule, day by day", () => {
  const keyOf = (at: number, kind: string, principal = "", rule = "", purpose = ""): string =>
    JSON.stringify([at, kind, principal, rule, purpose]);
  const counted = new Map<string, number>();
  for (const { day, shape, count } of dailyCounts(index, DAYS)) {
    const { kind, principal, rule, purpose } = shape;
    const key = keyOf(day, kind, principal, rule, purpose);
    counted.set(key, (counted.get(key) ?? 0) + count);
  }
  const expected = grouped(records.filter(inDays), (record) => {
    const day = dayOf(Date.parse(record.at));
    if (record.kind === "decision") {
      const { kind, principal, rule, purpose } = record;
      return keyOf(day, kind, principal, rule, purpose);
    }
    return keyOf(day, record.kind, "principal" in record ? record.principal : "");
  });
  expect(sorted(counted)).toEqual([...expected].map(([key, all]) => [key, all.length]));
});

test("what each principal did in each hour, and how much came back", () => {
  const decisions = records.filter((one) => one.kind === "decision");
  const outcomes = records.filter((one) => one.kind === "outcome");
  const mine = new Map(decisions.map((one) => [one.id, one]));
  const rows = [...hoursOfWork(index, DAYS)];
  const sum = (of: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((all, row) => all + of(row), 0);
  const within = decisions.filter(inDays);
  const ended = outcomes.filter(inDays);
  expect({
    allowed: sum(({ allowed }) => allowed),
    denied: sum(({ denied }) => denied),
    ephi: sum(({ ephi }) => ephi),
    failed: sum(({ failed }) => failed),
    items: sum(({ items }) => items),
    bytes: sum(({ bytes }) => bytes),
  }).toEqual({
    allowed: within.filter(({ verdict }) => verdict === "allow").length,
    denied: within.filter(({ verdict }) => verdict === "deny").length,
    ephi: within.filter(({ verdict, ephi }) => verdict === "allow" && ephi).length,
    failed: ended.filter(({ status }) => status !== "ok").length,
    items: ended.reduce((all, { items }) => all + items, 0),
    bytes: ended.reduce((all, { bytes }) => all + bytes, 0),
  });
  const largest = rows.reduce((a, b) => (b.peak > a.peak ? b : a));
  const answer = ended.reduce((a, b) => (b.items > a.items ? b : a));
  expect(largest).toMatchObject({
    peak: answer.items,
    principal: mine.get(answer.decision)!.principal,
  });
});

test("different patients of each principal, of all, day by day, and those never met before", () => {
  const all = meetings();
  const within = all.filter(inDays);
  const distinct = (items: readonly { patient: number }[]): number =>
    new Set(items.map(({ patient }) => patient)).size;
  const byPrincipal = grouped(within, ({ principal }) => principal);
  expect(sorted(patientsMet(index, DAYS))).toEqual(
    [...byPrincipal].map(([name, items]) => [name, distinct(items)]),
  );
  expect(allPatientsMet(index, DAYS)).toBe(distinct(within));
  const days = grouped(within, ({ at, principal }) =>
    JSON.stringify([dayOf(Date.parse(at)), principal]),
  );
  const counted = [...patientsByDay(index, DAYS)].map(
    ({ day, principal, patients }): [string, number] => [
      JSON.stringify([day, principal]),
      patients,
    ],
  );
  expect(sorted(new Map(counted))).toEqual([...days].map(([key, items]) => [key, distinct(items)]));
  const first = new Map<string, string>();
  for (const { principal, patient, at } of all) {
    const key = JSON.stringify([principal, patient]);
    if (!first.has(key)) first.set(key, at);
  }
  const fresh = grouped(
    [...first].filter(([, at]) => inDays({ at })),
    ([key]) => (JSON.parse(key) as [string])[0],
  );
  expect(sorted(newPatientsMet(index, DAYS))).toEqual(
    [...fresh].map(([name, items]) => [name, items.length]),
  );
});

test("patients whom a principal met on one day only, and in which hours", () => {
  const all = meetings();
  const name = all.find(inDays)!.principal;
  const theirs = grouped(
    all.filter(({ principal }) => principal === name),
    ({ patient }) => String(patient),
  );
  const once = [...theirs].flatMap(([patient, items]) => {
    const days = new Set(items.map(({ at }) => dayOf(Date.parse(at))));
    const [day] = days;
    if (days.size > 1 || !inDays(items[0]!)) return [];
    const hours = [...new Set(items.map(({ at }) => new Date(at).getUTCHours()))];
    return [{ principal: name, patient: Number(patient), day, hours: hours.sort((a, b) => a - b) }];
  });
  const found = [...metOnce(index, DAYS, name)];
  expect(found.sort((a, b) => a.patient - b.patient)).toEqual(
    once.sort((a, b) => a.patient - b.patient),
  );
  expect(found.length).toBeGreaterThan(0);
});

test("the hours in which nothing was recorded", () => {
  const expected = records.flatMap(({ at, seq }, i) => {
    const before = records[i - 1];
    if (before === undefined || Date.parse(at) - Date.parse(before.at) <= 4 * HOUR) return [];
    return [{ from: Date.parse(before.at), to: Date.parse(at), seq }];
  });
  expect([...silences(index, 4 * HOUR)]).toEqual(expected);
  expect(expected.length).toBeGreaterThan(0);
});

test("an index that grew in pieces counts what one made at once counts", () => {
  const lines = readFileSync(join(log, "0000000001.jsonl"));
  const grown = join(work, "grown");
  mkdirSync(grown);
  for (let i = 0; i < 9; i++) {
    const [from, to] = [i, i + 1].map((n) => Math.ceil((lines.length * n) / 9));
    appendFileSync(join(grown, "0000000001.jsonl"), lines.subarray(from, to));
    freshIndex(grown).close();
  }
  const other = freshIndex(grown);
  for (const table of ["daily", "principal", "hourly", "met", "relation"]) {
    const all = (of: Index): unknown => of.prepare(`SELECT * FROM ${table}`).all();
    expect(all(other), table).toEqual(all(index));
  }
  other.close();
});
