/**
 * Whether two sets of limits let through different calls: one after the other, as fast as the limits
 * let them, until one side stops a call that the other lets through.
 */
import { limitsOf, type PlacedLimit } from "../compare/quota.ts";
import { decide } from "../decide/decide.ts";
import { subjectOf } from "../decide/label.ts";
import {
  canonical,
  isObject,
  type Json,
  type Received,
  type ReceivedObject,
} from "../json/value.ts";
import type { Path } from "../policy/ir.ts";
import { DAY } from "../policy/time.ts";
import type { Target } from "../prove/rules.ts";
import { MemoryUsage, windowStart } from "../quota/quota.ts";
import { substitute } from "../testing/play.ts";
import { allows, callOf, labelIn, type Pair, samePatients } from "../testing/seats.ts";
import { allowsBeyond, allowsSome } from "./ask.ts";
import type { Difference } from "./differ.ts";
import { neverStops } from "./idle.ts";
import type { Step } from "./report.ts";
import { seen, sees } from "./see.ts";
import { WINDOW_MS } from "./window.ts";

/** A longer sequence shows nothing more, and a test of it would take longer than reading it. */
const MAX_CALLS = 10_000;

const NONE: Difference = { is: "none" };

/** `shown` replays a single call; `times` are those at which a call may be allowed. */
export function limitsDiffer(
  pair: Pair,
  target: Target,
  times: readonly number[],
  shown: (args: ReceivedObject) => Difference,
): Difference {
  const { original, mutant } = pair;
  const [before, after] = [limitsOf(original.half, target), limitsOf(mutant.half, target)];
  const changed = changedOf(before, after, samePatients(pair, target));
  const some = allowsSome(original, target);
  if (some.answer === "unknown") return { is: "unknown", why: some.why };
  // What no call reaches stops none, unless the limit itself is what lets none through.
  if (some.answer === "no") return byOneCall(pair, target, shown) ?? NONE;
  for (const plan of plansOf(pair, target, some.args, changed)) {
    const found = play(pair, target, plan, startOf(times), [...before, ...after]);
    if (found !== undefined) return found;
  }
  const single = byOneCall(pair, target, shown);
  if (single !== undefined) return single;
  if (changed.every((limit) => neverStops(limit, [before, after]))) return NONE;
  return { is: "unknown", why: "no sequence of calls was found that reaches the limit" };
}

/** A single call that one side lets through: where a limit bounds what one call may charge. */
function byOneCall(
  { original, mutant }: Pair,
  target: Target,
  shown: (args: ReceivedObject) => Difference,
): Difference | undefined {
  for (const [less, more] of [
    [original, mutant],
    [mutant, original],
  ] as const) {
    const found = allowsBeyond(less, more, target);
    if (found.answer === "yes") return shown(found.args);
    if (found.answer === "unknown") return { is: "unknown", why: found.why };
  }
  return undefined;
}

/** The limits of either side that the other does not have, or that count other patients there. */
function changedOf(
  before: readonly PlacedLimit[],
  after: readonly PlacedLimit[],
  patientsAlike: boolean,
): readonly PlacedLimit[] {
  const text = ({ at, limit }: PlacedLimit): string => canonical([at, limit] as unknown as Json);
  const [was, is] = [new Set(before.map(text)), new Set(after.map(text))];
  const counts = ({ limit }: PlacedLimit): boolean =>
    !patientsAlike && limit.distinct !== undefined;
  return [
    ...before.filter((one) => counts(one) || !is.has(text(one))),
    ...after.filter((one) => counts(one) || !was.has(text(one))),
  ];
}

/** Midnight of a day on which there is time, so that a window of a day can be filled. */
function startOf(times: readonly number[]): number {
  const at = times[0]!;
  const day = windowStart("day", at);
  return times.some((other) => other <= day) || times.length === 1 ? day : day + DAY;
}

/** Which call comes next; `i` counts those that were allowed, from `first`. */
interface Plan {
  readonly args: ReceivedObject;
  /** 1 when absent. */
  readonly first?: number;
  /** Where an argument is counted: the amounts to try, the largest first. */
  readonly amounts?: { readonly path: Path; readonly tries: readonly number[] };
}

function plansOf(
  { original }: Pair,
  target: Target,
  args: ReceivedObject,
  changed: readonly PlacedLimit[],
): readonly Plan[] {
  const allowed = (one: ReceivedObject): boolean => allows(original, target, one);
  const sums = changed.flatMap(({ limit }) => limit.incrementFrom ?? []);
  const most = Math.max(...changed.map(({ limit }) => limit.max));
  const patients = eachPatient(args, subjectsIn(original, target, args), allowed, most);
  const amounts = sums.flatMap((path) => {
    const tries = amountsOf(changed).filter((n) => allowed(withAmount(args, path, n)));
    return tries.length === 0 ? [] : [{ args, amounts: { path, tries } }];
  });
  const calls: readonly Plan[] = [...patients, { args }];
  // The same call again and again reads best, but fills no limit that counts patients.
  const counts = changed.some(({ limit }) => limit.distinct !== undefined);
  return [...amounts, ...(counts ? calls : calls.toReversed())];
}

function subjectsIn(seat: Pair["original"], target: Target, args: ReceivedObject): readonly Path[] {
  const subject = subjectOf(labelIn(seat, target), args);
  return typeof subject === "string" ? [] : subject;
}

/** The call for one patient after the other, in the first form that the rules let through. */
function eachPatient(
  args: ReceivedObject,
  subjects: readonly Path[],
  allowed: (args: ReceivedObject) => boolean,
  most: number,
): readonly Plan[] {
  for (const { steps, each } of subjects) {
    if (each !== undefined) continue;
    for (const { form, numbers } of formsOf(textAt(args, steps), most)) {
      const template = changedAt(args, steps, (value) =>
        typeof value === "string" ? form : undefined,
      );
      if (template === undefined) continue;
      if (numbers.every((i) => allowed(substitute(template, i) as ReceivedObject))) {
        return [{ args: template, first: numbers[0]! }];
      }
    }
  }
  return [];
}

interface Form {
  readonly form: string;
  /** The first one, and others to try whether they are let through. */
  readonly numbers: readonly number[];
}

const OPEN_FORMS = ["p-{i}", "Patient/p-{i}", "p{i}", "p-{i}000", "{i}", "{i}000"];

/** Ids of any length; and, where the rules want one length, the last digits of an id that they let through. */
function formsOf(text: string, most: number): readonly Form[] {
  const open = OPEN_FORMS.map((form) => ({ form, numbers: [1, 9, 10, 999, 9999] }));
  const digits = [1, 2, 3, 4].filter(
    (count) => count <= text.length && 10 ** count - firstOf(count) > most,
  );
  const fixed = digits.map((count) => ({
    form: `${text.slice(0, -count)}{i}`,
    numbers: [firstOf(count), firstOf(count) + 1, 10 ** count - 1],
  }));
  return [...open, ...fixed];
}

/** The first number of so many digits. */
function firstOf(digits: number): number {
  return 10 ** (digits - 1);
}

function textAt(args: ReceivedObject, steps: readonly (string | number)[]): string {
  let text = "";
  changedAt(args, steps, (value) => {
    if (typeof value === "string") text = value;
    return undefined;
  });
  return text;
}

function amountsOf(changed: readonly PlacedLimit[]): readonly number[] {
  const maxima = changed.map(({ limit }) => limit.max);
  return [...new Set([...maxima, 1000, 500, 100, 50, 20, 10, 5, 2, 1])].sort((a, b) => b - a);
}

function withAmount(args: ReceivedObject, { steps }: Path, amount: number): ReceivedObject {
  return changedAt(args, steps, () => amount) ?? args;
}

function changedAt(
  value: ReceivedObject,
  [step, ...rest]: readonly (string | number)[],
  change: (value: Received) => Received | undefined,
): ReceivedObject | undefined {
  if (step === undefined || !Object.hasOwn(value, step)) return undefined;
  const old = value[step]!;
  const changed =
    rest.length === 0
      ? change(old)
      : isObject(old)
        ? changedAt(old as ReceivedObject, rest, change)
        : undefined;
  return changed === undefined ? undefined : { ...value, [step]: changed };
}

/** Plays calls until the sides differ; undefined where they do not within the longest window. */
function play(
  { asker, original, mutant }: Pair,
  target: Target,
  plan: Plan,
  start: number,
  limits: readonly PlacedLimit[],
): Difference | undefined {
  const usage = { original: new MemoryUsage(), mutant: new MemoryUsage() };
  const windows = limits.map(({ limit }) => WINDOW_MS[limit.window]);
  const [pause, end] = [Math.min(...windows), start + 2 * Math.max(...windows)];
  const steps: Step[] = [];
  const { first = 1 } = plan;
  let calls = 0;
  for (let at = start; at < end && calls < MAX_CALLS; ) {
    const tries = triesOf(plan, first + calls);
    let charged = false;
    for (const args of tries) {
      const call = callOf(asker, target, args.made, at);
      const o = decide(original.half.repository, call, { usage: usage.original, monitor: "none" });
      const m = decide(mutant.half.repository, call, { usage: usage.mutant, monitor: "none" });
      if (sees(o.decision, m.decision)) {
        const sequence = extended(steps, at, first + calls, args.template);
        const witness = { ...call, ...(sequence.length === 1 && calls === 0 ? {} : { sequence }) };
        return { is: "shown", witness, expected: seen(o.decision), mutant: seen(m.decision) };
      }
      if (o.decision.verdict === "deny") {
        if (!/\/limits\/[0-9]+$/.test(o.decision.rule)) return undefined;
        continue;
      }
      usage.original.charge(o.charges);
      usage.mutant.charge(m.charges);
      steps.splice(0, steps.length, ...extended(steps, at, first + calls, args.template));
      calls++;
      charged = true;
      break;
    }
    // Both are full: what comes next comes in the next window.
    if (!charged) at = (Math.floor(at / pause) + 1) * pause;
  }
  return undefined;
}

interface Try {
  readonly template: ReceivedObject;
  readonly made: ReceivedObject;
}

function triesOf({ args, amounts }: Plan, i: number): readonly Try[] {
  if (amounts === undefined) {
    return [{ template: args, made: substitute(args, i) as ReceivedObject }];
  }
  return amounts.tries.map((amount) => {
    const made = withAmount(args, amounts.path, amount);
    return { template: made, made };
  });
}

/** One more call: a repetition of the last step where it is the same call at the same time. */
function extended(steps: readonly Step[], at: number, i: number, args: ReceivedObject): Step[] {
  const last = steps.at(-1);
  const same = last !== undefined && last.at === at && sameArgs(last.args, args);
  if (!same) return [...steps, { at, repeat: 1, from: i, args }];
  return [...steps.slice(0, -1), { ...last, repeat: last.repeat + 1 }];
}

function sameArgs(a: ReceivedObject, b: ReceivedObject): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
