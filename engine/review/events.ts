/** Administrative and policy records of a period, read from the log itself. */
import { newestOf, rangeOf, shapesFor } from "../audit/index/find.ts";
import { openReader, type Problem } from "../audit/index/reader.ts";
import type { Index } from "../audit/index/schema.ts";
import type { AdminRecord, PolicyRecord } from "../audit/record.ts";
import type { LogToReview } from "./facts.ts";
import { endOf, type Period, startOf } from "./period.ts";

export interface Events {
  /** Oldest first. */
  readonly admin: readonly AdminRecord[];
  readonly policy: readonly PolicyRecord[];
  /** Whose log it is. */
  readonly nodes: readonly string[];
  /** What of the log is not what was written. */
  readonly problems: readonly Problem[];
}

/** Everything else that is administrative is counted by its shape, and may be as frequent as page views. */
const READ_ACTIONS = [
  "gateway.started",
  "gateway.stopped",
  "log.recovered",
  "emergency.opened",
  "emergency.closed",
];

export function eventsOf(log: LogToReview, period: Period): Events {
  const { folder, index } = log;
  const reader = openReader(folder, index);
  const within = { from: startOf(period), to: endOf(period) - 1 };
  const read = (seqs: Iterable<number>): unknown[] =>
    [...seqs].reverse().flatMap((seq) => reader.read(seq)?.record ?? []);
  const admin = READ_ACTIONS.flatMap((rule) =>
    read(seqsOf(log, { kind: "admin", rule, ...within })),
  ) as AdminRecord[];
  const policy = read(seqsOf(log, { kind: "policy", ...within })) as PolicyRecord[];
  const last = rangeOf(index, within)?.last;
  const newest = last === undefined ? undefined : reader.read(Math.min(last, newestSeq(index)));
  return {
    nodes: newest === undefined ? [] : [newest.record.node],
    admin: admin.toSorted((a, b) => a.seq - b.seq),
    policy,
    problems: reader.problems(),
  };
}

function newestSeq(index: Index): number {
  return (index.prepare("SELECT max(seq) AS seq FROM record").get() as { seq: number }).seq;
}

export interface SeqFilter {
  readonly kind?: "decision" | "rejected" | "admin" | "policy" | "outcome";
  readonly grant?: string | undefined;
  readonly principal?: string | undefined;
  readonly server?: string | undefined;
  readonly tool?: string | undefined;
  readonly verdict?: "allow" | "deny";
  /** A rule or its code. */
  readonly rule?: string | undefined;
  /** Epoch milliseconds, both ends included. */
  readonly from: number;
  readonly to: number;
}

/** The numbers of the records that a filter chooses, newest first. */
export function* seqsOf({ index }: LogToReview, filter: SeqFilter): Generator<number> {
  const { from, to, ...shape } = filter;
  const range = rangeOf(index, { from, to });
  if (range === undefined) return;
  const time = index.prepare("SELECT at FROM record WHERE seq = ?");
  for (const seq of newestOf(index, shapesFor(index, shape), range)) {
    const { at } = time.get(seq) as { at: number };
    if (at >= from && at <= to) yield seq;
  }
}

/** Some of them. */
export function someSeqs(log: LogToReview, filter: SeqFilter, limit = 5): readonly number[] {
  const some: number[] = [];
  for (const seq of seqsOf(log, filter)) {
    some.push(seq);
    if (some.length === limit) break;
  }
  return some;
}

/** All administrative records of an action in the whole log, oldest first, read from the log itself. */
export function adminRecords(log: LogToReview, action: string): readonly AdminRecord[] {
  const reader = openReader(log.folder, log.index);
  const always = { from: 0, to: Number.MAX_SAFE_INTEGER };
  return [...seqsOf(log, { kind: "admin", rule: action, ...always })]
    .reverse()
    .flatMap((seq) => reader.read(seq)?.record ?? [])
    .filter((record) => record.kind === "admin");
}
