/** `phiward lint --fix`, `--dry-run` and `--explain`, as a person runs them. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { REGISTRY } from "../../engine/lint/examples.ts";

const root = resolve(import.meta.dirname, "../..");
const bin = process.env.PHIWARD_BIN ?? join(root, "dist/cli/bin.js");
const ajv = new Ajv2020({ strict: false, allErrors: true });
const report = ajv.compile(
  JSON.parse(readFileSync(join(root, "schemas/report.schema.json"), "utf8")) as object,
);

const POLICY = `# The lookup agent.
version: "1"
default: deny
tools:
  search_patients:
    args: [query, limit]
    require:
      - { path: args.query, op: regex, value: '^(active|planned)$' }   # the lists of the wards
      - { path: args.limit, op: gt, value: 25, not: true }
    limits:
      - { counter: searches, window: hour, max: 20 }
`;
const FIXED = POLICY.replace(
  "op: regex, value: '^(active|planned)$'",
  "op: in, value: ['active', 'planned']",
).replace("op: gt, value: 25, not: true", "op: lte, value: 25");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "phiward-fix-"));
  for (const [path, text] of Object.entries({ ...REGISTRY, "policies/lookup.yaml": POLICY })) {
    write(path, text);
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const policy = (): string => readFileSync(join(folder, "policies/lookup.yaml"), "utf8");

function lint(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bin, "lint", folder, "--now", "2026-10-01", ...args], {
    encoding: "utf8",
    timeout: 20_000,
  });
}

test("a dry run shows a diff that Git can apply, and writes nothing", () => {
  const { stdout, status } = lint("--fix", "--dry-run", "--format", "json");
  expect(status).toBe(0);
  expect(policy()).toBe(POLICY);
  const json = JSON.parse(stdout);
  expect(report(json), ajv.errorsText(report.errors)).toBe(true);
  expect(json.fix).toMatchObject({ written: false, left: [] });
  expect(
    json.fix.fixed.map(({ rule, line }: { rule: string; line: number }) => [rule, line]),
  ).toEqual([
    ["plain-pattern", 8],
    ["negated-operator", 9],
  ]);
  const [{ diff }] = json.fix.files;
  const applied = spawnSync("git", ["apply", "-"], {
    cwd: folder,
    input: `${diff}\n`,
    encoding: "utf8",
  });
  expect([applied.status, applied.stderr]).toEqual([0, ""]);
  expect(policy()).toBe(FIXED);
});

test("a fix keeps comments, quotes and the file's permissions, and a second run has nothing to do", () => {
  chmodSync(join(folder, "policies/lookup.yaml"), 0o640);
  const first = lint("--fix");
  expect(first.stdout).toContain("2 changes made in 1 file; no decision changes, by proof");
  expect(policy()).toBe(FIXED);
  expect(statSync(join(folder, "policies/lookup.yaml")).mode & 0o777).toBe(0o640);
  expect(lint("--fix").stdout).toContain("nothing to fix");
  expect(policy()).toBe(FIXED);
});

test("a fix that would make a test fail is left, and said", () => {
  const entry = '      - { path: args.query, op: matches, value: "[a-c]{3,9}" }\n';
  write(
    "policies/lookup.yaml",
    `version: "1"\ndefault: deny\ntools:\n  search_patients:\n    args: [query, limit]\n    require:\n      - { path: args.query, op: length_gte, value: 3 }\n${entry}    limits:\n      - { counter: searches, window: hour, max: 20 }\n`,
  );
  const before = policy();
  write(
    "tests/a.test.yaml",
    `version: "1"\nsuite: names the rule\ndefaults: { policy: lookup }\ncases:\n  - name: short\n    call: { tool: search_patients, args: { query: a } }\n    expect: { verdict: deny, rule: /tools/search_patients/require/0 }\n  - name: other letters\n    call: { tool: search_patients, args: { query: xyz } }\n    expect: { verdict: deny, rule: /tools/search_patients/require/1 }\n`,
  );
  const { stdout } = lint("--fix");
  expect(stdout).toContain("a test that passes would fail");
  expect(policy()).toBe(before);
});

test("a repository with errors of its own still gets what can be proved", () => {
  write("grants/broken.yaml", "version: 1\n");
  const { status } = lint("--fix");
  expect(status).toBe(1);
  // A grant that cannot be read may use the policy, so nothing is proved about it.
  expect(policy()).toBe(POLICY);
});

test("a rule explains itself, with its examples", () => {
  const { stdout, status } = lint("--explain", "negated-operator");
  expect(status).toBe(0);
  expect(stdout.trimEnd()).toBe(
    readFileSync(join(root, "docs/rules/negated-operator.md"), "utf8")
      .replace(/<!-- .* -->\n\n/, "")
      .trimEnd(),
  );
  const json = JSON.parse(lint("--explain", "negated-operator", "--json").stdout);
  expect(report(json), ajv.errorsText(report.errors)).toBe(true);
  expect(json).toMatchObject({ id: "negated-operator", fixable: true });
});

test("of a rule that there is not, the nearest is named", () => {
  const { stderr, status } = lint("--explain", "negated-operater");
  expect(status).toBe(2);
  expect(stderr).toContain("did you mean `negated-operator`?");
});

test("a dry run of nothing is refused", () => {
  expect(lint("--dry-run").status).toBe(2);
});

test("`explain RULE` is the same page, and without a rule or a call it says what it needs", () => {
  const explain = (...args: string[]) =>
    spawnSync(process.execPath, [bin, "explain", ...args], { encoding: "utf8", timeout: 20_000 });
  expect(explain("negated-operator").stdout).toBe(lint("--explain", "negated-operator").stdout);
  const nothing = explain();
  expect(nothing.status).toBe(2);
  expect(nothing.stderr).toContain("neither a call nor a rule to explain");
});
