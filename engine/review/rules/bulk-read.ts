import { compareText } from "../../finding.ts";
import { DAY } from "../../policy/time.ts";
import { someSeqs } from "../events.ts";
import type { DayOfWork, Facts, Worker } from "../facts.ts";
import { median, quantile } from "../habit.ts";
import { dayText } from "../period.ts";
import type { ReviewFinding } from "../report.ts";
import { counted, queryCommand, type ReviewRule, timeText } from "../rule.ts";

/** From how many on a day, and how many times the own habit and the peers' busy days. */
const FROM = { patients: 50, items: 500 } as const;
const TIMES_HABIT = 5;
const TIMES_PEERS = 2;
/** Fewer other days are no habit. */
const HABIT_DAYS = 5;
const PEERS_SHARE = 0.95;

type Measure = keyof typeof FROM;
const MEASURES: readonly Measure[] = ["patients", "items"];

export const bulkRead: ReviewRule = {
  id: "bulk-read",
  severity: "high",
  looks: `On one day a principal met at least ${FROM.patients} different patients, or received at least ${FROM.items} items, and that is at least ${TIMES_HABIT} times the median of its own other active days (where there are ${HABIT_DAYS} or more) and more than ${TIMES_PEERS} times what its peers, the principals of the same kind and purpose, stay below on ${PEERS_SHARE * 100} of 100 active days. With fewer than ${HABIT_DAYS} days of either, the other decides; without both, nothing is unusual yet.`,
  why: "A whole table that is read record by record, or an agent that was talked into exporting, looks like this; every single call was allowed.",
  *check(facts) {
    const peers = busyDays(facts);
    for (const worker of inOrder(facts)) {
      const unusual = MEASURES.flatMap((measure) => unusualDays(facts, worker, measure, peers));
      if (unusual.length > 0) yield finding(facts, worker.principal, unusual);
    }
  },
};

function inOrder({ workers }: Facts): readonly Worker[] {
  return [...workers.values()].sort((a, b) => compareText(a.principal, b.principal));
}

interface Unusual {
  readonly day: number;
  readonly measure: Measure;
  readonly value: number;
  readonly habit: number;
}

function unusualDays(
  { period }: Facts,
  { principal, days }: Worker,
  measure: Measure,
  peers: (principal: string, measure: Measure) => number | undefined,
): readonly Unusual[] {
  const candidates = [...days].filter(
    ([day, work]) => day >= period.fromDay && work[measure] >= FROM[measure],
  );
  return candidates.flatMap(([day, work]) => {
    const others = [...days].filter(([other, { allowed }]) => other !== day && allowed > 0);
    const isKnown = others.length >= HABIT_DAYS;
    const habit = isKnown ? median(others.map(([, other]) => other[measure])) : 0;
    const value = work[measure];
    if (value < TIMES_HABIT * habit) return [];
    // Asked last: it looks at the days of everybody of the sort.
    const busy = peers(principal, measure);
    // Without a habit and without peers nothing is unusual yet.
    if (!isKnown && busy === undefined) return [];
    return value > TIMES_PEERS * (busy ?? 0) ? [{ day, measure, value, habit }] : [];
  });
}

/** What the principals of the same sort stay below on most of their days; undefined of too few days. */
function busyDays(facts: Facts): (principal: string, measure: Measure) => number | undefined {
  const { sorts, workers } = facts;
  const known = new Map<string, number | undefined>();
  return (principal, measure) => {
    const key = `${measure} ${principal}`;
    if (known.has(key)) return known.get(key);
    const days: DayOfWork[] = [...workers.values()]
      .filter(
        (one) => one.principal !== principal && sorts.get(one.principal) === sorts.get(principal),
      )
      .flatMap((one) => [...one.days.values()].filter(({ allowed }) => allowed > 0));
    const values = days.map((day) => day[measure]);
    const busy = values.length < HABIT_DAYS ? undefined : quantile(values, PEERS_SHARE);
    known.set(key, busy);
    return busy;
  };
}

function finding({ log }: Facts, principal: string, unusual: readonly Unusual[]): ReviewFinding {
  const worst = unusual.reduce((a, b) => (ratio(b) > ratio(a) ? b : a));
  const { day, measure, value, habit } = worst;
  const days = new Set(unusual.map((one) => one.day)).size;
  const within = { from: day * DAY, to: (day + 1) * DAY - 1 };
  const what = measure === "patients" ? "different patients" : "items in results";
  const usual =
    habit === 0
      ? "on its other days there are hardly any"
      : `on its other days ${habit.toLocaleString("en")} is usual`;
  const more = days > 1 ? ` There are ${counted(days, "such day")} in the period.` : "";
  return {
    id: `bulk-read/${principal}`,
    rule: "bulk-read",
    severity: "high",
    title: "far more data than usual in a day",
    says: `\`${principal}\` reached ${value.toLocaleString("en")} ${what} on ${dayText(day)}; ${usual}.${more} Find out what it was for, and whether its grant should allow as much.`,
    principal,
    numbers: { [measure]: value, usual: habit, days },
    records: someSeqs(log, { kind: "decision", principal, verdict: "allow", ...within }),
    command: queryCommand({ principal, from: timeText(within.from), to: timeText(within.to) }),
  };
}

function ratio({ measure, value }: Unusual): number {
  return value / FROM[measure];
}
