/**
 * Whether a mutant decides some call differently: a call that was replayed on both, a proof that there
 * is none, or neither.
 *
 * "Differently" is what a test can see: another verdict, or of an allowed call another effect or
 * another answer to whether it touches ePHI. For a mutant M of an original O
 *
 *     M is equivalent  ⇔  for everyone who asks, and every tool or method that differs,
 *                         A(M) = A(O)                                the rules allow the same calls
 *                         the labels say the same of A(O)            effect and ePHI
 *                         the limits count and stop alike            or none of A(O) meets them
 *                         and both are in force at the same times    or A(O) is empty
 */
import type { Interval } from "../compare/interval.ts";
import { AS_ENFORCED, decide } from "../decide/decide.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import { canonical, type Json, type ReceivedObject } from "../json/value.ts";
import { HOUR } from "../policy/time.ts";
import type { Target } from "../prove/rules.ts";
import {
  type Asker,
  askersOf,
  callOf,
  countAlike,
  forceOf,
  labelIn,
  type Pair,
  pairOf,
  seatText,
  targetsOfPair,
} from "../testing/seats.ts";
import { type Asking, allowsBeyond, allowsSome, labelledDifferently } from "./ask.ts";
import type { Edit } from "./mutant.ts";
import { limitsDiffer } from "./quota.ts";
import type { Seen, Witness } from "./report.ts";
import { seen, sees } from "./see.ts";

export type Difference =
  | { readonly is: "none" }
  | {
      readonly is: "shown";
      readonly witness: Witness;
      readonly expected: Seen;
      readonly mutant: Seen;
    }
  | { readonly is: "unknown"; readonly why: string };

const NONE: Difference = { is: "none" };

/** `now`: the time at which a witness is put where it may be. */
export function differ(
  original: ReadyRepository,
  mutant: ReadyRepository,
  edit: Edit,
  now: number,
): Difference {
  return firstShown(
    askers(original, mutant, edit).flatMap((asker) => {
      const pair = pairOf(original, mutant, asker);
      return targets(pair, edit).map((target) => () => differAt(pair, target, edit, now));
    }),
  );
}

/** The first difference that is shown; otherwise whether any question was left open. */
function firstShown(questions: readonly (() => Difference)[]): Difference {
  let open: Difference = NONE;
  for (const ask of questions) {
    const found = ask();
    if (found.is === "shown") return found;
    if (found.is === "unknown") open = found;
  }
  return open;
}

function askers(original: ReadyRepository, mutant: ReadyRepository, edit: Edit): readonly Asker[] {
  if (edit.of === "policy") return askersOf(original, edit.value.name);
  if (edit.of === "grant") {
    const { id } = edit.value;
    const servers = [original, mutant].flatMap(({ source }) =>
      Object.keys(source.grants[id]?.access ?? {}),
    );
    return [...new Set(servers)].map((server) => ({ grant: id, server }));
  }
  return Object.keys(original.source.policies)
    .flatMap((policy) => askersOf(original, policy))
    .filter(({ server }) => server === edit.server);
}

function targets(pair: Pair, edit: Edit): readonly Target[] {
  return edit.of === "grant" || edit.target === undefined ? targetsOfPair(pair) : [edit.target];
}

function differAt(pair: Pair, target: Target, edit: Edit, now: number): Difference {
  const times = momentsOf(pair, target, now);
  if (times.length === 0) return NONE;
  const shown = (args: ReceivedObject): Difference => replayed(pair, target, args, times);
  if (edit.of === "policy" && edit.limit) return limitsDiffer(pair, target, times, shown);
  return firstShown([
    () => rulesDiffer(pair, target, shown),
    () => labelsDiffer(pair, target, shown),
    () => timesDiffer(pair, target, shown),
    () => (countAlike(pair, target) ? NONE : limitsDiffer(pair, target, times, shown)),
  ]);
}

function rulesDiffer(
  pair: Pair,
  target: Target,
  shown: (a: ReceivedObject) => Difference,
): Difference {
  const { original, mutant } = pair;
  if (seatText(original, target) === seatText(mutant, target)) return NONE;
  return firstShown([
    () => made(allowsBeyond(original, mutant, target), shown),
    () => made(allowsBeyond(mutant, original, target), shown),
  ]);
}

function labelsDiffer(
  pair: Pair,
  target: Target,
  shown: (a: ReceivedObject) => Difference,
): Difference {
  const text = (seat: Pair["original"]): string => {
    const { effect, ephi } = labelIn(seat, target);
    return canonical([effect, ephi] as unknown as Json);
  };
  if (text(pair.original) === text(pair.mutant)) return NONE;
  return made(labelledDifferently(pair, target), shown);
}

function timesDiffer(
  pair: Pair,
  target: Target,
  shown: (a: ReceivedObject) => Difference,
): Difference {
  const [was, is] = [pair.original, pair.mutant].map((seat) => forceOf(seat, pair.asker, target));
  if (was?.from === is?.from && was?.until === is?.until) return NONE;
  return made(allowsSome(pair.original, target), shown);
}

function made(asking: Asking, shown: (args: ReceivedObject) => Difference): Difference {
  if (asking.answer === "no") return NONE;
  if (asking.answer === "unknown") return { is: "unknown", why: asking.why };
  return shown(asking.args);
}

/** The call at the first of the times at which the two are seen to differ. */
function replayed(
  { asker, original, mutant }: Pair,
  target: Target,
  args: ReceivedObject,
  times: readonly number[],
): Difference {
  for (const at of times) {
    const call = callOf(asker, target, args, at);
    const [o, m] = [original, mutant].map(
      ({ half }) => decide(half.repository, call, AS_ENFORCED).decision,
    );
    if (sees(o!, m!)) return { is: "shown", witness: call, expected: seen(o!), mutant: seen(m!) };
  }
  return { is: "unknown", why: "the call that was found is decided alike at every time" };
}

/**
 * The times that matter: the suites' own where it may be, and either side of each end. None where
 * nothing is ever in force: then there is no call to be decided.
 */
function momentsOf({ asker, original, mutant }: Pair, target: Target, now: number): number[] {
  const intervals = [original, mutant].map((seat) => forceOf(seat, asker, target));
  if (intervals.includes(undefined)) return [now];
  const open = (intervals as Interval[]).filter(({ from, until }) => from < until);
  const times = open.flatMap(({ from, until }) => [
    ...(from <= now && now < until ? [now] : []),
    ...[from, from + 12 * HOUR, until - 12 * HOUR, until - 1].filter(Number.isFinite),
  ]);
  return [...new Set(times)].filter((at) => open.some((i) => i.from <= at && at < i.until));
}
