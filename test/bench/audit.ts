/**
 * The audit log: how many appends reach the disk in a second, and how long questions take over a log
 * of many records.
 *
 *     npm run bench                                 (a million records)
 *     node test/bench/audit.ts 10000000             (ten million: about 8 GB, half an hour)
 */
import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLog } from "../../engine/audit/file-log.ts";
import { indexReport } from "../../engine/audit/index/find.ts";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import type { Index } from "../../engine/audit/index/schema.ts";
import { query } from "../../engine/audit/query.ts";
import { readRecords } from "../../engine/audit/read.ts";
import type { Entry } from "../../engine/audit/record.ts";
import { verifyLog } from "../../engine/audit/verify/verify.ts";
import { who } from "../../engine/audit/who.ts";
import { canonical, type Json, sha256 } from "../../engine/json/value.ts";
import { entries, KEYS, NODE, numbers, patient, START, writeLog } from "../audit/generate.ts";
import { median, time } from "./measure.ts";

const ORDINARY = 1_000_000;
const GRANTS = 200;
/** How often each question is asked, with other parameters each time. */
const QUESTIONS = 40;

export async function benchAudit(count = ORDINARY): Promise<void> {
  await benchAppends();
  const folder = mkdtempSync(join(tmpdir(), "phiward-bench-audit-"));
  try {
    benchQuestions(folder, count);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// --- appends

const ROUND_MS = 1000;
const ROUNDS = 3;

async function benchAppends(): Promise<void> {
  console.log("\nappends that are on disk, in a second (median of rounds in turn)");
  const calls = [...entries(4000, { grants: GRANTS })].filter(({ kind }) => kind === "decision");
  const results = new Map<string, number[]>();
  const note = (name: string, rate: number): void => {
    results.set(name, [...(results.get(name) ?? []), rate]);
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const writers of [1, 16, 64, 256]) {
      note(`${writers} at a time`, await appendRate(calls, writers));
    }
    note(
      "floor: 64 records, written and synced in one, again and again",
      await floorRate(64 * 900),
    );
  }
  for (const [name, rates] of results) {
    console.log(
      `  ${name.padEnd(62)} ${Math.round(median(rates)).toLocaleString("en").padStart(9)}`,
    );
  }
}

async function appendRate(calls: readonly Entry[], writers: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "phiward-bench-audit-"));
  const log = await openFileLog({
    folder,
    node: NODE,
    now: () => START,
    checkpoint: { key: KEYS.privateKey, everyRecords: 1000, everyMs: 1000, sinks: [] },
  });
  // The next segment is being made meanwhile: that is part of a start, not of the work.
  await new Promise((resolve) => setTimeout(resolve, 300));
  let n = 0;
  const begin = performance.now();
  const end = begin + ROUND_MS;
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (performance.now() < end) await log.append(calls[n++ % calls.length]!).durable;
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  await log.close();
  rmSync(folder, { recursive: true, force: true });
  return n / seconds;
}

/** What the disk alone allows: records in a second, if making them cost nothing. */
async function floorRate(batchBytes: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "phiward-bench-audit-"));
  const fd = openSync(join(folder, "floor"), "w");
  const bytes = Buffer.alloc(batchBytes, "x");
  const area = 64 * 1024 * 1024;
  writeSync(fd, Buffer.alloc(area));
  await new Promise((resolve) => fdatasync(fd, resolve));
  let batches = 0;
  const begin = performance.now();
  for (; performance.now() < begin + ROUND_MS; batches++) {
    writeSync(fd, bytes, 0, batchBytes, (batches * batchBytes) % (area - batchBytes));
    await new Promise((resolve) => fdatasync(fd, resolve));
  }
  const seconds = (performance.now() - begin) / 1000;
  closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
  return (64 * batches) / seconds;
}

// --- questions

function benchQuestions(folder: string, count: number): void {
  console.log(`\na log of ${count.toLocaleString("en")} records`);
  const patients = Math.max(1000, Math.round(count / 100));
  writeLog(folder, entries(count, { patients, grants: GRANTS }), { everyRecords: 1000 });

  const verified = timed(() => verifyLog(folder, { keys: [KEYS.publicKey], kept: [] }));
  const { records, verdict, last } = verified.value;
  line(`verify: ${verdict}`, ...rates(records, verified));
  line("  beside: parse, write anew, hash (100,000 of them)", ...rates(SAMPLE, naive(folder)));

  const indexed = timed(() => freshIndex(folder));
  const index = indexed.value;
  line(`index from nothing: ${size(folder)}`, ...rates(records, indexed));
  line("index that is up to date", time(1e6 * timed(() => freshIndex(folder).close()).ms));
  console.log(`  ${indexReport(folder, index).records.toLocaleString("en")} records in the index`);

  const span = Date.parse(last!.at) - START;
  ask("who, one patient, all time", (n) => who(folder, index, [patient(n % patients)], {}));
  ask("who, one patient, a tenth of the time", (n) => {
    const from = START + (span / 10) * (n % 9);
    return who(folder, index, [patient(n % patients)], { from, to: from + span / 10 });
  });
  askPage("query, one principal, a tenth of the time", folder, index, (n) => ({
    principal: `agent:agent-${n % GRANTS}`,
    from: START + (span / 10) * (n % 9),
    to: START + (span / 10) * ((n % 9) + 1),
  }));
  askPage("query, denied, one tool", folder, index, (n) => ({
    verdict: "deny",
    tool: ["create_note", "fhir_search", "export_cohort"][n % 3]!,
  }));
  askPage("query, one principal, denied, by one rule", folder, index, (n) => ({
    principal: `agent:agent-${n % GRANTS}`,
    verdict: "deny",
    rule: "(expired)",
  }));
  askPage("query, everything", folder, index, () => ({}));
  index.close();
}

function ask(name: string, question: (n: number) => unknown): void {
  const random = numbers(7);
  const samples = Array.from({ length: QUESTIONS }, () => {
    const n = random(1_000_000);
    return timed(() => question(n)).ms;
  });
  const worst = time(1e6 * Math.max(...samples));
  line(name, time(1e6 * median(samples)), `worst ${worst}`);
}

function askPage(
  name: string,
  folder: string,
  index: Index,
  filter: (n: number) => Parameters<typeof query>[2],
): void {
  ask(name, (n) => query(folder, index, filter(n), { limit: 50 }));
}

const SAMPLE = 100_000;

/** What a verifier costs that parses each record and writes it anew. */
function naive(folder: string): Timed<void> {
  const sample: string[] = [];
  for (const record of readRecords(folder)) {
    if (sample.push(JSON.stringify(record)) === SAMPLE) break;
  }
  return timed(() => {
    for (let i = 0; i < SAMPLE; i++) {
      const text = sample[i % sample.length]!;
      const { hash, ...rest } = JSON.parse(text) as { readonly [name: string]: Json };
      if (sha256(canonical(rest)) !== `sha256:${hash}`) throw new Error("not what was written");
    }
  });
}

interface Timed<T> {
  readonly value: T;
  readonly ms: number;
  /** Milliseconds of a core: what others do on the machine at the same time does not count. */
  readonly coreMs: number;
}

function timed<T>(work: () => T): Timed<T> {
  const used = process.cpuUsage();
  const begin = performance.now();
  const value = work();
  const ms = performance.now() - begin;
  const { user, system } = process.cpuUsage(used);
  return { value, ms, coreMs: (user + system) / 1000 };
}

function rate(records: number, ms: number): string {
  return `${Math.round((records / ms) * 1000).toLocaleString("en")}/s`;
}

function rates(records: number, { ms, coreMs }: Timed<unknown>): [string, string] {
  return [rate(records, ms), `${rate(records, coreMs)} of a core`];
}

function size(folder: string): string {
  return `${(statSync(join(folder, "index.sqlite")).size / 1e6).toFixed(0)} MB`;
}

function line(name: string, figure: string, more = ""): void {
  console.log(`  ${name.padEnd(52)} ${figure.padStart(12)}  ${more}`);
}

if (process.argv[1] === import.meta.filename) {
  await benchAudit(process.argv[2] === undefined ? undefined : Number(process.argv[2]));
}
