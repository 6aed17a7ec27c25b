/** What lint does around its rules: dates, suppressions, reach, and repositories with errors. */
import { describe, expect, it } from "vitest";
import { GRANT, LOCK, lockText, REGISTRY, SERVER } from "../../engine/lint/examples.ts";
import { EXAMPLE_NOW, type Files } from "../../engine/lint/rule.ts";
import { RULES } from "../../engine/lint/rules/index.ts";
import { DAY, formatDay } from "../../engine/policy/time.ts";
import { findingsOf, lineOf, lintOf } from "../support/lint.ts";

const POLICY = `version: "1"
default: deny
tools:
  list_departments: {}
`;
const CLEAN: Files = { ...REGISTRY, "policies/lookup.yaml": POLICY };

async function rulesOf(files: Files, now = EXAMPLE_NOW): Promise<string[]> {
  const { findings } = await lintOf(files, now);
  return findings.map(({ rule, severity }) => `${severity} ${rule}`);
}

/** A repository whose one finding of the rule hangs on a date. */
async function severitiesAt(rule: string, files: Files, now: number): Promise<string[]> {
  return (await findingsOf(files, { rule, now })).map(({ severity }) => severity);
}

describe("a clean repository", () => {
  it("has no finding, and its files are counted", async () => {
    const report = await lintOf(CLEAN);
    expect(report).toEqual({ findings: [], suppressed: 0, files: 4, proposals: [] });
  });

  it("has none either when it holds one policy and nothing else but that nobody uses it", async () => {
    expect(await rulesOf({ "policies/lookup.yaml": POLICY })).toEqual(["info unused-policy"]);
  });
});

describe("dates, to the millisecond", () => {
  const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
  const grant = (change: (text: string) => string): Files => ({
    ...CLEAN,
    "grants/lookup-bot.yaml": change(GRANT),
  });
  const expiring = grant((text) => text);
  const server = (baa: string): Files => ({
    ...CLEAN,
    "servers/ehr.yaml": SERVER.replace("status: signed, signed: 2026-02-01", baa),
  });
  const ending = server("status: signed, signed: 2026-02-01, expires: 2027-03-01");
  const skipping: Files = {
    ...CLEAN,
    "tests/lookup.test.yaml": `version: "1"
suite: departments
cases:
  - name: lists
    call: { policy: lookup, tool: list_departments }
    expect: allow
    skip: { reason: later, until: 2027-03-01 }
`,
  };
  const end = at("2027-03-01");
  const review = at("2026-09-01") + 365 * DAY;
  const long = grant((text) =>
    text.replace("issued: 2026-09-01", "issued: 2027-06-01").replace("2027-03-01", "2028-06-01"),
  );

  const rows: [rule: string, files: Files, now: number, severities: string[]][] = [
    ["grant-expiry", expiring, end - 30 * DAY - 1, []],
    ["grant-expiry", expiring, end - 30 * DAY, ["warning"]],
    ["grant-expiry", expiring, end - 1, ["warning"]],
    ["grant-expiry", expiring, end, ["warning"]],
    ["grant-review", long, review, []],
    ["grant-review", long, review + 1, ["warning"]],
    ["missing-baa", ending, end - 30 * DAY - 1, []],
    ["missing-baa", ending, end - 30 * DAY, ["warning"]],
    ["missing-baa", ending, end - 1, ["warning"]],
    ["missing-baa", ending, end, ["error"]],
    ["missing-baa", CLEAN, at("2026-02-01"), []],
    ["missing-baa", CLEAN, at("2026-02-01") - 1, ["error"]],
    ["expired-skip", skipping, end - 1, []],
    ["expired-skip", skipping, end, ["warning"]],
  ];
  it.each(rows)("%s", async (rule, files, now, severities) => {
    expect(await severitiesAt(rule, files, now)).toEqual(severities);
  });

  it("says whether a grant has expired or will", async () => {
    const said = async (now: number) =>
      (await findingsOf(expiring, { rule: "grant-expiry", now })).map(({ message }) => message);
    expect(await said(end - 1)).toEqual(["the grant expires on 2027-03-01"]);
    expect(await said(end)).toEqual(["the grant expired on 2027-03-01"]);
  });
});

describe("suppressions", () => {
  /** The repository has one finding: nobody answers for the agent. */
  const FOUND = "warning grant-responsible";
  const suppress = (...items: string[]): Files => ({
    ...CLEAN,
    "grants/lookup-bot.yaml": GRANT.replace(', responsible: "person:j.rivera"', ""),
    "phiward.yaml": `version: "1"\ngate: { approvers: [{ team: privacy }] }\nsuppress:\n${items.map((item) => `  - { reason: "SEC-1", ${item} }\n`).join("")}`,
  });
  const until = (days: number): string => formatDay(EXAMPLE_NOW + days * DAY);

  const rows: [item: string, rules: string[], suppressed: number][] = [
    [`rule: grant-responsible, until: ${until(1)}`, [], 1],
    [`rule: grant-responsible, until: ${until(180)}`, [], 1],
    [`rule: grant-responsible, file: grants/lookup-bot.yaml, until: ${until(90)}`, [], 1],
    [`rule: grant-responsible, file: grants/other.yaml, until: ${until(90)}`, [FOUND], 0],
    [`rule: grant-responsible, file: grants, until: ${until(90)}`, [FOUND], 0],
    [`rule: grant-expiry, until: ${until(90)}`, [FOUND], 0],
    // One that is not in force lets the finding stand, and is an error itself.
    [`rule: grant-responsible, until: ${until(0)}`, [FOUND, "error suppression"], 0],
    [`rule: grant-responsible, until: ${until(-1)}`, [FOUND, "error suppression"], 0],
    [`rule: grant-responsible, until: ${until(181)}`, [FOUND, "error suppression"], 0],
    ["rule: grant-responsible, until: 2027-02-30", [FOUND, "error suppression"], 0],
    [`rule: grant-responsable, until: ${until(90)}`, [FOUND, "error suppression"], 0],
    // Were this possible, one entry could make every other last for ever.
    [`rule: suppression, until: ${until(90)}`, [FOUND, "error suppression"], 0],
  ];
  it.each(rows)("%s", async (item, rules, suppressed) => {
    const report = await lintOf(suppress(item));
    expect(report.findings.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual(rules);
    expect(report.suppressed).toBe(suppressed);
  });

  it("ends at midnight UTC of its day, 180 days at the most after now", async () => {
    const files = suppress(`rule: grant-responsible, until: ${until(180)}`);
    expect(await rulesOf(files, EXAMPLE_NOW + 180 * DAY - 1)).not.toContain(FOUND);
    expect(await rulesOf(files, EXAMPLE_NOW + 180 * DAY)).toContain(FOUND);
    expect(await rulesOf(files, EXAMPLE_NOW - 1)).toContain("error suppression");
  });

  it("does not silence a suppression's own error through another entry", async () => {
    const report = await lintOf(
      suppress(
        `rule: suppression, until: ${until(90)}`,
        `rule: grant-responsible, until: ${until(-1)}`,
      ),
    );
    expect(report.findings.map(lineOf)).toEqual([
      "grants/lookup-bot.yaml:2:20 warning: nobody is named who answers for this agent",
      "phiward.yaml:4:30 error: `suppression` cannot be suppressed",
      "phiward.yaml:5:56 error: this suppression has expired",
    ]);
  });

  it("never silences what loading found", async () => {
    const files = {
      ...suppress(`rule: invalid-shape, until: ${until(90)}`),
      "policies/lookup.yaml": `${POLICY}surprise: true\n`,
    };
    const { findings } = await lintOf(files);
    expect(findings.map(({ rule }) => rule)).toContain("invalid-shape");
    expect(findings.map(({ rule }) => rule)).toContain("suppression");
  });

  it("is not read from a settings file that has errors", async () => {
    const files = suppress(`rule: grant-responsible, until: ${until(90)}`);
    const broken = { ...files, "phiward.yaml": `${files["phiward.yaml"]}surprise: true\n` };
    expect(await rulesOf(broken)).toEqual([FOUND, "error invalid-shape"]);
  });
});

describe("what cannot be read is not guessed about", () => {
  it("a policy with errors exists, and is not judged", async () => {
    const files = { ...CLEAN, "policies/lookup.yaml": "version: 1\n" };
    expect(new Set(await rulesOf(files))).toEqual(new Set(["error invalid-shape"]));
  });

  it("a server with errors exists, and may have any tool", async () => {
    const files = {
      ...CLEAN,
      "servers/ehr.yaml": "version: 1\n",
      "policies/lookup.yaml": `${POLICY}  other: {}\n`,
    };
    expect(new Set(await rulesOf(files))).toEqual(new Set(["error invalid-shape"]));
  });

  it("a lock with errors is not a missing lock", async () => {
    const files = { ...CLEAN, "servers/ehr.lock.json": LOCK.replace("sha256:", "sha512:") };
    expect(await rulesOf(files)).toEqual(["error invalid-shape"]);
  });

  it("a lock whose digest is wrong pins nothing", async () => {
    const files = { ...CLEAN, "servers/ehr.lock.json": LOCK.replace('"integer"', '"string"') };
    expect(await rulesOf(files)).toEqual(["error invalid-value"]);
  });

  it("a grant with errors may use the policy, and the tool of another server", async () => {
    const files = {
      ...CLEAN,
      "grants/other.yaml": "version: 1\n",
      "policies/other.yaml": POLICY,
      "policies/lookup.yaml": `${POLICY}  other: {}\n`,
    };
    expect(new Set(await rulesOf(files))).toEqual(new Set(["error invalid-shape"]));
  });

  it("a file in the wrong place is one problem and not two", async () => {
    const { "policies/lookup.yaml": policy, ...rest } = CLEAN;
    expect(await rulesOf({ ...rest, "policies/lookup.yml": policy! })).toEqual([
      "error misplaced-file",
    ]);
  });
});

describe("what a policy reaches", () => {
  const warm = async (rule: string, files: Files): Promise<string[]> =>
    (await findingsOf(files, { rule })).map(({ message }) => message);
  const policy = (text: string): Files => ({ ...CLEAN, "policies/lookup.yaml": text });
  const DELETE = "the policy reaches `delete_patient`, which is `destructive` on `ehr`";

  const rows: [title: string, policy: string, messages: string[]][] = [
    ["a listed tool", 'version: "1"\ndefault: deny\ntools: { delete_patient: {} }\n', [DELETE]],
    ["not an unlisted one", 'version: "1"\ndefault: deny\n', []],
    [
      "not a hidden one",
      'version: "1"\ndefault: deny\nhide: [delete_patient]\ntools: { delete_patient: {} }\n',
      [],
    ],
    [
      "nothing, with everything hidden",
      'version: "1"\ndefault: deny\nhide: "*"\ntools: { delete_patient: {} }\n',
      [],
    ],
    // `default: allow` reaches what is labelled `ephi: false`, and that alone.
    ["not an ePHI tool by default", 'version: "1"\ndefault: allow\n', []],
  ];
  it.each(rows)("%s", async (_, text, messages) => {
    expect(await warm("destructive-reachable", policy(text))).toEqual(messages);
  });

  it("a tool without ePHI by default, at the `default` that reaches it", async () => {
    const files = {
      ...policy('version: "1"\ndefault: allow\n'),
      "servers/ehr.yaml": SERVER.replace(
        "list_departments: { effect: read,",
        "list_departments: { effect: execute,",
      ),
    };
    const found = await findingsOf(files, { rule: "destructive-reachable" });
    expect(found.map(lineOf)).toEqual([
      "policies/lookup.yaml:2:10 warning: the policy reaches `list_departments`, which is `execute` on `ehr`",
    ]);
  });

  it("by default, neither a tool without a label nor one whose ePHI an argument decides", async () => {
    const server = SERVER.replace(/ {2}list_departments.*\n/, "").replace(
      "search_patients: { effect: read, ephi: true",
      "search_patients: { effect: execute, ephi: { by: args.query, cases: { x: false } }",
    );
    const files = {
      ...policy('version: "1"\ndefault: allow\n'),
      "servers/ehr.yaml": server,
    };
    expect(await warm("destructive-reachable", files)).toEqual([]);
  });

  it("not a tool that is quarantined", async () => {
    const files = policy(
      'version: "1"\ndefault: deny\ntools: { delete_patient: {}, list_departments: {} }\n',
    );
    const unusable = LOCK.replace(
      /\{"name":"delete_patient".*\}/,
      lockText("x", [{ name: "delete_patient", inputSchema: { $ref: "https://other.example/x" } }])
        .split("\n")[4]!
        .trim(),
    );
    const found = await warm("destructive-reachable", {
      ...files,
      "servers/ehr.lock.json": unusable,
    });
    expect(found).toEqual([]);
    expect(await warm("destructive-reachable", files)).toEqual([DELETE]);
  });

  it("a pinned tool without a label, as the worst", async () => {
    const files = {
      ...policy(POLICY),
      "servers/ehr.yaml": SERVER.replace(/ {2}list_departments.*\n/, ""),
    };
    expect(await rulesOf(files)).toEqual([
      "warning bulk-without-subject-limit",
      "warning destructive-reachable",
      "warning ephi-without-limit",
      "warning unlabelled-tool",
    ]);
  });

  const byLabel = (cases: string): Files => ({
    ...CLEAN,
    "servers/ehr.yaml": SERVER.replace(
      "search_patients: { effect: read",
      `search_patients: { effect: { by: args.query, cases: ${cases} }`,
    ),
  });
  const SEARCH =
    "the policy reaches `search_patients`, which `args.query` can make destructive on `ehr`";
  const guards: [rules: string, cases: string, messages: string[]][] = [
    ["{}", "{ GET: read, DELETE: destructive }", [SEARCH]],
    ["{}", "{ GET: read, RUN: execute }", [SEARCH]],
    // A value that is no case counts as `execute`.
    ["{}", "{ GET: read, POST: write }", [SEARCH]],
    [
      "{ require: [{ path: args.query, op: eq, value: GET }] }",
      "{ DELETE: destructive }",
      [SEARCH],
    ],
    [
      "{ require: [{ path: args.query, op: eq, value: GET }] }",
      "{ GET: read, DELETE: destructive }",
      [],
    ],
    [
      "{ require: [{ path: args.query, op: in, value: [GET, POST] }] }",
      "{ GET: read, POST: write, DELETE: destructive }",
      [],
    ],
    [
      "{ require: [{ path: args.query, op: in, value: [GET, DELETE] }] }",
      "{ GET: read, DELETE: destructive }",
      [SEARCH],
    ],
    // Read by a pattern that only one case matches.
    [
      "{ require: [{ path: args.query, op: matches, value: 'G[A-Z]T' }], deny_if: [{ path: args.query, op: regex, value: 'G[^E]T' }] }",
      "{ GET: read, RUN: execute }",
      [],
    ],
    [
      "{ deny_if: [{ any_of: [[{ path: args.limit, op: eq, value: 1 }], [{ path: args.query, op: eq, value: DELETE }]] }] }",
      "{ GET: read, DELETE: destructive }",
      [SEARCH],
    ],
    ["{ require: [{ path: args.limit, op: lt, value: 5 }] }", "{ DELETE: destructive }", [SEARCH]],
  ];
  it.each(guards)("a tool whose argument decides: %s %s", async (rules, cases, messages) => {
    const files = byLabel(cases);
    const text = `version: "1"\ndefault: deny\ntools: { search_patients: ${rules} }\n`;
    expect(await warm("destructive-reachable", { ...files, "policies/lookup.yaml": text })).toEqual(
      messages,
    );
  });
});

describe("limits", () => {
  const at = (text: string): Files => ({
    ...CLEAN,
    "policies/lookup.yaml": `version: "1"\ndefault: deny\n${text}`,
  });
  const LIMIT = "limits: [{ counter: n, window: day, max: 5 }]";
  const DISTINCT = "limits: [{ counter: n, window: day, max: 5, distinct: subject }]";
  const rows: [rule: string, policy: string, count: number][] = [
    ["ephi-without-limit", "tools: { get_patient_record: {} }\n", 1],
    ["ephi-without-limit", `tools: { get_patient_record: { ${LIMIT} } }\n`, 0],
    ["ephi-without-limit", `all_tools: { ${LIMIT} }\ntools: { get_patient_record: {} }\n`, 0],
    ["ephi-without-limit", "tools: { list_departments: {} }\n", 0],
    // A method has only its own limits, and counts as ePHI unless it is labelled.
    ["ephi-without-limit", "methods: { resources/read: {} }\n", 1],
    ["ephi-without-limit", `all_tools: { ${LIMIT} }\nmethods: { resources/read: {} }\n`, 1],
    ["ephi-without-limit", `methods: { resources/read: { ${LIMIT} } }\n`, 0],
    ["bulk-without-subject-limit", `tools: { search_patients: { ${LIMIT} } }\n`, 1],
    ["bulk-without-subject-limit", `tools: { search_patients: { ${DISTINCT} } }\n`, 0],
    [
      "bulk-without-subject-limit",
      `all_tools: { ${DISTINCT} }\ntools: { search_patients: {} }\n`,
      0,
    ],
    ["bulk-without-subject-limit", `tools: { get_patient_record: { ${LIMIT} } }\n`, 0],
  ];
  it.each(rows)("%s: %s", async (rule, policy, count) => {
    expect(await findingsOf(at(policy), { rule })).toHaveLength(count);
  });

  it.each([
    ["unknown", "say in servers/ehr.yaml which argument"],
    ["{ by: args.query, cases: { a: none } }", "say in servers/ehr.yaml which argument"],
    ["args.query", "add `- { counter"],
    ["{ by: args.query, cases: { a: args.limit } }", "add `- { counter"],
  ])("says where to begin when the label says `subject: %s`", async (subject, help) => {
    const files = {
      ...at(`tools: { search_patients: { ${LIMIT} } }\n`),
      "servers/ehr.yaml": SERVER.replace(/(search_patients: .*subject: )unknown/, `$1${subject}`),
    };
    const [found] = await findingsOf(files, { rule: "bulk-without-subject-limit" });
    expect(found?.help).toContain(help);
  });

  it("asks nothing of a method that is labelled `ephi: false`", async () => {
    const files = {
      ...at("methods: { resources/read: {} }\n"),
      "servers/ehr.yaml": `${SERVER}methods: { resources/read: { effect: read, ephi: false } }\n`,
    };
    expect(await findingsOf(files, { rule: "ephi-without-limit" })).toEqual([]);
  });
});

describe("servers that may carry ePHI", () => {
  const NO_EPHI =
    'version: "1"\nid: ehr\ntools: { list_departments: { effect: read, ephi: false } }\n';
  const one = lockText("ehr", [{ name: "list_departments", inputSchema: { type: "object" } }]);
  const rows: [title: string, files: Files, rules: string[]][] = [
    [
      "without an agreement",
      { "servers/ehr.yaml": SERVER.replace(/vendor.*\n/, "") },
      ["error missing-baa"],
    ],
    [
      "with a refused one",
      { "servers/ehr.yaml": SERVER.replace("status: signed, signed: 2026-02-01", "status: none") },
      ["error missing-baa"],
    ],
    [
      "where none is required",
      {
        "servers/ehr.yaml": SERVER.replace(
          "status: signed, signed: 2026-02-01",
          "status: not_required",
        ),
      },
      [],
    ],
    [
      "none: described and pinned as harmless",
      { "servers/ehr.yaml": NO_EPHI, "servers/ehr.lock.json": one },
      [],
    ],
    [
      "one pinned tool that nobody described",
      { "servers/ehr.yaml": NO_EPHI },
      [
        "warning unlabelled-tool",
        "warning unlabelled-tool",
        "warning unlabelled-tool",
        "error missing-baa",
      ],
    ],
    [
      "an argument that decides",
      {
        "servers/ehr.yaml": NO_EPHI.replace(
          "ephi: false",
          "ephi: { by: args.kind, cases: { ward: false } }",
        ),
        "servers/ehr.lock.json": one,
        "policies/lookup.yaml": 'version: "1"\ndefault: deny\n',
      },
      ["error missing-baa"],
    ],
    [
      "a method that nobody labelled",
      {
        "servers/ehr.yaml": NO_EPHI,
        "servers/ehr.lock.json": one,
        "policies/lookup.yaml":
          'version: "1"\ndefault: deny\nmethods: { resources/read: { limits: [{ counter: n, window: day, max: 5 }] } }\n',
      },
      ["error missing-baa"],
    ],
  ];
  it.each(rows)("%s", async (_, files, rules) => {
    expect(await rulesOf({ ...CLEAN, ...files })).toEqual(rules);
  });

  it("asks less of a lock where nothing may touch ePHI, and everything of an unknown server", async () => {
    const { "servers/ehr.lock.json": _, ...unpinned } = CLEAN;
    expect(await rulesOf({ ...unpinned, "servers/ehr.yaml": NO_EPHI })).toEqual([
      "warning missing-lock",
    ]);
    expect(await rulesOf({ ...unpinned, "servers/ehr.yaml": 'version: "1"\nid: ehr\n' })).toContain(
      "error missing-lock",
    );
  });
});

describe("approvers and reviews", () => {
  const rows: [project: string, found: string[]][] = [
    [
      'version: "1"\n',
      ["phiward.yaml:1:1 warning: the project has no gate, so that no broadening can ever pass"],
    ],
    [
      'version: "1"\ngate: { scope: all }\n',
      ["phiward.yaml:2:1 warning: the gate has no approvers, so that no broadening can ever pass"],
    ],
    [
      'version: "1"\ngate: { approvers: [] }\n',
      ["phiward.yaml:2:20 warning: the gate has no approvers, so that no broadening can ever pass"],
    ],
    ['version: "1"\ngate: { approvers: [{ login: m-chen }] }\n', []],
  ];
  it.each(rows)("%s", async (project, found) => {
    const { findings } = await lintOf({ ...CLEAN, "phiward.yaml": project });
    expect(findings.map(lineOf)).toEqual(found);
  });

  it("notes a grant that was never reviewed", async () => {
    const files = { ...CLEAN, "grants/lookup-bot.yaml": GRANT.replace(/lastReview.*\n/, "") };
    const found = await findingsOf(files, { rule: "grant-review" });
    expect(found.map(lineOf)).toEqual([
      "grants/lookup-bot.yaml:6:1 info: no review of this grant is recorded",
    ]);
  });

  it("asks nobody to answer for a person", async () => {
    const principal = 'principal: { kind: person, id: "person:j.rivera" }';
    const files = { ...CLEAN, "grants/lookup-bot.yaml": GRANT.replace(/principal.*/, principal) };
    expect(await rulesOf(files)).toEqual([]);
  });
});

describe("unknown-tool", () => {
  const listed = (tool: string): Files => ({
    ...CLEAN,
    "policies/lookup.yaml": `version: "1"\ndefault: deny\ntools: { ${tool}: {} }\n`,
  });

  it("takes a tool that one of two servers has", async () => {
    const files = {
      ...listed("other"),
      "grants/lookup-bot.yaml": GRANT.replace(
        "policy: lookup }",
        "policy: lookup }\n  - { server: lab, policy: lookup }",
      ),
      "servers/lab.yaml":
        'version: "1"\nid: lab\nvendor: { name: Lab, baa: { status: signed } }\ntools: { other: { effect: read, ephi: false } }\n',
    };
    expect(await findingsOf(files, { rule: "unknown-tool" })).toEqual([]);
    expect(await findingsOf(listed("other"), { rule: "unknown-tool" })).toHaveLength(1);
  });

  it("says nothing of a policy that no grant uses, or of a server of which nothing is known", async () => {
    const { "grants/lookup-bot.yaml": _, ...unused } = listed("other");
    expect(await findingsOf(unused, { rule: "unknown-tool" })).toEqual([]);
    const { "servers/ehr.lock.json": __, ...unknown } = listed("other");
    const blank = { ...unknown, "servers/ehr.yaml": 'version: "1"\nid: ehr\n' };
    expect(await findingsOf(blank, { rule: "unknown-tool" })).toEqual([]);
  });

  it("offers the near name, and knows no inherited one", async () => {
    const [found] = await findingsOf(listed("list_department"), { rule: "unknown-tool" });
    expect(found?.help).toBe("did you mean `list_departments`?");
    expect(await findingsOf(listed("constructor"), { rule: "unknown-tool" })).toHaveLength(1);
  });
});

describe("every finding", () => {
  it("is written for people: lower case, no full stop, short, with help", async () => {
    for (const rule of RULES) {
      const { given = {}, bad } = rule.examples;
      for (const { message, help, severity } of await findingsOf(
        { ...given, ...bad },
        { rule: rule.id },
      )) {
        expect(message, rule.id).toMatch(/^[a-z`].*[^.]$/);
        expect(message.length, rule.id).toBeLessThanOrEqual(140);
        expect(help.length, rule.id).toBeGreaterThan(0);
        const severities = [
          rule.severity,
          ...(rule.otherwise ?? []).map((other) => other.severity),
        ];
        expect(severities, rule.id).toContain(severity);
      }
    }
  });

  it("is in one order, whatever the order of the files", async () => {
    const files = { ...CLEAN, "phiward.yaml": 'version: "1"\n', "policies/other.yaml": POLICY };
    const reversed = Object.fromEntries(Object.entries(files).reverse());
    expect(await lintOf(files)).toEqual(await lintOf(reversed));
    expect((await lintOf(files)).findings).toHaveLength(2);
  });
});

describe("the list of rules", () => {
  it("is sorted, and no id stands twice", () => {
    const ids = RULES.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });
});
