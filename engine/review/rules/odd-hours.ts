import { metOnce } from "../../audit/index/activity.ts";
import { compareText } from "../../finding.ts";
import { HOUR } from "../../policy/time.ts";
import { someSeqs } from "../events.ts";
import type { Facts, Worker } from "../facts.ts";
import type { ReviewFinding } from "../report.ts";
import { counted, queryCommand, type ReviewRule, timeText } from "../rule.ts";

const HOURS = 24;
/** An hour of the day with something in it on so many of a principal's days is one that it works in. */
const USUAL_SHARE = 0.1;
/** Hours beside those are work that began early or ended late. */
const MARGIN_HOURS = 1;
/** With fewer hours of work in both periods its own habit says little, and that of its peers counts. */
const HABIT_HOURS = 400;
/** Peers with fewer say nothing either. */
const PEERS_HOURS = 200;
/** Peers do not work in an hour of the day that holds less of their hours of work. */
const PEERS_SHARE = 0.01;
const FROM_CALLS = 3;
/** So many patients that were met at such an hour alone are a pattern. */
const FROM_PATIENTS = 3;

export const oddHours: ReviewRule = {
  id: "odd-hours",
  severity: "high",
  looks: `A principal made at least ${FROM_CALLS} allowed calls in hours of the day (UTC) that are more than ${MARGIN_HOURS} hour away from every hour in which it has calls on ${USUAL_SHARE * 100} of 100 of its active days. One that worked in fewer than ${HABIT_HOURS} hours in both periods has no habit yet: then the hours count that hold ${PEERS_SHARE * 100} of 100 of the working hours of its peers, the principals of the same kind and purpose (${PEERS_HOURS} or more). High where it met at least ${FROM_PATIENTS} patients then that it met on no other day; medium otherwise.`,
  why: "Somebody who looks up neighbours, colleagues or people in the news does so when nobody looks, and never again: there is no treatment before or after.",
  *check(facts) {
    const workers = [...facts.workers.values()].sort((a, b) =>
      compareText(a.principal, b.principal),
    );
    const peers = peersAt(facts);
    const workOf = Map.groupBy(facts.work, ({ principal }) => principal);
    for (const worker of workers) {
      const odd = oddHoursOf(worker, peers);
      if (odd.size === 0) continue;
      const hours = (workOf.get(worker.principal) ?? []).filter(
        ({ hour, allowed }) => allowed > 0 && odd.has(hour % HOURS),
      );
      const calls = hours.reduce((sum, { allowed }) => sum + allowed, 0);
      if (calls >= FROM_CALLS) {
        yield finding(facts, worker.principal, {
          odd,
          calls,
          hours: hours.map(({ hour }) => hour),
        });
      }
    }
  },
};

/** Which share of its peers' hours of work falls into an hour of the day; undefined without peers. */
type PeersAt = (principal: string, hour: number) => number | undefined;

function peersAt({ workers, sorts }: Facts): PeersAt {
  const sums = new Map<string, number[]>();
  for (const { principal, hours } of workers.values()) {
    const sort = sorts.get(principal) ?? "";
    const sum = sums.get(sort) ?? new Array<number>(HOURS).fill(0);
    sums.set(sort, sum);
    for (const [hour, days] of hours.entries()) sum[hour]! += days;
  }
  return (principal, hour) => {
    const all = sums.get(sorts.get(principal) ?? "");
    const own = workers.get(principal)?.hours;
    if (all === undefined || own === undefined) return undefined;
    const others = total(all) - total(own);
    return others < PEERS_HOURS ? undefined : (all[hour]! - own[hour]!) / others;
  };
}

function total(hours: readonly number[]): number {
  return hours.reduce((sum, days) => sum + days, 0);
}

/** The hours of the day in which a principal does not work; none while that cannot be told. */
function oddHoursOf(worker: Worker, peers: PeersAt): ReadonlySet<number> {
  const { principal, hours } = worker;
  const isUsual =
    total(hours) >= HABIT_HOURS
      ? ownHours(worker)
      : (hour: number): boolean => (peers(principal, hour) ?? 1) >= PEERS_SHARE;
  const around = Array.from({ length: 2 * MARGIN_HOURS + 1 }, (_, i) => i - MARGIN_HOURS);
  const isNearUsual = (hour: number): boolean =>
    around.some((by) => isUsual((hour + by + HOURS) % HOURS));
  return new Set([...hours.keys()].filter((hour) => !isNearUsual(hour)));
}

function ownHours({ hours, days }: Worker): (hour: number) => boolean {
  const active = [...days.values()].filter(({ allowed }) => allowed > 0).length;
  return (hour) => hours[hour]! >= USUAL_SHARE * active;
}

interface Odd {
  readonly odd: ReadonlySet<number>;
  readonly calls: number;
  /** Since 1970, ascending. */
  readonly hours: readonly number[];
}

function finding(
  { log, period }: Facts,
  principal: string,
  { odd, calls, hours }: Odd,
): ReviewFinding {
  let alone = 0;
  for (const met of metOnce(log.index, period, principal)) {
    if (met.hours.every((hour) => odd.has(hour))) alone++;
  }
  const [first, last] = [hours[0]!, hours.at(-1)!];
  const clock = [...new Set(hours.map((hour) => hour % HOURS))].sort((a, b) => a - b);
  const nights = new Set(hours.map((hour) => Math.floor(hour / HOURS))).size;
  const never =
    alone === 0
      ? ""
      : ` It met ${counted(alone, "patient")} then, and on no other day of the log so far.`;
  return {
    id: `odd-hours/${principal}`,
    rule: "odd-hours",
    severity: alone >= FROM_PATIENTS ? "high" : "medium",
    title: "active at hours that are not its own",
    says: `\`${principal}\` made ${counted(calls, "call")} on ${counted(nights, "day")} at ${clock.map((hour) => `${String(hour).padStart(2, "0")}:00`).join(", ")} (UTC), when it usually does nothing.${never} Ask whether there was a reason to look at these patients.`,
    principal,
    numbers: { calls, days: nights, patientsMetOnlyThen: alone },
    records: hours
      .toReversed()
      .flatMap((hour) =>
        someSeqs(log, {
          kind: "decision",
          principal,
          verdict: "allow",
          from: hour * HOUR,
          to: (hour + 1) * HOUR - 1,
        }),
      )
      .slice(0, 10),
    command: queryCommand({
      principal,
      from: timeText(first * HOUR),
      to: timeText((last + 1) * HOUR - 1),
    }),
  };
}
