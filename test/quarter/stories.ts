/** What is hidden in the quarter: nine stories that somebody who reviews the records should find. */
import type { AdminEntry, Entry, PolicyEntry } from "../../engine/audit/record.ts";
import type { Opening } from "../../engine/emergency/opening.ts";
import type { Member } from "./cast.ts";
import { CLINICS, HOUR, memberNamed, PEOPLE, patientId } from "./cast.ts";
import { HABITS, type Habit } from "./habits.ts";
import { type Call, decisionOf, type Hospital, outcomeOf } from "./hospital.ts";
import { LEAVER, SHORT_PAGES } from "./releases.ts";

const MINUTE = 60_000;
const SECOND = 1000;
const time = (text: string): number => Date.parse(text);

/** What was planted, for whoever asserts that it is found. Times are epoch milliseconds. */
export interface Planted {
  /** Reads neighbours at night: patients of another clinic, once each. `patients` are ids. */
  readonly insider: Story & { readonly principal: string; readonly patients: readonly string[] };
  /** Prompted into a dump: denied exports, then page after page until the limit. */
  readonly dump: Story & {
    readonly principal: string;
    readonly patients: number;
    readonly tool: string;
    readonly denied: string;
    readonly limit: string;
  };
  /** Opened in an emergency, used, closed, and never reviewed; another one was. */
  readonly emergency: Story & {
    readonly grant: string;
    readonly opening: string;
    readonly reviewed: string;
    readonly calls: number;
  };
  /** Left, and the token is tried all the same. */
  readonly leaver: Story & {
    readonly grant: string;
    readonly principal: string;
    readonly tries: number;
  };
  /** Nothing was recorded, and then the end of the log had been torn. */
  readonly broken: Story & { readonly discardedBytes: number };
  /** Grants of which nothing, or one server of three, was ever used. */
  readonly unused: { readonly never: readonly string[]; readonly mostly: readonly string[] };
  /** A tool changed under way, and was denied until somebody had looked. */
  readonly drift: Story & { readonly server: string; readonly tool: string };
  /** One tool was stopped everywhere for some hours. */
  readonly halt: Story & { readonly server: string; readonly tool: string };
  /** A rule that a release brought, and that many met. */
  readonly newRule: Story & {
    readonly rule: string;
    readonly policy: string;
    readonly version: string;
  };
}

interface Story {
  readonly from: number;
  readonly to: number;
}

/** What happens to everybody's calls. */
export interface Disturbances {
  /** The machine is down. */
  isDown(at: number): boolean;
  /** Whether somebody still, or already, works here. */
  works(member: Member, at: number): boolean;
  /** The rule that denies calls of a kind for a while. */
  ruleAt(habit: Habit, at: number): string | undefined;
}

const BROKEN = { from: time("2026-07-22T03:10:00Z"), to: time("2026-07-22T07:45:00Z") };
const DRIFT = { from: time("2026-08-05T09:12:00Z"), to: time("2026-08-06T10:30:00Z") };
const HALT = { from: time("2026-09-02T16:05:00Z"), to: time("2026-09-02T18:20:00Z") };
const LEFT = time("2026-08-31T18:00:00Z");

export const disturbances: Disturbances = {
  isDown: (at) => within(BROKEN, at),
  works: ({ id }, at) => id !== LEAVER || at < LEFT,
  ruleAt({ server, tool }, at) {
    if (server === "imaging" && tool === "get_report" && within(DRIFT, at)) return "(quarantined)";
    if (server === "scheduling" && tool === "book_appointment" && within(HALT, at))
      return "(halted)";
    return undefined;
  },
};

function within({ from, to }: Story, at: number): boolean {
  return from <= at && at < to;
}

export interface Told {
  /** In the order of time. */
  readonly entries: readonly Entry[];
  readonly planted: Planted;
  readonly openings: readonly Opening[];
}

/** `tokenOf`: the token's id of a grant. */
export function tellStories(hospital: Hospital, tokenOf: (grant: string) => string): Told {
  const entries: Entry[] = [];
  const insider = tellInsider(hospital, entries);
  const dump = tellDump(hospital, entries);
  const { openings, ...emergency } = tellEmergency(hospital, entries);
  const leaver = tellLeaver(entries, tokenOf(LEAVER));
  const discardedBytes = 217;
  entries.push(
    admin(BROKEN.to, "log.recovered", { details: { discardedBytes } }),
    admin(BROKEN.to, "gateway.started", { details: { node: "gw-1", dev: false } }),
    activated(hospital, BROKEN.to),
  );
  const drifted = { server: "imaging", tool: "get_report" };
  entries.push(
    policy(DRIFT.from, { event: "quarantined", ...drifted }),
    policy(DRIFT.to, { event: "released", ...drifted }),
    policy(HALT.from, { event: "halted" }),
    policy(HALT.to, { event: "halted" }),
  );
  const changed = hospital.releaseAt(time("2026-08-18T00:00:00Z"));
  return {
    entries: entries.sort((a, b) => a.at - b.at),
    planted: {
      ...{ insider, dump, leaver },
      emergency,
      broken: { ...BROKEN, discardedBytes },
      unused: { never: ["consult-1", "consult-2"], mostly: ["records-desk-1", "records-desk-2"] },
      drift: { ...DRIFT, ...drifted },
      halt: { ...HALT, server: "scheduling", tool: "book_appointment" },
      newRule: {
        ...{ from: changed.at, to: changed.at + 10 * 24 * HOUR },
        ...{ rule: SHORT_PAGES, policy: "lookup", version: changed.bundle.version },
      },
    },
    openings,
  };
}

function tellInsider(hospital: Hospital, entries: Entry[]): Planted["insider"] {
  const member = memberNamed("clinician-7");
  const elsewhere = (member.clinic + 11) % CLINICS.length;
  const neighbours = Array.from(
    { length: 7 },
    (_, i) => (2400 + 13 * i) * CLINICS.length + elsewhere,
  );
  const nights = ["2026-08-11T01:40:00Z", "2026-08-12T02:05:00Z", "2026-08-13T01:55:00Z"].map(time);
  const habit = HABITS.clinician[0];
  neighbours.forEach((patient, i) => {
    const at = nights[i % nights.length]! + i * 4 * MINUTE;
    call(hospital, entries, { at, member, habit, patients: [patient], rule: "" }, { items: 9 });
  });
  return {
    ...{ from: nights[0]!, to: nights[2]! + HOUR, principal: member.principal },
    patients: neighbours.map((n) => patientId(n)),
  };
}

function tellDump(hospital: Hospital, entries: Entry[]): Planted["dump"] {
  const member = memberNamed("imaging-31");
  const from = time("2026-09-15T14:02:00Z");
  const [, habit] = HABITS.imaging;
  const denied = "(default deny)";
  const limit = "/tools/find_studies/limits/0";
  const exports: Habit = { ...habit, tool: "export_studies", argKeys: ["query"] };
  for (let i = 0; i < 45; i++) {
    const at = from + i * 2 * SECOND;
    call(hospital, entries, { at, member, habit: exports, patients: [], rule: denied });
  }
  const patients = new Set<number>();
  for (let page = 0; page < 120; page++) {
    const at = from + 3 * MINUTE + page * 5 * SECOND;
    const result = Array.from({ length: 10 }, (_, i) => ((page * 10 + i) * 37) % 60_000);
    for (const one of result) patients.add(one);
    call(hospital, entries, { at, member, habit, patients: [], rule: "" }, { items: 50, result });
  }
  for (let i = 0; i < 60; i++) {
    const at = from + 14 * MINUTE + i * SECOND;
    call(hospital, entries, { at, member, habit, patients: [], rule: limit });
  }
  return {
    ...{ from, to: from + 15 * MINUTE, principal: member.principal },
    ...{ patients: patients.size, tool: habit.tool, denied, limit },
  };
}

function tellEmergency(
  hospital: Hospital,
  entries: Entry[],
): Planted["emergency"] & { readonly openings: readonly Opening[] } {
  const member = memberNamed("er-assist-1");
  const first = openAt(hospital, entries, member, time("2026-07-14T22:10:00Z"), 6);
  const signedAt = time("2026-07-16T09:00:00Z");
  entries.push(
    admin(signedAt, "review.emergency", {
      ...{ by: PEOPLE.privacy, grant: member.id, principal: member.principal },
      ...{ event: hospital.nextId(signedAt), details: { opening: first.id } },
    }),
  );
  const second = openAt(hospital, entries, member, time("2026-09-20T03:25:00Z"), 14);
  return {
    ...{ from: second.at, to: second.closedAt!, grant: member.id, opening: second.id },
    ...{ reviewed: first.id, calls: 14 },
    openings: [{ ...first, reviewedAt: signedAt, reviewedBy: PEOPLE.privacy }, second],
  };
}

function openAt(
  hospital: Hospital,
  entries: Entry[],
  member: Member,
  at: number,
  calls: number,
): Opening {
  const id = hospital.nextId(at);
  const until = at + 2 * HOUR;
  const reason = "Arrived without papers and cannot speak";
  const about = { grant: member.id, principal: member.principal };
  entries.push(
    admin(at, "emergency.opened", {
      ...{ ...about, by: PEOPLE.er, event: id, expires: new Date(until).toISOString() },
      details: { opening: id, reason, until: new Date(until).toISOString() },
    }),
  );
  const patient = 1000 * CLINICS.length + member.clinic;
  for (let i = 0; i < calls; i++) {
    const when = at + MINUTE + i * 5 * MINUTE;
    const habit = HABITS["er-assist"][0];
    const one = { at: when, member, habit, patients: [patient], rule: "", emergency: id };
    call(hospital, entries, one, { items: 12 });
  }
  const closedAt = at + 95 * MINUTE;
  entries.push(
    admin(closedAt, "emergency.closed", {
      ...{ ...about, by: PEOPLE.er, event: hospital.nextId(closedAt) },
      details: { opening: id, reason: "person" },
    }),
  );
  return {
    ...{ id, grant: member.id, principal: member.principal, issued: time("2026-04-01T00:00:00Z") },
    ...{
      openedBy: PEOPLE.er,
      reason,
      at,
      until,
      closedAt,
      closedBy: PEOPLE.er,
      closedFor: "person",
    },
  };
}

const TRIES = 9;

function tellLeaver(entries: Entry[], token: string): Planted["leaver"] {
  const { principal } = memberNamed(LEAVER);
  entries.push(admin(LEFT + SECOND, "token.orphaned", { grant: LEAVER, principal, token }));
  const first = time("2026-09-04T20:15:00Z");
  for (let i = 0; i < TRIES; i++) {
    entries.push({
      ...{ kind: "rejected", at: first + i * 29 * HOUR, code: "orphaned_token", transport: "http" },
      ...{ grant: LEAVER, token, method: "tools/call", server: "ehr" },
    });
  }
  return {
    ...{ from: first, to: first + TRIES * 29 * HOUR, grant: LEAVER, principal, tries: TRIES },
  };
}

interface Answer {
  readonly items: number;
  /** Numbers of the patients in it. */
  readonly result?: readonly number[];
}

function call(hospital: Hospital, entries: Entry[], one: Call, answer?: Answer): void {
  const decision = decisionOf(hospital, one);
  entries.push(decision);
  if (answer === undefined) return;
  const { items, result = [] } = answer;
  const outcome = outcomeOf(hospital, decision, items, result);
  // Those of a story all succeed.
  const resultSubjects = [...new Set(result.map((n) => hospital.pseudonyms[n]!))].sort();
  entries.push({ ...outcome, status: "ok", items, bytes: 200 + items * 400, resultSubjects });
}

/** An activation of the release in force. */
export function activated(hospital: Hospital, at: number): PolicyEntry {
  return policy(at, { event: "activated", bundle: hospital.releaseAt(at).bundle });
}

export function admin(
  at: number,
  action: string,
  more: Omit<AdminEntry, "kind" | "at" | "action"> = {},
): AdminEntry {
  return { kind: "admin", at, action, ...more };
}

function policy(at: number, more: Omit<PolicyEntry, "kind" | "at">): PolicyEntry {
  return { kind: "policy", at, ...more };
}
