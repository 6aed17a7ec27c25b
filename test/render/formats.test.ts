/** Findings and test results in the formats of other tools. */
import { expect, test } from "vitest";
import type { Finding } from "../../engine/finding.ts";
import { annotations, workflowCommands } from "../../engine/render/github.ts";
import { fromRoot, lintIssues, testIssues } from "../../engine/render/issues.ts";
import { lintJunit, testJunit } from "../../engine/render/junit.ts";
import { sarif } from "../../engine/render/sarif.ts";
import type { TestReport } from "../../engine/testing/run.ts";
import { elements } from "./markup.ts";

const FINDINGS: readonly Finding[] = [
  {
    rule: "deny-if-optional",
    severity: "warning",
    message: "`args.a` may be absent",
    help: "say what then",
    place: { file: "policies/a.yaml", line: 4, column: 7 },
  },
  {
    rule: "unknown-tool",
    severity: "error",
    message: "no such tool",
    help: "name one",
    place: { file: "policies/b.yaml", line: 2, column: 3 },
  },
];

const place = { file: "tests/a.test.yaml", line: 3, column: 5 };
const REPORT: TestReport = {
  passed: 1,
  failed: 1,
  skipped: 1,
  errors: 1,
  cases: [
    { suite: "s", name: "holds", status: "passed", reason: "", place },
    { suite: "s", name: "does not", status: "failed", reason: "expected deny, got allow", place },
    { suite: "t", name: "waits", status: "skipped", reason: "later", place },
    { suite: "t", name: "breaks", status: "error", reason: "no such day", place },
  ],
};

test("findings in SARIF keep their severity, place and help", () => {
  const { runs } = JSON.parse(JSON.stringify(sarif(lintIssues(FINDINGS), { dir: "repo" })));
  expect(runs[0].results).toMatchObject([
    {
      ruleId: "lint/deny-if-optional",
      level: "warning",
      message: { text: "`args.a` may be absent (help: say what then)" },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "repo/policies/a.yaml" },
            region: { startLine: 4, startColumn: 7 },
          },
        },
      ],
    },
    { ruleId: "lint/unknown-tool", level: "error" },
  ]);
});

test("findings as workflow commands", () => {
  expect(workflowCommands(annotations(lintIssues(FINDINGS))).split("\n")).toEqual([
    "::error file=policies/b.yaml,line=2,col=3,title=phiward%3A lint/unknown-tool::no such tool (help: name one)",
    "::warning file=policies/a.yaml,line=4,col=7,title=phiward%3A lint/deny-if-optional::`args.a` may be absent (help: say what then)",
  ]);
});

test("findings in JUnit: only an error is a failure", () => {
  const xml = lintJunit(lintIssues(FINDINGS));
  expect(xml).toContain(
    '<testsuite name="phiward lint" tests="2" failures="1" errors="0" skipped="0">',
  );
  expect(lintJunit([])).toContain('name="nothing found"');
});

test("expectations in JUnit, by suite, each with its outcome", () => {
  const xml = testJunit(REPORT);
  expect(elements(xml).map(({ name }) => name)).toEqual([
    "testsuites",
    "testsuite",
    "testcase",
    "testcase",
    "failure",
    "testsuite",
    "testcase",
    "skipped",
    "testcase",
    "error",
  ]);
  expect(xml).toContain(
    '<testsuites name="phiward" tests="4" failures="1" errors="1" skipped="1">',
  );
  expect(xml).toContain('<failure message="expected deny, got allow"/>');
});

test("only what does not hold is an issue", () => {
  expect(testIssues(REPORT).map(({ rule, message }) => `${rule} ${message}`)).toEqual([
    "test/failed s: does not: expected deny, got allow",
    "test/error t: breaks: no such day",
  ]);
});

test.each([
  ["policies/a.yaml", "", "policies/a.yaml"],
  ["policies/a.yaml", ".", "policies/a.yaml"],
  ["policies/a.yaml", "./", "policies/a.yaml"],
  ["policies/a.yaml", "repo", "repo/policies/a.yaml"],
  ["policies/a.yaml", "./deep/repo/", "deep/repo/policies/a.yaml"],
  // A guard at the root of the Git repository is not in the policy folder.
  ["/.github/workflows/gate.yml", "repo", ".github/workflows/gate.yml"],
])("%s in %j is %s from the root", (file, dir, expected) => {
  expect(fromRoot(file, dir)).toBe(expected);
});
