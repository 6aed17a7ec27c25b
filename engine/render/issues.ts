/** What is wrong, whatever found it, as the formats of other tools list it: one line of a file each. */
import { createHash } from "node:crypto";
import type { Change } from "../compare/report.ts";
import type { Finding, Severity } from "../finding.ts";
import type { GateReport, Reason } from "../gate/report.ts";
import type { TestReport } from "../testing/run.ts";

export interface Issue {
  /** `lint/deny-if-optional`, `test/failed`, `change/access`, `gate/not-approved`. */
  readonly rule: string;
  readonly severity: Severity;
  /** What is wrong: a sentence without a full stop, of texts that may come from anywhere. */
  readonly message: string;
  readonly help?: string;
  /** Relative to the policy repository's folder; with a leading `/`, to the Git repository's root. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The same for the same problem, however the lines above it move. */
  readonly fingerprint: string;
}

export function lintIssues(findings: readonly Finding[]): Issue[] {
  return findings.map(({ rule, severity, message, help, place }) => ({
    rule: `lint/${rule}`,
    severity,
    message,
    help,
    ...place,
    fingerprint: fingerprint("lint", rule, place.file, message),
  }));
}

export function testIssues({ cases }: TestReport): Issue[] {
  return cases
    .filter(({ status }) => status === "failed" || status === "error")
    .map(({ suite, name, status, reason, place }) => ({
      rule: `test/${status}`,
      severity: "error" as const,
      message: `${suite}: ${name}: ${reason}`,
      ...place,
      fingerprint: fingerprint("test", suite, name),
    }));
}

/** What became wider, or could not be proved: an error where it holds up the merge. */
export function changeIssues(changes: readonly Change[], approved: boolean): Issue[] {
  return changes
    .filter(({ verdict }) => verdict === "broader" || verdict === "unknown")
    .map((change) => ({
      rule: `change/${change.kind}`,
      severity: change.blocks && !approved ? ("error" as const) : ("warning" as const),
      message: `${change.verdict === "unknown" ? "not proved" : "broader"}: ${change.summary}`,
      file: change.file,
      line: change.line,
      fingerprint: fingerprint(
        "change",
        change.kind,
        change.grant ?? "",
        change.server ?? "",
        change.method ?? "",
        change.tool ?? "",
        change.summary,
      ),
    }));
}

/** Everything of a gate's report that somebody should look at, the gravest first. */
export function gateIssues(report: GateReport): Issue[] {
  const issues = [
    ...changeIssues(report.diff?.changes ?? [], report.approved),
    ...(report.test === undefined ? [] : testIssues(report.test)),
    ...lintIssues(report.lint.findings),
    ...report.reasons.filter(({ code }) => !LISTED.has(code)).map(reasonIssue),
    ...report.warnings.map(({ code, message, help }) => ({
      rule: `gate/${kebab(code)}`,
      severity: "warning" as const,
      message,
      help,
      fingerprint: fingerprint("gate", code, message),
    })),
  ];
  return issues.sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Reasons that only repeat what is listed one by one. */
const LISTED: ReadonlySet<string> = new Set(["LINT", "TEST", "BROADER", "UNPROVED"]);

function reasonIssue({ code, message, help }: Reason): Issue {
  return {
    rule: `gate/${kebab(code)}`,
    severity: "error",
    message,
    help,
    fingerprint: fingerprint("gate", code),
  };
}

function kebab(code: string): string {
  return code.toLowerCase().replaceAll("_", "-");
}

function fingerprint(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

/** A file as GitHub and SARIF name it: from the root of the Git repository, with `/`. */
export function fromRoot(file: string, dir = ""): string {
  if (file.startsWith("/")) return file.slice(1);
  const folder = dir.replace(/^\.\/?/, "").replace(/\/+$/, "");
  return folder === "" ? file : `${folder}/${file}`;
}
