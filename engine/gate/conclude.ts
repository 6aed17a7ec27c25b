/** From what the phases found to one outcome: may it be merged, and if not, why. */
import type { Diff, Verdict } from "../compare/report.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { ApproverGroup, GateExit, Reason } from "./report.ts";

export interface Found {
  readonly base: LoadedRepository;
  readonly diff: Diff | undefined;
  readonly groups: readonly ApproverGroup[];
  /** Why the approvals are not enough; undefined where nobody could be asked. */
  readonly missing: readonly string[] | undefined;
  /** Why the other phases do not pass. */
  readonly reasons: readonly Reason[];
}

export interface Outcome {
  readonly verdict: Verdict;
  readonly blocks: boolean;
  readonly approved: boolean;
  readonly passed: boolean;
  readonly exit: GateExit;
  readonly reasons: readonly Reason[];
}

export function conclude({ base, diff, groups, missing, reasons }: Found): Outcome {
  const blocks = diff?.blocks ?? true;
  const approved = diff?.blocks === true && groups.length > 0 && missing?.length === 0;
  const all = [...reasons, ...(approved ? [] : blocking(base, diff, groups, missing))].sort(
    (a, b) => b.exit - a.exit,
  );
  const exit: GateExit = all[0]?.exit ?? 0;
  return {
    verdict: diff?.verdict ?? "unknown",
    blocks,
    approved,
    passed: exit === 0,
    exit,
    reasons: all,
  };
}

/** Why a change that needs approval does not pass. */
function blocking(
  base: LoadedRepository,
  diff: Diff | undefined,
  groups: readonly ApproverGroup[],
  missing: readonly string[] | undefined,
): Reason[] {
  if (diff === undefined || !diff.blocks) return [];
  const exit = exitOf(diff);
  return [exit === 1 ? BROADER : UNPROVED, { ...approvalReason(base, groups, missing), exit }];
}

const BROADER: Reason = {
  code: "BROADER",
  message: "the change lets more happen than before",
  help: "take it back, or have it approved by the groups that the base names",
  exit: 1,
};
const UNPROVED: Reason = {
  code: "UNPROVED",
  message: "it could not be proved that the change lets nothing more happen",
  help: "write the rule in a simpler way, or have it approved as a broadening",
  exit: 2,
};

/** 1 where something is proved to be broader, 2 where it only could not be proved that nothing is. */
function exitOf(diff: Diff): 1 | 2 {
  return diff.changes.some(({ blocks, verdict }) => blocks && verdict === "broader") ? 1 : 2;
}

function approvalReason(
  { project }: LoadedRepository,
  groups: readonly ApproverGroup[],
  missing: readonly string[] | undefined,
): Omit<Reason, "exit"> {
  if (project === undefined) {
    return {
      code: "NO_BASE_GATE",
      message: "the base has no phiward.yaml, so nobody can approve a broadening",
      help: "the first gate is accepted by a release that the trust root signs; until then an administrator merges it",
    };
  }
  if (groups.length === 0) {
    return {
      code: "NO_APPROVERS",
      message: "the base names no approvers, so a broadening cannot pass",
      help: "name them in `gate.approvers` of phiward.yaml; an administrator merges that once",
    };
  }
  return {
    code: "NOT_APPROVED",
    message:
      missing === undefined
        ? `approval is needed from ${asked(groups)}`
        : `the change is not approved: ${missing.slice(0, MAX_TOLD).join("; ")}`,
    help: "ask them; each must be a different person who has made no commit of the change",
  };
}

/** What is missing is told first; the rest stands with the approvals. */
const MAX_TOLD = 2;

/** `1 of team privacy-officers and 1 of team security-officers`. */
export function asked(groups: readonly ApproverGroup[]): string {
  const each = groups.map(({ kind, name, needed }) =>
    kind === "login" ? `\`${name}\`` : `${needed} of team \`${name}\``,
  );
  return each.length < 2
    ? (each[0] ?? "nobody")
    : `${each.slice(0, -1).join(", ")} and ${each.at(-1)}`;
}
