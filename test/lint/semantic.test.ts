/** The rules that the prover decides: what they say of tricky policies, and that it is true. */
import { describe, expect, it } from "vitest";
import { readyCondition } from "../../engine/decide/condition.ts";
import type { ReadyRepository } from "../../engine/decide/prepare.ts";
import { InexactNumber } from "../../engine/json/value.ts";
import { GRANT, lockText, REGISTRY, SERVER } from "../../engine/lint/examples.ts";
import { type EntrySite, Proofs } from "../../engine/lint/proofs.ts";
import type { Files } from "../../engine/lint/rule.ts";
import { MAX_WITNESS, textOfWitness, witnessText } from "../../engine/lint/witness.ts";
import { Generator, type RulesDocument, type SideDocument } from "../prove/generate.ts";
import { Random } from "../prove/random.ts";
import { allows, policyDocument, TOOL } from "../prove/sides.ts";
import { lockOfSchemas, repositoryOf } from "../support/compile.ts";
import { lintOf } from "../support/lint.ts";

const SEMANTIC = new Set([
  "always-true",
  "constant-condition",
  "dead-rule",
  "redundant-rule",
  "unreachable-tool",
]);

/** The findings of the semantic rules about one policy, as `rule: message`. */
async function said(policy: string, files: Files = REGISTRY): Promise<string[]> {
  const text = `version: "1"\ndefault: deny\n${policy}\n`;
  const { findings } = await lintOf({ ...files, "policies/lookup.yaml": text });
  expect(
    findings.filter(({ rule, place }) => rule.startsWith("invalid") && /policies/.test(place.file)),
  ).toEqual([]);
  return findings
    .filter(({ rule }) => SEMANTIC.has(rule))
    .map(({ rule, message }) => `${rule}: ${message}`);
}

const search = (rules: string): string => `tools: { search_patients: { ${rules} } }`;
const query = (rest: string): string => `{ path: args.query, ${rest} }`;
const limit = (rest: string): string => `{ path: args.limit, ${rest} }`;

describe("nothing can be allowed", () => {
  const rows: [title: string, policy: string, found: string[]][] = [
    [
      "two entries exclude each other; a third that is innocent is not named",
      search(
        `require: [${limit("op: lte, value: 9")}, ${query("op: eq, value: a")}, ${query("op: length_gt, value: 1")}]`,
      ),
      [
        "unreachable-tool: no call of `search_patients` can be allowed: `require/1` and `require/2` exclude each other",
      ],
    ],
    [
      "three, of which any two agree",
      search(
        `require: [${query("op: in, value: [a, b]")}, ${query("op: in, value: [b, c]")}, ${query("op: in, value: [a, c]")}]`,
      ),
      [
        "unreachable-tool: no call of `search_patients` can be allowed: `require/0`, `require/1` and `require/2` exclude each other",
      ],
    ],
    [
      "an argument that must be there and may not be named",
      search(`args: [query], require: [${limit("op: lte, value: 9")}]`),
      [
        "unreachable-tool: no call of `search_patients` can be allowed: `args` and `require/0` exclude each other",
      ],
    ],
    [
      "an argument that the schema requires and `args` does not name",
      search("args: [limit]"),
      ["unreachable-tool: no call of `search_patients` can be allowed: `args` lets none through"],
    ],
    [
      "a text compared with a number",
      search(`require: [${query("op: gt, value: 3")}]`),
      [
        "unreachable-tool: no call of `search_patients` can be allowed: `require/0` lets none through",
      ],
    ],
    [
      "by a rule of all tools, which has a name",
      `all_tools: { deny_if: [{ name: no-searches, conditions: [${query("op: type, value: string")}] }] }\n${search("")}`,
      [
        "unreachable-tool: no call of `search_patients` can be allowed: `no-searches` lets none through",
      ],
    ],
    [
      "a limit of patients on a tool that names none",
      search("limits: [{ counter: n, window: day, max: 5, distinct: subject }]"),
      [
        "unreachable-tool: no call of `search_patients` can be allowed: `limits/0` lets none through",
      ],
    ],
    [
      "a limit of none",
      search("limits: [{ counter: n, window: day, max: 0 }]"),
      [
        "unreachable-tool: no call of `search_patients` can be allowed: `limits/0` lets none through",
      ],
    ],
    [
      "whoever asks",
      search(
        "require: [{ path: grant.purpose, op: eq, value: treatment }, { path: grant.purpose, op: neq, value: treatment }]",
      ),
      [
        "unreachable-tool: no call of `search_patients` can be allowed: `require/0` and `require/1` exclude each other",
      ],
    ],
    [
      "a purpose that no grant can have",
      search("require: [{ path: grant.purpose, op: eq, value: marketing }]"),
      [
        "unreachable-tool: no call of `search_patients` can be allowed: `require/0` lets none through",
      ],
    ],
    [
      "of a method",
      'methods: { resources/read: { require: [{ path: args.uri, op: matches, value: "a+" }, { path: args.uri, op: matches, value: "b+" }] } }',
      [
        "unreachable-tool: no call of `resources/read` can be allowed: `require/0` and `require/1` exclude each other",
      ],
    ],
    [
      "but a hidden tool is meant to be so",
      `hide: [search_patients]\n${search("args: [limit]")}`,
      [],
    ],
    [
      "what only some grant can pass is not that",
      search(
        "require: [{ path: args.query, op: in, value_from: grant.wards }, { path: grant.purpose, op: eq, value: treatment }]",
      ),
      [],
    ],
  ];
  it.each(rows)("%s", async (_, policy, found) => {
    expect(await said(policy)).toEqual(found);
  });

  it("where the policy is used on two servers, only if on both", async () => {
    const lab = {
      "servers/lab.yaml": SERVER.replaceAll("ehr", "lab"),
      "servers/lab.lock.json": lockText("lab", [
        { name: "search_patients", inputSchema: { type: "object", properties: { limit: {} } } },
      ]),
      "grants/lookup-bot.yaml": GRANT.replace(
        "policy: lookup }",
        "policy: lookup }\n  - { server: lab, policy: lookup }",
      ),
    };
    expect(await said(search("args: [limit]"), { ...REGISTRY, ...lab })).toEqual([]);
    expect(
      await said(search(`require: [${query("op: gt, value: 3")}, ${query("op: lt, value: 2")}]`), {
        ...REGISTRY,
        ...lab,
      }),
    ).toEqual([
      "unreachable-tool: no call of `search_patients` can be allowed: `require/0` lets none through",
    ]);
  });

  it("is said of a policy that no grant uses, as far as its own rules go", async () => {
    const contradiction = search(
      `require: [${query("op: eq, value: a")}, ${query("op: eq, value: b")}], limits: [{ counter: n, window: day, max: 5, distinct: subject }]`,
    );
    expect(await said(contradiction, {})).toEqual([
      "unreachable-tool: no call of `search_patients` can be allowed: `require/0` and `require/1` exclude each other",
    ]);
    expect(
      await said(search("limits: [{ counter: n, window: day, max: 5, distinct: subject }]"), {}),
    ).toEqual([]);
  });

  it("is not guessed where a grant cannot be read", async () => {
    const files = { ...REGISTRY, "grants/other.yaml": "version: 1\n" };
    expect(await said(search("args: [limit]"), files)).toEqual([]);
  });
});

describe("what changes nothing", () => {
  const rows: [title: string, policy: string, found: string[]][] = [
    [
      "the same twice: the second one never decides, and removing what is reported removes one",
      search(`require: [${query("op: eq, value: a")}, ${query("op: eq, value: a")}]`),
      ["dead-rule: `require/1` never decides: `require/0` already denies what it would deny"],
    ],
    [
      "the weaker one last",
      search(`require: [${query("op: length_lt, value: 5")}, ${query("op: length_lt, value: 9")}]`),
      ["dead-rule: `require/1` never decides: `require/0` already denies what it would deny"],
    ],
    [
      "the weaker one first decides, and is redundant",
      search(`require: [${query("op: length_lt, value: 9")}, ${query("op: length_lt, value: 5")}]`),
      ["redundant-rule: `require/0` changes nothing: `require/1` denies all that it denies"],
    ],
    [
      "two together make a third redundant, neither alone does",
      search(
        `require: [${query("op: in, value: [a, b]")}, ${query("op: in, value: [a, b, c]")}], deny_if: [${query("op: in, value: [c, d]")}]`,
      ),
      [
        "dead-rule: `require/1` never decides: `require/0` already denies what it would deny",
        "dead-rule: `deny_if/0` never decides: `require/0` already denies what it would deny",
      ],
    ],
    [
      "a rule of all tools that the one tool already has",
      `all_tools: { deny_if: [${query('op: eq, value: "*"')}] }\n${search(`require: [${query('op: neq, value: "*"')}]`)}`,
      [
        "dead-rule: `all_tools/deny_if/0` never decides: `require/0` already denies what it would deny",
      ],
    ],
    [
      "but not where another tool needs it",
      "all_tools: { deny_if: [{ conditions: [{ path: args.patient_id, op: exists, value: true }, { path: args.patient_id, op: eq, value: '*' }] }] }\ntools: { get_patient_record: { require: [{ path: args.patient_id, op: matches, value: '[a-z]+' }] }, search_patients: {} }",
      [],
    ],
    [
      "as it is where it says nothing of the others",
      `all_tools: { deny_if: [{ conditions: [{ path: args.query, op: exists, value: true }, ${query('op: eq, value: "*"')}] }] }\ntools: { search_patients: { require: [${query('op: neq, value: "*"')}] }, list_departments: {}, get_patient_record: {} }`,
      [
        "dead-rule: `all_tools/deny_if/0` never decides: `require/0` already denies what it would deny",
      ],
    ],
    [
      "an optional argument: absence is denied, so the entry says something",
      search(`deny_if: [${limit("op: eq, value: 2.5")}]`),
      ["constant-condition: `args.limit eq 2.5` can never be true of a call of `search_patients`"],
    ],
    [
      "with `exists` in front it says nothing",
      search(
        `deny_if: [{ conditions: [${limit("op: exists, value: true")}, ${limit("op: eq, value: 2.5")}] }]`,
      ),
      ["dead-rule: `deny_if/0` is false of every call of `search_patients`, and so denies nothing"],
    ],
    [
      "`not` and `neq` are one thing",
      search(
        `require: [${query("op: neq, value: a")}], deny_if: [${query("op: neq, value: a, not: true")}]`,
      ),
      ["dead-rule: `deny_if/0` never decides: `require/0` already denies what it would deny"],
    ],
    [
      "a pattern and a list that say the same",
      search(
        `require: [${query("op: matches, value: 'Patient|Observation'")}, ${query("op: in, value: [Observation, Patient]")}]`,
      ),
      ["dead-rule: `require/1` never decides: `require/0` already denies what it would deny"],
    ],
    [
      "a pattern that looks the same and is not: `$` before a last line feed is no end in RE2",
      search(
        `require: [${query("op: regex, value: '^[a-z]+$'")}, ${query("op: matches, value: '[a-z]+'")}]`,
      ),
      ["dead-rule: `require/1` never decides: `require/0` already denies what it would deny"],
    ],
    [
      "`(?i)` lets the Kelvin sign through, and the second entry stops it",
      search(
        `require: [${query("op: matches, value: '(?i)k'")}, ${query("op: in, value: [k, K]")}]`,
      ),
      ["redundant-rule: `require/0` changes nothing: `require/1` denies all that it denies"],
    ],
    [
      "an alternative within another",
      search(
        `require: [{ any_of: [[${query("op: starts_with, value: a")}], [${query("op: starts_with, value: ab")}]] }]`,
      ),
      [
        "redundant-rule: this alternative of `require/0` changes nothing: without it the same calls are allowed",
      ],
    ],
    [
      "an alternative of `deny_if` that is false of every call",
      search(
        `deny_if: [{ any_of: [[${query('op: eq, value: "*"')}], [{ path: args.query, op: exists, value: false }]] }]`,
      ),
      ["dead-rule: this alternative of `deny_if/0` is false of every call of `search_patients`"],
    ],
    [
      "an alternative that two entries have: it can go from one of them",
      search(
        `deny_if: [{ any_of: [[${query("op: eq, value: x")}], [${query("op: eq, value: y")}]] }, { any_of: [[${query("op: eq, value: x")}], [${query("op: eq, value: z")}]] }]`,
      ),
      [
        "redundant-rule: this alternative of `deny_if/0` changes nothing: without it the same calls are allowed",
      ],
    ],
    [
      "an argument that the closed schema does not have",
      "tools: { get_patient_record: { deny_if: [{ path: args.all, op: exists, value: true }] } }",
      [
        "dead-rule: `deny_if/0` is false of every call of `get_patient_record`, and so denies nothing",
      ],
    ],
    [
      "an argument that `args` does not let in",
      search(`args: [query], deny_if: [${limit("op: exists, value: true")}]`),
      ["dead-rule: `deny_if/0` never decides: `args` already denies what it would deny"],
    ],
    [
      "every element and some element of a list of one",
      "tools: { get_patient_record: { require: [{ path: args.fields, op: count_lte, value: 1 }, { path: 'args.fields[*]', quantifier: any, op: eq, value: name }, { path: 'args.fields[*]', quantifier: all, op: eq, value: name }] } }",
      [
        "dead-rule: `require/2` never decides: `require/0` and `require/1` already deny what it would deny",
      ],
    ],
    [
      "every element and some element of a longer list are two things",
      "tools: { get_patient_record: { require: [{ path: args.fields, op: count_lte, value: 2 }, { path: 'args.fields[*]', quantifier: any, op: eq, value: name }, { path: 'args.fields[*]', quantifier: any, op: eq, value: ward }] } }",
      [],
    ],
    [
      "a list of the grant that may be anything",
      search(
        "require: [{ path: args.query, op: in, value_from: grant.wards }, { path: args.query, op: neq, value: '*' }]",
      ),
      [],
    ],
    [
      "the type that the schema says",
      search(`require: [${query("op: type, value: string")}]`),
      [
        "always-true: `require/0` is true of every call of `search_patients`, and so restricts nothing",
      ],
    ],
    [
      "a purpose that every grant has",
      search(
        "require: [{ path: grant.purpose, op: in, value: [treatment, payment, operations, research, patient_request, emergency, other] }]",
      ),
      [
        "always-true: `require/0` is true of every call of `search_patients`, and so restricts nothing",
      ],
    ],
    [
      "of all tools",
      "all_tools: { require: [{ path: grant.id, op: exists, value: true }] }\ntools: { search_patients: {}, list_departments: {} }",
      [
        "always-true: `all_tools/require/0` is true of every call of every tool that is reached, and so restricts nothing",
      ],
    ],
    [
      "a condition within an entry that says something",
      search(
        `require: [{ conditions: [${query("op: exists, value: true")}, ${query("op: neq, value: '*'")}] }]`,
      ),
      [
        "constant-condition: `args.query exists true` can never be false of a call of `search_patients`",
      ],
    ],
    [
      "well",
      search(
        `args: [query, limit], require: [${query("op: length_gte, value: 3")}], deny_if: [{ conditions: [${limit("op: exists, value: true")}, ${limit("op: gt, value: 20")}] }]`,
      ),
      [],
    ],
  ];
  it.each(rows)("%s", async (_, policy, found) => {
    expect(await said(policy)).toEqual(found);
  });

  it("is not said where the pinned schema holds what is not interpreted", async () => {
    const lock = lockText("ehr", [
      {
        name: "search_patients",
        inputSchema: {
          type: "object",
          properties: { query: { type: "string", format: "email" } },
          required: ["query"],
        },
      },
    ]);
    const files = { ...REGISTRY, "servers/ehr.lock.json": lock };
    // Every e-mail address has an @, but nobody has told the prover.
    expect(await said(search(`require: [${query("op: contains, value: '@'")}]`), files)).toEqual(
      [],
    );
    expect(await said(search(`require: [${query("op: type, value: string")}]`), files)).toEqual([
      "always-true: `require/0` is true of every call of `search_patients`, and so restricts nothing",
    ]);
  });
});

describe("SQL behind patterns", () => {
  const sqlOf = async (
    rules: string,
    { server = "", label = "execute", argument = "sql", tool = "query_records" } = {},
  ): Promise<string[]> => {
    const { findings } = await lintOf({
      "grants/lookup-bot.yaml": GRANT,
      "servers/ehr.yaml": `version: "1"\nid: ehr\n${server}vendor: { name: Example EHR Inc., baa: { status: signed } }\ntools: { ${tool}: { effect: ${label}, ephi: true } }\n`,
      "policies/lookup.yaml": `version: "1"\ndefault: deny\ntools: { ${tool}: { ${rules.replaceAll("$", `args.${argument}`)} } }\n`,
    });
    return findings.filter(({ rule }) => rule === "sql-regex-only").map(({ message }) => message);
  };
  const slips = (text: string, argument = "sql", tool = "query_records"): string[] => [
    `\`args.${argument}\` of \`${tool}\` is guarded by patterns alone, and they let ${text} through`,
  ];
  const deny = (pattern: string): string =>
    `deny_if: [{ path: $, op: regex, value: '${pattern}' }]`;
  const WORDS = "(?i)\\b(drop|delete|truncate|update|alter|insert|merge|grant|create|copy|call)\\b";

  it("the policy of the guide: a comment is no white space to it", async () => {
    expect(await sqlOf(deny("(?i)(DELETE|DROP|TRUNCATE|UPDATE|ALTER)\\s"))).toEqual(
      slips('"drop/**/table a"'),
    );
  });
  it("only one case of letters is denied", async () => {
    const [found] = await sqlOf(deny("(DELETE|DROP|TRUNCATE|UPDATE|ALTER)"));
    expect(found).toMatch(/they let "[A-Za-z]+ table [A-Za-z]+" through$/);
  });
  it("every verb that it knows is denied, and one is forgotten", async () => {
    expect(await sqlOf(deny("(?i)drop|delete|truncate|update|alter"))).toEqual(
      slips('"insert into a values"'),
    );
  });
  it("only the first word is looked at", async () => {
    const first = "require: [{ path: $, op: regex, value: '(?i)^select ' }]";
    expect((await sqlOf(first))[0]).toMatch(/they let "select ;.*" through$/);
  });
  it("comments are denied, but not those that end with the line", async () => {
    const [found] = await sqlOf(
      `deny_if: [{ any_of: [[{ path: $, op: contains, value: "/*" }], [{ path: $, op: regex, value: "(?i)(drop|delete|truncate|update|alter|insert|merge|grant|create|copy|call)[[:space:]]" }]] }]`,
    );
    expect(found).toMatch(/they let "[a-z]+--\\n.*" through$/);
  });
  const silent: [title: string, rules: string, options?: Parameters<typeof sqlOf>[1]][] = [
    ["every word, wherever it stands", deny(WORDS)],
    ["a credential that cannot write", deny("DROP"), { server: "readOnlyCredential: true\n" }],
    [
      "a list of statements",
      `require: [{ path: $, op: in, value: ["select 1"] }], ${deny("DROP")}`,
    ],
    ["a search that executes nothing", deny("DROP"), { label: "read", argument: "query" }],
    ["another argument", deny("DROP"), { argument: "ward" }],
    ["no pattern at all, which is another rule's finding", ""],
  ];
  it.each(silent)("silent: %s", async (_, rules, options) => {
    expect(await sqlOf(rules, options)).toEqual([]);
  });
  it("`query` is SQL where the tool executes it", async () => {
    expect(await sqlOf(deny("drop"), { argument: "query" })).not.toEqual([]);
    expect(await sqlOf(deny("drop"), { argument: "query", label: "read" })).toEqual([]);
    expect(
      await sqlOf(deny("drop"), { argument: "query", label: "read", tool: "run_sql" }),
    ).not.toEqual([]);
  });
});

describe("a witness", () => {
  it("is escaped and never longer than a line", () => {
    expect(witnessText({ "a\u202e": "\u212a\u001b[2J" })).toBe('{"a\\u202e":"\\u212a\\u001b[2J"}');
    expect(textOfWitness("😀")).toBe('"\\ud83d\\ude00"');
    expect(witnessText({ n: new InexactNumber("1e999") })).toBe('{"n":"(number) 1e999"}');
    const long = witnessText({ a: "x".repeat(5_000) });
    expect(long).toHaveLength(MAX_WITNESS);
    expect(long).toMatch(/x…$/);
  });
});

/** The document without what is reported: whole entries, and alternatives. */
function without(
  document: SideDocument,
  found: readonly { readonly site: EntrySite; readonly group?: number }[],
): SideDocument {
  const cut = structuredClone(document) as SideDocument;
  const gone = new Map<object, object[]>();
  const drop = <T extends object>(list: T[], item: T): void => {
    gone.set(list, [...(gone.get(list) ?? []), item]);
  };
  for (const { site, group } of found) {
    const rules: RulesDocument = site.section === "all_tools" ? cut.allTools : cut.rules;
    const list = rules[site.kind]!;
    const entry = list[site.index]!;
    if (group === undefined) drop(list, entry);
    else if ("any_of" in entry) drop(entry.any_of, entry.any_of[group]!);
  }
  for (const [list, items] of gone) {
    const kept = (list as object[]).filter((item) => !items.includes(item));
    (list as object[]).splice(0, (list as object[]).length, ...kept);
  }
  return cut;
}

function worldOf({ schema, ...rules }: SideDocument): ReadyRepository {
  return repositoryOf({
    policies: { p: policyDocument(rules) },
    servers: { s: { version: "1", id: "s" } },
    ...(schema === undefined ? {} : { locks: { s: lockOfSchemas({ [TOOL]: schema }, "s") } }),
  });
}

/** A policy and a variation of it, together: much of what one says the other says too. */
function doubled(generator: Generator): SideDocument {
  const { base, head } = generator.pair();
  const both = (key: "require" | "deny_if") => [
    ...(base.rules[key] ?? []),
    ...(head.rules[key] ?? []),
  ];
  const rules = { ...base.rules, require: both("require"), deny_if: both("deny_if") };
  return { ...base, rules };
}

describe("of random policies", () => {
  const COUNT = 250;
  const SAMPLES = 100;

  it("everything that is reported is true, and can be removed at once", () => {
    const kinds: Record<string, number> = {};
    const count = (kind: string): void => {
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    };
    for (let seed = 1; seed <= COUNT; seed++) {
      const generator = new Generator(new Random(seed), { grants: true, schemas: seed % 4 === 0 });
      const document = doubled(generator);
      const world = worldOf(document);
      const policy = world.policies.get("p")!.source;
      const server = world.servers.get("s")!;
      const pinned = server.pinned(TOOL);
      if (pinned !== undefined && "problem" in pinned) continue;
      const ruled = [{ policy, server: server.source, target: { tool: TOOL } }];
      const { unreachable, superfluous, constant } = new Proofs(world, () => ruled).of(policy);
      for (const _ of unreachable) count("unreachable");
      for (const { why, group } of superfluous) count(group === undefined ? why : `group ${why}`);
      for (const { never } of constant) count(`never ${never}`);
      const before = allows(document);
      const after = allows(without(document, superfluous));
      const never = constant.map(({ condition, never: truth }) => ({
        judge: readyCondition(condition).judge,
        truth,
      }));
      for (let i = 0; i < SAMPLES; i++) {
        const [args, grant] = [generator.args(), generator.attributes()];
        const allowed = before(args, grant);
        const refuted =
          after(args, grant) !== allowed ||
          (allowed && unreachable.length > 0) ||
          ((pinned === undefined || pinned.schema.check(args) === undefined) &&
            never.some(({ judge, truth }) => judge({ args, grant }) === truth));
        if (refuted) expect.fail(`seed ${seed}: ${JSON.stringify([args, grant, document])}`);
      }
    }
    // Every kind of finding was met, so that none of the above was true of nothing.
    expect(Object.keys(kinds).sort()).toEqual([
      "group redundant",
      "group says nothing",
      "never decides",
      "never false",
      "never true",
      "redundant",
      "says nothing",
      "unreachable",
    ]);
  });
});
