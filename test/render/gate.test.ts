/** The gate's report in every format: what a reader must find in it, and what must not get out of it. */
import { describe, expect, test } from "vitest";
import type { Change } from "../../engine/compare/report.ts";
import type { GateReport } from "../../engine/gate/report.ts";
import { gateText } from "../../engine/render/gate.ts";
import {
  gateAnnotations,
  gateGithub,
  gateJunit,
  gateSarif,
} from "../../engine/render/gate-formats.ts";
import { gateHtml } from "../../engine/render/gate-html.ts";
import { gateJson } from "../../engine/render/json.ts";
import { COMMENT_MARKER, gateMarkdown, MAX_COMMENT } from "../../engine/render/markdown.ts";
import { plain } from "../../engine/render/paint.ts";
import { documents, grant, PATIENT, policy, server } from "../compare/repository.ts";
import { cells, elements, live, loose, shown } from "./markup.ts";
import { GRANT, hospital, judged, REVIEWED, TESTS, widened } from "./reports.ts";

const decoded = (text: string): string =>
  text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));

/** What a person reads of a report, in each of the formats for people. */
function readings(report: GateReport): Readonly<Record<string, string>> {
  const words = (text: string): string => text.replace(/[`*\\]/g, "").replace(/\s+/g, " ");
  return {
    text: words(gateText(report, plain)),
    markdown: words(decoded(gateMarkdown(report, { kind: "comment" }))),
    html: words(shown(gateHtml(report))),
  };
}

const limited = (max: number) =>
  policy({
    read: {
      require: [PATIENT],
      limits: [{ counter: "patients", window: "hour", max, distinct: "subject" }],
    },
  });

/** What is changed, and what the officer is told of it. */
const TOLD: readonly (readonly [
  name: string,
  base: Parameters<typeof hospital>[0],
  head: Parameters<typeof hospital>[0],
  says: readonly string[],
])[] = [
  [
    "a tool more",
    {},
    { policies: { lookup: policy({ read: { require: [PATIENT] }, search: { args: ["name"] } }) } },
    [
      "More can be done with patient data than before",
      "Blocked",
      "agent:bot may use search, which was closed before",
      "read any number of records by name",
      "any patient's: the call does not say whose",
      "as often as it likes",
      "person:a.example",
      "treatment",
      "Nurse triage line, ticket SEC-1204",
      "2026-09-01 until 2027-03-01",
      "Example EHR Inc.; business associate agreement: signed on 2026-01-01",
      "the policy did not list the tool",
      "1 of team privacy-officers",
      "I have read what becomes wider here",
    ],
  ],
  [
    "a condition less",
    {
      policies: {
        lookup: policy({ read: { require: [{ name: "one-patient", ...PATIENT }] } }),
      },
    },
    { policies: { lookup: policy({ read: {} }) } },
    [
      "agent:bot may do more with read than before",
      "a patient's whom the call must name",
      "any patient's",
      "no longer one-patient",
    ],
  ],
  [
    "a quota raised",
    { policies: { lookup: limited(20) } },
    { policies: { lookup: limited(30) } },
    ["may call read more often", "20 different patients an hour", "30 different patients an hour"],
  ],
  [
    "a longer grant",
    {},
    { grants: { bot: { ...GRANT, expires: "2027-08-01" } } },
    [
      "the grant bot is valid for longer",
      "2026-09-01 to 2027-03-01",
      "2026-09-01 to 2027-08-01",
      "denied before: the grant was over by then",
    ],
  ],
  [
    "an emergency grant",
    {},
    {
      grants: {
        bot: GRANT,
        er: grant({
          principal: { kind: "agent", id: "agent:er", responsible: "person:e.example" },
          purpose: "patient_request",
          breakGlass: { openers: ["person:m.example"], max: "4h" },
        }),
      },
    },
    [
      "the grant er is new",
      "in an emergency only (break-glass)",
      "patient request",
      "Reason given",
      "none",
    ],
  ],
  [
    "a setting",
    {},
    { project: { version: "1", gate: { scope: "ephi", approvers: [] } } },
    [
      "Something that protects access becomes weaker",
      "a broadening needs 0 instead of 1 of team privacy-officers to approve it",
      "by rule",
    ],
  ],
  [
    "a grant less",
    {},
    { grants: {} },
    ["Nothing wider", "some of what was possible no longer is", "the grant bot is removed"],
  ],
  ["nothing", {}, {}, ["Nothing wider: every call is decided as before", "may be merged"]],
  [
    "a call that an argument makes worse",
    {},
    {
      servers: {
        ehr: server({
          tools: {
            read: {
              effect: { by: "args.verb", cases: { GET: "read", PUT: "write" } },
              ephi: true,
              volume: "chart",
              subject: "args.patient",
            },
          },
        }),
      },
      policies: { lookup: policy({ read: {}, other: {} }) },
    },
    ["read, write or do anything with one patient's whole chart", "as the call says"],
  ],
];

describe.each(TOLD)("%s", (_, base, head, says) => {
  test("is told in every format for people", async () => {
    const report = await judged(hospital(base), hospital(head));
    for (const [format, text] of Object.entries(readings(report)))
      for (const words of says) expect(text.toLowerCase(), format).toContain(words.toLowerCase());
  });
});

test("a tool that is no longer reached, and one that is: wider comes first", async () => {
  const report = await judged(
    hospital(),
    hospital({ policies: { lookup: policy({ search: {} }) } }),
  );
  const text = gateText(report, plain);
  expect(text.indexOf("may use `search`")).toBeLessThan(text.indexOf("may no longer use `read`"));
});

test("a recorded call stands beside the proof, and before changes without one", async () => {
  const wider = policy({ read: { require: [PATIENT] }, remove: {}, search: {} });
  const line = { v: 1, id: "c-7", at: "2026-10-01T12:00:00Z", grant: "bot", server: "ehr" };
  const raw = {
    "fixtures/calls.jsonl": [1, 2]
      .map((n) => JSON.stringify({ ...line, id: `c-${n}`, tool: "search", args: {} }))
      .join("\n"),
  };
  const report = await judged(hospital(), hospital({ policies: { lookup: wider }, raw }));
  const [first, second] = report.diff!.changes;
  expect(first).toMatchObject({ tool: "search", recorded: { calls: 2, first: { id: "c-1" } } });
  expect(second).toMatchObject({ tool: "remove" });
  expect(second).not.toHaveProperty("recorded");
  for (const text of Object.values(readings(report)))
    expect(text).toContain(
      "2 recorded calls would newly be allowed; the first is c-1 of 2026-10-01",
    );
});

test("who has approved, and why others do not count", async () => {
  const problem = "`w-example` pushed a commit of this change, so their approval does not count";
  const report = await widened({
    satisfied: false,
    commit: REVIEWED,
    groups: [{ group: "team privacy-officers", needed: 1, by: [] }],
    problems: [problem],
  });
  expect(report).toMatchObject({ approved: false, passed: false });
  for (const text of Object.values(readings(report))) {
    expect(text).toContain("0 of 1");
    expect(text).toContain("w-example pushed a commit of this change");
    expect(text).toContain(REVIEWED.slice(0, 12));
  }
  const approved = await widened({
    satisfied: true,
    commit: REVIEWED,
    groups: [{ group: "team privacy-officers", needed: 1, by: [{ person: "p-example" }] }],
    problems: [],
  });
  expect(approved).toMatchObject({ verdict: "broader", approved: true, passed: true, exit: 0 });
  for (const text of Object.values(readings(approved))) {
    expect(text).toContain("1 of 1");
    expect(text).toContain("p-example");
    expect(text.toLowerCase()).toContain("it may be merged");
    expect(text).not.toContain("may not be merged");
  }
});

test("no attribute's value, and no recorded argument's, is in any format", async () => {
  const side = (clinics: readonly string[]) =>
    hospital({
      policies: {
        lookup: policy({
          read: { require: [{ path: "args.n", op: "lte", value_from: "grant.most" }] },
        }),
      },
      grants: { bot: { ...GRANT, attributes: { most: clinics.length, clinics } } },
      tests: {},
      raw: {
        "fixtures/calls.jsonl": JSON.stringify({
          ...{ v: 1, id: "c1", at: "2026-10-01T12:00:00Z", grant: "bot", server: "ehr" },
          ...{ tool: "read", args: { n: 2, note: "Ann Example" } },
        }),
      },
    });
  const report = await judged(side(["northern"]), side(["northern", "southern"]));
  expect(report.simulate!.gainedTotal).toBe(1);
  const all = [
    ...Object.values(readings(report)),
    JSON.stringify([gateJson(report), gateSarif(report)]),
    gateJunit(report),
    gateGithub(report),
  ];
  for (const text of all) expect(text).not.toMatch(/northern|southern|Ann/);
});

// ---------------------------------------------------------------- what a text may not become

const HOSTILE = [
  "@everyone",
  "see #12 and GH-34",
  "https://evil.example.org www.evil.example.org",
  "![x](https://evil.example.org/p.png)",
  "[click](https://evil.example.org)",
  "<img src=x onerror=alert(1)><script>alert(1)</script>",
  `"><b onmouseover="alert(1)">`,
  "</summary></details></code></td></article>",
  "`code` @everyone `code",
  "``` @everyone",
  // Spans that touch are one run of backticks, and what stood in them is read anew.
  "@a```@everyone",
  "a|b | @everyone",
  "a\\| @everyone",
  "a\\\\| @everyone | b",
  "\\` @everyone \\`",
  "# heading\n\n- list\n\n@everyone",
  "\r\n::error file=x::forged\n::set-output name=passed::true",
  "%0A::error::forged",
  "]]> <!-- --> &lt; &amp;",
  "{0} {{1}} $x",
  "allowed\u202eyned\u2066 zero\u200bwidth",
  "\u0000\u001b[31mred\u0007",
  "half \ud800 of a pair",
  ":smile: deadbeefdeadbeef",
  "",
  " ",
];

/** Every text of a report that policies, tools and people supply, replaced. */
function withText(report: GateReport, text: string): GateReport {
  const change = (of: Change): Change => ({
    ...of,
    grant: "bot",
    principal: text,
    server: "ehr",
    tool: text,
    summary: `\`${text}\` ${text}`,
    before: text,
    after: `${text}!`,
    file: text === "" ? "f" : text,
    safeguards: [text],
    baseDecision: { verdict: "deny", rule: text, reason: text },
    witness: {
      ...{ grant: text, server: text, method: "tools/call", tool: text, at: text },
      args: { [text]: text, nested: { [text]: [text] } },
      attributes: { [text]: text },
    },
    recorded: { calls: 3, first: { id: text, at: text, file: text, line: 1 } },
    ...(of.reach === undefined
      ? {}
      : {
          reach: {
            before: { what: text, whose: text, conditions: [`\`${text}\``], howOften: text },
            after: { what: `${text}?`, whose: text, conditions: [text], howOften: text },
          },
        }),
  });
  const changes = report.diff!.changes;
  return {
    ...report,
    base: { ...report.base, rev: text },
    head: { ...report.head, rev: text },
    reasons: [{ code: "TEST", message: text, help: text, exit: 1 }],
    warnings: [{ code: "X", message: text, help: text }],
    requires: [{ group: text, kind: "team", name: text, needed: 1 }],
    approvals: {
      satisfied: false,
      commit: REVIEWED,
      groups: [{ group: text, needed: 1, by: [{ person: text }] }],
      problems: [text],
    },
    grants: [
      {
        ...report.grants[0]!,
        id: "bot",
        principal: text,
        responsible: text,
        justification: text,
      },
    ],
    servers: [{ ...report.servers[0]!, id: "ehr", vendor: text }],
    lint: {
      ...report.lint,
      findings: [
        {
          rule: "planted",
          severity: "error",
          message: text,
          help: text,
          place: { file: text, line: 1, column: 1 },
        },
      ],
    },
    test: {
      ...report.test!,
      failed: 1,
      cases: [
        {
          suite: text,
          name: text,
          status: "failed",
          reason: text,
          place: { file: text, line: 1, column: 1 },
        },
      ],
    },
    diff: {
      ...report.diff!,
      changes: [
        ...changes.map(change),
        { ...change(changes[0]!), by: "rule", kind: "identity" },
        { ...change(changes[0]!), verdict: "narrower" },
      ],
    },
  };
}

describe.each(HOSTILE)("a hostile text: %j", (text) => {
  const hidden = /[\u0000-\u0009\u000b-\u001f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069]/;

  test("stays text in Markdown: no link, mention, image, reference or HTML", async () => {
    const report = withText(await widened(), text);
    for (const kind of ["comment", "summary"] as const) {
      const markdown = gateMarkdown(report, { kind });
      const [marker, ...rest] = markdown.split("\n");
      expect(marker === COMMENT_MARKER).toBe(kind === "comment");
      const left = live(kind === "comment" ? rest.join("\n") : markdown);
      expect(left).not.toMatch(/[@#](?!# )\w|https?:|www\.|!\[|\]\(|GH-\d|:smile:|deadbeef/);
      // A `<` that is left stands after a backslash, or is an entity: neither is a tag.
      expect(markdown.replace(/`+[^`]*`+|\\</g, "")).not.toMatch(
        /<(?!\/?(?:details|summary|sub|code)>|!-- phiward-gate)/,
      );
      expect(markdown.toWellFormed()).toBe(markdown);
      expect(markdown).not.toMatch(hidden);
    }
  });

  test("does not break a table of Markdown", async () => {
    const markdown = gateMarkdown(withText(await widened(), text), { kind: "comment" });
    const tables = markdown.split("\n\n").filter((part) => part.startsWith("| "));
    expect(tables.length).toBeGreaterThan(3);
    for (const table of tables) {
      const [head, ...rows] = table.split("\n");
      expect(new Set(rows.map(cells))).toEqual(new Set([cells(head!)]));
    }
  });

  test("stays text in HTML", async () => {
    const clean = await widened();
    const html = gateHtml(withText(clean, text));
    const names = new Set([
      "ul",
      "li",
      "strong",
      ...elements(gateHtml(clean)).map(({ name }) => name),
    ]);
    expect(elements(html).filter(({ name }) => !names.has(name))).toEqual([]);
    expect(loose(html)).not.toMatch(/[<>"]/);
    expect(elements(html).every(({ attributes }) => !/\son|src=/.test(attributes))).toBe(true);
    expect(html).not.toMatch(hidden);
  });

  test("stays text in JUnit's XML", async () => {
    const xml = gateJunit(withText(await widened(), text));
    const names = elements(xml).map(({ name }) => name);
    expect([...new Set(names)].sort()).toEqual(["failure", "testcase", "testsuite", "testsuites"]);
    expect(loose(xml)).toMatch(/^\s*$/);
    expect(xml).not.toMatch(hidden);
  });

  test("makes no workflow command of its own", async () => {
    const report = withText(await widened(), text);
    const lines = gateGithub(report).split("\n");
    expect(lines).toHaveLength(gateAnnotations(report).length);
    for (const line of lines) {
      expect(line).toMatch(/^::(error|warning|notice) [a-z]+=[^,:\r]*(,[a-z]+=[^,:\r]*)*::[^\r]*$/);
      expect(line).not.toMatch(hidden);
      // A percent sign of the text would begin an escape; ours never write a line's end.
      expect(line).not.toMatch(/%0[AD]/i);
    }
  });

  test("is no placeholder and no link in SARIF", async () => {
    const sarif = JSON.stringify(gateSarif(withText(await widened(), text)));
    for (const { message, locations } of JSON.parse(sarif).runs[0].results) {
      expect(message.text.replaceAll("{{", "").replaceAll("}}", "")).not.toMatch(/[{}]/);
      expect(message.text).not.toMatch(/\]\(/);
      expect(message.text).not.toMatch(hidden);
      const { uri } = locations[0].physicalLocation.artifactLocation;
      expect(uri).toMatch(/^[\w.~!*'()%/-]*$/);
    }
  });

  test("does not reach a terminal as more than text", async () => {
    expect(gateText(withText(await widened(), text), plain)).not.toMatch(hidden);
  });
});

// ---------------------------------------------------------------- limits

/** A report with many changes, each with a call that shows it. */
async function large(count: number): Promise<GateReport> {
  const report = await widened();
  const [first] = report.diff!.changes;
  const changes = Array.from({ length: count }, (_, i) => ({
    ...first!,
    tool: `tool-${i}`,
    summary: `the tool \`tool-${i}\` is wider`,
    line: i + 1,
  }));
  return { ...report, diff: { ...report.diff!, changes } };
}

describe("what GitHub takes", () => {
  test("a comment fits, says what it leaves out, and keeps its end", async () => {
    const report = await large(3_000);
    const markdown = gateMarkdown(report, { kind: "comment", url: "https://example.org/run/1" });
    expect(markdown.length).toBeLessThanOrEqual(MAX_COMMENT);
    expect(markdown.length).toBeGreaterThan(MAX_COMMENT / 2);
    expect(markdown).toMatch(/_\d+ more changes, none graver than these: see \[the whole report\]/);
    expect(markdown).toContain("### Approval");
    expect(markdown).toContain("### What was checked");
    const kept = [...markdown.matchAll(/^### \d+\. /gm)].length;
    expect(Number(/_(\d+) more changes/.exec(markdown)![1])).toBe(3_000 - kept);
  });

  test("a summary holds more", async () => {
    const report = await large(500);
    expect(gateMarkdown(report, { kind: "summary" })).not.toContain("more changes");
  });

  test("ten annotations of a level, of which the last counts the rest", async () => {
    const found = gateAnnotations(await large(300));
    const errors = found.filter(({ level }) => level === "error");
    expect(errors).toHaveLength(10);
    // 300 changes and the reason that they are not approved.
    expect(errors.at(-1)!.message).toContain("292 more");
  });

  test("SARIF keeps what code scanning shows, and says what it leaves out", async () => {
    const sarif = JSON.parse(JSON.stringify(gateSarif(await large(6_000))));
    expect(sarif.runs[0].results).toHaveLength(5_000);
    expect(JSON.stringify(sarif.runs[0].invocations)).toMatch(/\d+ more results are left out/);
  });
});

// ---------------------------------------------------------------- the formats of other tools

test("SARIF 2.1.0: every result has a rule, a level, a message, a place and a fingerprint", async () => {
  const report = await judged(
    hospital(),
    hospital({ policies: { lookup: policy({ read: {}, search: {} }) }, tests: { lookup: TESTS } }),
  );
  const sarif = JSON.parse(JSON.stringify(gateSarif({ ...report, at: "a b/policies" })));
  expect(sarif).toMatchObject({
    version: "2.1.0",
    runs: [{ tool: { driver: { name: "phiward" } } }],
  });
  const [{ results, tool }] = sarif.runs;
  const rules = tool.driver.rules.map(({ id }: { id: string }) => id);
  expect(new Set(rules).size).toBe(rules.length);
  for (const result of results) {
    expect(rules[result.ruleIndex]).toBe(result.ruleId);
    expect(["error", "warning", "note"]).toContain(result.level);
    expect(result.message.text).not.toBe("");
    const [{ physicalLocation }] = result.locations;
    expect(physicalLocation.artifactLocation.uri).toMatch(/^a%20b\/policies\//);
    expect(physicalLocation.region.startLine).toBeGreaterThanOrEqual(1);
    expect(result.partialFingerprints["phiward/v1"]).toMatch(/^[0-9a-f]{32}$/);
  }
  const wider = results.filter(({ ruleId }: { ruleId: string }) => ruleId === "change/access");
  expect(wider.map(({ level }: { level: string }) => level)).toEqual(["error", "error"]);
});

test("a fingerprint stays when the lines move, and differs from every other", async () => {
  const prints = (report: GateReport): string[] =>
    JSON.parse(JSON.stringify(gateSarif(report))).runs[0].results.map(
      ({ partialFingerprints }: { partialFingerprints: object }) =>
        Object.values(partialFingerprints)[0],
    );
  const report = await widened();
  const moved = {
    ...report,
    diff: {
      ...report.diff!,
      changes: report.diff!.changes.map((change) => ({ ...change, line: change.line + 7 })),
    },
  };
  expect(prints(moved)).toEqual(prints(report));
  expect(new Set(prints(report)).size).toBe(prints(report).length);
});

test("what is approved is a warning, and no error any more", async () => {
  const approved = await widened({
    satisfied: true,
    commit: REVIEWED,
    groups: [{ group: "team privacy-officers", needed: 1, by: [{ person: "p-example" }] }],
    problems: [],
  });
  const levels = gateAnnotations(approved).map(({ level, title }) => `${level} ${title}`);
  expect(levels.filter((level) => level.startsWith("error"))).toEqual([]);
  expect(levels).toContain("warning phiward: change/access");
});

test("JUnit counts what it lists", async () => {
  const xml = gateJunit(await widened());
  const [, tests, failures] = /<testsuites name="phiward" tests="(\d+)" failures="(\d+)"/.exec(
    xml,
  )!;
  expect([...xml.matchAll(/<testcase /g)]).toHaveLength(Number(tests));
  expect([...xml.matchAll(/<failure /g)]).toHaveLength(Number(failures));
  // A suite without a case would look as if nothing had been asked.
  const clean = gateJunit(await judged(hospital(), hospital()));
  expect(clean).toContain('<testcase classname="phiward diff" name="nothing found"/>');
});

test("a report without a comparison says that nothing could be judged, in every format", async () => {
  const report = await judged(documents(), documents({ raw: { "policies/x.yaml": "tools: [" } }));
  expect(report).toMatchObject({ diff: undefined, verdict: "unknown", exit: 2, passed: false });
  for (const text of Object.values(readings(report))) {
    expect(text).toContain("What this change does could not be judged");
    expect(text).toContain("not made");
    expect(text).not.toContain("I have read");
  }
  expect(gateJson(report)).toMatchObject({ diff: null, test: null, simulate: null });
});
