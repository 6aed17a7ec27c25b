/** Whatever is asked of the index is what a reader of the whole log finds, without any index. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import type { Index } from "../../engine/audit/index/schema.ts";
import { type Filter, type Page, query } from "../../engine/audit/query.ts";
import type {
  AuditRecord,
  DecisionRecord,
  Entry,
  OutcomeEntry,
  OutcomeRecord,
} from "../../engine/audit/record.ts";
import { who } from "../../engine/audit/who.ts";
import { recordsIn, temporaryFolder } from "./folder.ts";
import { entries, patient, START, uuid, writeLog } from "./generate.ts";

const COUNT = 5000;
const PATIENTS = 60;

/** Entries whose clock is set back now and then: the order of numbers is not that of times. */
function* withClockSteps(from: Iterable<Entry>): Generator<Entry> {
  let n = 0;
  for (const entry of from) {
    n++;
    const step = Math.floor(n / 700) % 2 === 0 ? 0 : -120_000;
    yield { ...entry, at: Math.max(START, entry.at + step) };
  }
}

interface World {
  readonly folder: string;
  readonly index: Index;
  readonly records: readonly AuditRecord[];
  readonly lastAt: number;
}

function world(from: Iterable<Entry>): World {
  const folder = temporaryFolder();
  writeLog(folder, from, { segmentBytes: 200_000, everyRecords: 250 });
  const index = freshIndex(folder);
  const records = recordsIn(folder);
  return { folder, index, records, lastAt: Math.max(...records.map(({ at }) => Date.parse(at))) };
}

const generated = (seed: number) =>
  withClockSteps(entries(COUNT, { seed, patients: PATIENTS, grants: 7 }));

// --- a reader of the whole log

function inPeriod({ at }: AuditRecord, { from = -Infinity, to = Infinity }: Filter): boolean {
  return Date.parse(at) >= from && Date.parse(at) <= to;
}

function scanned(records: readonly AuditRecord[], filter: Filter): AuditRecord[] {
  return records
    .filter((record) => {
      const members = record as unknown as Record<string, unknown>;
      const same = (["kind", "grant", "principal", "server", "tool", "verdict"] as const).every(
        (name) => filter[name] === undefined || filter[name] === members[name],
      );
      const rule =
        filter.rule === undefined || filter.rule === members.rule || filter.rule === members.code;
      return same && rule && inPeriod(record, filter);
    })
    .toReversed();
}

/** All pages, one after the other. */
function paged({ folder, index }: World, filter: Filter, limit: number): Page["records"] {
  const all: Page["records"][number][] = [];
  for (let after: number | undefined; ; ) {
    const page = query(folder, index, filter, { limit, after });
    expect(page.problems).toEqual([]);
    expect(page.records.length).toBeLessThanOrEqual(limit);
    all.push(...page.records);
    if (page.next === undefined) return all;
    after = page.next;
  }
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

const filterOf = (lastAt: number): fc.Arbitrary<Filter> => {
  const time = maybe(fc.integer({ min: START - 1000, max: lastAt + 1000 }));
  return fc.record({
    kind: maybe(fc.constantFrom("decision", "outcome", "rejected", "checkpoint", "admin" as const)),
    grant: maybe(fc.constantFrom("agent-1", "agent-6", "nobody")),
    principal: maybe(fc.constantFrom("agent:agent-1", "agent:agent-2")),
    server: maybe(fc.constantFrom("ehr", "notes")),
    tool: maybe(fc.constantFrom("create_note", "fhir_search", "nothing")),
    verdict: maybe(fc.constantFrom("allow", "deny" as const)),
    // A rule, a code of rules, a code of what was rejected.
    rule: maybe(fc.constantFrom("(expired)", "limit", "require", "unknown_token", "")),
    from: time,
    to: time,
  });
};

describe("a query", () => {
  test("finds what a reader of the whole log finds, newest first, on whatever pages", () => {
    const here = world(generated(1));
    fc.assert(
      fc.property(filterOf(here.lastAt), fc.integer({ min: 7, max: 400 }), (filter, limit) => {
        const expected = scanned(here.records, filter);
        // Pages of every size, but not too many of them.
        const pages = Math.max(limit, Math.ceil(expected.length / 20));
        expect(paged(here, filter, pages).map(({ record }) => record)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
    here.index.close();
  });

  test("shows with every allowed call what became of it", () => {
    const here = world(generated(2));
    const outcomes = new Map(
      here.records
        .filter((record): record is OutcomeRecord => record.kind === "outcome")
        .map((record) => [record.decision, record]),
    );
    const found = paged(here, { kind: "decision" }, 1000);
    for (const { record, outcome } of found) expect(outcome).toEqual(outcomes.get(record.id));
    const calls = found.map(({ record }) => record as DecisionRecord);
    // Some never ended, and some were denied: neither has an outcome.
    expect(calls.filter(({ verdict }) => verdict === "allow").length).toBeGreaterThan(
      outcomes.size,
    );
    expect(outcomes.size).toBeGreaterThan(1000);
    here.index.close();
  });

  test("finds a tool in what was rejected, whatever else was rejected", () => {
    const rejected = (n: number, tool?: string): Entry => ({
      kind: "rejected",
      at: START + n,
      code: "bad_params",
      transport: "http",
      tool,
    });
    const here = world([rejected(1), rejected(2, "a"), rejected(3, "b"), rejected(4, "a")]);
    const found = paged(here, { tool: "a" }, 10);
    expect(found.map(({ record }) => record.seq)).toEqual([4, 2]);
    here.index.close();
  });

  test("has no next page after the last one, and an exact page is the last", () => {
    const here = world(entries(40));
    const all = query(here.folder, here.index, { kind: "outcome" }, { limit: 1000 });
    const exact = query(
      here.folder,
      here.index,
      { kind: "outcome" },
      { limit: all.records.length },
    );
    expect(exact).toEqual(all);
    expect(all).not.toHaveProperty("next");
    here.index.close();
  });
});

// --- who

function decisionsOf(records: readonly AuditRecord[]): DecisionRecord[] {
  return records.filter((record): record is DecisionRecord => record.kind === "decision");
}

function resultOf(records: readonly AuditRecord[], id: string): readonly string[] {
  const outcome = records.find((record) => record.kind === "outcome" && record.decision === id);
  return outcome?.kind === "outcome" ? outcome.resultSubjects : [];
}

const isOpen = ({ ephi, verdict, subject, volume }: DecisionRecord): boolean =>
  verdict === "allow" && ephi && (subject === "unknown" || volume === "bulk");

describe("who", () => {
  test("lists every call of a patient, by the call or by its result, and counts those that may have been", () => {
    const here = world(generated(3));
    const time = maybe(fc.integer({ min: START - 1000, max: here.lastAt + 1000 }));
    fc.assert(
      fc.property(fc.nat(PATIENTS), time, time, (n, from, to) => {
        const period = { from, to };
        const wanted = patient(n);
        const found = who(here.folder, here.index, [wanted], period);
        const inTime = decisionsOf(here.records).filter((record) => inPeriod(record, period));
        const named = inTime.filter(({ subjects }) => subjects.includes(wanted));
        const inResult = inTime.filter(
          ({ id, subjects }) =>
            !subjects.includes(wanted) && resultOf(here.records, id).includes(wanted),
        );
        expect(found.accesses.map(({ seq, via }) => [seq, via])).toEqual(
          [
            ...named.map(({ seq }) => [seq, "call"] as const),
            ...inResult.map(({ seq }) => [seq, "result"] as const),
          ].sort(([a], [b]) => a - b),
        );
        const all = [...named, ...inResult];
        const possible = inTime.filter((record) => isOpen(record) && !all.includes(record));
        expect(found.totals).toEqual({
          allowed: all.filter(({ verdict }) => verdict === "allow").length,
          denied: all.filter(({ verdict }) => verdict === "deny").length,
          possible: possible.length,
        });
        expect(found.possible.map(({ seq }) => seq)).toEqual(
          possible
            .map(({ seq }) => seq)
            .toReversed()
            .slice(0, 100),
        );
        expect(found.problems).toEqual([]);
      }),
      { numRuns: 60 },
    );
    here.index.close();
  });

  test("of nobody is an empty answer", () => {
    const here = world(entries(100));
    const found = who(here.folder, here.index, [patient(-1)], {});
    expect(found.accesses).toEqual([]);
    expect(found.totals).toMatchObject({ allowed: 0, denied: 0 });
    here.index.close();
  });

  test("finds a patient under an old key and under the new one, and lists a call once", () => {
    const [old, now] = [patient(1), patient(2)];
    const here = world([
      { ...call(1), subjects: [old] },
      { ...call(2), subjects: [now] },
      { ...call(3), subjects: [old, now].sort() },
      { ...call(4), subjects: [patient(3)] },
    ]);
    const { accesses } = who(here.folder, here.index, [old, now], {});
    expect(accesses.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    here.index.close();
  });

  test("two patients whose pseudonyms begin alike are told apart", () => {
    const [a, b] = [`${"0".repeat(12)}${"a".repeat(52)}`, `${"0".repeat(12)}${"b".repeat(52)}`];
    const here = world([
      { ...call(1), subjects: [a] },
      { ...call(2), subjects: [b] },
    ]);
    expect(who(here.folder, here.index, [b], {}).accesses.map(({ seq }) => seq)).toEqual([2]);
    here.index.close();
  });

  test("a result that came long after its call belongs to the call", () => {
    const filler = [...entries(12_000, { seed: 9 })];
    const result: OutcomeEntry = {
      kind: "outcome",
      at: START + 5,
      decision: uuid(-7),
      status: "ok",
      ms: 1,
      bytes: 1,
      items: 1,
      resultSubjects: [patient(-1)],
    };
    // More than one step of the indexer lies between the two.
    const here = world([{ ...call(-7), subject: "none", volume: "bulk" }, ...filler, result]);
    const { accesses } = who(here.folder, here.index, [patient(-1)], {});
    expect(accesses).toEqual([expect.objectContaining({ seq: 1, via: "result", outcome: "ok" })]);
    here.index.close();
  });

  test("an allowed call that never ended has an unknown outcome, and a denied one has none", () => {
    const here = world([
      { ...call(1), subjects: [patient(1)] },
      { ...call(2), subjects: [patient(1)], verdict: "deny", rule: "(expired)", code: "expired" },
    ]);
    const { accesses } = who(here.folder, here.index, [patient(1)], {});
    expect(accesses.map(({ outcome }) => outcome)).toEqual(["unknown", null]);
    here.index.close();
  });
});

/** An allowed call of one patient or none. */
function call(n: number) {
  const [first] = entries(1, { seed: 1 });
  const decision = first as Extract<Entry, { kind: "decision" }>;
  return {
    ...decision,
    id: uuid(n),
    at: START + Math.max(0, n),
    subjects: [] as readonly string[],
    subject: "named" as DecisionRecord["subject"],
    volume: "single" as DecisionRecord["volume"],
    verdict: "allow" as DecisionRecord["verdict"],
    rule: "",
    code: "allowed",
  };
}
