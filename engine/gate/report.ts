/** What the gate says of a change: one value, from which every format is rendered. */
import type { Diff, Revision, Verdict } from "../compare/report.ts";
import type { LintReport } from "../lint/lint.ts";
import type { Simulation } from "../simulate/report.ts";
import type { TestReport } from "../testing/run.ts";
import type { Approvals } from "./approvals.ts";
import type { Measured } from "./thresholds.ts";

/** 0 may be merged, 1 may not, 2 could not be answered, 3 untrusted; the gravest phase decides. */
export type GateExit = 0 | 1 | 2 | 3;

export type ReasonCode =
  | "LINT"
  | "TEST"
  | "COVERAGE"
  | "MUTATION"
  | "INVALID_BASE"
  | "INVALID_HEAD"
  | "INVALID_TESTS"
  | "BROADER"
  | "UNPROVED"
  | "NO_BASE_GATE"
  | "NO_APPROVERS"
  | "NOT_APPROVED";

/** Why the change may not be merged. */
export interface Reason {
  readonly code: ReasonCode;
  /** Lower-case start, no full stop, names in backticks. */
  readonly message: string;
  /** What to do about it. */
  readonly help: string;
  readonly exit: Exclude<GateExit, 0>;
}

export type WarningCode = "NO_TESTS" | "FIXTURE_GONE" | "APPROVERS_UNUSED" | string;

/** What a reader should know, and what decides nothing. */
export interface Warning {
  /** `NO_TESTS`, `FIXTURE_GONE`; who runs the gate may add its own. */
  readonly code: string;
  readonly message: string;
  readonly help: string;
}

/** A group of base's `gate.approvers`: this many of its people must approve a broadening. */
export interface ApproverGroup {
  /** As a report names it: `team privacy-officers`, `login m-chen`. */
  readonly group: string;
  readonly kind: "team" | "login";
  /** The team's slug, or the login, as phiward.yaml writes it. */
  readonly name: string;
  readonly needed: number;
}

export interface GateReport {
  /** Where the policy folder stands in its Git repository; "" at the root, or outside of one. */
  readonly at: string;
  readonly base: Revision;
  readonly head: Revision;
  /** What was judged, as it is called where it is reviewed; absent where nobody said. */
  readonly change?: JudgedChange;
  /** The verdict of the comparison; `unknown` where there was none. */
  readonly verdict: Verdict;
  /** Whether the change needs approval: something within base's scope is broader or not proved. */
  readonly blocks: boolean;
  /** Whether a change that blocks has every approval that base asks for. */
  readonly approved: boolean;
  readonly passed: boolean;
  readonly exit: GateExit;
  /** Why it does not pass, the gravest first; empty when it does. */
  readonly reasons: readonly Reason[];
  readonly warnings: readonly Warning[];
  readonly lint: LintReport;
  /** Absent where it could not be run; `reasons` say why. */
  readonly test: TestReport | undefined;
  /** Of the tests themselves, where base asks for a minimum. */
  readonly measured: Measured;
  readonly simulate: Simulation | undefined;
  readonly diff: Diff | undefined;
  /** Who must approve a broadening, as base says: all groups, distinct people. */
  readonly requires: readonly ApproverGroup[];
  /** Where the change blocks and somebody was asked. */
  readonly approvals?: Approvals;
  /** The grants that a change is about, as the reader needs them: head's, or base's for one that is gone. */
  readonly grants: readonly GrantFacts[];
  /** The servers that a change is about. */
  readonly servers: readonly ServerFacts[];
}

export interface JudgedChange {
  readonly pullRequest: number;
}

/** What a reader has to know about a grant. */
export interface GrantFacts {
  readonly id: string;
  readonly principal: string;
  readonly kind: "person" | "agent" | "service";
  readonly responsible?: string;
  readonly purpose: string;
  readonly justification?: string;
  /** Days, as 2026-09-01; the grant is over when `expires` begins (UTC). */
  readonly issued: string;
  readonly expires: string;
  readonly breakGlass: boolean;
}

/** What a reader has to know about a server. */
export interface ServerFacts {
  readonly id: string;
  readonly vendor?: string;
  readonly baa: {
    readonly status: "signed" | "pending" | "none" | "not_required";
    readonly signed?: string;
    readonly expires?: string;
  };
}
