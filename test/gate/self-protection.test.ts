/**
 * What protects access can itself be changed. Each row is a change of a small hospital's repository, in
 * a work tree of Git, that would let more happen, now or later: each holds up the merge, with its sentence,
 * until base's approvers have seen it.
 */
import { beforeAll, expect, test } from "vitest";
import type { ChangeKind } from "../../engine/compare/report.ts";
import type { Approvals } from "../../engine/gate/approvals.ts";
import { gate } from "../../engine/gate/gate.ts";
import type { GateReport } from "../../engine/gate/report.ts";
import { diskTree } from "../../engine/host/disk.ts";
import { gitTree } from "../../engine/host/git.ts";
import type { Tree } from "../../engine/host/tree.ts";
import {
  BASE,
  type Edit,
  edited,
  hospital,
  lock,
  NOW,
  PINS,
  type Repository,
} from "./repository.ts";

interface Row {
  readonly kind: ChangeKind;
  readonly name: string;
  readonly edit: Edit;
  /** A part of what the report says of it. */
  readonly says: string;
  /** Besides approval: what the change breaks as well. */
  readonly also?: readonly string[];
}

const row = (
  kind: ChangeKind,
  name: string,
  edit: Edit,
  says: string,
  also: readonly string[] = [],
): Row => ({ kind, name, edit, says, also });

const project = (from: string, to: string): Edit => edited("phiward.yaml", [from, to]);
const server = (from: string, to: string): Edit => edited("servers/ehr.yaml", [from, to]);
const policy = (from: string, to: string): Edit => edited("policies/lookup.yaml", [from, to]);
const bot = (from: string, to: string): Edit => edited("grants/bot.yaml", [from, to]);
const er = (from: string, to: string): Edit => edited("grants/er.yaml", [from, to]);
const tests = (from: string, to: string): Edit => edited("tests/lookup.test.yaml", [from, to]);

const ROWS: readonly Row[] = [
  // ---- who watches
  row(
    "gate",
    "the approvers are emptied",
    project(
      "    - { team: privacy-officers, count: 2 }\n    - { login: s-example, count: 1 }\n",
      "    []\n",
    ),
    "a broadening needs 0 instead of 2 of `team privacy-officers` to approve it",
  ),
  row(
    "gate",
    "one of two approvers fewer",
    project("count: 2", "count: 1"),
    "a broadening needs 1 instead of 2 of `team privacy-officers`",
  ),
  // The new group is asked too, and still the old one no longer is.
  row(
    "gate",
    "an approver is exchanged",
    project("s-example", "z-example"),
    "a broadening needs 0 instead of 1 of `login s-example`",
  ),
  row(
    "gate",
    "the whole gate is removed",
    project(
      "gate:\n  scope: ephi\n  approvers:\n    - { team: privacy-officers, count: 2 }\n    - { login: s-example, count: 1 }\n  coverage: { rules: 20 }\n",
      "",
    ),
    "a broadening needs 0 instead of 2 of `team privacy-officers`",
  ),
  row(
    "gate",
    "phiward.yaml is removed",
    { "phiward.yaml": null },
    "a broadening needs 0 instead of 2 of `team privacy-officers`",
  ),
  row(
    "gate",
    "a threshold is lowered",
    project("rules: 20", "rules: 19"),
    "the least coverage of rules changed",
  ),
  row(
    "gate",
    "a threshold is removed",
    project("  coverage: { rules: 20 }\n", ""),
    "the least coverage of rules changed",
  ),
  row(
    "gate",
    "the agreement is no longer demanded",
    project("requireBaa: true", "requireBaa: false"),
    "a business associate agreement is no longer demanded",
  ),
  row(
    "gate",
    "an invariant is removed",
    project(
      'invariants:\n  - name: a reader names a patient\n    tools: [read_record]\n    require: { path: args.patient_id, op: matches, value: "p-[0-9]{1,9}" }\n',
      "",
    ),
    "the invariant `a reader names a patient` is gone",
  ),
  row(
    "gate",
    "an invariant is loosened",
    project("{1,9}", "{1,12}"),
    "the invariant `a reader names a patient` changed",
  ),
  row(
    "gate",
    "patients are counted under another key",
    project('key: "v1"', 'key: "v2"'),
    "patients are counted under another key",
  ),
  row(
    "suppression",
    "a suppression is added",
    project(
      "suppress:\n",
      "suppress:\n  - { rule: missing-lock, reason: later, until: 2026-11-01 }\n",
    ),
    "findings of `missing-lock` are suppressed until 2026-11-01",
  ),
  row(
    "suppression",
    "a suppression is extended",
    project("until: 2026-12-01", "until: 2027-01-01"),
    "are suppressed until 2027-01-01",
  ),
  row(
    "suppression",
    "a suppression covers every file",
    project("file: policies/lookup.yaml, ", ""),
    "findings of `bulk-without-subject-limit` are suppressed",
  ),

  // ---- expected denials
  row(
    "test",
    "a denial is no longer tested",
    tests(
      '  - name: no search\n    call: { tool: search_patients, args: { name: "*" } }\n    expect: deny\n',
      "",
    ),
    "the expected denial `lookups: no search` is gone",
  ),
  row(
    "test",
    "a denial's test is skipped",
    tests(
      "  - name: no search\n",
      "  - name: no search\n    skip: { reason: flaky, until: 2026-12-01 }\n",
    ),
    "the expected denial `lookups: no search` is skipped until 2026-12-01",
  ),
  row(
    "test",
    "a denial is tested with another call",
    tests('{ name: "*" }', '{ name: "a", also: b }'),
    "the expected denial `lookups: no search` changed",
  ),
  row(
    "test",
    "the file of tests is removed",
    { "tests/lookup.test.yaml": null },
    "the expected denial `lookups: no list of records` is gone",
    ["COVERAGE"],
  ),

  // ---- what a tool is said to be
  row(
    "label",
    "an effect is labelled more harmless",
    server("remove_record: { effect: destructive", "remove_record: { effect: write"),
    "the effect of `remove_record` on `ehr` is labelled more harmless",
  ),
  row(
    "label",
    "patient data is labelled as none",
    server(
      "search_patients: { effect: read, ephi: true",
      "search_patients: { effect: read, ephi: false",
    ),
    "the ephi of `search_patients` on `ehr` is labelled more harmless",
  ),
  row(
    "label",
    "a volume is labelled smaller",
    server("ephi: true, volume: bulk", "ephi: true, volume: single"),
    "the volume of `search_patients` on `ehr` is labelled more harmless",
  ),
  row(
    "label",
    "a patient argument is named",
    server(
      "search_patients: { effect: read, ephi: true, volume: bulk }",
      "search_patients: { effect: read, ephi: true, volume: bulk, subject: args.name }",
    ),
    "the patient argument of `search_patients`",
  ),
  row(
    "label",
    "patients in results are no longer named",
    server(", resultSubjects: [subject.reference]", ""),
    "the list of patients in results of `read_record`",
  ),
  // Absent is the worst, so the first label of all is a weaker one.
  row(
    "label",
    "a first label",
    server(
      "tools:\n",
      "tools:\n  export_all: { effect: read, ephi: false, volume: single, subject: none }\n",
    ),
    "the ephi of `export_all` on `ehr` is labelled more harmless",
  ),
  row(
    "label",
    "a new server that calls itself harmless",
    {
      "servers/lab.yaml":
        'version: "1"\nid: lab\ntransport: { type: http, url: https://lab.example.org }\ntools:\n  read_all: { effect: read, ephi: false }\n',
    },
    "the ephi of `read_all` on `lab` is labelled more harmless",
  ),

  // ---- the server
  row(
    "server",
    "another endpoint",
    server("https://ehr.example.org/mcp", "https://ehr.example.net/mcp"),
    "calls for the server `ehr` go to another endpoint",
  ),
  row(
    "server",
    "another transport",
    server(
      "{ type: http, url: https://ehr.example.org/mcp }",
      "{ type: stdio, command: [ehr-server] }",
    ),
    "calls for the server `ehr` go to another endpoint",
  ),
  row(
    "server",
    "a credential that may write",
    server("readOnlyCredential: true", "readOnlyCredential: false"),
    "the credential for the server `ehr` is no longer read-only",
  ),
  row(
    "server",
    "the agreement is no longer signed",
    server("status: signed", "status: none"),
    "the business associate agreement of the server `ehr` changed",
    ["LINT", "TEST"],
  ),
  row(
    "server",
    "an agreement for longer",
    server("expires: 2027-01-01", "expires: 2030-01-01"),
    "the business associate agreement, or the demand for one, changed: `bot` may call `read_record`",
  ),
  row(
    "server",
    "another vendor",
    server("Example EHR Inc.", "Other EHR Ltd."),
    "the vendor of the server `ehr` changed",
  ),

  // ---- pins
  row(
    "pin",
    "a pin is changed",
    { "servers/ehr.lock.json": lock(PINS.departments, PINS.readOther, PINS.remove) },
    "the tool `read_record` of `ehr` is pinned to another definition",
  ),
  row(
    "pin",
    "a pin is added",
    { "servers/ehr.lock.json": lock(PINS.departments, PINS.read, PINS.remove, PINS.search) },
    "the tool `search_patients` of `ehr` is pinned for the first time",
  ),
  row(
    "pin",
    "the instructions are changed",
    {
      "servers/ehr.lock.json": lock(PINS.departments, PINS.read, PINS.remove).replace(
        "Ask before you write.",
        "Do not ask.",
      ),
    },
    "the instructions of the server `ehr` changed",
  ),
  row(
    "pin",
    "the lock is removed",
    { "servers/ehr.lock.json": null },
    "the lock of the server `ehr` is gone",
    ["LINT"],
  ),

  // ---- who, and for how long
  row(
    "expiry",
    "an expiry is extended",
    bot("expires: 2027-03-01", "expires: 2027-08-31"),
    "the grant `bot` is valid for longer",
  ),
  row(
    "identity",
    "another OIDC subject",
    bot("subject: bot", "subject: other"),
    "the issuer and subject of the grant `bot` changed",
  ),
  row(
    "identity",
    "another OIDC issuer",
    bot("idp.example.org", "idp.example.net"),
    "the issuer and subject of the grant `bot` changed",
  ),
  row(
    "identity",
    "another principal",
    bot('id: "agent:bot"', 'id: "agent:other"'),
    "the principal of the grant `bot` changed",
  ),
  row(
    "identity",
    "nobody answers for it any more",
    bot(', responsible: "person:a.example"', ""),
    "the responsible person of the grant `bot` changed",
  ),
  row(
    "identity",
    "another purpose",
    bot("purpose: treatment", "purpose: research"),
    "the purpose of the grant `bot` changed",
    ["TEST"],
  ),
  row(
    "identity",
    "an emergency lasts longer",
    er("max: 4h", "max: 24h"),
    "the break-glass of the grant `er` changed",
  ),
  row(
    "identity",
    "an emergency grant becomes an ordinary one",
    er('breakGlass: { openers: ["person:m.example"], max: 4h }\n', ""),
    "the break-glass of the grant `er` changed",
  ),
  row(
    "grant-added",
    "a new grant",
    {
      "grants/second.yaml": BASE["grants/bot.yaml"]!.replace("agent:bot", "agent:second").replace(
        "subject: bot",
        "subject: second",
      ),
    },
    "the grant `second` is new",
  ),
  row(
    "identity",
    "a new grant that only reads the audit",
    {
      "grants/auditor.yaml":
        'version: "1"\nprincipal: { kind: person, id: "person:z.example" }\npurpose: operations\naccess: [{ audit: read }]\nissued: 2026-09-01\nexpires: 2027-03-01\n',
    },
    "the new grant `auditor` may read the audit",
  ),

  // ---- what the policy allows
  row(
    "access",
    "a condition is removed",
    policy(
      '      - { name: one-patient, path: args.patient_id, op: matches, value: "p-[0-9]{1,6}" }\n',
      "",
    ),
    "`bot` may now make calls of `read_record`",
    ["LINT", "TEST"],
  ),
  row(
    "access",
    "an expression is widened",
    policy("p-[0-9]{1,6}", "[pq]-[0-9]{1,6}"),
    "`bot` may now make calls of `read_record`",
    ["LINT"],
  ),
  row(
    "access",
    "a tool is added",
    { ...policy("  list_departments: {}\n", "  list_departments: {}\n  remove_record: {}\n") },
    "`bot` may now call `remove_record`",
  ),
  row(
    "quota",
    "a quota is raised",
    policy("max: 20", "max: 21"),
    "`bot` may call `read_record` more often",
  ),
  row(
    "quota",
    "a quota is removed",
    policy(
      "    limits:\n      - { counter: patients, window: hour, max: 20, distinct: subject }\n",
      "",
    ),
    "`bot` may call `read_record` more often",
  ),

  // ---- what runs the gate, and whom releases are trusted from
  row(
    "workflow",
    "the workflow of the gate is changed",
    {
      ".github/workflows/gate.yml":
        "name: gate\non: pull_request\njobs: {}\n# runs phiward || true\n",
    },
    "`/.github/workflows/gate.yml` changed: it runs phiward",
  ),
  row(
    "workflow",
    "the workflow of the gate is removed",
    { ".github/workflows/gate.yml": null },
    "`/.github/workflows/gate.yml` is gone: it runs phiward",
  ),
  row(
    "workflow",
    "another workflow is changed",
    { ".github/workflows/pages.yml": "name: gate\non: push\njobs: {}\n" },
    "`/.github/workflows/pages.yml` changed",
  ),
  row(
    "workflow",
    "a workflow is added",
    { ".github/workflows/new.yml": "on: push\n" },
    "`/.github/workflows/new.yml` is new",
  ),
  row(
    "workflow",
    "a step's action is replaced in the repository",
    { ".github/actions/gate/action.yml": "runs: { using: node24 }\n" },
    "`/.github/actions/gate/action.yml` is new",
  ),
  row(
    "workflow",
    "other code owners",
    { ".github/CODEOWNERS": "* @somebody\n" },
    "`/.github/CODEOWNERS` changed",
  ),
  row(
    "trust",
    "a trust file is changed",
    { "trust.json": '{"root":"sha256:01","follow":"st-elsewhere"}\n' },
    "`trust.json` changed: engines may trust releases of other people",
  ),
  row(
    "trust",
    "a root is added",
    { "root/2.root.json": '{"version":2}\n' },
    "`root/2.root.json` is new",
  ),
  row(
    "trust",
    "a public key is exchanged",
    { "officer.pub": "ssh-ed25519 BBBB officer\n" },
    "`officer.pub` changed",
  ),
  row(
    "trust",
    "releases under another name",
    project("name: st-elsewhere", "name: st-elsewhere-2"),
    "releases are made under another name",
  ),
];

/** Changes that leave everything as it is, or make it stricter. */
const HARMLESS: readonly (readonly [name: string, edit: Edit])[] = [
  ["nothing at all", {}],
  ["a comment", policy('version: "1"\n', 'version: "1"\n# Read one record at a time.\n')],
  [
    "the rule in other words",
    policy('op: matches, value: "p-[0-9]{1,6}"', 'op: regex, value: "^p-[0-9]{1,6}\\\\z"'),
  ],
  ["a page of the documentation", { "README.md": "# More\n", "docs/more.md": "More\n" }],
  ["code beside the policies", { "src/index.ts": "export {};\n" }],
  ["a smaller quota", policy("max: 20", "max: 19")],
  ["a shorter grant", bot("expires: 2027-03-01", "expires: 2027-01-01")],
  ["a grant less", { "grants/er.yaml": null }],
  [
    "a test more",
    tests(
      "cases:\n",
      "cases:\n  - name: no other record\n    call: { tool: read_record, args: { patient_id: q-1 } }\n    expect: deny\n",
    ),
  ],
  [
    "an allowed call less to test",
    tests(
      "  - name: one record\n    call: { tool: read_record, args: { patient_id: p-1 } }\n    expect: allow\n",
      "",
    ),
  ],
  ["a threshold raised", project("rules: 20", "rules: 90")],
  ["an approver more", project("count: 2", "count: 3")],
  [
    "a suppression less",
    project(
      "suppress:\n  - { rule: bulk-without-subject-limit, file: policies/lookup.yaml, reason: pilot, until: 2026-12-01 }\n",
      "",
    ),
  ],
  ["recorded calls more", { "fixtures/more.jsonl": BASE["fixtures/calls.jsonl"]! }],
];

let repository: Repository;
let base: Tree;
beforeAll(async () => {
  repository = hospital();
  base = await gitTree(repository.folder, "base");
});

/** What reviewers saw: the pull request's head, of which the work tree is the merge result. */
const REVIEWED = "a".repeat(40);

const APPROVED: Approvals = {
  satisfied: true,
  commit: REVIEWED,
  groups: [
    {
      group: "team privacy-officers",
      needed: 2,
      by: [{ person: "p-example" }, { person: "q-example" }],
    },
    { group: "login s-example", needed: 1, by: [{ person: "s-example" }] },
  ],
  problems: [],
};

async function judged(edit: Edit, approvals?: Approvals): Promise<GateReport> {
  repository.change(edit);
  const asked = approvals === undefined ? {} : { approvals: async () => approvals };
  const head = diskTree(repository.folder);
  return await gate({ base, head, now: NOW, ...asked }, { reviewed: REVIEWED });
}

const codes = ({ reasons }: GateReport): string[] => reasons.map(({ code }) => code).sort();

test.each(ROWS)("$name: blocks as $kind", async ({ kind, edit, says, also = [] }) => {
  const report = await judged(edit);
  const blocking = report.diff!.changes.filter(({ blocks }) => blocks);
  const summaries = blocking.flatMap((change) => (change.kind === kind ? change.summary : []));
  expect(
    summaries.filter((summary) => summary.includes(says)),
    summaries.join("\n"),
  ).not.toEqual([]);
  expect(codes(report)).toEqual([...also, "BROADER", "NOT_APPROVED"].sort());
  expect(report).toMatchObject({ verdict: "broader", blocks: true, approved: false });
  expect(report).toMatchObject({ passed: false, exit: 1 });
});

/** One of each kind: what is asked of people does not depend on more. */
const ONE_OF_EACH = [...Map.groupBy(ROWS, ({ kind }) => kind).values()].map(([first]) => first!);

test.each(ONE_OF_EACH)(
  "$name: passes when base's approvers have seen it",
  async ({ edit, also = [] }) => {
    const report = await judged(edit, APPROVED);
    expect(report).toMatchObject({ verdict: "broader", blocks: true, approved: true });
    // Approval answers for what becomes wider, and for nothing else that is wrong.
    expect(codes(report)).toEqual([...also].sort());
    expect(report.passed).toBe(also.length === 0);
  },
);

test.each(HARMLESS)("%s passes without approval", async (_, edit) => {
  const report = await judged(edit);
  expect(report.diff!.changes.filter(({ verdict }) => verdict !== "narrower")).toEqual([]);
  expect(report).toMatchObject({ passed: true, blocks: false, exit: 0, reasons: [] });
});

test("the table is as large as it claims to be", () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(50);
  expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
});
