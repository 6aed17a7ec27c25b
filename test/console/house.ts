/**
 * A small hospital whose log can be looked at: the examples' policies, reviewers beside its agents,
 * and calls about patients whose identifiers are known to the tests alone.
 */
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadOrCreateCheckpointKey } from "../../engine/audit/checkpoint.ts";
import { loadOrCreateSubjectKey, pseudonyms } from "../../engine/audit/pseudonym.ts";
import type { Entry } from "../../engine/audit/record.ts";
import {
  type Console,
  type ConsoleOptions,
  LIMITS,
  LOOPBACK,
  startConsole,
  treePolicy,
} from "../../engine/console/index.ts";
import { openBarStore } from "../../engine/grant/bar-file-store.ts";
import { openTokenStore } from "../../engine/grant/file-store.ts";
import { issueToken } from "../../engine/grant/issue.ts";
import type { TokenStore } from "../../engine/grant/store.ts";
import { diskTree } from "../../engine/host/disk.ts";
import { load, sound } from "../../engine/policy/load.ts";
import { entries, patient, writeLog } from "../audit/generate.ts";

/** Stands for a real patient: it must be nowhere but in a form that is sent. */
export const PLANTED = "MRN-4711-secret";

/** A day of the log; the console's clock begins here. */
export const NOW = Date.UTC(2026, 0, 2, 12);

const REVIEWERS = {
  "privacy-office": { who: "person:m.chen", audit: "sign", kind: "person" },
  "outside-auditor": { who: "person:r.silva", audit: "read", kind: "person" },
  "report-bot": { who: "service:reports", audit: "sign", kind: "service" },
} as const;
export type Reviewer = keyof typeof REVIEWERS;

export interface House {
  readonly state: string;
  readonly repository: string;
  readonly tokens: TokenStore;
  /** Of each grant of a reviewer, and of an agent that is none. */
  readonly token: Readonly<Record<Reviewer | "lookup-bot-3", string>>;
  readonly clock: { now: number };
  /** Writes a grant's file, or takes it away. */
  grant(id: string, text: string | undefined): void;
  start(options?: Partial<ConsoleOptions>): Promise<Console>;
  remove(): Promise<void>;
}

export interface HouseOptions {
  readonly calls?: number;
  /** When the reviewers' grants are in force, and the clock begins; `NOW` when absent. */
  readonly reviewersAt?: number;
  readonly more?: Iterable<Entry>;
}

export async function makeHouse(options: HouseOptions = {}): Promise<House> {
  const { calls = 400, more = [], reviewersAt = NOW } = options;
  const folder = mkdtempSync(join(tmpdir(), "phiward-console-"));
  const repository = join(folder, "policy");
  const state = join(folder, "state");
  cpSync("examples/hospital", repository, { recursive: true });
  const grant = (id: string, text: string | undefined): void => {
    const path = join(repository, "grants", `${id}.yaml`);
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
  };
  for (const [id, { who, audit, kind }] of Object.entries(REVIEWERS)) {
    grant(id, reviewerFile(id, who, audit, kind, reviewersAt));
  }
  mkdirSync(join(state, "keys"), { recursive: true, mode: 0o700 });
  const key = loadOrCreateCheckpointKey(join(state, "keys", "checkpoint.pem")).privateKey;
  writeLog(join(state, "audit"), [...hospitalCalls(state, calls), ...more], {
    everyRecords: 100,
    key,
  });
  const tokens = openTokenStore(state);
  const compiled = sound(await load(diskTree(repository)));
  const token: Record<string, string> = {};
  for (const id of [...Object.keys(REVIEWERS), "lookup-bot-3"]) {
    const change = { at: reviewersAt, by: "person:m.chen", random: randomBytes };
    token[id] = (await tokens.change(issueToken(compiled.grants[id]!, undefined, change))).token;
  }
  const clock = { now: reviewersAt };
  const started: Console[] = [];
  return {
    state,
    repository,
    tokens,
    token: token as House["token"],
    clock,
    grant,
    async start(options = {}) {
      const console = await startConsole({
        state,
        policy: treePolicy(diskTree(repository)),
        tokens: openTokenStore(state),
        bars: openBarStore(state),
        listen: LOOPBACK,
        limits: LIMITS,
        now: () => clock.now,
        random: (bytes) => randomBytes(bytes),
        ...options,
      });
      started.push(console);
      return console;
    },
    async remove() {
      for (const one of started) await one.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const DAY_MS = 86_400_000;

export function reviewerFile(
  id: string,
  who: string,
  audit: string,
  kind = "person",
  at = NOW,
): string {
  const day = (days: number): string => new Date(at + days * DAY_MS).toISOString().slice(0, 10);
  const answering = kind === "person" ? "" : ', responsible: "person:m.chen"';
  return `version: "1"
id: ${id}
principal: { kind: ${kind}, id: "${who}"${answering} }
purpose: operations
justification: Reviews the audit log; ticket SEC-1400
access:
  - { audit: ${audit} }
issued: ${day(-30)}
expires: ${day(300)}
lastReview: { on: ${day(-10)}, by: "person:a.okafor" }
`;
}

/** The generator's calls, by agents of the hospital, some of them about the planted patient. */
function* hospitalCalls(state: string, calls: number): Generator<Entry> {
  const key = loadOrCreateSubjectKey(join(state, "keys"), "v1");
  const planted = pseudonyms(new Map([["v1", key]]), "v1").of(PLANTED);
  const agents = ["lookup-bot-3", "triage-bot-7", "billing-agent-2"];
  const known = new Map([[patient(1), planted]]);
  const renamed = (one: string): string => known.get(one) ?? one;
  for (const entry of entries(calls, { patients: 40, grants: agents.length, everyMs: 60_000 })) {
    if (entry.kind === "decision") {
      const agent = agents[Number(entry.grant.slice("agent-".length))]!;
      const subjects = entry.subjects.map(renamed);
      yield { ...entry, grant: agent, principal: `agent:${agent}`, subjects, quota: [] };
    } else yield entry;
  }
}
