/** What a release takes from a report of the gate: which change was judged, and who approved it. */
import { PhiwardError } from "../errors.ts";
import { readJson } from "../json/read.ts";
import { isObject, own, type Received, type ReceivedObject } from "../json/value.ts";
import type { ReleaseApprover } from "../schema/types.ts";

export interface GateReview {
  /** Digests of the compiled repositories before and after: no other change has both. */
  readonly base: string;
  readonly head: string;
  readonly pullRequest?: number;
  readonly approvers: readonly ReleaseApprover[];
}

/** A `gate --format json` report. Throws INVALID_INPUT for anything else. */
export function readGateReport(name: string, text: string): GateReview {
  const read = readJson(name, text);
  const report = read.ok ? objectOf(read.value as Received) : undefined;
  const [base, head] = [digestIn(report, "base"), digestIn(report, "head")];
  if (report?.schema !== "phiward.gate/1" || base === undefined || head === undefined) {
    throw new PhiwardError("INVALID_INPUT", `\`${name}\` is no report of the gate`, {
      help: "write one with `phiward gate --format json --output FILE`, or keep the Action's",
    });
  }
  const number = own(objectOf(report.change) ?? {}, "pullRequest");
  return {
    base,
    head,
    ...(Number.isSafeInteger(number) ? { pullRequest: number as number } : {}),
    approvers: approversIn(objectOf(report.approvals) ?? {}),
  };
}

/** Those that the gate counted, and only where they were enough. */
function approversIn(approvals: ReceivedObject): readonly ReleaseApprover[] {
  const { satisfied, commit, groups } = approvals;
  if (satisfied !== true || typeof commit !== "string" || !COMMIT.test(commit)) return [];
  const names = listOf(groups)
    .flatMap((group) => listOf(objectOf(group)?.by))
    .flatMap((by) => objectOf(by)?.person ?? []);
  const people = names.filter((each): each is string => typeof each === "string" && each !== "");
  return [...new Set(people)].sort().map((person) => ({ name: person, commit }));
}

const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

function digestIn(report: ReceivedObject | undefined, side: string): string | undefined {
  const digest = objectOf(report?.[side])?.digest;
  return typeof digest === "string" ? digest : undefined;
}

function objectOf(value: Received | undefined): ReceivedObject | undefined {
  return value !== undefined && isObject(value) ? (value as ReceivedObject) : undefined;
}

function listOf(value: Received | undefined): readonly Received[] {
  return Array.isArray(value) ? (value as readonly Received[]) : [];
}
