/**
 * What happened in a period, counted while its records go by. Memory grows with the names that policies
 * and servers make and with the patients, never with the calls. Samples are numbers of records: who
 * wants to see one finds it in the record files.
 */
import { patientKey } from "../audit/index/schema.ts";
import type {
  AdminRecord,
  AuditRecord,
  DecisionRecord,
  PolicyRecord,
  RejectedRecord,
} from "../audit/record.ts";

/** So many numbers of records are kept of each kind of thing: the first ones. */
const SAMPLES = 3;

export interface Count {
  readonly count: number;
  readonly allowed: number;
  readonly denied: number;
  /** Times of the first and last record, RFC 3339. */
  readonly first: string;
  readonly last: string;
  /** Numbers of the first records. */
  readonly samples: readonly number[];
}

/** A count of calls that share the members of `T`. */
export type Counted<T> = T & Count;

export interface Tally {
  readonly records: number;
  readonly kinds: Readonly<Record<AuditRecord["kind"], number>>;
  readonly decisions: number;
  readonly allowed: number;
  readonly denied: number;
  /** Of the decisions: those that may touch patient data. */
  readonly ephi: { readonly allowed: number; readonly denied: number };
  readonly byPrincipal: readonly Counted<{
    readonly principal: string;
    readonly responsible: string;
  }>[];
  readonly byGrant: readonly Counted<{ readonly grant: string; readonly principal: string }>[];
  readonly byTool: readonly Counted<{
    readonly server: string;
    readonly tool: string;
    readonly effect: string;
    readonly ephi: boolean;
  }>[];
  readonly byPurpose: readonly Counted<{ readonly purpose: string }>[];
  readonly byEffect: readonly Counted<{ readonly effect: string }>[];
  readonly byVolume: readonly Counted<{ readonly volume: string }>[];
  readonly bySubject: readonly Counted<{ readonly subject: string }>[];
  readonly byDay: readonly Counted<{ readonly day: string }>[];
  readonly denials: readonly Counted<{
    readonly code: string;
    readonly policy: string;
    readonly rule: string;
    readonly server: string;
    readonly tool: string;
  }>[];
  /** What arrived without a valid identity or form; `count` is of messages, folded ones included. */
  readonly rejected: readonly Counted<{ readonly code: string; readonly grant: string }>[];
  readonly outcomes: Readonly<Record<string, number>>;
  /** Patients that calls or results name, by pseudonym. */
  readonly patients: number;
  readonly sessions: number;
  readonly nodes: readonly string[];
  /** Under a release that nobody had vouched for lately. */
  readonly stale: number;
  /** Only watched: would have been denied, and were forwarded. */
  readonly monitored: number;
  /** Written by a gateway in development mode. */
  readonly dev: number;
  /** A call whose record tells the whole way of its authority. */
  readonly example: DecisionRecord | undefined;
  readonly admin: readonly AdminRecord[];
  readonly policy: readonly PolicyRecord[];
}

export interface Tallying {
  add(record: AuditRecord): void;
  result(): Tally;
}

/** Administrative records are few; of more than this the rest is only counted. */
const MAX_LISTED = 20_000;
/** Sessions are counted exactly up to so many. */
const MAX_SESSIONS = 1_000_000;

export function startTally(): Tallying {
  const kinds = { decision: 0, outcome: 0, rejected: 0, admin: 0, policy: 0, checkpoint: 0 };
  const ephi = { allowed: 0, denied: 0 };
  const outcomes: Record<string, number> = {};
  const patients = new Set<number>();
  const sessions = new Set<string>();
  const nodes = new Set<string>();
  const admin: AdminRecord[] = [];
  const policy: PolicyRecord[] = [];
  const by = {
    principal: counting<{ principal: string; responsible: string }>(),
    grant: counting<{ grant: string; principal: string }>(),
    tool: counting<{ server: string; tool: string; effect: string; ephi: boolean }>(),
    purpose: counting<{ purpose: string }>(),
    effect: counting<{ effect: string }>(),
    volume: counting<{ volume: string }>(),
    subject: counting<{ subject: string }>(),
    day: counting<{ day: string }>(),
    denial: counting<{
      code: string;
      policy: string;
      rule: string;
      server: string;
      tool: string;
    }>(),
    rejected: counting<{ code: string; grant: string }>(),
  };
  let [records, stale, monitored, dev] = [0, 0, 0, 0];
  let example: DecisionRecord | undefined;

  function decision(record: DecisionRecord): void {
    const { principal, responsible = "", grant, server, purpose, effect, volume, subject } = record;
    const tool = record.tool === "" ? record.method : record.tool;
    by.principal.add(record, `${principal} ${responsible}`, () => ({ principal, responsible }));
    by.grant.add(record, grant, () => ({ grant, principal }));
    by.tool.add(record, `${server} ${tool} ${effect} ${record.ephi}`, () => ({
      server,
      tool,
      effect,
      ephi: record.ephi,
    }));
    by.purpose.add(record, purpose, () => ({ purpose }));
    by.effect.add(record, effect, () => ({ effect }));
    by.volume.add(record, volume, () => ({ volume }));
    by.subject.add(record, subject, () => ({ subject }));
    day(record);
    if (record.verdict === "deny") {
      const { code, rule } = record;
      const name = record.policy?.name ?? "";
      by.denial.add(record, `${name} ${rule} ${server} ${tool}`, () => ({
        code,
        policy: name,
        rule,
        server,
        tool,
      }));
    }
    if (record.ephi) ephi[record.verdict === "allow" ? "allowed" : "denied"]++;
    for (const one of record.subjects) patients.add(patientKey(one));
    if (record.session !== undefined && sessions.size < MAX_SESSIONS) sessions.add(record.session);
    if (record.bundle?.stale === true) stale++;
    if (record.monitor === true) monitored++;
    if (isBetterExample(record, example)) example = record;
  }

  function rejected(record: RejectedRecord): void {
    const { code, grant = "" } = record;
    by.rejected.add(record, `${code} ${grant}`, () => ({ code, grant }), record.count ?? 1);
    day(record);
  }

  function day(record: DecisionRecord | RejectedRecord): void {
    const name = record.at.slice(0, 10);
    by.day.add(record, name, () => ({ day: name }));
  }

  return {
    add(record) {
      records++;
      kinds[record.kind]++;
      nodes.add(record.node);
      if (record.dev === true) dev++;
      if (record.kind === "decision") decision(record);
      else if (record.kind === "rejected") rejected(record);
      else if (record.kind === "outcome") {
        outcomes[record.status] = (outcomes[record.status] ?? 0) + 1;
        for (const one of record.resultSubjects) patients.add(patientKey(one));
      } else if (record.kind === "admin" && admin.length < MAX_LISTED) admin.push(record);
      else if (record.kind === "policy" && policy.length < MAX_LISTED) policy.push(record);
    },
    result: () => {
      const purposes = by.purpose.list();
      const allowed = purposes.reduce((sum, one) => sum + one.allowed, 0);
      return {
        records,
        kinds,
        decisions: kinds.decision,
        allowed,
        denied: kinds.decision - allowed,
        ephi,
        byPrincipal: by.principal.list(),
        byGrant: by.grant.list(),
        byTool: by.tool.list(),
        byPurpose: purposes,
        byEffect: by.effect.list(),
        byVolume: by.volume.list(),
        bySubject: by.subject.list(),
        byDay: by.day.list().sort((a, b) => (a.day < b.day ? -1 : 1)),
        denials: by.denial.list(),
        rejected: by.rejected.list(),
        outcomes,
        patients: patients.size,
        sessions: sessions.size,
        nodes: [...nodes].sort(),
        stale,
        monitored,
        dev,
        example,
        admin,
        policy,
      };
    },
  };
}

/** The one that says most of where its authority comes from; the first of those. */
function isBetterExample(record: DecisionRecord, known: DecisionRecord | undefined): boolean {
  if (record.verdict !== "allow" || !record.ephi || record.subject !== "named") return false;
  const told = (one: DecisionRecord): number =>
    Number(one.bundle?.provenance !== undefined) + Number(one.bundle?.commit !== undefined);
  return known === undefined || told(record) > told(known);
}

interface Counting<T> {
  add(record: DecisionRecord | RejectedRecord, key: string, what: () => T, times?: number): void;
  /** The most frequent first; of equals, the one that was seen first. */
  list(): Counted<T>[];
}

interface Growing<T> {
  readonly what: T;
  count: number;
  allowed: number;
  denied: number;
  readonly first: string;
  last: string;
  readonly samples: number[];
}

function counting<T>(): Counting<T> {
  const counts = new Map<string, Growing<T>>();
  return {
    add(record, key, what, times = 1) {
      let one = counts.get(key);
      if (one === undefined) {
        const { at } = record;
        one = { what: what(), count: 0, allowed: 0, denied: 0, first: at, last: at, samples: [] };
        counts.set(key, one);
      }
      one.count += times;
      if (record.kind === "decision") one[record.verdict === "allow" ? "allowed" : "denied"]++;
      one.last = record.at;
      if (one.samples.length < SAMPLES) one.samples.push(record.seq);
    },
    list: () =>
      [...counts.values()]
        .map(({ what, ...count }) => ({ ...what, ...count }))
        .sort((a, b) => b.count - a.count),
  };
}
