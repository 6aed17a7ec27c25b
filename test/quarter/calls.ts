/** The ordinary calls of the quarter, hour by hour. */
import type { Entry } from "../../engine/audit/record.ts";
import { CAST, DAY, HOUR, type Member, QUARTER_END, QUARTER_START } from "./cast.ts";
import { HABITS, type Habit } from "./habits.ts";
import { type Call, decisionOf, type Hospital, outcomeOf, patientOf } from "./hospital.ts";
import { SHORT_PAGES } from "./releases.ts";
import type { Disturbances } from "./stories.ts";

const HOURS = (QUARTER_END - QUARTER_START) / HOUR;

/** How busy somebody is in an hour. */
function weightOf({ role }: Member, hour: number): number {
  const ofDay = hour % 24;
  if (ofDay < role.from || ofDay >= role.to) return 0;
  const weekday = new Date(QUARTER_START + hour * HOUR).getUTCDay();
  const week = weekday === 0 || weekday === 6 ? role.weekend : 1;
  const night = role.to - role.from === 24 && (ofDay < 6 || ofDay > 21) ? 0.35 : 1;
  return role.weight * week * night;
}

/** The entries of each hour; those of a call stand together, so they are not in the order of time yet. */
export function* hourlyEntries(
  hospital: Hospital,
  calls: number,
  disturbances: Disturbances,
): Generator<{ readonly end: number; readonly entries: Entry[] }> {
  let total = 0;
  for (let hour = 0; hour < HOURS; hour++) {
    for (const member of CAST) total += weightOf(member, hour);
  }
  // What is left of a call from one hour to the next, so that few calls are spread as many are.
  const owed = CAST.map(() => hospital.chance(1000) / 1000);
  for (let hour = 0; hour < HOURS; hour++) {
    const start = QUARTER_START + hour * HOUR;
    const entries: Entry[] = [];
    for (const member of CAST) {
      owed[member.n]! += (calls * weightOf(member, hour)) / total;
      for (; owed[member.n]! >= 1; owed[member.n]!--) {
        addCall(hospital, member, start + hospital.chance(HOUR), disturbances, entries);
      }
    }
    yield { end: start + HOUR, entries };
  }
}

function addCall(
  hospital: Hospital,
  member: Member,
  at: number,
  disturbances: Disturbances,
  entries: Entry[],
): void {
  if (disturbances.isDown(at) || !disturbances.works(member, at)) return;
  const habit = habitOf(hospital, member);
  const { whom, subject } = habit;
  const named = subject === "named" && whom !== "nobody";
  const patients = named ? [patientOf(hospital, member.clinic, at, whom)] : [];
  const rule = disturbances.ruleAt(habit, at) ?? deniedBy(hospital, member, habit, at);
  const call: Call = { at, member, habit, patients, rule };
  const decision = decisionOf(hospital, call);
  entries.push(decision);
  // A few calls never end.
  if (rule !== "" || hospital.chance(5000) === 0) return;
  entries.push(outcomeOf(hospital, decision, itemsOf(hospital, habit), resultOf(hospital, call)));
}

function habitOf({ chance }: Hospital, { role }: Member): Habit {
  const habits: readonly Habit[] = HABITS[role.name];
  let left = chance(habits.reduce((sum, { share }) => sum + share, 0));
  for (const habit of habits) {
    left -= habit.share;
    if (left < 0) return habit;
  }
  throw new Error("the shares are more than their sum");
}

function itemsOf({ chance }: Hospital, { items }: Habit): number {
  return items === 1 ? 1 : chance(items + 1);
}

function resultOf(hospital: Hospital, { at, member, habit }: Call): readonly number[] {
  const { results, whom } = habit;
  if (results === 0 || whom === "nobody") return [];
  return Array.from({ length: hospital.chance(results + 1) }, () =>
    patientOf(hospital, member.clinic, at, whom),
  );
}

/** The rule that an ordinary mistake meets; "" mostly. */
function deniedBy(hospital: Hospital, member: Member, habit: Habit, at: number): string {
  let left = hospital.chance(1000);
  for (const [rule, permille] of Object.entries(habit.denied)) {
    left -= permille;
    if (left < 0) return rule;
  }
  const policy = member.role.access[habit.server];
  return newRuleDenies(hospital, policy, at) ? SHORT_PAGES : "";
}

const USED_TO_IT_AFTER = 10 * DAY;

/** Whoever asks for long pages learns it in some days; a few never do. */
function newRuleDenies(hospital: Hospital, policy: string | undefined, at: number): boolean {
  const release = hospital.releaseAt(at);
  if (policy !== "lookup" || !release.shortPages) return false;
  const isNew = at < release.at + USED_TO_IT_AFTER;
  return hospital.chance(1000) < (isNew ? 80 : 5);
}
