/** Findings in the formats of other tools: SARIF as its schema asks, JUnit, and GitHub's annotations. */
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Finding } from "../../engine/finding.ts";
import { ruleFacts } from "../../engine/lint/explain.ts";
import { RULES } from "../../engine/lint/rules/index.ts";
import { annotations, workflowCommands } from "../../engine/render/github.ts";
import { lintIssues } from "../../engine/render/issues.ts";
import { lintJunit } from "../../engine/render/junit.ts";
import { sarif } from "../../engine/render/sarif.ts";
import { findingsOf } from "../support/lint.ts";

const ajv = new Ajv({
  strict: false,
  allErrors: true,
  validateFormats: false,
  unicodeRegExp: false,
});
// It names draft-04, of which it uses nothing that later drafts read otherwise but `id`.
const {
  $schema: _,
  id: __,
  ...schema
} = JSON.parse(
  readFileSync(new URL("../fixtures/sarif/sarif-2.1.0-rtm.5.json", import.meta.url), "utf8"),
) as Record<string, unknown>;
const valid = ajv.compile(schema);

function problemsOf(log: object): string {
  return valid(JSON.parse(JSON.stringify(log))) ? "" : ajv.errorsText(valid.errors);
}

const finding: fc.Arbitrary<Finding> = fc.record({
  rule: fc.constantFrom(...RULES.map(({ id }) => id), "invalid-syntax"),
  severity: fc.constantFrom("error", "warning", "info"),
  message: fc.string({ unit: "binary", minLength: 1 }),
  help: fc.string({ unit: "binary", minLength: 1 }),
  place: fc.record({
    file: fc.string({ unit: "grapheme", minLength: 1 }),
    line: fc.integer({ min: 1, max: 9_999 }),
    column: fc.integer({ min: 1, max: 9_999 }),
  }),
});

test("SARIF is what the published schema of 2.1.0 asks for, whatever the findings say", () => {
  fc.assert(
    fc.property(fc.array(finding, { maxLength: 8 }), (findings) => {
      expect(problemsOf(sarif(lintIssues(findings), { rules: ruleFacts() }))).toBe("");
    }),
    { numRuns: 150 },
  );
});

test("the schema is one that finds mistakes", () => {
  expect(problemsOf({ version: "2.1.0", runs: [{ results: [] }] })).toContain("tool");
  expect(problemsOf({ version: "2.1", runs: [] })).toContain("version");
});

test("SARIF says of each rule what its page says, and points at one that it lists", async () => {
  const findings = (
    await Promise.all(
      RULES.map(({ id, examples }) =>
        findingsOf({ ...examples.given, ...examples.bad }, { rule: id }),
      ),
    )
  ).flat();
  const { runs } = JSON.parse(JSON.stringify(sarif(lintIssues(findings), { rules: ruleFacts() })));
  const { rules } = runs[0].tool.driver;
  expect(rules.map(({ id }: { id: string }) => id)).toEqual(
    RULES.map(({ id }) => `lint/${id}`).sort(),
  );
  for (const result of runs[0].results) expect(rules[result.ruleIndex].id).toBe(result.ruleId);
  const [first] = rules;
  expect(first).toMatchObject({
    id: "lint/always-true",
    shortDescription: { text: RULES[0]!.summary },
    defaultConfiguration: { level: "warning" },
  });
});

test("JUnit and GitHub's annotations have one entry for each finding", async () => {
  const rule = RULES.find(({ id }) => id === "argument-type")!;
  const findings = await findingsOf(
    { ...rule.examples.given, ...rule.examples.bad },
    { rule: rule.id },
  );
  const issues = lintIssues(findings);
  expect(findings.length).toBeGreaterThan(0);
  expect(lintJunit(issues).match(/<failure/g)).toHaveLength(findings.length);
  expect(workflowCommands(annotations(issues)).split("\n")).toHaveLength(findings.length);
});
