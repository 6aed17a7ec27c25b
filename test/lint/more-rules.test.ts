/** Rules about slips of everyday: what each finds beside its example, and what it leaves in peace. */
import { describe, expect, it } from "vitest";
import { GRANT, lockText, REGISTRY } from "../../engine/lint/examples.ts";
import { plainForm } from "../../engine/lint/pattern.ts";
import type { Files } from "../../engine/lint/rule.ts";
import { findingsOf, lineOf } from "../support/lint.ts";

type Row = readonly [title: string, files: Files, found: readonly string[]];

/** The messages of one rule, without their places: those of the examples are tested there. */
function table(rule: string, rows: readonly Row[]): void {
  describe(rule, () => {
    it.each(rows)("%s", async (_, files, found) => {
      const all = await findingsOf(files, { rule });
      expect(all.map((finding) => lineOf(finding).replace(/^\S+ /, ""))).toEqual(found);
    });
  });
}

const policy = (body: string, files: Files = REGISTRY): Files => ({
  ...files,
  "policies/lookup.yaml": `version: "1"\ndefault: deny\n${body}\n`,
});
const search = (rules: string, files: Files = REGISTRY): Files =>
  policy(`tools: { search_patients: { ${rules} } }`, files);
const query = (rest: string): string => `{ path: args.query, ${rest} }`;

table("unanchored-pattern", [
  [
    "a pattern with an anchor at one end only",
    search(`require: [${query('op: regex, value: "^[a-c]+"')}]`),
    [
      'warning: `args.query regex "^[a-c]+"` of `search_patients` lets "ad" through, of which it describes only a piece',
    ],
  ],
  [
    "one with anchors at both ends",
    search(`require: [${query('op: regex, value: "^[a-c]+$"')}]`),
    [],
  ],
  ["one that describes any text", search(`require: [${query('op: regex, value: "(?s).*"')}]`), []],
  // The other condition leaves no room around it.
  [
    "one that another condition anchors",
    search(
      `require: [${query('op: regex, value: "[a-c]+"')}, ${query('op: matches, value: "[a-c]*"')}]`,
    ),
    [],
  ],
  [
    "a plain piece of text, which `plain-pattern` is about",
    search(`require: [${query("op: regex, value: north")}]`),
    [],
  ],
  // In `deny_if` a search denies more than the whole text would.
  ["a `deny_if`", search(`deny_if: [${query('op: regex, value: "[a-c]+[0-9]"')}]`), []],
  [
    "a negated one",
    search(`require: [${query('op: regex, value: "[a-c]+[0-9]", not: true')}]`),
    [],
  ],
]);

table("plain-pattern", [
  [
    "one text",
    search(`require: [${query('op: regex, value: "^north$"')}]`),
    ["info: this pattern is one text, which `eq` says plainly"],
  ],
  [
    "the start of a text",
    search(`require: [${query('op: regex, value: "^Patient/"')}]`),
    ["info: this pattern is the start of a text, which `starts_with` says plainly"],
  ],
  [
    "a choice without a group, whose anchors are its own sides'",
    search(`require: [${query('op: regex, value: "^a|b$"')}]`),
    [],
  ],
  ["flags", search(`require: [${query('op: regex, value: "(?i)north"')}]`), []],
  [
    "`matches`, which is plain already",
    search(`require: [${query('op: matches, value: "[a-c]+"')}]`),
    [],
  ],
]);

describe("the plainer form of a pattern", () => {
  const rows: [pattern: string, form: unknown][] = [
    ["^north$", { op: "eq", value: "north" }],
    ["\\Anorth\\z", { op: "eq", value: "north" }],
    ["^a\\.b$", { op: "eq", value: "a.b" }],
    ["north", { op: "contains", value: "north" }],
    ["^north", { op: "starts_with", value: "north" }],
    ["north$", { op: "ends_with", value: "north" }],
    // The dollar is one of the text.
    ["north\\$", { op: "contains", value: "north$" }],
    ["^(a|b-1)$", { op: "in", value: ["a", "b-1"] }],
    ["^(?:a|b)$", { op: "in", value: ["a", "b"] }],
    ["^[a-z]+$", { op: "matches", value: "[a-z]+" }],
    ["[a-z]+", undefined],
    ["^[a-z]+", undefined],
    // Not seen, although it has one: a choice is looked at only where it is of plain words.
    ["^(a|)$", undefined],
    ["^a|b$", undefined],
    // With the flag `m` the anchors are those of a line.
    ["(?m)^a$", undefined],
    ["", undefined],
    ["^$", { op: "eq", value: "" }],
    // A class of its own, not the letter.
    ["^\\d$", { op: "matches", value: "\\d" }],
  ];
  it.each(rows)("%s", (pattern, form) => {
    expect(plainForm(pattern)).toEqual(form);
  });
});

table("negated-operator", [
  [
    "`exists`, whose value says it",
    search(`require: [${query("op: exists, value: true, not: true")}]`),
    [],
  ],
  [
    "an operator without an opposite",
    search(`deny_if: [${query("op: starts_with, value: a, not: true")}]`),
    [],
  ],
  // Not all of them are `a` is something else than all of them are not.
  [
    "a quantifier, after which `not` comes",
    policy(
      'tools: { get_patient_record: { require: [{ path: "args.fields[*]", quantifier: all, op: eq, value: a, not: true }] } }',
    ),
    [],
  ],
  ["`not: false`", search(`require: [${query("op: eq, value: a, not: false")}]`), []],
  [
    "a list",
    search(`deny_if: [${query("op: in, value: [a], not: true")}]`),
    ["info: `not` turns `in` around, which `not_in` says in one word"],
  ],
]);

table("repeated-member", [
  // A number and a text are two values.
  ["values of two types", search(`require: [${query('op: in, value: [5, "5"]')}]`), []],
  [
    "three of one",
    search(`require: [${query("op: in, value: [a, a, a]")}]`),
    [
      "warning: this value stands in the list already, as number 1",
      "warning: this value stands in the list already, as number 1",
    ],
  ],
]);

table("impossible-member", [
  [
    "another type than the schema's",
    search(`require: [${query("op: in, value: [a, 5]")}]`),
    ["warning: `args.query` of `search_patients` never has this value"],
  ],
  // All of them: the condition is a constant, which another rule says.
  ["a list of which nothing fits", search(`require: [${query("op: in, value: [5, 6]")}]`), []],
  [
    "a tool without a pinned schema",
    search(`require: [${query("op: in, value: [a, 5]")}]`, withoutLock()),
    [],
  ],
]);

function withoutLock(): Files {
  return Object.fromEntries(
    Object.entries(REGISTRY).filter(([path]) => !path.endsWith(".lock.json")),
  );
}

const granted = (attributes: string, ...others: string[]): Files => ({
  ...REGISTRY,
  "grants/lookup-bot.yaml": `${GRANT}attributes: ${attributes}\n`,
  ...Object.fromEntries(
    others.map((text, index) => [
      `grants/other-${index}.yaml`,
      `${GRANT.replace("agent:lookup-bot", `agent:other-${index}`)}attributes: ${text}\n`,
    ]),
  ),
});

table("unknown-attribute", [
  [
    "an attribute that is there",
    search(`require: [${query("op: in, value_from: grant.clinics")}]`, granted("{ clinics: [a] }")),
    [],
  ],
  [
    "one that some grants have",
    search(
      `require: [${query("op: in, value_from: grant.clinics")}]`,
      granted("{ clinics: [a] }", "{ wards: [a] }"),
    ),
    ["warning: the grant `other-0` does not have `grant.clinics` as `in` needs it"],
  ],
  // `eq` compares with one value, and a list is none.
  [
    "one of another type than the operator takes",
    search(`require: [${query("op: eq, value_from: grant.clinics")}]`, granted("{ clinics: [a] }")),
    ["error: no grant under this policy has `grant.clinics` as `eq` needs it"],
  ],
  [
    "what every grant has",
    search(
      `require: [{ path: grant.purpose, op: eq, value: treatment }, { path: grant.principal.kind, op: eq, value: agent }]`,
    ),
    [],
  ],
  [
    "`exists`, which asks just that",
    search("require: [{ path: grant.clinics, op: exists, value: false }]"),
    [],
  ],
  [
    "a path that no grant has",
    search("require: [{ path: grant.ward, op: eq, value: a }]"),
    ["error: no grant under this policy has `grant.ward`"],
  ],
  [
    "a policy that nobody uses yet",
    search(`require: [${query("op: in, value_from: grant.clinics")}]`, {
      "servers/ehr.yaml": REGISTRY["servers/ehr.yaml"],
    }),
    [],
  ],
]);

const limits = (...all: string[]): Files => search(`limits: [${all.join(", ")}]`);

table("idle-limit", [
  [
    "two that stop each other: the second is the idle one",
    limits("{ counter: a, window: hour, max: 5 }", "{ counter: b, window: hour, max: 5 }"),
    ["warning: `limits/1` is never reached: `limits/0` allows 5 an hour"],
  ],
  [
    "one a minute that is reached before an hour's",
    limits("{ counter: a, window: minute, max: 5 }", "{ counter: b, window: hour, max: 299 }"),
    [],
  ],
  [
    "sixty times as much is as much",
    limits("{ counter: a, window: minute, max: 5 }", "{ counter: b, window: hour, max: 300 }"),
    ["warning: `limits/1` is never reached: `limits/0` allows 5 a minute, so at most 300 an hour"],
  ],
  [
    "calls and patients, which are not the same",
    limits(
      "{ counter: a, window: hour, max: 5 }",
      "{ counter: b, window: hour, max: 9, distinct: subject }",
    ),
    [],
  ],
  [
    "what the principal may, of what its grant may",
    limits(
      "{ counter: a, window: hour, max: 5, scope: principal }",
      "{ counter: b, window: hour, max: 9, scope: grant }",
    ),
    ["warning: `limits/1` is never reached: `limits/0` allows 5 an hour"],
  ],
  [
    "what one grant may, of what its principal may",
    limits(
      "{ counter: a, window: hour, max: 5, scope: grant }",
      "{ counter: b, window: hour, max: 9, scope: principal }",
    ),
    [],
  ],
  // Another policy may count on it too, and need not have the other limit.
  [
    "what all grants of a server may",
    limits(
      "{ counter: a, window: hour, max: 5, scope: server }",
      "{ counter: b, window: hour, max: 9, scope: server }",
    ),
    [],
  ],
  [
    "one of all tools before one of a tool",
    policy(
      "all_tools: { limits: [{ counter: a, window: hour, max: 5 }] }\ntools: { search_patients: { limits: [{ counter: b, window: hour, max: 9 }] } }",
    ),
    ["warning: `limits/0` is never reached: `all_tools/limits/0` allows 5 an hour"],
  ],
  [
    "sums of different arguments",
    limits(
      "{ counter: a, window: hour, max: 5, increment_from: args.limit }",
      "{ counter: b, window: hour, max: 9 }",
    ),
    [],
  ],
]);

const suite = (cases: string): Files => ({
  "policies/lookup.yaml": 'version: "1"\ndefault: deny\ntools: { t: {} }\n',
  "tests/a.test.yaml": `version: "1"\nsuite: s\ndefaults: { policy: lookup }\ncases:\n${cases}`,
});
const CALL = "call: { tool: t, args: {} }";

table("suite-without-denial", [
  [
    "a verdict with a rule",
    suite(`  - { name: a, ${CALL}, expect: { verdict: deny, rule: "(default deny)" } }\n`),
    [],
  ],
  [
    "an allowed call with its label",
    suite(`  - { name: a, ${CALL}, expect: { verdict: allow, ephi: true } }\n`),
    ["warning: no case of this suite expects a denial, so it passes whatever the policy allows"],
  ],
  [
    "a sequence that ends with a denial",
    suite(
      "  - { name: a, sequence: { repeat: 3, call: { tool: t } }, expect: { last: { verdict: deny } } }\n",
    ),
    [],
  ],
  [
    "a sequence of which some are allowed",
    suite("  - { name: a, sequence: { repeat: 3, call: { tool: t } }, expect: { allowed: 2 } }\n"),
    [],
  ],
  [
    "a matrix",
    suite(
      "  - { name: a, matrix: { calls: { c: { tool: t } }, grants: [g], expect: { c: [g] } } }\n",
    ),
    [],
  ],
]);

const reviewed = (grant: string): Files =>
  policy("tools: { list_departments: {} }", { ...REGISTRY, "grants/lookup-bot.yaml": grant });

table("self-review", [
  ["another person", reviewed(GRANT), []],
  ["nobody yet", reviewed(GRANT.replace(/lastReview.*\n/, "")), []],
  [
    "a person's own grant",
    reviewed(
      GRANT.replace(/principal: .*\n/, 'principal: { kind: person, id: "person:m.chen" }\n'),
    ),
    ["warning: `person:m.chen` holds this grant, and reviewed it"],
  ],
  [
    "an emergency grant that its holder opens",
    reviewed(
      `${GRANT.replace(/principal: .*\n/, 'principal: { kind: person, id: "person:a.ito" }\n')}breakGlass: { openers: ["person:m.chen", "person:a.ito"], max: 4h }\n`,
    ),
    ["warning: `person:a.ito` holds this emergency grant, and can open it alone"],
  ],
  [
    "one that the person who answers for an agent opens",
    reviewed(`${GRANT}breakGlass: { openers: ["person:j.rivera"], max: 4h }\n`),
    [],
  ],
]);

const two = (lookup: string): Files => ({
  ...policy(lookup, {
    ...REGISTRY,
    "grants/lookup-bot.yaml": GRANT.replace(
      "  - { server: ehr, policy: lookup }\n",
      "  - { server: ehr, policy: lookup }\n  - { server: pharmacy, policy: lookup }\n",
    ),
    "servers/pharmacy.yaml":
      'version: "1"\nid: pharmacy\ntools: { list_stock: { effect: read, ephi: false, volume: single, subject: none } }\n',
  }),
});

table("empty-access", [
  [
    "a policy with a tool of each server",
    two("tools: { list_departments: {}, list_stock: {} }"),
    [],
  ],
  // `default: allow` reaches what is labelled as harmless.
  [
    "`default: allow`",
    { ...two(""), "policies/lookup.yaml": 'version: "1"\ndefault: allow\n' },
    [],
  ],
  ["a policy that reaches nothing anywhere, which is said elsewhere", two("tools: {}"), []],
  [
    "methods, of which nobody keeps a list",
    two('tools: { list_departments: {} }\nmethods: { "resources/read": {} }'),
    [],
  ],
]);

const headed = (properties: object): Files =>
  policy("tools: { get_patient_record: {} }", {
    ...REGISTRY,
    "servers/ehr.lock.json": lockText("ehr", [
      { name: "get_patient_record", inputSchema: { type: "object", properties } as never },
    ]),
  });

table("patient-in-header", [
  [
    "an argument beside the patient's",
    headed({ patient_id: { type: "string" }, note: { type: "string", "x-mcp-header": "Note" } }),
    [
      "info: `args.note` of `get_patient_record` may hold patient data, and is sent in the header `Mcp-Param-Note` too",
    ],
  ],
  ["one of a few words", headed({ region: { enum: ["eu", "us"], "x-mcp-header": "Region" } }), []],
  [
    "one inside another",
    headed({
      who: { type: "object", properties: { name: { type: "string", "x-mcp-header": "Name" } } },
    }),
    [
      "info: `args.who.name` of `get_patient_record` may hold patient data, and is sent in the header `Mcp-Param-Name` too",
    ],
  ],
  ["a property of that name", headed({ "x-mcp-header": { type: "string" } }), []],
]);
