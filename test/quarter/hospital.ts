/** What a hospital's records are made of: who is called how, under which release, with which ids. */
import { createHmac } from "node:crypto";
import type { DecisionEntry, Hex64, OutcomeEntry, QuotaTaken } from "../../engine/audit/record.ts";
import { reasonCode } from "../../engine/audit/record.ts";
import { limitKey } from "../../engine/quota/quota.ts";
import { CLINICS, DAY, type Member, PATIENTS, patientId, QUARTER_START } from "./cast.ts";
import type { Habit } from "./habits.ts";
import type { Release } from "./releases.ts";
import { bytesOf, type Chance, uuidAt } from "./seed.ts";

export interface Hospital {
  readonly seed: number;
  readonly chance: Chance;
  /** Of each patient, by number. */
  readonly pseudonyms: readonly Hex64[];
  releaseAt(at: number): Release;
  nextId(at: number): string;
}

export function openHospital(seed: number, chance: Chance, releases: readonly Release[]): Hospital {
  const key = subjectKey(seed);
  const pseudonyms = Array.from({ length: PATIENTS }, (_, n) =>
    createHmac("sha256", key).update(patientId(n), "utf8").digest("hex"),
  );
  let ids = 0;
  return {
    ...{ seed, chance, pseudonyms },
    releaseAt: (at) => releases.findLast((one) => one.at <= at)!,
    nextId: (at) => uuidAt(at, ++ids),
  };
}

/** The key of the patients' pseudonyms. */
export function subjectKey(seed: number): Buffer {
  return bytesOf(seed, "subject key");
}

const BEDS = 40;
const OF_A_CLINIC = PATIENTS / CLINICS.length;

/** The number of a patient whom somebody of a clinic has to do with on a day. */
export function patientOf(
  { chance }: Hospital,
  clinic: number,
  at: number,
  whom: "ward" | "clinic",
): number {
  if (whom === "clinic") return chance(OF_A_CLINIC) * CLINICS.length + clinic;
  // Whoever lies in a bed stays some days; then the bed is somebody else's.
  const bed = chance(BEDS);
  const day = Math.floor((at - QUARTER_START) / DAY);
  const stay = Math.floor((day + bed) / (3 + (bed % 5)));
  return (
    (((bed * 7919 + stay * 104_729 + clinic * 31) >>> 0) % OF_A_CLINIC) * CLINICS.length + clinic
  );
}

export interface Call {
  readonly at: number;
  readonly member: Member;
  readonly habit: Habit;
  /** Numbers of the patients that it names. */
  readonly patients: readonly number[];
  /** "" for an allowed call. */
  readonly rule: string;
  /** The id of an opening. */
  readonly emergency?: string;
}

export function decisionOf(hospital: Hospital, call: Call): DecisionEntry {
  const { at, member, habit, rule, patients } = call;
  const { server, tool, effect, ephi, volume, subject, argKeys } = habit;
  const { bundle, repository } = hospital.releaseAt(at);
  const name = member.role.access[server]!;
  const policy = repository.policies[name]!;
  const subjects = patients.map((n) => hospital.pseudonyms[n]!).sort();
  return {
    ...{ kind: "decision", at, id: hospital.nextId(at) },
    ...{ grant: member.id, principal: member.principal, responsible: member.responsible },
    ...{ purpose: member.role.purpose, server, method: "tools/call", tool },
    ...{ argKeys, argsOther: 0, subjects, subject, volume, ephi, effect },
    ...{ verdict: rule === "" ? "allow" : "deny", rule, code: reasonCode(rule) },
    policy: { name, digest: policy.digest },
    bundle,
    quota: rule === "" ? chargesOf(policy, call, subjects) : [],
    emergency: call.emergency,
  };
}

type Policy = Release["repository"]["policies"][string];

function chargesOf(policy: Policy, call: Call, subjects: readonly Hex64[]): readonly QuotaTaken[] {
  const { member, habit, at } = call;
  const { server, tool } = habit;
  const holder = { server, tool, grant: member.id, principal: member.principal };
  return (policy.tools[tool]?.limits ?? []).flatMap((limit): readonly QuotaTaken[] => {
    const key = limitKey(limit, holder, at);
    if (limit.distinct === undefined) return [{ key, amount: 1 }];
    return subjects.length === 0 ? [] : [{ key, subjects }];
  });
}

/** `patients`: numbers of those in the result. */
export function outcomeOf(
  hospital: Hospital,
  decision: DecisionEntry,
  items: number,
  patients: readonly number[],
): OutcomeEntry {
  const { chance } = hospital;
  const ms = 8 + chance(90) + (chance(40) === 0 ? chance(4000) : 0);
  const at = decision.at + ms;
  const failed = chance(1000);
  const status = failed < 20 ? "tool_error" : failed < 23 ? "upstream_error" : "ok";
  const ok = status === "ok";
  return {
    ...{ kind: "outcome", at, id: hospital.nextId(at), decision: decision.id!, status, ms },
    bytes: ok ? 200 + items * (300 + chance(500)) : 90,
    items: ok ? items : 0,
    resultSubjects: ok ? [...new Set(patients.map((n) => hospital.pseudonyms[n]!))].sort() : [],
  };
}
