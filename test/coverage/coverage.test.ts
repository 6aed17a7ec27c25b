/** What counts as covered, what is not asked for because no call can show it, and how it is written. */
import { expect, test } from "vitest";
import { cover } from "../../engine/coverage/coverage.ts";
import type { CoverageReport } from "../../engine/coverage/report.ts";
import { coverageJson, coverageText } from "../../engine/render/coverage.ts";
import { coverageHtml } from "../../engine/render/coverage-html.ts";
import { lcov } from "../../engine/render/coverage-lcov.ts";
import { plain } from "../../engine/render/paint.ts";
import { touchedSince } from "../../engine/testing/changed.ts";
import { type Files, folder, NOW, policy, suite } from "../support/small-repository.ts";

const RULES = `hide: [write]
tools:
  read:
    args: [patient, n]
    require:
      - { path: args.patient, op: matches, value: "p-[0-9]+" }
    deny_if:
      - conditions:
          - { path: args.n, op: exists, value: true }
          - { path: args.n, op: gt, value: 10 }
    limits: [{ counter: calls, window: hour, max: 2 }]
methods:
  prompts/get: {}
`;
const CASE = (args: string, more = ""): string =>
  `  - { name: c, call: { args: ${args} }, expect: { verdict: ${more === "" ? "allow" : "deny"} } }\n`;

const covered = async (cases: string, ...parts: readonly Files[]): Promise<CoverageReport> =>
  cover(await folder(policy(RULES), suite(cases), ...parts), { now: NOW }).coverage;
const open = ({ coveredRules }: CoverageReport): string[] =>
  coveredRules.flatMap(({ decided, rule }) => (decided === 0 ? [rule] : []));

test("a rule is covered by a call that it decides, a tool by one that is allowed", async () => {
  expect(open(await covered(CASE("{ patient: p-1 }")))).toEqual([
    "(default deny)",
    "(hidden)",
    "(method)",
    "/tools/read/args",
    "/tools/read/require/0",
    "/tools/read/deny_if/0",
    "/tools/read/limits/0",
    "/methods/prompts~1get",
  ]);
  expect(open(await covered(CASE("{ patient: x }", "deny")))).not.toContain(
    "/tools/read/require/0",
  );
});

test("with every rule seen to decide it is 100", async () => {
  const report = await covered(`  - { name: all, call: { args: { patient: p-1 } }, expect: allow }
  - { name: args, call: { args: { patient: p-1, other: 1 } }, expect: deny }
  - { name: require, call: { args: { patient: x } }, expect: deny }
  - { name: absent, call: { args: {} }, expect: deny }
  - { name: small, call: { args: { patient: p-1, n: 1 } }, expect: allow }
  - { name: large, call: { args: { patient: p-1, n: 11 } }, expect: deny }
  - { name: default, call: { tool: count }, expect: deny }
  - { name: hidden, call: { tool: write }, expect: deny }
  - { name: method, call: { method: resources/read }, expect: deny }
  - { name: listed, call: { method: prompts/get }, expect: allow }
  - { name: limit, sequence: { repeat: 3, call: { args: { patient: p-1 } } }, expect: { allowed: 2 } }
`);
  expect([report.rules, report.conditions]).toEqual([100, 100]);
});

test("a value that a condition can have and that no case shows is missing", async () => {
  const { coveredConditions } = await covered(CASE("{ patient: p-1, n: 1 }"));
  expect(coveredConditions.map(({ condition, missing }) => [condition, missing])).toEqual([
    ['args.patient matches "p-[0-9]+"', ["false", "undetermined"]],
    // `args` is always an object, so whether `n` is there can always be told.
    ["args.n exists true", ["false"]],
    ["args.n gt 10", ["true", "undetermined"]],
  ]);
});

test("what the rules before an entry rule out is not asked for", async () => {
  const rules = `tools:
  read:
    require:
      - { path: args.n, op: gt, value: 5 }
      - { path: args.n, op: gt, value: 3 }
`;
  const report = await covered(CASE("{ n: 6 }"), policy(rules));
  expect(report.coveredConditions[1]).toMatchObject({
    missing: [],
    impossible: ["false", "undetermined"],
  });
});

test("since a revision, only what it changed is asked about", async () => {
  const base = await folder(policy(RULES), suite(CASE("{ patient: p-1 }")));
  const text = RULES.replace("value: 10", "value: 11");
  const head = await folder(policy(text), suite(CASE("{ patient: p-1 }")));
  const { coverage } = cover(head, { now: NOW, touches: touchedSince(base, head) });
  expect(coverage.coveredRules.map(({ rule }) => rule)).toEqual([
    "/tools/read",
    "/tools/read/deny_if/0",
  ]);
  expect(coverage.coveredConditions.map(({ place }) => place.line)).toEqual([11, 12]);
  const same = cover(base, { now: NOW, touches: touchedSince(base, base) }).coverage;
  expect([same.rules, same.conditions, same.coveredRules]).toEqual([100, 100, []]);
});

test("LCOV has the lines of the policy's file, and a branch for each value that can be", async () => {
  const text = lcov(await covered(CASE("{ patient: p-1, n: 1 }")));
  expect(text.split("\n").slice(0, 2)).toEqual(["TN:", "SF:policies/lookup.yaml"]);
  // The condition on line 8 is an entry too, and the entry never decided.
  expect(text).toContain("DA:8,0");
  expect(text).toContain("DA:11,1");
  expect(text).toMatch(/BRDA:11,\d+,0,1\nBRDA:11,\d+,1,0\nBRDA:12/);
  expect(text).toContain("BRF:8\nBRH:3\n");
  expect(text.endsWith("end_of_record\n")).toBe(true);
});

test("a line that nothing judged says so", async () => {
  const text = lcov(await covered(CASE("{ patient: p-1, other: 1 }", "deny")));
  expect(text).toMatch(/BRDA:8,\d+,0,-/);
});

test("the text and the JSON name what is missing, with its place", async () => {
  const report = await covered(CASE("{ patient: p-1, n: 1 }"));
  expect(coverageText(report, plain)).toContain(
    "policies/lookup.yaml:12:13  never seen true or undetermined: `args.n gt 10`",
  );
  expect(coverageJson(report)).toMatchObject({
    rules: report.rules,
    uncovered: {
      conditions: expect.arrayContaining([
        expect.objectContaining({ line: 12, missing: ["true", "undetermined"] }),
      ]),
    },
  });
});

test("the page has every line of the source, escaped, with a mark and a word", async () => {
  const report = await covered(CASE("{ patient: p-1, n: 1 }"));
  const source = `# <script>alert(1)</script>\n${policy(RULES)["policies/lookup.yaml"]!.split("\n").slice(1).join("\n")}`;
  const html = coverageHtml(report, new Map([["policies/lookup.yaml", source]]));
  expect(html).not.toContain("<script>");
  expect(html.match(/<td class="number">/g)).toHaveLength(source.trimEnd().split("\n").length);
  expect(html).toContain("never true or undetermined");
  expect(html).toContain("partly seen");
  // It opens without a network.
  expect(html).not.toMatch(/(src|href)=/);
});
