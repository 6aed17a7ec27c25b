/**
 * Whether a change of limits lets more happen.
 *
 * A limit is identified by its counter, window and scope (and the tool, or all tools, that it stands
 * at). Let B be the limits of base and H those of head. Head is not broader if
 *
 *     for every b in B there is an h in H of the same identity that counts the same and has
 *     h.max ≤ b.max
 *
 * because then every sequence of calls that head lets through has room in base too. Where an identity
 * is missing in H — removed, renamed, another window or scope — what was used under it no longer
 * counts, so the change is broader by rule. Where only a maximum rose, a sequence of calls that
 * reaches the old maximum and goes one further is the witness; it is played through both sides.
 */
import { decide } from "../decide/decide.ts";
import { subjectOf } from "../decide/label.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import { canonical, type Json, type ReceivedObject } from "../json/value.ts";
import type { Label, Limit, Path } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import type { Target } from "../prove/rules.ts";
import { MemoryUsage } from "../quota/quota.ts";
import type { Side } from "./report.ts";
import { callOf, type Half, labelOf, rulesOf } from "./sides.ts";

/** A limit, and where it stands: at the tool or method itself, or at all tools. */
export interface PlacedLimit {
  readonly limit: Limit;
  readonly at: "own" | "all";
  readonly index: number;
}

export type LimitChange =
  | {
      readonly verdict: "broader";
      readonly base: PlacedLimit;
      readonly head: PlacedLimit | undefined;
    }
  | { readonly verdict: "narrower" };

function identity({ limit, at }: PlacedLimit): string {
  return JSON.stringify([at, limit.counter, limit.window, limit.scope]);
}

function counts({ limit }: PlacedLimit): string {
  return canonical([limit.incrementFrom ?? null, limit.distinct ?? null] as unknown as Json);
}

/** The first way in which head's limits are looser; or that they are tighter; or nothing. */
export function compareLimits(
  base: readonly PlacedLimit[],
  head: readonly PlacedLimit[],
): LimitChange | undefined {
  const heads = new Map(head.map((placed) => [identity(placed), placed]));
  for (const b of base) {
    const h = heads.get(identity(b));
    if (h === undefined || counts(h) !== counts(b) || h.limit.max > b.limit.max) {
      return { verdict: "broader", base: b, head: h };
    }
  }
  const bases = new Map(base.map((placed) => [identity(placed), placed]));
  const tighter = head.some((h) => (bases.get(identity(h))?.limit.max ?? Infinity) > h.limit.max);
  return tighter ? { verdict: "narrower" } : undefined;
}

/** A longer sequence shows nothing more, and playing it would take longer than reading it. */
const MAX_SEQUENCE = 10_000;

export interface Played {
  readonly calls: readonly ReceivedObject[];
  readonly base: Side;
  readonly head: Side;
}

/**
 * A sequence that base stops at its last call and head lets through, made of variations of one call
 * that both allow; undefined where none is found within the limit.
 */
export function playSequence(
  { base, head }: { base: ReadyRepository; head: ReadyRepository },
  limit: Limit,
  of: {
    grant: string;
    server: string;
    target: Target;
    args: ReceivedObject;
    at: number;
    label: Label;
  },
): Played | undefined {
  if (limit.max >= MAX_SEQUENCE) return undefined;
  const usage = { base: new MemoryUsage(), head: new MemoryUsage() };
  const subject = subjectOf(of.label, of.args);
  const paths = typeof subject === "string" ? [] : subject;
  const calls: ReceivedObject[] = [];
  for (let i = 0; calls.length <= limit.max && i <= 2 * MAX_SEQUENCE; i++) {
    const args = limit.distinct === undefined ? of.args : withPatient(of.args, paths, i);
    if (args === undefined) return undefined;
    const call = callOf(of.grant, of.server, of.target, args, of.at);
    const before = decide(base, call, { usage: usage.base });
    const after = decide(head, call, { usage: usage.head });
    if (after.decision.verdict === "deny") {
      // A made-up patient that no rule lets through is no part of the sequence.
      if (limit.distinct !== undefined && before.decision.rule === after.decision.rule) continue;
      return undefined;
    }
    calls.push(args);
    if (before.decision.verdict === "deny") {
      const side = ({ verdict, rule }: typeof before.decision): Side => ({ verdict, rule });
      return { calls, base: side(before.decision), head: side(after.decision) };
    }
    usage.base.charge(before.charges);
    usage.head.charge(after.charges);
  }
  return undefined;
}

/** The call for another, made-up patient: a number in place of the digits of the id, or at its end. */
function withPatient(
  args: ReceivedObject,
  subject: readonly Path[],
  i: number,
): ReceivedObject | undefined {
  for (const { steps, each } of subject) {
    if (each !== undefined || steps.some((step) => typeof step === "number")) continue;
    const changed = replaceAt(args, steps as readonly string[], (value) => {
      if (typeof value === "number") return i + 1;
      if (typeof value !== "string") return undefined;
      const digits = /^(.*?)([0-9]+)([^0-9]*)$/s.exec(value);
      if (digits === null) return `${value}${i + 1}`;
      const [, before = "", number = "", after = ""] = digits;
      return `${before}${String(i)
        .padStart(number.length, "0")
        .slice(-Math.max(number.length, String(i).length))}${after}`;
    });
    if (changed !== undefined) return changed;
  }
  return undefined;
}

function replaceAt(
  object: ReceivedObject,
  [name, ...rest]: readonly string[],
  change: (value: unknown) => string | number | undefined,
): ReceivedObject | undefined {
  if (name === undefined || !Object.hasOwn(object, name)) return undefined;
  const value = object[name];
  const changed =
    rest.length === 0
      ? change(value)
      : typeof value === "object" && value !== null && !Array.isArray(value)
        ? replaceAt(value as ReceivedObject, rest, change)
        : undefined;
  return changed === undefined ? undefined : { ...object, [name]: changed };
}

/** `20 different patients an hour for each grant` */
export function describeLimit({
  counter,
  window,
  max,
  scope,
  incrementFrom,
  distinct,
}: Limit): string {
  const what =
    distinct !== undefined
      ? "different patients"
      : incrementFrom !== undefined
        ? `in the sum of ${formatPath(incrementFrom)}`
        : "calls";
  return `${max} ${what} ${window === "hour" ? "an" : "a"} ${window} for each ${scope} (${counter})`;
}

/** The limits that a call of the target has to fit into. */
export function limitsOf(half: Half, target: Target): PlacedLimit[] {
  if (half.policy === undefined) return [];
  const [own, all] = rulesOf(half.policy, target, labelOf(half, target));
  const placed = (rules: typeof own, at: "own" | "all"): PlacedLimit[] =>
    (rules?.limits ?? []).map((limit, index) => ({ limit, at, index }));
  return own === half.policy.allTools
    ? placed(own, "all")
    : [...placed(own, "own"), ...placed(all, "all")];
}
