/** Invariants of phiward.yaml: how they are written, and that they are proved of every pairing. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GRANT, REGISTRY, SERVER } from "../../engine/lint/examples.ts";
import type { Files } from "../../engine/lint/rule.ts";
import { lineOf, lintOf } from "../support/lint.ts";

const project = (...invariants: string[]): string =>
  `version: "1"\ngate: { approvers: [{ team: privacy-officers }] }\ninvariants:\n${invariants.map((text) => `  - ${text}\n`).join("")}`;

async function found(files: Files): Promise<string[]> {
  const { findings } = await lintOf({ ...REGISTRY, ...files });
  return findings
    .filter(({ rule, place }) => rule === "invariant" || place.file === "phiward.yaml")
    .map(({ rule, message }) => `${rule}: ${message}`);
}

/** What the invariant says of a policy with these tools. */
async function said(invariant: string, tools: string, files: Files = {}): Promise<string[]> {
  return await found({
    "phiward.yaml": project(invariant),
    "policies/lookup.yaml": `version: "1"\ndefault: deny\ntools: { ${tools} }\n`,
    ...files,
  });
}

const breaks = (tool: string, name = "i", server = "ehr"): string =>
  `invariant: \`${tool}\` on \`${server}\` breaks the invariant \`${name}\``;

const NAMED = "{ name: i, tools: ephi, require: { subject: named } }";
const STAR = (tools: string, more = ""): string =>
  `{ name: i, tools: ${tools}${more}, require: { path: args.query, op: neq, value: "*" } }`;

describe("what an invariant says", () => {
  const rows: [title: string, invariant: string, tools: string, found: string[]][] = [
    ["the schema requires the patient", NAMED, "get_patient_record: {}", []],
    ["the label says that nobody knows", NAMED, "search_patients: {}", [breaks("search_patients")]],
    ["not of a tool without patient data", NAMED, "list_departments: {}", []],
    [
      "of all tools, one that names nobody by its label",
      NAMED.replace("ephi", "all"),
      "list_departments: {}",
      [breaks("list_departments")],
    ],
    [
      "what the policy requires",
      STAR("all"),
      "search_patients: { require: [{ path: args.query, op: matches, value: '[a-z]+' }] }",
      [],
    ],
    [
      "what the policy almost requires",
      STAR("all"),
      "search_patients: { require: [{ path: args.query, op: matches, value: '[a-z*]+' }] }",
      [breaks("search_patients")],
    ],
    ["of listed tools only", STAR("[delete_patient]"), "search_patients: {}", []],
    ["of an effect only", STAR("all", ", effect: [write]"), "search_patients: {}", []],
    [
      "of an effect that the tool has",
      STAR("all", ", effect: [write, read]"),
      "search_patients: {}",
      [breaks("search_patients")],
    ],
    [
      "by an entry with alternatives",
      "{ name: i, tools: [search_patients], require: { any_of: [[{ path: args.query, op: eq, value: a }], [{ path: args.query, op: eq, value: b }]] } }",
      "search_patients: { require: [{ path: args.query, op: in, value: [a, b] }] }",
      [],
    ],
    [
      "undetermined is not true",
      "{ name: i, tools: [search_patients], require: { path: args.limit, op: lte, value: 50 } }",
      "search_patients: { deny_if: [{ conditions: [{ path: args.limit, op: exists, value: true }, { path: args.limit, op: gt, value: 50 }] }] }",
      [breaks("search_patients")],
    ],
    [
      "of a tool of which nothing is allowed",
      STAR("all"),
      "search_patients: { require: [{ path: args.query, op: gt, value: 1 }] }",
      [],
    ],
  ];
  it.each(rows)("%s", async (_, invariant, tools, expected) => {
    expect(await said(invariant, tools)).toEqual(expected);
  });

  it("shows an allowed call that breaks it", async () => {
    const { findings } = await lintOf({
      ...REGISTRY,
      "phiward.yaml": project(STAR("all")),
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\ntools: { search_patients: {} }\n',
    });
    const [finding] = findings.filter(({ rule }) => rule === "invariant");
    expect(lineOf(finding!)).toBe(
      "policies/lookup.yaml:3:10 error: `search_patients` on `ehr` breaks the invariant `i`",
    );
    expect(finding!.help).toContain('{"query":"*"}');
  });
});

describe("labels that an argument decides", () => {
  const server = (label: string): Files => ({
    "servers/ehr.yaml": SERVER.replace(/search_patients: .*/, `search_patients: ${label}`),
  });
  const by = (name: string, cases: string): string =>
    `${name}: { by: args.query, cases: ${cases} }`;
  const rows: [title: string, label: string, invariant: string, rules: string, found: string[]][] =
    [
      [
        "the calls that write",
        `{ ${by("effect", "{ post: write, get: read }")}, ephi: true }`,
        "{ name: i, tools: all, effect: [write], require: { path: args.limit, op: exists, value: true } }",
        "{ require: [{ path: args.query, op: in, value: [get, look] }] }",
        [],
      ],
      [
        "any other value executes",
        `{ ${by("effect", "{ post: write, get: read }")}, ephi: true }`,
        "{ name: i, tools: all, effect: [execute], require: { path: args.limit, op: exists, value: true } }",
        "{ require: [{ path: args.query, op: in, value: [get, look] }] }",
        [breaks("search_patients")],
      ],
      [
        "the calls that touch patient data",
        `{ effect: read, ${by("ephi", "{ ward: false, patient: true }")} }`,
        "{ name: i, tools: ephi, require: { path: args.limit, op: exists, value: true } }",
        "{ require: [{ path: args.query, op: eq, value: ward }] }",
        [],
      ],
      [
        "the calls of which the patient is known, and no others are allowed",
        `{ effect: read, ${by("subject", "{ a: args.limit, b: args.limit }")} }`,
        NAMED,
        "{ require: [{ path: args.query, op: in, value: [a, b] }, { path: args.limit, op: gt, value: 0 }] }",
        [],
      ],
      [
        "the patient of any other value is not known",
        `{ effect: read, ${by("subject", "{ a: args.limit }")} }`,
        NAMED,
        "{ require: [{ path: args.query, op: in, value: [a, b] }, { path: args.limit, op: gt, value: 0 }] }",
        [breaks("search_patients")],
      ],
      [
        "a case without a patient names nobody",
        `{ effect: read, ${by("subject", "{ a: args.limit, b: none }")} }`,
        NAMED,
        "{ require: [{ path: args.query, op: in, value: [a, b] }, { path: args.limit, op: gt, value: 0 }] }",
        [breaks("search_patients")],
      ],
      [
        "any other value touches patient data",
        `{ effect: read, ${by("ephi", "{ ward: false, patient: true }")} }`,
        "{ name: i, tools: ephi, require: { path: args.limit, op: exists, value: true } }",
        "{ require: [{ path: args.query, op: in, value: [ward, bed] }] }",
        [breaks("search_patients")],
      ],
    ];
  it.each(rows)("%s", async (_, label, invariant, rules, expected) => {
    expect(await said(invariant, `search_patients: ${rules}`, server(label))).toEqual(expected);
  });
});

describe("whoever has a grant", () => {
  const OWN =
    "{ name: i, tools: [search_patients], require: { path: args.query, op: in, value: [north, east] } }";
  const RULES =
    "search_patients: { require: [{ path: args.query, op: in, value_from: grant.wards }] }";
  const wards = (list: string): string =>
    GRANT.replace("purpose:", `attributes: { wards: ${list} }\npurpose:`);
  const other = (list: string): string =>
    wards(list).replace("agent:lookup-bot", "agent:other-bot");

  it("is asked with its own constants", async () => {
    const grants = { "grants/lookup-bot.yaml": wards("[north]") };
    expect(await said(OWN, RULES, grants)).toEqual([]);
    expect(await said(OWN, RULES, { "grants/lookup-bot.yaml": wards("[north, south]") })).toEqual([
      breaks("search_patients"),
    ]);
    expect(
      await said(OWN, RULES, { ...grants, "grants/other-bot.yaml": other("[east, west]") }),
    ).toEqual([breaks("search_patients")]);
    expect(await said(OWN, RULES, { ...grants, "grants/other-bot.yaml": other("[east]") })).toEqual(
      [],
    );
  });

  it("is not asked about a policy that it does not have", async () => {
    const files = {
      "grants/lookup-bot.yaml": wards("[north]"),
      "grants/other-bot.yaml": other("[west]").replace("policy: lookup", "policy: other"),
      "policies/other.yaml": 'version: "1"\ndefault: deny\n',
    };
    expect(await said(OWN, RULES, files)).toEqual([]);
  });

  it("is named, and none of its constants is shown, nor within a text", async () => {
    const helpOf = async (op: string): Promise<string> => {
      const { findings } = await lintOf({
        ...REGISTRY,
        "phiward.yaml": project(OWN),
        "grants/lookup-bot.yaml": GRANT.replace(
          "purpose:",
          "attributes: { ward: south }\npurpose:",
        ),
        "policies/lookup.yaml": `version: "1"\ndefault: deny\ntools: { search_patients: { require: [{ path: args.query, op: ${op}, value_from: grant.ward }, { path: args.query, op: length_gt, value: 4 }] } }\n`,
      });
      return findings.find(({ rule }) => rule === "invariant")!.help;
    };
    for (const op of ["eq", "starts_with", "contains"]) {
      expect(await helpOf(op)).toBe(
        '`lookup-bot` may call: {"query":"(grant.ward)"}; add to `require` what rules it out',
      );
    }
  });

  it("is asked on every server with which it is paired", async () => {
    const lab = {
      "servers/lab.yaml": SERVER.replaceAll("ehr", "lab"),
      "grants/lookup-bot.yaml": GRANT.replace(
        "policy: lookup }",
        "policy: lookup }\n  - { server: lab, policy: lookup }",
      ),
    };
    expect(await said(NAMED, "get_patient_record: {}", lab)).toEqual([
      breaks("get_patient_record", "i", "lab"),
    ]);
  });
});

describe("how it is written", () => {
  const rows: [invariant: string, found: string[]][] = [
    ["{ name: i, tools: ephi }", ["invalid-shape: `require` is missing in item 0 of `invariants`"]],
    [
      "{ name: i, tools: [], require: { subject: named } }",
      ["invalid-shape: `tools` is not of the right form"],
    ],
    [
      "{ name: i, tools: some, require: { subject: named } }",
      ["invalid-shape: `tools` is not of the right form"],
    ],
    [
      "{ name: i, tools: all, require: { subject: known } }",
      [
        "invalid-shape: `require` is not of the right form",
        "invalid-shape: unknown key `subject` in `require`",
      ],
    ],
    ["{ name: i, tools: all, require: {} }", ["invalid-shape: `require` is not of the right form"]],
    [
      "{ name: i, tools: all, require: { path: argz.a, op: exists, value: true } }",
      ["invalid-path: a path starts with `args` or `grant`"],
    ],
    [
      '{ name: i, tools: all, require: { conditions: [{ path: args.a, op: regex, value: "(" }] } }',
      ["invalid-regex: not an RE2 expression: missing closing )"],
    ],
    [
      "{ name: i, tools: [search_patient], require: { subject: named } }",
      ["invariant: the invariant `i` names `search_patient`, which no server has"],
    ],
  ];
  it.each(rows)("%s", async (invariant, expected) => {
    expect(await said(invariant, "list_departments: {}")).toEqual(expected);
  });

  it("under a name of its own", async () => {
    const one = "{ name: i, tools: [get_patient_record], require: { subject: named } }";
    const files = {
      "phiward.yaml": project(one, one),
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\n',
    };
    expect(await found(files)).toEqual(["duplicate: two invariants have the same name"]);
  });

  it("with the entries of a policy, to the letter", () => {
    const read = (name: string) =>
      JSON.parse(
        readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), "utf8"),
      ).$defs;
    const [ours, policys] = [read("project"), read("policy")];
    expect(Object.keys(ours).sort()).toEqual([
      "condition",
      "entry",
      "group",
      "name",
      "scalar",
      "text",
    ]);
    for (const name of Object.keys(ours)) expect(ours[name], name).toEqual(policys[name]);
  });
});
