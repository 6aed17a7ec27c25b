/** Logs of any length, made at once and without a gateway: for tests, and for measurements. */
import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { link } from "../../engine/audit/chain.ts";
import { checkpointEntry, originOf } from "../../engine/audit/checkpoint.ts";
import type { Head } from "../../engine/audit/log.ts";
import { NOTES_FILE } from "../../engine/audit/notes.ts";
import { type DecisionEntry, type Entry, reasonCode } from "../../engine/audit/record.ts";
import { segmentPath } from "../../engine/audit/segments.ts";

export const START = Date.UTC(2026, 0, 1);
export const GENESIS = "5a".repeat(32);
export const NODE = "gw-1";
export const ORIGIN = originOf(NODE, GENESIS);

/** A key that is made once: what it signs differs from run to run, and nothing depends on it. */
export const KEYS = generateKeyPairSync("ed25519");

/** Numbers that look like chance and are the same in every run (mulberry32). */
export function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** The pseudonym of patient number `n`, as far as these logs go. */
export function patient(n: number): string {
  return createHash("sha256").update(`patient ${n}`).digest("hex");
}

export function uuid(n: number): string {
  const hex = createHash("sha256").update(`id ${n}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const TOOLS = [
  { tool: "get_patient_record", subject: "named", volume: "single", ephi: true, effect: "read" },
  { tool: "fhir_read", subject: "named", volume: "chart", ephi: true, effect: "read" },
  { tool: "fhir_search", subject: "unknown", volume: "bulk", ephi: true, effect: "read" },
  { tool: "create_note", subject: "named", volume: "single", ephi: true, effect: "write" },
  { tool: "export_cohort", subject: "none", volume: "bulk", ephi: true, effect: "read" },
  { tool: "list_departments", subject: "none", volume: "single", ephi: false, effect: "read" },
] as const;
/** Each as often as it is called, of 100 calls. */
const OFTEN = [55, 15, 2, 17, 1, 10].flatMap((times, i) =>
  Array.from({ length: times }, () => TOOLS[i]!),
);
const RULES = ["(expired)", "/tools/get_patient_record/require/0", "/all_tools/limits/0"];

export interface Mix {
  readonly seed?: number;
  readonly patients?: number;
  readonly grants?: number;
  /** Milliseconds between two calls. */
  readonly everyMs?: number;
}

/** Calls with their outcomes, some denied, some rejected; `count` entries in all. */
export function* entries(count: number, mix: Mix = {}): Generator<Entry> {
  const { seed = 1, patients = 1000, grants = 20, everyMs = 250 } = mix;
  const random = numbers(seed);
  let at = START;
  for (let n = 0; n < count; ) {
    at += 1 + random(2 * everyMs);
    if (random(200) === 0) {
      yield { kind: "rejected", at, id: uuid(n++), code: "unknown_token", transport: "http" };
      continue;
    }
    const decision = decisionOf(random, uuid(n++), at, patients, grants);
    yield decision;
    if (decision.verdict === "deny" || n === count) continue;
    // One call in a thousand never ends.
    if (random(1000) === 0) continue;
    yield {
      kind: "outcome",
      at: at + random(200),
      id: uuid(n++),
      decision: decision.id!,
      status: random(50) === 0 ? "tool_error" : "ok",
      ms: random(200),
      bytes: random(20_000),
      items: random(10),
      resultSubjects:
        decision.tool === "export_cohort"
          ? [...new Set([patient(random(patients)), patient(random(patients))])].sort()
          : [],
    };
  }
}

function decisionOf(
  random: (below: number) => number,
  id: string,
  at: number,
  patients: number,
  grants: number,
): DecisionEntry {
  const { tool, subject, volume, ephi, effect } = OFTEN[random(OFTEN.length)]!;
  const grant = random(grants);
  const rule = random(25) === 0 ? RULES[random(RULES.length)]! : "";
  const subjects = subject === "named" ? [patient(random(patients))] : [];
  return {
    kind: "decision",
    at,
    id,
    grant: `agent-${grant}`,
    principal: `agent:agent-${grant}`,
    responsible: "person:j.rivera",
    purpose: "treatment",
    server: tool === "create_note" ? "notes" : "ehr",
    method: "tools/call",
    tool,
    argKeys: subject === "named" ? ["patient_id"] : [],
    argsOther: 0,
    subjects,
    subject,
    volume,
    ephi,
    effect,
    verdict: rule === "" ? "allow" : "deny",
    rule,
    code: reasonCode(rule),
    policy: { name: "lookup", digest: `sha256:${"ab".repeat(32)}` },
    bundle: { name: "example-hospital", version: "42", digest: `sha256:${"cd".repeat(32)}` },
    quota: rule === "" && subjects.length > 0 ? [{ key: "patients", subjects }] : [],
    request: String(id.length),
  };
}

export interface WriteOptions {
  readonly segmentBytes?: number;
  /** Records between two checkpoints; none without it. */
  readonly everyRecords?: number;
  /** Signs the checkpoints. */
  readonly key?: KeyObject;
  /** Whether the notes also stand beside the log. On by default. */
  readonly notes?: boolean;
  /** A last checkpoint over everything. On by default where there are checkpoints. */
  readonly lastCheckpoint?: boolean;
}

export interface Written {
  /** As they stand in the files, without their ends. */
  readonly records: number;
  readonly notes: readonly string[];
}

const SEGMENT_BYTES = 64 * 1024 * 1024;

/** Writes entries as a whole log, finished as `close` leaves it. */
export function writeLog(
  folder: string,
  from: Iterable<Entry>,
  { segmentBytes = SEGMENT_BYTES, everyRecords, key = KEYS.privateKey, ...rest }: WriteOptions = {},
): Written {
  mkdirSync(folder, { recursive: true });
  let head: Head = { seq: 0, hash: GENESIS, at: 0 };
  let segment = 1;
  let bytes = 0;
  let fd = openSync(segmentPath(folder, segment), "w");
  let waiting: string[] = [];
  const notes: string[] = [];

  const flush = (): void => {
    if (waiting.length > 0) writeSync(fd, `${waiting.join("\n")}\n`);
    waiting = [];
  };
  const add = (entry: Entry): void => {
    const id = entry.id ?? uuid(-1 - head.seq);
    const linked = link(entry, id, { node: NODE, dev: undefined }, head)!;
    const size = Buffer.byteLength(linked.line) + 1;
    if (bytes + size > segmentBytes) {
      flush();
      closeSync(fd);
      fd = openSync(segmentPath(folder, ++segment), "w");
      bytes = 0;
    }
    waiting.push(linked.line);
    bytes += size;
    head = linked.head;
    if (waiting.length === 1000) flush();
  };
  const checkpoint = (): void => {
    const entry = checkpointEntry(ORIGIN, head, key, head.at);
    notes.push(entry.note);
    add(entry);
  };

  for (const entry of from) {
    add(entry);
    if (everyRecords !== undefined && head.seq % everyRecords === 0) checkpoint();
  }
  if (everyRecords !== undefined && rest.lastCheckpoint !== false) checkpoint();
  flush();
  closeSync(fd);
  if (notes.length > 0 && rest.notes !== false) {
    writeFileSync(join(folder, NOTES_FILE), notes.map((note) => `${note}\n`).join(""));
  }
  return { records: head.seq, notes };
}
