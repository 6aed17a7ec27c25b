/** The gate's report in the formats of other tools: one list of issues, written their way. */
import type { GateReport } from "../gate/report.ts";
import { type Annotation, annotations, workflowCommands } from "./github.ts";
import { changeIssues, gateIssues, lintIssues } from "./issues.ts";
import { junitOfGate } from "./junit.ts";
import { type SarifOptions, sarif } from "./sarif.ts";

export function gateSarif(report: GateReport, options: SarifOptions = {}): object {
  return sarif(gateIssues(report), { dir: report.at, ...options });
}

export function gateAnnotations(
  report: GateReport,
  options: SarifOptions = {},
): readonly Annotation[] {
  return annotations(gateIssues(report), { dir: report.at, ...options });
}

export function gateGithub(report: GateReport, options: SarifOptions = {}): string {
  return workflowCommands(gateAnnotations(report, options));
}

export function gateJunit(report: GateReport): string {
  const { diff, lint, test, approved } = report;
  return junitOfGate({
    changes: changeIssues(diff?.changes ?? [], approved),
    findings: lintIssues(lint.findings),
    rest: gateIssues(report).filter(({ rule }) => rule.startsWith("gate/")),
    test,
  });
}
