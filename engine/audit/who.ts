/**
 * Who accessed this patient's record, under what authority: 45 CFR §164.312(b), and what an
 * accounting needs (§164.528).
 *
 * A patient is found by the pseudonyms of one id under every key. A call concerns the patient when it
 * names them, or when its result does. Calls of which nobody can tell whom they touched are told
 * apart: to leave them out would be a false "nobody else".
 */

import type { ProvenanceChange } from "../schema/types.ts";
import {
  countOf,
  newestOf,
  openShapes,
  type Period,
  rangeOf,
  recordsOfPatient,
  type SeqRange,
} from "./index/find.ts";
import { openReader, type Problem, type Reader } from "./index/reader.ts";
import { type Index, patientKey } from "./index/schema.ts";
import { isOpen } from "./index/shape.ts";
import type {
  BundleRef,
  DecisionRecord,
  Hex64,
  OutcomeRecord,
  PolicyRef,
  Verdict,
} from "./record.ts";

export interface Access {
  readonly at: string;
  readonly principal: string;
  readonly responsible: string | null;
  readonly grant: string;
  readonly purpose: string;
  readonly server: string;
  readonly method: string;
  readonly tool: string;
  readonly effect: DecisionRecord["effect"];
  readonly ephi: boolean;
  readonly verdict: Verdict;
  /** "" for a call that every rule allows. */
  readonly rule: string;
  readonly code: string;
  /** What became of an allowed call: `unknown` when no outcome was recorded. null for a denied one. */
  readonly outcome: OutcomeRecord["status"] | null;
  readonly policy: PolicyRef | null;
  readonly bundle: BundleRef | null;
  /** The changes that last touched its grant and its rule; null: the release does not say. */
  readonly origin: Origin | null;
  /** Of the change that last touched the rule, or else the grant; null: the release does not say. */
  readonly pullRequest: string | null;
  readonly approvers: readonly string[];
  readonly seq: number;
  /** Whose chain the number is of, where several nodes were asked. */
  readonly node?: string;
  readonly decision: string;
  /** The id of the opening under which an emergency grant was used; null: it was none. */
  readonly emergency: string | null;
  /** Monitor mode let it pass: `rule` would have denied it. */
  readonly monitor: boolean;
  readonly dev: boolean;
}

export interface Origin {
  readonly grant: ProvenanceChange | null;
  readonly rule: ProvenanceChange | null;
}

/** What the release of a decision says of where it comes from. */
export type Origins = (record: DecisionRecord) => Origin | null;

export interface PatientAccess extends Access {
  /** The call names the patient, or only its result does. */
  readonly via: "call" | "result";
}

export interface PossibleAccess extends Access {
  /** Why it may have included the patient. */
  readonly why: "bulk" | "unknown patient";
}

export interface Who {
  /** Oldest first. */
  readonly accesses: readonly PatientAccess[];
  /** Allowed ePHI calls of the period that may have included the patient: the newest of them, newest first. */
  readonly possible: readonly PossibleAccess[];
  readonly totals: {
    readonly allowed: number;
    readonly denied: number;
    /** Those that are not listed as well. */
    readonly possible: number;
  };
  readonly problems: readonly Problem[];
}

/** So many calls that may have included the patient are listed; all are counted. */
export const MAX_POSSIBLE = 100;

/** `pseudonyms`: those of one patient, under every key. */
export function who(
  folder: string,
  index: Index,
  pseudonyms: readonly Hex64[],
  period: Period,
  origins: Origins = () => null,
): Who {
  const question: Question = {
    index,
    reader: openReader(folder, index),
    range: rangeOf(index, period) ?? NO_RANGE,
    pseudonyms: new Set(pseudonyms),
    period,
    origins,
  };
  const found = accessesOf(question);
  const accesses = found.map(({ access }) => access);
  const allowed = accesses.filter(({ verdict }) => verdict === "allow").length;
  const possible = possibleBeside(question, new Set(accesses.map(({ seq }) => seq)));
  const both = found.filter(({ open }) => open).length;
  return {
    accesses,
    possible: possible.listed,
    totals: {
      allowed,
      denied: accesses.length - allowed,
      possible: possible.count - both,
    },
    problems: question.reader.problems(),
  };
}

interface Question {
  readonly index: Index;
  readonly reader: Reader;
  readonly range: SeqRange;
  readonly pseudonyms: ReadonlySet<Hex64>;
  readonly period: Period;
  readonly origins: Origins;
}
const NO_RANGE: SeqRange = { first: 1, last: 0 };

function inPeriod({ period: { from = -Infinity, to = Infinity } }: Question, at: string): boolean {
  const time = Date.parse(at);
  return from <= time && time <= to;
}

/** The calls that concern the patient, oldest first; `open`: it is also one of which nobody can tell whom else. */
function accessesOf(
  question: Question,
): readonly { readonly access: PatientAccess; readonly open: boolean }[] {
  const { index, reader, range, pseudonyms } = question;
  const numbers = [...pseudonyms].flatMap((one) => recordsOfPatient(index, patientKey(one), range));
  return [...new Set(numbers)]
    .sort((a, b) => a - b)
    .flatMap((seq) => {
      const { record, outcome } = reader.read(seq) ?? {};
      if (record?.kind !== "decision" || !inPeriod(question, record.at)) return [];
      const via = viaOf(pseudonyms, record, outcome);
      if (via === undefined) return [];
      return [{ access: { ...accessOf(question, record, outcome), via }, open: isOpen(record) }];
    });
}

function possibleBeside(
  question: Question,
  known: ReadonlySet<number>,
): { readonly listed: readonly PossibleAccess[]; readonly count: number } {
  const { index, reader, range, period } = question;
  const open = openShapes(index);
  const listed: PossibleAccess[] = [];
  for (const seq of newestOf(index, open, range)) {
    if (listed.length === MAX_POSSIBLE) break;
    const { record, outcome } = (known.has(seq) ? undefined : reader.read(seq)) ?? {};
    if (record?.kind !== "decision" || !inPeriod(question, record.at)) continue;
    listed.push({ ...accessOf(question, record, outcome), why: whyPossible(record) });
  }
  return { listed, count: countOf(index, open, period) };
}

/** The index holds the beginning of a pseudonym; the record says whether it is this patient, and where. */
export function viaOf(
  pseudonyms: ReadonlySet<Hex64>,
  record: DecisionRecord,
  outcome: OutcomeRecord | undefined,
): PatientAccess["via"] | undefined {
  const concerns = (subjects: readonly Hex64[] = []): boolean =>
    subjects.some((one) => pseudonyms.has(one));
  if (concerns(record.subjects)) return "call";
  return concerns(outcome?.resultSubjects) ? "result" : undefined;
}

/** Why an allowed call may have included any patient. */
export function whyPossible({ subject }: DecisionRecord): PossibleAccess["why"] {
  return subject === "unknown" ? "unknown patient" : "bulk";
}

export function accessOf(
  { origins }: { readonly origins: Origins },
  record: DecisionRecord,
  outcome: OutcomeRecord | undefined,
): Access {
  const origin = origins(record);
  const change = origin?.rule ?? origin?.grant;
  return {
    at: record.at,
    principal: record.principal,
    responsible: record.responsible ?? null,
    grant: record.grant,
    purpose: record.purpose,
    server: record.server,
    method: record.method,
    tool: record.tool,
    effect: record.effect,
    ephi: record.ephi,
    verdict: record.verdict,
    rule: record.rule,
    code: record.code,
    outcome: record.verdict === "deny" ? null : (outcome?.status ?? "unknown"),
    policy: record.policy,
    bundle: record.bundle,
    origin,
    pullRequest: change?.pullRequest === undefined ? null : String(change.pullRequest.number),
    approvers: change?.approvers.map(({ name }) => name) ?? [],
    seq: record.seq,
    decision: record.id,
    emergency: record.emergency ?? null,
    monitor: record.monitor === true,
    dev: record.dev === true,
  };
}
