/** Reports as the JSON that others rely on: schemas/report.schema.json describes it. */
import type { Access } from "../access/access.ts";
import type { Origin } from "../bundle/origin.ts";
import type { Diff } from "../compare/report.ts";
import type { CoverageReport } from "../coverage/report.ts";
import type { Explanation } from "../decide/explain.ts";
import type { PhiwardError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { GateReport } from "../gate/report.ts";
import type { MutationReport } from "../mutate/report.ts";
import type { Simulation } from "../simulate/report.ts";
import type { TestReport } from "../testing/run.ts";
import { coverageJson } from "./coverage.ts";
import { mutationJson } from "./mutation.ts";

function findingJson({ rule, severity, message, help, place }: Finding): object {
  return { rule, severity, message, ...place, help };
}

export function lintJson(findings: readonly Finding[], suppressed: number, files: number): object {
  return { schema: "phiward.lint/1", files, suppressed, findings: findings.map(findingJson) };
}

export function testJson(report: TestReport, measured: Measured = {}): object {
  const { passed, failed, skipped, errors, cases } = report;
  const { coverage, mutation } = measured;
  return {
    schema: "phiward.test/1",
    passed,
    failed,
    skipped,
    errors,
    cases: cases.map(({ place, ...rest }) => ({ ...rest, ...place })),
    ...(coverage === undefined ? {} : { coverage: coverageJson(coverage) }),
    ...(mutation === undefined ? {} : { mutation: mutationJson(mutation) }),
  };
}

/** What was measured of the tests themselves, where it was asked for. */
export interface Measured {
  readonly coverage?: CoverageReport;
  readonly mutation?: MutationReport;
}

export function explainJson(
  { decision, trace, assumptions }: Explanation,
  hint: string | undefined,
  origin?: Origin,
): object {
  return {
    schema: "phiward.explain/1",
    ...decision,
    ...(hint === undefined ? {} : { hint }),
    ...(origin === undefined ? {} : { origin }),
    assumptions,
    trace,
  };
}

export function simulateJson(report: Simulation, base: string | undefined): object {
  return { schema: "phiward.simulate/1", base: base ?? null, ...report };
}

export function diffJson(diff: Diff, ms: number): object {
  return { schema: "phiward.diff/1", ...diff, timings: { ms: Math.round(ms * 10) / 10 } };
}

export function gateJson(report: GateReport): object {
  const { lint, test, measured, simulate, diff, base, head, at, approvals, ...rest } = report;
  return {
    schema: "phiward.gate/1",
    base,
    head,
    ...rest,
    lint: lintJson(lint.findings, lint.suppressed, lint.files),
    test: test === undefined ? null : testJson(test, measured),
    simulate: simulate === undefined ? null : simulateJson(simulate, base.rev),
    diff: diff ?? null,
    approvals: approvals ?? null,
  };
}

export function accessJson(report: Access): object {
  return { schema: "phiward.access/1", ...report };
}

export function errorJson(error: PhiwardError): object {
  const { code, message, help, place, findings } = error;
  return {
    error: {
      code,
      message,
      file: place?.file ?? null,
      line: place?.line ?? null,
      column: place?.column ?? null,
      help,
      ...(findings.length > 1 ? { findings: findings.map(findingJson) } : {}),
    },
  };
}
