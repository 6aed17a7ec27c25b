/**
 * What an activity report says: 45 CFR §164.308(a)(1)(ii)(D) asks that records of activity are
 * reviewed regularly. A report is a value; pages, tables and the evidence render it, and count nothing
 * of their own. It names no patient, by pseudonym neither.
 */
import type { Digest } from "../json/value.ts";
import type { ProvenanceChange } from "../schema/types.ts";

/** A number of this period and of the one before; null where the log does not reach back so far. */
export interface Pair {
  readonly now: number;
  readonly before: number | null;
}

/** Whether the log covers a period: all of it, from some day on, or none. */
export type Coverage = "whole" | "partial" | "none";

export interface Span {
  /** Such as `2026-10`. */
  readonly label: string;
  /** RFC 3339; from the first until just before the second. */
  readonly from: string;
  readonly to: string;
  readonly coverage: Coverage;
}

export interface Totals {
  /** Calls that were judged. */
  readonly calls: Pair;
  readonly allowed: Pair;
  readonly denied: Pair;
  /** Allowed, and ended in an error. */
  readonly failed: Pair;
  /** What arrived without a valid identity or form. */
  readonly rejected: Pair;
  /** Allowed calls that may touch patient data. */
  readonly ephi: Pair;
  /** Different patients that an allowed call named, or whose result did. */
  readonly patients: Pair;
  readonly principals: Pair;
  /** Items in results. */
  readonly items: Pair;
}

/** One line of a table of calls. */
export interface Counts {
  readonly calls: Pair;
  readonly denied: Pair;
  /** Allowed calls that may touch patient data. */
  readonly ephi: Pair;
}

export interface PrincipalRow extends Counts {
  readonly principal: string;
  readonly responsible: readonly string[];
  readonly purposes: readonly string[];
  readonly grants: readonly string[];
  /** Different patients. */
  readonly patients: Pair;
  /** Patients met for the first time in the log. */
  readonly newPatients: number;
  /** The day with the most patients; null without any. */
  readonly peak: { readonly day: string; readonly patients: number } | null;
}

export interface ToolRow extends Counts {
  readonly server: string;
  /** The method where no tool is called. */
  readonly tool: string;
  readonly effect: string;
}

export interface NamedRow extends Counts {
  readonly name: string;
}

export interface DenialRow {
  /** null: no policy decided. */
  readonly policy: string | null;
  readonly rule: string;
  readonly code: string;
  readonly server: string;
  readonly method: string;
  /** The method where no tool is called. */
  readonly tool: string;
  readonly denied: Pair;
}

export interface RejectionRow {
  readonly code: string;
  /** null: it is not known whose it was. */
  readonly grant: string | null;
  readonly times: Pair;
}

export interface DayRow {
  /** `2026-10-01` */
  readonly day: string;
  readonly calls: number;
  readonly denied: number;
  readonly ephi: number;
  readonly rejected: number;
}

/** A principal that may call something, and did or did not before. */
export interface AccessChange {
  readonly principal: string;
  readonly server: string;
  readonly tool: string;
  readonly calls: number;
}

export interface Comparison {
  readonly newPrincipals: readonly string[];
  readonly gonePrincipals: readonly string[];
  /** What a principal that is not new called for the first time in two periods. */
  readonly newAccess: readonly AccessChange[];
  readonly goneAccess: readonly AccessChange[];
}

/** A release that came into force. */
export interface ReleaseRow {
  readonly at: string;
  /** The record's number. */
  readonly seq: number;
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly commit: string | null;
  /** Changes that this release brought, as its builder says; empty where it does not say. */
  readonly changes: readonly ProvenanceChange[];
}

/** An opening of emergency access. */
export interface OpeningRow {
  readonly id: string;
  readonly grant: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  readonly until: string;
  readonly closed: string | null;
  /** Calls under it. */
  readonly calls: number;
  readonly seq: number;
}

export const SEVERITIES = ["high", "medium", "low", "note"] as const;
export type ReviewSeverity = (typeof SEVERITIES)[number];

/** Something that the reviewer should look at. */
export interface ReviewFinding {
  /** The rule and what it is about: the same in every report of the same records. */
  readonly id: string;
  readonly rule: string;
  readonly severity: ReviewSeverity;
  readonly title: string;
  /** Sentences for somebody who is no engineer; names stand between backticks. */
  readonly says: string;
  /** Whose activity it is. */
  readonly principal: string | null;
  readonly numbers: Readonly<Record<string, number>>;
  /** Numbers of records that show it: some of them, the newest first. */
  readonly records: readonly number[];
  /** Shows all of them. */
  readonly command: string;
}

/** Everything that follows from the log alone: for a period that is over it never changes. */
export interface Activity {
  readonly period: Span;
  readonly before: Span;
  readonly nodes: readonly string[];
  readonly totals: Totals;
  readonly principals: readonly PrincipalRow[];
  readonly tools: readonly ToolRow[];
  readonly servers: readonly NamedRow[];
  readonly purposes: readonly NamedRow[];
  readonly denials: readonly DenialRow[];
  readonly rejections: readonly RejectionRow[];
  readonly days: readonly DayRow[];
  /** Calls by day of the week (Monday first) and hour (UTC). */
  readonly rhythm: readonly (readonly number[])[];
  readonly comparison: Comparison;
  readonly releases: readonly ReleaseRow[];
  readonly openings: readonly OpeningRow[];
  /** Administrative actions, and how often. */
  readonly administration: readonly { readonly action: string; readonly times: number }[];
  readonly findings: readonly ReviewFinding[];
}

/** What is so when the report is made: it may be otherwise tomorrow. */
export interface Standing {
  /** Openings of the period that nobody has signed a review of. */
  readonly unreviewedOpenings: readonly string[];
  /** Of the policy repository that the report was made with; null without one. */
  readonly repository: string | null;
  /** Where a rule stands today: `policies/lookup.yaml:12`, by policy and rule (`ruleKey`). */
  readonly places: Readonly<Record<string, string>>;
  readonly findings: readonly ReviewFinding[];
}

export interface ActivityReport {
  readonly activity: Activity;
  readonly standing: Standing;
  /** Of the activity alone: whether the numbers are still the same. */
  readonly numbers: Digest;
  /** Of all of it: what is signed. */
  readonly digest: Digest;
}

export function ruleKey(policy: string | null, rule: string): string {
  return `${policy ?? ""} ${rule}`;
}

/** All findings, the gravest first. */
export function findingsOf({ activity, standing }: ActivityReport): readonly ReviewFinding[] {
  return inOrder([...activity.findings, ...standing.findings]);
}

export function inOrder(findings: readonly ReviewFinding[]): readonly ReviewFinding[] {
  const rank = ({ severity }: ReviewFinding): number => SEVERITIES.indexOf(severity);
  return findings.toSorted((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
