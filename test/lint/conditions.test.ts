/** The rules that read conditions, in tables: one condition a row, on one tool of one server. */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../engine/json/value.ts";
import { GRANT, lockText } from "../../engine/lint/examples.ts";
import { findingsOf, lintOf } from "../support/lint.ts";

const INPUT: JsonObject = {
  type: "object",
  properties: {
    id: { type: "string" },
    count: { type: "integer" },
    ratio: { type: ["number", "null"] },
    flag: { type: "boolean" },
    tags: { type: "array", items: { type: "string" } },
    rows: { type: "array", items: { type: "object", properties: { id: { type: "string" } } } },
    filter: { type: "object", properties: { from: { type: "integer" } } },
    maybe: { anyOf: [{ type: "integer" }, { type: "null" }] },
    any: {},
    open: { type: "object" },
  },
  required: ["id"],
};

const SERVER = `version: "1"
id: ehr
vendor: { name: Example EHR Inc., baa: { status: signed } }
tools:
  read: { effect: read, ephi: true, volume: single, subject: args.id }
  list: { effect: read, ephi: true, volume: single, subject: "args.tags[*]" }
`;

const LOCK = lockText("ehr", [
  { name: "read", inputSchema: INPUT },
  { name: "list", inputSchema: { type: "object", properties: { tags: { type: "array" } } } },
]);

interface Where {
  readonly section?: "tool" | "all_tools";
  readonly kind?: "require" | "deny_if";
  /** Further entries of the tool, in flow style. */
  readonly require?: string;
}

function repository(entry: string, { section = "tool", kind = "require", require }: Where) {
  const rules = `{ ${require === undefined ? "" : `require: [${require}], `}${kind}: [${entry}] }`;
  const policy =
    section === "tool"
      ? `version: "1"\ndefault: deny\ntools:\n  read: ${rules}\n`
      : `version: "1"\ndefault: deny\nall_tools: ${rules}\ntools: { read: {}, list: {} }\n`;
  return {
    "grants/lookup-bot.yaml": GRANT,
    "servers/ehr.yaml": SERVER,
    "servers/ehr.lock.json": LOCK,
    "policies/lookup.yaml": policy,
  };
}

async function messages(rule: string, entry: string, where: Where = {}): Promise<string[]> {
  const found = await findingsOf(repository(entry, where), { rule });
  return found.map(({ message }) => message);
}

describe("argument-type", () => {
  const fine: string[] = [
    "{ path: args.id, op: eq, value: x }",
    "{ path: args.count, op: eq, value: 5 }",
    "{ path: args.count, op: lt, value: 5.5 }",
    "{ path: args.flag, op: neq, value: true }",
    // One fitting member, or one fitting type, is enough.
    "{ path: args.count, op: in, value: ['5', 5] }",
    "{ path: args.ratio, op: gte, value: 0 }",
    "{ path: args.maybe, op: lt, value: 3 }",
    "{ path: args.tags, op: has_element, value: x }",
    "{ path: args.tags, op: contains, value: x }",
    "{ path: args.tags, op: count_lte, value: 3 }",
    "{ path: 'args.tags[*]', quantifier: all, op: length_lt, value: 9 }",
    "{ path: 'args.tags[0]', op: starts_with, value: x }",
    "{ path: 'args.rows[*].id', quantifier: any, op: regex, value: x }",
    "{ path: args.filter.from, op: gt, value: 0 }",
    "{ path: args.any.deep, op: lt, value: 0 }",
    "{ path: args.open.deep, op: eq, value: x }",
    // These two are determined of every type.
    "{ path: args.count, op: exists, value: false }",
    "{ path: args.count, op: type, value: string }",
    // What the grant holds is not known from here.
    "{ path: args.count, op: eq, value_from: grant.level }",
    "{ path: args.id, op: in, value_from: grant.levels }",
    // An attribute is no argument.
    "{ path: grant.level, op: lt, value: 5 }",
  ];
  it.each(fine)("takes %s", async (entry) => {
    expect(await messages("argument-type", entry)).toEqual([]);
  });

  const bad: [entry: string, message: string][] = [
    [
      "{ path: args.count, op: eq, value: '5' }",
      "`args.count` of `read` is a number, and is compared with a string",
    ],
    [
      "{ path: args.id, op: not_in, value: [5, true] }",
      "`args.id` of `read` is a string, and is compared with a number or a boolean",
    ],
    [
      "{ path: args.ratio, op: eq, value: x }",
      "`args.ratio` of `read` is a number or null, and is compared with a string",
    ],
    [
      "{ path: args.maybe, op: eq, value: x }",
      "`args.maybe` of `read` is a number or null, and is compared with a string",
    ],
    [
      "{ path: args.id, op: lt, value: 5 }",
      "`lt` takes a number, and `args.id` of `read` is a string",
    ],
    [
      "{ path: args.count, op: matches, value: '5' }",
      "`matches` takes a string, and `args.count` of `read` is a number",
    ],
    [
      "{ path: args.tags, op: eq, value: x }",
      "`args.tags` of `read` is an array, and is compared with a string",
    ],
    [
      "{ path: args.tags, op: length_lt, value: 5 }",
      "`length_lt` takes a string, and `args.tags` of `read` is an array",
    ],
    [
      "{ path: args.id, op: has_element, value: x }",
      "`has_element` takes an array of comparable values, and `args.id` of `read` is a string",
    ],
    [
      "{ path: args.id, op: contains, value: 5 }",
      "`contains` takes a string or an array of comparable values, and `args.id` of `read` is a string",
    ],
    [
      "{ path: args.flag, op: lte, value_from: grant.level }",
      "`lte` takes a number, and `args.flag` of `read` is a boolean",
    ],
    [
      "{ path: args.open, op: eq, value_from: grant.level }",
      "`eq` takes a value of the same type, and `args.open` of `read` is an object",
    ],
    [
      "{ path: args.id.family, op: exists, value: true }",
      "`args.id` of `read` is a string, so `.family` finds nothing in it",
    ],
    [
      "{ path: 'args.filter[*]', quantifier: any, op: eq, value: x }",
      "`args.filter` of `read` is an object, so `[*]` finds nothing in it",
    ],
    [
      "{ path: 'args.tags[*].id', quantifier: any, op: eq, value: x }",
      "`args.tags[*]` of `read` is a string, so `.id` finds nothing in it",
    ],
  ];
  it.each(bad)("refuses %s", async (entry, message) => {
    expect(await messages("argument-type", entry)).toEqual([message]);
    // The entry's form changes the place and nothing else.
    expect(await messages("argument-type", `{ conditions: [${entry}] }`)).toEqual([message]);
    expect(await messages("argument-type", `{ any_of: [[${entry}]] }`)).toEqual([message]);
  });

  it("names the value, the operator or the path, in every form of an entry", async () => {
    const entry = `{ any_of: [[{ path: args.id, op: eq, value: x }], [
      { path: args.flag, op: eq, value: true }, { path: args.count, op: eq, value: '5' }]] }`;
    const [found] = await findingsOf(repository(entry, {}), { rule: "argument-type" });
    expect(found?.place).toEqual({ file: "policies/lookup.yaml", line: 5, column: 84 });
  });

  it("speaks of `all_tools` only when no tool can be meant", async () => {
    const where = { section: "all_tools" } as const;
    // `list` has no items to be of another type.
    expect(await messages("argument-type", "{ path: args.tags, op: eq, value: x }", where)).toEqual(
      [
        "`args.tags` of every tool that the policy reaches is an array, and is compared with a string",
      ],
    );
    const elements = "{ path: 'args.tags[*]', quantifier: any, op: lt, value: 5 }";
    expect(await messages("argument-type", elements, where)).toEqual([]);
  });

  it.each([
    [
      "subject: args.tags",
      "a subject is a string or a number, and `args.tags` of `read` is an array",
    ],
    [
      "subject: args.filter",
      "a subject is a string or a number, and `args.filter` of `read` is an object",
    ],
    [
      "subject: { by: args.count, cases: { '1': none } }",
      "a label's cases are strings, and `args.count` of `read` is a number",
    ],
    [
      "subject: { by: args.id, cases: { a: none, b: [args.id, args.filter] } }",
      "a subject is a string or a number, and `args.filter` of `read` is an object",
    ],
    [
      "effect: { by: args.count, cases: { '1': read } }",
      "a label's cases are strings, and `args.count` of `read` is a number",
    ],
  ])("reads the label %s", async (label, message) => {
    const files = {
      ...repository("{ path: args.id, op: eq, value: x }", {}),
      "servers/ehr.yaml": SERVER.replace(
        "read: { effect: read, ephi: true, volume: single, subject: args.id }",
        `read: { ephi: true, volume: single, ${label} }`,
      ),
    };
    const found = await findingsOf(files, { rule: "argument-type" });
    expect(found.map((finding) => finding.message)).toEqual([message]);
  });

  it("reads `increment_from`", async () => {
    const files = {
      ...repository("{ path: args.id, op: eq, value: x }", {}),
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  read: { limits: [{ counter: n, window: day, max: 5, increment_from: args.id }] }
`,
    };
    const [found] = await findingsOf(files, { rule: "argument-type" });
    expect(found?.message).toBe(
      "a limit counts up by a number, and `args.id` of `read` is a string",
    );
    expect(found?.place).toEqual({ file: "policies/lookup.yaml", line: 4, column: 71 });
  });
});

describe("unknown-argument", () => {
  const rows: [entry: string, where: Where, messages: string[]][] = [
    [
      "{ path: args.idd, op: eq, value: x }",
      {},
      ["`args.idd` is not in the pinned schema of `read`"],
    ],
    [
      "{ path: args.filter.form, op: gt, value: 1 }",
      {},
      ["`args.filter.form` is not in the pinned schema of `read`"],
    ],
    [
      "{ path: 'args.rows[*].key', quantifier: any, op: eq, value: x }",
      {},
      ["`args.rows[*].key` is not in the pinned schema of `read`"],
    ],
    ["{ path: args.open.whatever, op: eq, value: x }", {}, []],
    ["{ path: grant.level, op: eq, value: x }", {}, []],
    // An `exists` that keeps an undescribed argument out is a guard, not a slip …
    ["{ path: args.export, op: exists, value: true }", { kind: "deny_if" }, []],
    ["{ path: args.export, op: exists, value: false }", { kind: "require" }, []],
    ["{ path: args.export, op: exists, value: true, not: true }", { kind: "require" }, []],
    // … and one that demands it is.
    [
      "{ path: args.export, op: exists, value: true }",
      { kind: "require" },
      ["`args.export` is not in the pinned schema of `read`"],
    ],
    [
      "{ path: args.export, op: exists, value: false }",
      { kind: "deny_if" },
      ["`args.export` is not in the pinned schema of `read`"],
    ],
    // One of the two tools knows it.
    ["{ path: args.id, op: eq, value: x }", { section: "all_tools" }, []],
    [
      "{ path: args.idd, op: eq, value: x }",
      { section: "all_tools" },
      ["`args.idd` is not in the pinned schema of every tool that the policy reaches"],
    ],
  ];
  it.each(rows)("%s %o", async (entry, where, wanted) => {
    expect(await messages("unknown-argument", entry, where)).toEqual(wanted);
  });

  it("offers the near name of the level where the slip is", async () => {
    const files = repository("{ path: args.filter.fromm, op: gt, value: 1 }", {});
    const [found] = await findingsOf(files, { rule: "unknown-argument" });
    expect(found?.help).toBe("did you mean `from`?");
  });

  it("refuses a guard against what the schema forbids already", async () => {
    const files = repository("{ path: args.export, op: exists, value: true }", { kind: "deny_if" });
    const closed = { ...INPUT, additionalProperties: false };
    const lock = lockText("ehr", [{ name: "read", inputSchema: closed }]);
    const found = await findingsOf(
      { ...files, "servers/ehr.lock.json": lock },
      { rule: "unknown-argument" },
    );
    expect(found).toHaveLength(1);
  });

  it("says nothing where nothing is pinned, or a grant cannot be read", async () => {
    const files = repository("{ path: args.idd, op: eq, value: x }", {});
    const { "servers/ehr.lock.json": _, ...unpinned } = files;
    const unread = { ...files, "grants/other.yaml": "version: 1\n" };
    for (const few of [unpinned, unread]) {
      const { findings } = await lintOf(few);
      expect(findings.map(({ rule }) => rule)).not.toContain("unknown-argument");
      expect(findings.map(({ severity }) => severity)).toContain("error");
    }
  });

  it("says nothing of a tool whose schema cannot be used, or that is not pinned", async () => {
    const files = repository("{ path: args.idd, op: eq, value: x }", {});
    const broken = { ...INPUT, properties: { id: { type: "string", pattern: "(?=x)" } } };
    for (const tools of [[{ name: "read", inputSchema: broken }], []]) {
      const lock = lockText("ehr", tools);
      const found = await findingsOf(
        { ...files, "servers/ehr.lock.json": lock },
        { rule: "unknown-argument" },
      );
      expect(found).toEqual([]);
    }
  });

  it("reads subjects and `by` of labels", async () => {
    const files = {
      ...repository("{ path: args.id, op: eq, value: x }", {}),
      "servers/ehr.yaml": SERVER.replace(
        "effect: read, ephi: true, volume: single, subject: args.id",
        "effect: { by: args.method, cases: { GET: read } }, ephi: true, subject: [args.id, args.patient]",
      ),
    };
    const found = await findingsOf(files, { rule: "unknown-argument" });
    expect(found.map(({ message, place }) => `${place.line}:${place.column} ${message}`)).toEqual([
      "5:25 `args.method` is not in the pinned schema of `read`",
      "5:93 `args.patient` is not in the pinned schema of `read`",
    ]);
  });

  it("reads every case of a subject", async () => {
    const files = {
      ...repository("{ path: args.id, op: eq, value: x }", {}),
      "servers/ehr.yaml": SERVER.replace(
        "subject: args.id",
        "subject: { by: args.kind, cases: { a: args.id, b: args.pat, c: none, d: [args.id, args.mrn] } }",
      ),
    };
    const found = await findingsOf(files, { rule: "unknown-argument" });
    expect(found.map(({ message, place }) => `${place.line}:${place.column} ${message}`)).toEqual([
      "5:68 `args.kind` is not in the pinned schema of `read`",
      "5:103 `args.pat` is not in the pinned schema of `read`",
      "5:135 `args.mrn` is not in the pinned schema of `read`",
    ]);
  });
});

describe("deny-if-optional", () => {
  const optional = (path: string) =>
    `\`${path}\` is optional in \`read\`, and a call without it is denied`;
  const rows: [entry: string, where: Where, messages: string[]][] = [
    ["{ path: args.count, op: gt, value: 5 }", {}, [optional("args.count")]],
    ["{ path: args.id, op: eq, value: x }", {}, []],
    ["{ path: args.filter.from, op: gt, value: 5 }", {}, [optional("args.filter.from")]],
    ["{ path: 'args.tags[*]', quantifier: any, op: eq, value: x }", {}, [optional("args.tags")]],
    ["{ path: args.count, op: exists, value: true }", {}, []],
    // The `exists` that decides: on the same path, in the same group, either way of writing it.
    [
      "{ conditions: [{ path: args.count, op: exists, value: true }, { path: args.count, op: gt, value: 5 }] }",
      {},
      [],
    ],
    [
      "{ conditions: [{ path: args.count, op: gt, value: 5 }, { path: args.count, op: exists, value: false, not: true }] }",
      {},
      [],
    ],
    [
      "{ conditions: [{ path: args.tags, op: exists, value: true }, { path: 'args.tags[*]', quantifier: any, op: eq, value: x }] }",
      {},
      [],
    ],
    [
      "{ conditions: [{ path: args.count, op: exists, value: false }, { path: args.count, op: gt, value: 5 }] }",
      {},
      [optional("args.count")],
    ],
    [
      "{ conditions: [{ path: args.filter, op: exists, value: true }, { path: args.filter.from, op: gt, value: 5 }] }",
      {},
      [optional("args.filter.from")],
    ],
    [
      "{ any_of: [[{ path: args.count, op: exists, value: true }], [{ path: args.count, op: gt, value: 5 }]] }",
      {},
      [optional("args.count")],
    ],
    // An `exists` further down is false too where the whole is absent.
    [
      "{ conditions: [{ path: args.filter.from, op: exists, value: true }, { path: args.filter, op: type, value: string }] }",
      {},
      [],
    ],
    [
      "{ conditions: [{ path: 'args.tags[*]', quantifier: any, op: exists, value: true }, { path: args.tags, op: count_gt, value: 5 }] }",
      {},
      [],
    ],
    // A `require` that an absent argument cannot satisfy has denied the call already.
    [
      "{ path: args.count, op: gt, value: 5 }",
      { require: "{ path: args.count, op: exists, value: true }" },
      [],
    ],
    [
      "{ path: args.count, op: gt, value: 5 }",
      { require: "{ path: args.count, op: gte, value: 0 }" },
      [],
    ],
    [
      "{ path: args.filter, op: type, value: string }",
      { require: "{ path: args.filter.from, op: gte, value: 0 }" },
      [],
    ],
    [
      "{ path: args.count, op: gt, value: 5 }",
      {
        require:
          "{ any_of: [[{ path: args.count, op: gte, value: 0 }], [{ path: args.id, op: eq, value: x }]] }",
      },
      [optional("args.count")],
    ],
    [
      "{ path: args.count, op: gt, value: 5 }",
      { require: "{ path: args.count, op: exists, value: false }" },
      [optional("args.count")],
    ],
    // What another rule says is not said twice.
    ["{ path: args.nothing, op: gt, value: 5 }", {}, []],
    ["{ path: args.id.x, op: gt, value: 5 }", {}, []],
    // For every tool: `list` has no such argument at all.
    [
      "{ path: args.id, op: eq, value: x }",
      { section: "all_tools" },
      ["`args.id` is optional in `list`, and a call without it is denied"],
    ],
    ["{ path: args.nothing, op: eq, value: x }", { section: "all_tools" }, []],
  ];
  it.each(rows)("%s %o", async (entry, where, wanted) => {
    expect(await messages("deny-if-optional", entry, { kind: "deny_if", ...where })).toEqual(
      wanted,
    );
  });

  it("does not look at `require`, where an absent argument is no surprise", async () => {
    expect(await messages("deny-if-optional", "{ path: args.count, op: gt, value: 5 }")).toEqual(
      [],
    );
  });

  it.each([
    [
      "{ path: args.count, op: gt, value: 5 }",
      "to let such a call pass, make this an entry with `conditions:`, and put `- { path: args.count, op: exists, value: true }` first; to deny it, say so in `require`",
    ],
    [
      "{ conditions: [{ path: 'args.tags[*]', quantifier: any, op: eq, value: x }] }",
      "to let such a call pass, put `- { path: args.tags, op: exists, value: true }` first; to deny it, say so in `require`",
    ],
  ])("gives the line to paste for %s", async (entry, help) => {
    const [found] = await findingsOf(repository(entry, { kind: "deny_if" }), {
      rule: "deny-if-optional",
    });
    expect(found?.help).toBe(help);
  });
});

describe("patient-in-policy, in conditions", () => {
  const names = "`args.id` names the patient, and is compared with a fixed value";
  const rows: [entry: string, messages: string[]][] = [
    ["{ path: args.id, op: eq, value: p-100 }", [names]],
    ["{ path: args.id, op: neq, value: p-100 }", [names]],
    ["{ path: args.id, op: in, value: [p-100, p-101] }", [names]],
    ["{ path: args.id, op: eq, value: 4711 }", [names]],
    ["{ path: args.id, op: matches, value: p-100 }", [names]],
    ["{ path: args.id, op: matches, value: '^(p-100|p-101)$' }", [names]],
    ["{ path: args.id, op: matches, value: '(Patient/)?p-100' }", [names]],
    ["{ path: args.id, op: matches, value: 'p\\-100' }", [names]],
    ["{ path: args.id, op: regex, value: '^p-100$' }", [names]],
    ["{ path: args.id, op: eq, value: Smith }", [names]],
    // A form, a wildcard, a piece: no patient.
    ["{ path: args.id, op: matches, value: 'p-[0-9]+' }", []],
    ["{ path: args.id, op: matches, value: '(?i)p-100.*' }", []],
    ["{ path: args.id, op: regex, value: '^Patient/' }", []],
    ["{ path: args.id, op: eq, value: '*' }", []],
    ["{ path: args.id, op: in, value: [me, All] }", []],
    ["{ path: args.id, op: eq, value: '' }", []],
    ["{ path: args.id, op: contains, value: ',' }", []],
    ["{ path: args.id, op: starts_with, value: Patient/ }", []],
    ["{ path: args.id, op: length_lt, value: 20 }", []],
    ["{ path: args.id, op: in, value_from: grant.wards }", []],
    // Elsewhere only what has the form of an identifier.
    ["{ path: args.open.q, op: eq, value: p-100 }", []],
    [
      "{ path: args.open.q, op: eq, value: Patient/p-100 }",
      ["the value that `args.open.q` is compared with looks like a patient's identifier"],
    ],
    [
      "{ path: grant.ward, op: in, value: [north, 'https://ehr.example/fhir/Patient/100'] }",
      ["the value that `grant.ward` is compared with looks like a patient's identifier"],
    ],
    [
      "{ path: args.open.q, op: contains, value: 'ssn 123-45-6789' }",
      ["the value that `args.open.q` is compared with looks like a patient's identifier"],
    ],
    ["{ path: args.open.q, op: eq, value: 123-45-67890 }", []],
    ["{ path: args.open.q, op: matches, value: 'fhir://Patient/[a-z0-9-]+' }", []],
    ["{ path: args.open.q, op: eq, value: Patient }", []],
  ];
  it.each(rows)("%s", async (entry, wanted) => {
    expect(await messages("patient-in-policy", entry)).toEqual(wanted);
  });

  it("follows a subject into the elements of a list, and into `all_tools`", async () => {
    const entry = "{ path: 'args.tags[*]', quantifier: any, op: eq, value: p-100 }";
    expect(await messages("patient-in-policy", entry, { section: "all_tools" })).toEqual([
      "`args.tags[*]` names the patient, and is compared with a fixed value",
    ]);
    expect(await messages("patient-in-policy", entry)).toEqual([]);
  });

  it("knows an argument that names the patient in one case alone", async () => {
    const found = async (entry: string) =>
      await findingsOf(
        {
          ...repository(entry, {}),
          "servers/ehr.yaml": SERVER.replace(
            "subject: args.id",
            "subject: { by: args.filter.kind, cases: { Patient: args.id, Ward: none } }",
          ),
        },
        { rule: "patient-in-policy" },
      );
    expect(await found("{ path: args.id, op: eq, value: p-100 }")).toMatchObject([
      { message: names },
    ]);
    // What picks the case is no patient.
    expect(await found("{ path: args.filter.kind, op: eq, value: Patient }")).toEqual([]);
  });

  it("never repeats what it found", async () => {
    const files = repository("{ path: args.id, op: in, value: [zebra-100, zebra-101] }", {});
    const found = await findingsOf(files, { rule: "patient-in-policy" });
    expect(found).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain("zebra");
  });
});

describe("patient-in-policy, in attributes", () => {
  const rows: [attribute: string, part: "name" | "value" | "none"][] = [
    ["patient: x", "name"],
    ["patients: [x]", "name"],
    ["patient: 4711", "name"],
    ["patientId: x", "name"],
    ["allowed_patient_ids: [x]", "name"],
    ["assigned-patients: [x]", "name"],
    ["MRN: x", "name"],
    ["mrn: 12345", "name"],
    ["home_ssn: x", "name"],
    ["dob: 1971-02-03", "name"],
    ["birthDate: x", "name"],
    ["date_of_birth: x", "name"],
    ["medicalRecordNumber: x", "name"],
    ["ward: Patient/p-100", "value"],
    ["wards: [north, 123-45-6789]", "value"],
    // Not a patient, only about patients.
    ["max_patients: 20", "none"],
    ["patients_per_hour: 20", "none"],
    ["patient_population: oncology", "none"],
    ["departments: [Organization/cardiology]", "none"],
    ["codes: ['2823-3', '2345-7']", "none"],
    ["dobson_clinic: true", "none"],
  ];
  it.each(rows)("%s: %s", async (attribute, part) => {
    const files = {
      ...repository("{ path: args.id, op: length_lt, value: 9 }", {}),
      "grants/lookup-bot.yaml": `${GRANT}attributes:\n  ${attribute}\n`,
    };
    const found = await findingsOf(files, { rule: "patient-in-policy" });
    const name = attribute.split(":")[0];
    expect(found.map(({ message }) => message)).toEqual(
      {
        name: [`the attribute \`${name}\` looks like a patient's identifier`],
        value: [`a value of \`${name}\` looks like a patient's identifier`],
        none: [],
      }[part],
    );
  });
});
