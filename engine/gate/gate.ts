/**
 * The gate: may this change be merged?
 *
 * It judges head, the result of the merge, against base, the branch that it goes to: the files and
 * rules of good policy, the expectations, the recorded calls, and the proof of what became wider. Who
 * watches is decided by base alone; a change cannot choose its own judge, because whatever of
 * phiward.yaml it makes weaker is a broadening by itself.
 *
 * Nothing of head is run or checked out. Approvals come in as a value, from whoever knows the reviews.
 */
import { compare } from "../compare/compare.ts";
import type { Tree } from "../host/tree.ts";
import { patientDataInFixtures } from "../lint/patient-data.ts";
import type { Approvals } from "./approvals.ts";
import { approverGroups, missingApprovals } from "./approvers.ts";
import { conclude } from "./conclude.ts";
import { grantFacts, serverFacts } from "./facts.ts";
import { judgeFiles, judgeTests, loadSide, readable, replayRecorded } from "./phases.ts";
import { shownByRecorded } from "./recorded.ts";
import type { ApproverGroup, GateReport, JudgedChange, Reason } from "./report.ts";
import { judgeThresholds } from "./thresholds.ts";
import { gateWarnings } from "./warnings.ts";

export interface GateWorld {
  /** The tip of the branch that the change goes to. */
  readonly base: Tree;
  /** What would be there after the merge. */
  readonly head: Tree;
  /** Epoch milliseconds, at which dates are judged. */
  readonly now: number;
  /**
   * Asked only when the change needs approval, and base says whose: who approved it. Absent where nobody can be asked, and
   * then a broadening does not pass.
   */
  readonly approvals?: (groups: readonly ApproverGroup[]) => Promise<Approvals>;
}

export interface GateOptions {
  /** What reports call the two sides; the trees' labels when absent. */
  readonly names?: { readonly base?: string; readonly head?: string };
  /**
   * The full name of the commit that reviewers saw, which approvals must be for: a pull request's
   * head, where `head` is its merge result. The commit of `head` when absent; without either, no
   * approval can count.
   */
  readonly reviewed?: string;
  /** What the report says was judged. */
  readonly change?: JudgedChange;
  /** Hears how many recorded calls were judged so far. */
  readonly onProgress?: (calls: number) => void;
}

export async function gate(world: GateWorld, options: GateOptions = {}): Promise<GateReport> {
  const base = await loadSide(world.base);
  const head = await loadSide(world.head);
  const groups = approverGroups(base);
  const reasons: Reason[] = [...readable(base, "base"), ...readable(head, "head")];
  const answerable = reasons.length === 0;
  const replayed = await replayRecorded(world.head, base, head, answerable, options.onProgress);
  const personal = await patientDataInFixtures(world.head, head, world.now);
  const fixtures = {
    findings: [...replayed.findings, ...personal.findings],
    suppressed: personal.suppressed,
  };
  const lint = judgeFiles(head, fixtures, world.now);
  const tested = judgeTests(head, answerable, world.now);
  const thresholds = judgeThresholds(base, head, tested.report, world.now);
  const names = namesOf(options, world);
  const diff = answerable
    ? shownByRecorded(compare(base, head, names), replayed.simulation)
    : undefined;
  const asks = diff?.blocks === true && groups.length > 0;
  const approvals = asks ? await world.approvals?.(groups) : undefined;
  const commit = options.reviewed ?? world.head.commit;
  const outcome = conclude({
    base,
    diff,
    groups,
    missing: missingApprovals(groups, approvals, commit),
    reasons: [...reasons, ...lint.reasons, ...tested.reasons, ...thresholds.reasons],
  });
  return {
    at: head.guards?.at ?? "",
    base: { rev: names.base, digest: base.repository.digest },
    head: { rev: names.head, digest: head.repository.digest },
    ...(options.change === undefined ? {} : { change: options.change }),
    ...outcome,
    warnings: gateWarnings({ base, head, test: tested.report }),
    lint: lint.report,
    test: tested.report,
    measured: thresholds.measured,
    simulate: replayed.simulation,
    diff,
    requires: groups,
    ...(approvals === undefined ? {} : { approvals }),
    grants: grantFacts(diff, base, head),
    servers: serverFacts(diff, base, head),
  };
}

function namesOf(
  { names = {} }: GateOptions,
  { base, head }: GateWorld,
): { readonly base: string; readonly head: string } {
  return { base: names.base ?? base.label, head: names.head ?? head.label };
}
