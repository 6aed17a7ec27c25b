/**
 * How long questions take over a hospital's quarter: 10 million calls, 20 million records.
 *
 *     node test/quarter/generate.ts FOLDER 10000000     (16 GB, some minutes)
 *     node test/bench/quarter.ts FOLDER
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import type { Index } from "../../engine/audit/index/schema.ts";
import { type Filter, query } from "../../engine/audit/query.ts";
import { auditState, pseudonymsOf, publicKey } from "../../engine/audit/state.ts";
import { verifyLog } from "../../engine/audit/verify/verify.ts";
import { who } from "../../engine/audit/who.ts";
import { recordedChanges } from "../../engine/bundle/store/origins.ts";
import { activityReport } from "../../engine/review/activity.ts";
import { type Period, parsePeriod } from "../../engine/review/period.ts";
import { reviewedOpenings } from "../../engine/review/signed.ts";
import { numbers } from "../audit/generate.ts";
import { CAST, DAY, PATIENTS, patientId, QUARTER_END, QUARTER_START } from "../quarter/cast.ts";
import { median } from "./measure.ts";

/** How often each question is asked, with other parameters each time. */
const QUESTIONS = 40;
const REPORTS = 3;

export interface Figure {
  readonly question: string;
  readonly medianMs: number;
  readonly worstMs: number;
}

export interface Verified {
  readonly verdict: string;
  readonly records: number;
  readonly perSecond: number;
  /** How much more memory was held at the end than at the beginning. */
  readonly grownBytes: number;
}

export function verifyQuarter(state: string): Verified {
  const { log, keys } = auditState(state);
  const path = join(keys, "checkpoint.pem.pub");
  const key = publicKey(path, readFileSync(path, "utf8"));
  const before = process.memoryUsage().rss;
  const begin = performance.now();
  const { verdict, records } = verifyLog(log, { keys: [key], kept: [] });
  const perSecond = (records / (performance.now() - begin)) * 1000;
  return { verdict, records, perSecond, grownBytes: process.memoryUsage().rss - before };
}

/** Every question of the audit specification but those that write a folder. */
export function askQuarter(state: string): readonly Figure[] {
  const { log } = auditState(state);
  const index = freshIndex(log);
  try {
    return [
      ...whoFigures(state, log, index),
      ...Object.entries(FILTERS).map(([question, filter]) =>
        measured(question, QUESTIONS, (n) => query(log, index, filter(n), { limit: 50 })),
      ),
      ...["2026-08", "2026-Q3"].map((label) =>
        measured(`report of ${label}`, REPORTS, () =>
          report(state, log, index, parsePeriod(label)),
        ),
      ),
    ];
  } finally {
    index.close();
  }
}

function whoFigures(state: string, log: string, index: Index): readonly Figure[] {
  const folders = auditState(state);
  const ask = (n: number, period: { from?: number; to?: number }): unknown =>
    who(log, index, pseudonymsOf(patientId(n % PATIENTS), folders), period);
  return [
    measured("who, one patient, the whole quarter", QUESTIONS, (n) => ask(n, {})),
    measured("who, one patient, a week", QUESTIONS, (n) => ask(n, week(n))),
  ];
}

function week(n: number): { readonly from: number; readonly to: number } {
  const weeks = Math.floor((QUARTER_END - QUARTER_START) / (7 * DAY));
  const from = QUARTER_START + (n % weeks) * 7 * DAY;
  return { from, to: from + 7 * DAY - 1 };
}

const principal = (n: number): string => CAST[n % CAST.length]!.principal;
const TOOLS = ["fhir_search", "get_report", "book_appointment", "fhir_create", "find_studies"];
const tool = (n: number): string => TOOLS[n % TOOLS.length]!;

const FILTERS: Readonly<Record<string, (n: number) => Filter>> = {
  "query, everything": () => ({}),
  "query, one principal": (n) => ({ principal: principal(n) }),
  "query, one principal, a week": (n) => ({ principal: principal(n), ...week(n) }),
  "query, one grant, one tool": (n) => ({ grant: CAST[n % CAST.length]!.id, tool: tool(n) }),
  "query, denied": () => ({ verdict: "deny" }),
  "query, denied, one tool": (n) => ({ verdict: "deny", tool: tool(n) }),
  "query, denied, a week": (n) => ({ verdict: "deny", ...week(n) }),
  "query, one server, a week": (n) => ({ server: n % 2 === 0 ? "ehr" : "imaging", ...week(n) }),
  "query, by one rule": () => ({ rule: "/tools/fhir_search/require/1" }),
  "query, by rules of one code, a week": (n) => ({ rule: "limit", ...week(n) }),
  "query, outcomes, a week": (n) => ({ kind: "outcome", ...week(n) }),
  "query, administration": () => ({ kind: "admin" }),
  "query, of nobody": () => ({ principal: "agent:nobody" }),
};

function report(state: string, log: string, index: Index, period: Period): unknown {
  const reviewed = reviewedOpenings({ folder: log, index });
  const changesOf = recordedChanges(state);
  return activityReport({
    ...{ folder: log, index, period, now: QUARTER_END + DAY, reviewed, changesOf },
  });
}

function measured(question: string, times: number, ask: (n: number) => unknown): Figure {
  const random = numbers(7);
  const samples = Array.from({ length: times }, () => {
    const n = random(1_000_000);
    const begin = performance.now();
    ask(n);
    return performance.now() - begin;
  });
  return { question, medianMs: median(samples), worstMs: Math.max(...samples) };
}

export function table(figures: readonly Figure[]): string {
  return figures
    .map(({ question, medianMs, worstMs }) => {
      const [middle, worst] = [medianMs, worstMs].map((ms) => `${ms.toFixed(1)} ms`);
      return `  ${question.padEnd(44)} ${middle!.padStart(11)}  worst ${worst}`;
    })
    .join("\n");
}

if (process.argv[1] === import.meta.filename) {
  const state = join(process.argv[2]!, "state");
  console.log(table(askQuarter(state)));
  const { verdict, records, perSecond, grownBytes } = verifyQuarter(state);
  const rate = Math.round(perSecond).toLocaleString("en");
  console.log(`  verify: ${verdict}, ${records.toLocaleString("en")} records, ${rate}/s`);
  console.log(`  memory grew by ${(grownBytes / 1e6).toFixed(0)} MB`);
  const size = statSync(join(state, "audit", "index.sqlite")).size;
  console.log(`  index: ${(size / records).toFixed(0)} bytes a record`);
}
