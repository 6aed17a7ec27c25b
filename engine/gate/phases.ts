/** What the gate asks of each side, one question a function. */
import { fixtureFiles, streamFixtures } from "../calls/fixtures.ts";
import { prepare } from "../decide/prepare.ts";
import { PhiwardError } from "../errors.ts";
import { type Finding, sortFindings } from "../finding.ts";
import { NO_GUARDS } from "../host/guards.ts";
import type { Tree } from "../host/tree.ts";
import { type LintReport, lint } from "../lint/lint.ts";
import type { FixtureReport } from "../lint/patient-data.ts";
import { emptyRepository, type LoadedRepository, loadWithGuards, sound } from "../policy/load.ts";
import type { Simulation } from "../simulate/report.ts";
import { startSimulation } from "../simulate/simulate.ts";
import { runTests, type TestReport } from "../testing/run.ts";
import type { Reason } from "./report.ts";

/** A side without any policy file is an empty one: the first policy is a change too, and so is the last. */
export async function loadSide(tree: Tree): Promise<LoadedRepository> {
  try {
    return await loadWithGuards(tree);
  } catch (error) {
    if (!(error instanceof PhiwardError) || error.code !== "NOT_A_REPOSITORY") throw error;
    return { ...emptyRepository(tree.label), guards: (await tree.guards?.()) ?? NO_GUARDS };
  }
}

/** Why a side cannot be compared: files that a decision reads have errors. */
export function readable(loaded: LoadedRepository, side: "base" | "head"): Reason[] {
  const problem = problemOf(() => sound(loaded));
  if (problem === undefined) return [];
  return [
    {
      code: side === "base" ? "INVALID_BASE" : "INVALID_HEAD",
      message: `the ${side} has errors, so what the change does could not be judged: ${problem.message}`,
      help:
        side === "base"
          ? "mend the branch that the change goes to; until then no change to it can be judged"
          : "mend what lint lists",
      exit: 2,
    },
  ];
}

export interface Replayed {
  readonly simulation: Simulation | undefined;
  /** What is wrong with the fixture files. */
  readonly findings: readonly Finding[];
}

/** Head's recorded calls on both sides, read once: for what they show, and for what is wrong with them. */
export async function replayRecorded(
  tree: Tree,
  base: LoadedRepository,
  head: LoadedRepository,
  answerable: boolean,
  onProgress: (calls: number) => void = () => {},
): Promise<Replayed> {
  const running = answerable
    ? startSimulation(prepare(head.repository), prepare(base.repository))
    : undefined;
  const findings: Finding[] = [];
  let calls = 0;
  for await (const block of streamFixtures(tree, await fixtureFiles(tree))) {
    findings.push(...block.findings);
    running?.judge(block.calls);
    calls += block.calls.length;
    onProgress(calls);
  }
  return { simulation: running?.report(), findings };
}

export function judgeFiles(
  head: LoadedRepository,
  fixtures: FixtureReport,
  now: number,
): { readonly report: LintReport; readonly reasons: readonly Reason[] } {
  const linted = lint(head, now);
  const report = {
    ...linted,
    findings: sortFindings([...linted.findings, ...fixtures.findings]),
    suppressed: linted.suppressed + fixtures.suppressed,
  };
  const errors = report.findings.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (first === undefined) return { report, reasons: [] };
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return {
    report,
    reasons: [
      {
        code: "LINT",
        message: `the files have errors: ${first.message}${more}`,
        help: "mend what lint lists",
        exit: 1,
      },
    ],
  };
}

export function judgeTests(
  head: LoadedRepository,
  answerable: boolean,
  now: number,
): { readonly report: TestReport | undefined; readonly reasons: readonly Reason[] } {
  if (!answerable) return { report: undefined, reasons: [] };
  const problem = problemOf(() => sound(head, { tests: true }));
  if (problem !== undefined) {
    const message = `the tests have errors, so that they could not be run: ${problem.message}`;
    const reason: Reason = { code: "INVALID_TESTS", message, help: problem.help, exit: 2 };
    return { report: undefined, reasons: [reason] };
  }
  const report = runTests(prepare(head.repository), head.tests, { now });
  return { report, reasons: testReasons(report) };
}

function testReasons({ cases, failed, errors }: TestReport): Reason[] {
  const bad = cases.find(({ status }) => status === "failed" || status === "error");
  if (bad === undefined) return [];
  const count = failed + errors;
  return [
    {
      code: "TEST",
      message: `${count === 1 ? "a test does" : `${count} tests do`} not hold: \`${bad.suite}: ${bad.name}\``,
      help: "mend the policy, or change the expectation where the new behaviour is meant",
      exit: errors > 0 ? 2 : 1,
    },
  ];
}

function problemOf(ask: () => unknown): PhiwardError | undefined {
  try {
    ask();
    return undefined;
  } catch (error) {
    if (error instanceof PhiwardError) return error;
    throw error;
  }
}
