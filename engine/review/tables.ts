/** The tables of a report, from what was counted. */
import { TOOLS_CALL } from "../decide/call.ts";
import { compareText } from "../finding.ts";
import { DAY } from "../policy/time.ts";
import { type Facts, isCall, isEphi, type Tally } from "./facts.ts";
import { dayText } from "./period.ts";
import type {
  AccessChange,
  Activity,
  Comparison,
  Counts,
  DayRow,
  DenialRow,
  NamedRow,
  Pair,
  PrincipalRow,
  RejectionRow,
  ToolRow,
  Totals,
} from "./report.ts";

export function pairsOf({ coverage }: Pick<Facts, "coverage">) {
  const known = coverage.before !== "none";
  return (now: number, before: number): Pair => ({ now, before: known ? before : null });
}

type MakePair = ReturnType<typeof pairsOf>;

export function totalsOf(facts: Facts): Totals {
  const pair = pairsOf(facts);
  const { tallies, failed, patients, workers, period } = facts;
  const count = (which: (tally: Tally["shape"]) => boolean): Pair => {
    const chosen = tallies.filter(({ shape }) => which(shape));
    return pair(sum(chosen, "now"), sum(chosen, "before"));
  };
  const items = { now: 0, before: 0 };
  for (const { days } of workers.values()) {
    for (const [day, work] of days) items[day < period.fromDay ? "before" : "now"] += work.items;
  }
  const principals = (when: "now" | "before"): number =>
    new Set(tallies.filter((tally) => isCall(tally.shape) && tally[when] > 0).map(principalOf))
      .size;
  return {
    calls: count(isCall),
    allowed: count((shape) => isCall(shape) && shape.verdict === "allow"),
    denied: count((shape) => isCall(shape) && shape.verdict === "deny"),
    failed: pair(failed.now, failed.before),
    rejected: count(({ kind }) => kind === "rejected"),
    ephi: count((shape) => isCall(shape) && isEphi(shape)),
    patients: pair(patients.now, patients.before),
    principals: pair(principals("now"), principals("before")),
    items: pair(items.now, items.before),
  };
}

function sum(tallies: readonly Tally[], when: "now" | "before"): number {
  return tallies.reduce((total, tally) => total + tally[when], 0);
}

function principalOf({ shape }: Tally): string {
  return shape.principal ?? "";
}

/** A tool, or the method where none is called. */
function toolOf({ shape }: Tally): string {
  return shape.tool === undefined || shape.tool === "" ? (shape.method ?? TOOLS_CALL) : shape.tool;
}

/** Also what is only of the period before; a table leaves out rows of which nothing is left. */
function callsOf({ tallies }: Facts): readonly Tally[] {
  return tallies.filter(({ shape }) => isCall(shape));
}

function countsOf(pair: MakePair, tallies: readonly Tally[]): Counts {
  const some = (which: (shape: Tally["shape"]) => boolean): Pair => {
    const chosen = tallies.filter(({ shape }) => which(shape));
    return pair(sum(chosen, "now"), sum(chosen, "before"));
  };
  return {
    calls: some(() => true),
    denied: some(({ verdict }) => verdict === "deny"),
    ephi: some(isEphi),
  };
}

function isOfNow({ calls }: Counts): boolean {
  return calls.now > 0;
}

/** The busiest first; names settle what is equal. */
function byCalls<T extends { readonly calls: Pair }>(name: (row: T) => string) {
  return (a: T, b: T): number =>
    b.calls.now - a.calls.now ||
    (b.calls.before ?? 0) - (a.calls.before ?? 0) ||
    compareText(name(a), name(b));
}

function named(tallies: readonly Tally[], name: (tally: Tally) => string | undefined): string[] {
  return [...new Set(tallies.map(name))].filter((one) => one !== undefined).sort(compareText);
}

export function principalRows(facts: Facts): readonly PrincipalRow[] {
  const pair = pairsOf(facts);
  const { met, newlyMet, workers, period } = facts;
  return [...Map.groupBy(callsOf(facts), principalOf)]
    .map(([principal, tallies]) => ({
      principal,
      responsible: named(tallies, ({ shape }) => shape.responsible),
      purposes: named(tallies, ({ shape }) => shape.purpose),
      grants: named(tallies, ({ shape }) => shape.grant),
      ...countsOf(pair, tallies),
      patients: pair(met.now.get(principal) ?? 0, met.before.get(principal) ?? 0),
      newPatients: newlyMet.get(principal) ?? 0,
      peak: peakOf(workers.get(principal)?.days ?? new Map(), period.fromDay),
    }))
    .filter(isOfNow)
    .sort(byCalls(({ principal }) => principal));
}

function peakOf(
  days: ReadonlyMap<number, { readonly patients: number }>,
  fromDay: number,
): PrincipalRow["peak"] {
  let peak: { day: number; patients: number } | undefined;
  for (const [day, { patients }] of days) {
    if (day < fromDay || patients === 0) continue;
    const better =
      peak === undefined ||
      patients > peak.patients ||
      (patients === peak.patients && day < peak.day);
    if (better) peak = { day, patients };
  }
  return peak === undefined ? null : { day: dayText(peak.day), patients: peak.patients };
}

export function toolRows(facts: Facts): readonly ToolRow[] {
  const pair = pairsOf(facts);
  return grouped(callsOf(facts), (tally) => [tally.shape.server ?? "", toolOf(tally)])
    .map(([[server, tool], tallies]) => ({
      server: server!,
      tool: tool!,
      effect: named(tallies, ({ shape }) => shape.effect).join(", "),
      ...countsOf(pair, tallies),
    }))
    .filter(isOfNow)
    .sort(byCalls(({ server, tool }) => `${server}/${tool}`));
}

export function namedRows(
  facts: Facts,
  name: (shape: Tally["shape"]) => string | undefined,
): readonly NamedRow[] {
  const pair = pairsOf(facts);
  return [...Map.groupBy(callsOf(facts), ({ shape }) => name(shape) ?? "")]
    .map(([name, tallies]) => ({ name, ...countsOf(pair, tallies) }))
    .filter(isOfNow)
    .sort(byCalls((row) => row.name));
}

export function denialRows(facts: Facts): readonly DenialRow[] {
  const pair = pairsOf(facts);
  const denied = callsOf(facts).filter(({ shape }) => shape.verdict === "deny");
  return grouped(denied, (tally) => {
    const { policy, rule, server } = tally.shape;
    return [policy ?? "", rule ?? "", server ?? "", toolOf(tally)];
  })
    .map(([[policy, rule, server, tool], tallies]) => ({
      policy: policy === "" ? null : policy!,
      rule: rule!,
      code: tallies[0]!.shape.code ?? "",
      server: server!,
      method: tallies[0]!.shape.method ?? TOOLS_CALL,
      tool: tool!,
      denied: pair(sum(tallies, "now"), sum(tallies, "before")),
    }))
    .filter(({ denied }) => denied.now > 0)
    .sort(
      (a, b) =>
        b.denied.now - a.denied.now ||
        compareText(`${a.policy} ${a.rule} ${a.tool}`, `${b.policy} ${b.rule} ${b.tool}`),
    );
}

export function rejectionRows(facts: Facts): readonly RejectionRow[] {
  const pair = pairsOf(facts);
  const rejected = facts.tallies.filter(({ shape }) => shape.kind === "rejected");
  return grouped(rejected, ({ shape }) => [shape.code ?? "", shape.grant ?? ""])
    .map(([[code, grant], tallies]) => ({
      code: code!,
      grant: grant === "" ? null : grant!,
      times: pair(sum(tallies, "now"), sum(tallies, "before")),
    }))
    .filter(({ times }) => times.now > 0)
    .sort(
      (a, b) =>
        b.times.now - a.times.now || compareText(`${a.code} ${a.grant}`, `${b.code} ${b.grant}`),
    );
}

/** By several names, which may hold any character. */
function grouped<T>(
  items: readonly T[],
  names: (item: T) => readonly string[],
): readonly [readonly string[], readonly T[]][] {
  return [...Map.groupBy(items, (item) => JSON.stringify(names(item)))].map(([key, group]) => [
    JSON.parse(key) as readonly string[],
    group,
  ]);
}

/** Every day of the period, also one without a call. */
export function dayRows({ period, days }: Facts): readonly DayRow[] {
  const { fromDay, toDay } = period;
  return Array.from({ length: toDay - fromDay + 1 }, (_, i) => ({
    day: dayText(fromDay + i),
    ...(days.get(fromDay + i) ?? { calls: 0, denied: 0, ephi: 0, rejected: 0 }),
  }));
}

const HOURS = 24;
const WEEK = 7;

export function rhythmOf({ work }: Facts): Activity["rhythm"] {
  const rhythm = Array.from({ length: WEEK }, () => new Array<number>(HOURS).fill(0));
  for (const { hour, allowed, denied } of work) {
    rhythm[weekday(Math.floor(hour / HOURS))]![hour % HOURS]! += allowed + denied;
  }
  return rhythm;
}

/** Monday is 0. */
export function weekday(day: number): number {
  return (new Date(day * DAY).getUTCDay() + WEEK - 1) % WEEK;
}

export function comparisonOf(facts: Facts): Comparison {
  // Compared with nothing, everything would be new.
  if (facts.coverage.before === "none") {
    return { newPrincipals: [], gonePrincipals: [], newAccess: [], goneAccess: [] };
  }
  const calls = callsOf(facts);
  const seen = (when: "now" | "before"): ReadonlySet<string> =>
    new Set(calls.filter((tally) => tally[when] > 0).map(principalOf));
  const [now, before] = [seen("now"), seen("before")];
  const pairs = grouped(calls, (tally) => [
    principalOf(tally),
    tally.shape.server ?? "",
    toolOf(tally),
  ]);
  const changed = (when: "now" | "before", other: "now" | "before"): readonly AccessChange[] =>
    pairs
      .filter(([, tallies]) => sum(tallies, when) > 0 && sum(tallies, other) === 0)
      .map(([[principal, server, tool], tallies]) => ({
        principal: principal!,
        server: server!,
        tool: tool!,
        calls: sum(tallies, when),
      }))
      .filter(({ principal }) => now.has(principal) && before.has(principal))
      .sort((a, b) =>
        compareText(`${a.principal} ${a.server}/${a.tool}`, `${b.principal} ${b.server}/${b.tool}`),
      );
  return {
    newPrincipals: [...now].filter((one) => !before.has(one)).sort(compareText),
    gonePrincipals: [...before].filter((one) => !now.has(one)).sort(compareText),
    newAccess: changed("now", "before"),
    goneAccess: changed("before", "now"),
  };
}
