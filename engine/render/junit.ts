/** JUnit's XML, as build servers list tests: every expectation a case, and so every finding and change. */
import type { CaseResult, TestReport } from "../testing/run.ts";
import type { Issue } from "./issues.ts";
import { visible } from "./paint.ts";

interface Case {
  readonly suite: string;
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly outcome:
    | { readonly kind: "passed" }
    | { readonly kind: "failure" | "error" | "skipped"; readonly message: string };
}

export function testJunit(report: TestReport): string {
  return junit(testCases(report));
}

export function lintJunit(findings: readonly Issue[]): string {
  return junit(issueCases("phiward lint", findings));
}

/** Suites of the gate: what became wider, what the files say, and every expectation. */
export function junitOfGate(gate: {
  readonly changes: readonly Issue[];
  readonly findings: readonly Issue[];
  readonly rest: readonly Issue[];
  readonly test: TestReport | undefined;
}): string {
  return junit([
    ...issueCases("phiward diff", gate.changes),
    ...issueCases("phiward lint", gate.findings),
    ...issueCases("phiward gate", gate.rest),
    ...(gate.test === undefined ? [] : testCases(gate.test)),
  ]);
}

function testCases({ cases }: TestReport): Case[] {
  return cases.map(({ suite, name, place, status, reason }) => ({
    suite,
    name,
    file: place.file,
    line: place.line,
    outcome: outcomeOf(status, reason),
  }));
}

function outcomeOf(status: CaseResult["status"], message: string): Case["outcome"] {
  switch (status) {
    case "passed":
      return { kind: "passed" };
    case "failed":
      return { kind: "failure", message };
    case "skipped":
    case "error":
      return { kind: status, message };
  }
}

/** A suite without a case would look as if nothing had been asked. */
function issueCases(suite: string, issues: readonly Issue[]): Case[] {
  if (issues.length === 0) return [{ suite, name: "nothing found", outcome: { kind: "passed" } }];
  return issues.map(({ rule, severity, message, help, file, line }) => ({
    suite,
    name: `${rule}: ${message}`,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    outcome:
      severity === "error"
        ? { kind: "failure", message: help === undefined ? message : `${message} (help: ${help})` }
        : { kind: "passed" },
  }));
}

function junit(cases: readonly Case[]): string {
  const suites = [...Map.groupBy(cases, ({ suite }) => suite)];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="phiward" ${counts(cases)}>`,
    ...suites.flatMap(([name, of]) => [
      `  <testsuite name="${xml(name)}" ${counts(of)}>`,
      ...of.map(caseXml),
      "  </testsuite>",
    ]),
    "</testsuites>",
  ].join("\n");
}

function counts(cases: readonly Case[]): string {
  const count = (kind: Case["outcome"]["kind"]): number =>
    cases.filter(({ outcome }) => outcome.kind === kind).length;
  return `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
}

function caseXml({ suite, name, file, line, outcome }: Case): string {
  const place =
    file === undefined ? "" : ` file="${xml(file)}"${line === undefined ? "" : ` line="${line}"`}`;
  const open = `    <testcase classname="${xml(suite)}" name="${xml(name)}"${place}`;
  if (outcome.kind === "passed") return `${open}/>`;
  return `${open}><${outcome.kind} message="${xml(outcome.message)}"/></testcase>`;
}

/** XML 1.0 §2.2 knows no control characters, no halves of surrogate pairs, and not U+FFFE and U+FFFF. */
function xml(text: string): string {
  return visible(text)
    .replace(/[\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);
}
