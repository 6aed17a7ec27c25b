/** Mistakes that people make in policies, each as one edit of the hospital in examples/. */

/** The policy whose files the bug stands in; the others are left out. */
export type Part = "triage" | "billing" | "lookup" | "emergency" | "research-export";

export interface Bug {
  readonly kind: string;
  /** What the author did. */
  readonly slip: string;
  readonly part: Part;
  readonly file: string;
  /** What the file says, once, and what it says with the mistake; an array is several edits. */
  readonly edits: readonly (readonly [says: string, mistake: string])[];
}

const policy = (part: Part): string => `policies/${part}.yaml`;
const at = (part: Part) => ({ part, file: policy(part) });

const PATIENT = `          - { path: args.parameters.patient, op: matches, value: "(Patient/)?[A-Za-z0-9][A-Za-z0-9.-]{0,63}" }`;

export const BUGS: readonly Bug[] = [
  // ---- a condition that is not there
  {
    kind: "forgotten condition",
    slip: "a draft need not be preliminary any more",
    ...at("triage"),
    edits: [["            - { path: args.resource.status, op: eq, value: preliminary }\n", ""]],
  },
  {
    kind: "forgotten condition",
    slip: "a name without the day of birth finds a patient",
    ...at("lookup"),
    edits: [
      [
        "            - { path: args.parameters.birthdate, op: matches, value: '\\d{4}-\\d{2}-\\d{2}' }\n",
        "",
      ],
    ],
  },
  {
    kind: "forgotten condition",
    slip: "a claim's currency is not looked at, so 4000 of anything",
    ...at("billing"),
    edits: [["          - { path: args.resource.total.currency, op: eq, value: USD }\n", ""]],
  },
  {
    kind: "forgotten condition",
    slip: "an amount of less than nothing",
    ...at("billing"),
    edits: [["          - { path: args.resource.total.value, op: gt, value: 0 }\n", ""]],
  },
  {
    kind: "forgotten alternative",
    slip: "one way around `_include` is not named",
    ...at("triage"),
    edits: [
      [
        "          - [{ path: 'args.parameters[\"_include:iterate\"]', op: exists, value: true }]\n",
        "",
      ],
    ],
  },
  {
    kind: "forgotten rule",
    slip: "the emergency policy serves every purpose",
    ...at("emergency"),
    edits: [
      [
        "  require:\n    # Another grant that points at this policy by mistake gets nothing from it.\n    - name: only-in-an-emergency\n      conditions:\n        - { path: grant.purpose, op: eq, value: emergency }\n        - { path: grant.principal.responsible, op: exists, value: true }\n      on_deny: This access is for emergencies, with a person who answers for it.\n",
        "",
      ],
    ],
  },

  // ---- a path that leads elsewhere
  {
    kind: "wrong path",
    slip: "the patient is looked for at the top",
    ...at("triage"),
    edits: [["{ path: args.parameters.patient, op: matches", "{ path: args.patient, op: matches"]],
  },
  {
    kind: "wrong path",
    slip: "`[0]` where every element is meant",
    ...at("triage"),
    edits: [
      [
        '{ path: "args.resource.category[*].coding[0].code", op: eq, value: vital-signs, quantifier: all }',
        '{ path: "args.resource.category[0].coding[0].code", op: eq, value: vital-signs }',
      ],
    ],
  },
  {
    kind: "typo in an argument",
    slip: "`_cuont` in both conditions: any page size",
    ...at("billing"),
    edits: [
      [
        "{ path: args.parameters._count, op: exists, value: true }",
        "{ path: args.parameters._cuont, op: exists, value: true }",
      ],
      [
        "{ path: args.parameters._count, op: gt, value: 50 }",
        "{ path: args.parameters._cuont, op: gt, value: 50 }",
      ],
    ],
  },
  {
    kind: "typo in an argument",
    slip: "`resourcetype` with a small t",
    ...at("research-export"),
    edits: [
      [
        "{ path: args.resourceType, op: eq, value: Observation }",
        "{ path: args.resourcetype, op: eq, value: Observation }",
      ],
    ],
  },
  {
    kind: "typo in `args`",
    slip: "`parametres` is granted, `parameters` is not",
    ...at("lookup"),
    edits: [["    args: [resourceType, parameters]", "    args: [resourceType, parametres]"]],
  },
  {
    kind: "typo in an attribute",
    slip: "`grant.code` for `grant.codes`",
    ...at("research-export"),
    edits: [["value_from: grant.codes", "value_from: grant.code"]],
  },

  // ---- an operator that says something else
  {
    kind: "negated operator",
    slip: "`not_in` for `in`: everything but what was meant",
    ...at("emergency"),
    edits: [
      [
        "          - { path: args.resourceType, op: in, value: [Binary",
        "          - { path: args.resourceType, op: not_in, value: [Binary",
      ],
    ],
  },
  {
    kind: "negated operator",
    slip: "`neq` for `eq`",
    ...at("research-export"),
    edits: [
      [
        "{ path: args.resourceType, op: eq, value: Observation }",
        "{ path: args.resourceType, op: neq, value: Observation }",
      ],
    ],
  },
  {
    kind: "`contains` for `eq`",
    slip: "a type that merely contains the word",
    ...at("research-export"),
    edits: [
      [
        "{ path: args.resourceType, op: eq, value: Observation }",
        "{ path: args.resourceType, op: contains, value: Observation }",
      ],
    ],
  },
  {
    kind: "`in` for `contains`",
    slip: "a list where one text was meant to occur",
    ...at("triage"),
    edits: [
      [
        "{ path: args.parameters.category, op: in, value: [vital-signs, laboratory] }",
        '{ path: args.parameters.category, op: in, value: ["vital-signs,laboratory"] }',
      ],
    ],
  },
  {
    kind: "`any` for `all`",
    slip: "one of the places is one of ours, the others may be anywhere",
    ...at("triage"),
    edits: [
      [
        "              value_from: grant.clinics\n              quantifier: all",
        "              value_from: grant.clinics\n              quantifier: any",
      ],
    ],
  },
  {
    kind: "`all` for `any`",
    slip: "denied only when every item is costly",
    ...at("billing"),
    edits: [["op: gt, value: 2000, quantifier: any", "op: gt, value: 2000, quantifier: all"]],
  },
  {
    kind: "OR for AND",
    slip: "either paged from one, or up to a hundred",
    ...at("research-export"),
    edits: [
      [
        "        conditions:\n          - { path: args.parameters._count, op: type, value: integer }\n          - { path: args.parameters._count, op: gte, value: 1 }\n          - { path: args.parameters._count, op: lte, value: 100 }",
        "        any_of:\n          - [{ path: args.parameters._count, op: gte, value: 1 }]\n          - [{ path: args.parameters._count, op: lte, value: 100 }]",
      ],
    ],
  },
  {
    kind: "AND for OR",
    slip: "all the ways around at once, which nobody tries",
    ...at("research-export"),
    edits: [
      [
        "          - [{ path: args.parameters.patient, op: exists, value: true }]\n          - [{ path: args.parameters.subject, op: exists, value: true }]",
        "          - [{ path: args.parameters.patient, op: exists, value: true }, { path: args.parameters.subject, op: exists, value: true }]",
      ],
    ],
  },
  {
    kind: "NOT A or NOT B",
    slip: "neither this nor that, said so that it is always true",
    ...at("billing"),
    edits: [
      [
        "          - [{ path: args.resourceType, op: neq, value: Encounter }]\n",
        "          - [{ path: args.resourceType, op: neq, value: Encounter }]\n          - [{ path: args.resourceType, op: neq, value: Claim }]\n",
      ],
    ],
  },
  {
    kind: "contradiction",
    slip: "both an observation and a claim",
    ...at("triage"),
    edits: [
      [
        "            - { path: args.resource.resourceType, op: eq, value: Observation }",
        "            - { path: args.resource.resourceType, op: eq, value: Observation }\n            - { path: args.resource.resourceType, op: eq, value: Claim }",
      ],
    ],
  },
  {
    kind: "wrong polarity",
    slip: "`exists: false` where `true` forbids",
    ...at("triage"),
    edits: [
      [
        "          - { path: args.resource.contained, op: exists, value: true }",
        "          - { path: args.resource.contained, op: exists, value: false }",
      ],
    ],
  },
  {
    kind: "wrong section",
    slip: "what is required stands under `deny_if`",
    ...at("emergency"),
    edits: [
      ["    require:\n      - name: by-wristband", "    deny_if:\n      - name: by-wristband"],
      ["    deny_if:\n      - name: one-match", "    require:\n      - name: one-match"],
    ],
  },

  // ---- numbers
  {
    kind: "off by one",
    slip: "`gte` for `gt`",
    ...at("billing"),
    edits: [
      [
        "{ path: args.parameters._count, op: gt, value: 50 }",
        "{ path: args.parameters._count, op: gte, value: 50 }",
      ],
    ],
  },
  {
    kind: "off by one",
    slip: "from nought instead of from one",
    ...at("research-export"),
    edits: [["op: gte, value: 1 }", "op: gte, value: 0 }"]],
  },
  {
    kind: "a nought too many",
    slip: "a page of a thousand",
    ...at("research-export"),
    edits: [["op: lte, value: 100 }", "op: lte, value: 1000 }"]],
  },
  {
    kind: "number as text",
    slip: 'compared with "50" in quotes',
    ...at("billing"),
    edits: [["op: gt, value: 50 }", 'op: gt, value: "50" }']],
  },
  {
    kind: "text as number",
    slip: "a type compared with a number",
    ...at("research-export"),
    edits: [
      [
        "{ path: args.resourceType, op: eq, value: Observation }",
        "{ path: args.resourceType, op: eq, value: 1 }",
      ],
    ],
  },

  // ---- expressions
  {
    kind: "unanchored expression",
    slip: "`regex` searches, so a list of ids has an id in it",
    ...at("triage"),
    edits: [
      [
        "args.parameters.patient, op: matches, value:",
        "args.parameters.patient, op: regex, value:",
      ],
    ],
  },
  {
    kind: "half an anchor",
    slip: "`^` without `$`",
    ...at("emergency"),
    edits: [
      ['op: matches, value: "[A-Za-z0-9-]{4,32}" }', 'op: regex, value: "^[A-Za-z0-9-]{4,32}" }'],
    ],
  },
  {
    kind: "anchors of one alternative",
    slip: "`^a|b$` is not `^(a|b)$`",
    ...at("billing"),
    edits: [
      [
        "              op: matches\n              value: (status|class|period|serviceProvider)(,(status|class|period|serviceProvider))*",
        "              op: regex\n              value: ^status|class|period|serviceProvider$",
      ],
    ],
  },
  {
    kind: "dot for any character",
    slip: "`.{4}` takes `ge19` and `*`",
    ...at("research-export"),
    edits: [["value: '\\d{4}' }", "value: '.{4}' }"]],
  },
  {
    kind: "too much in a class",
    slip: "a comma in the class of an id",
    ...at("emergency"),
    edits: [[`${PATIENT}`, PATIENT.replace("A-Za-z0-9.-]", "A-Za-z0-9.,-]")]],
  },
  {
    kind: "look-around",
    slip: "an expression that RE2 does not have",
    ...at("triage"),
    edits: [
      [
        'op: matches, value: "Patient/[A-Za-z0-9][A-Za-z0-9.-]{0,63}" }',
        'op: matches, value: "Patient/(?!admin)[A-Za-z0-9.-]{1,64}" }',
      ],
    ],
  },

  // ---- limits
  {
    kind: "quota off by one",
    slip: "the twenty-first patient",
    ...at("triage"),
    edits: [
      ["counter: patients, window: hour, max: 20,", "counter: patients, window: hour, max: 21,"],
    ],
  },
  {
    kind: "quota in the wrong window",
    slip: "twenty a minute",
    ...at("triage"),
    edits: [
      ["counter: patients, window: hour, max: 20,", "counter: patients, window: minute, max: 20,"],
    ],
  },
  {
    kind: "quota on the wrong scope",
    slip: "each grant of one person starts anew",
    ...at("billing"),
    edits: [["max: 160, scope: principal,", "max: 160, scope: grant,"]],
  },
  {
    kind: "quota of the wrong thing",
    slip: "calls are counted, not patients",
    ...at("emergency"),
    edits: [
      [
        "counter: patients-identified, window: hour, max: 30, scope: principal, distinct: subject",
        "counter: patients-identified, window: hour, max: 30, scope: principal",
      ],
    ],
  },
  {
    kind: "quota of the wrong thing",
    slip: "pages are counted, not rows",
    ...at("research-export"),
    edits: [
      [
        "max: 2000, scope: grant, increment_from: args.parameters._count",
        "max: 2000, scope: grant",
      ],
    ],
  },
  {
    kind: "no quota",
    slip: "nobody counts patients or searches",
    ...at("triage"),
    edits: [
      [
        "      - { counter: patients, window: hour, max: 20, scope: grant, distinct: subject }\n      - { counter: searches, window: hour, max: 200, scope: grant }\n",
        "      []\n",
      ],
    ],
  },
  {
    kind: "quota of nothing",
    slip: "at most none a day",
    ...at("billing"),
    edits: [["counter: claims, window: day, max: 40", "counter: claims, window: day, max: 0"]],
  },

  // ---- what is reached
  {
    kind: "open arguments",
    slip: "`args` was left out",
    ...at("emergency"),
    edits: [["  fhir_read:\n    args: [resourceType, id]\n", "  fhir_read:\n"]],
  },
  {
    kind: "default allow",
    slip: "what is not listed is allowed",
    ...at("research-export"),
    edits: [["default: deny", "default: allow"]],
  },
  {
    kind: "wildcard",
    slip: '"*" is the name of no tool',
    ...at("lookup"),
    edits: [["tools:\n", 'tools:\n  "*": {}\n']],
  },
  {
    kind: "destructive tool",
    slip: "deleting was listed with the rest",
    ...at("billing"),
    edits: [["tools:\n  fhir_search:", "tools:\n  fhir_delete: {}\n  fhir_search:"]],
  },
  {
    kind: "typo in a tool",
    slip: "`fhir_raed` is hidden, `fhir_read` is not",
    ...at("research-export"),
    edits: [["hide: [fhir_read, patient_identify]", "hide: [fhir_raed, patient_identify]"]],
  },
  {
    kind: "typo in a tool",
    slip: "`fhir_serach` is listed",
    ...at("lookup"),
    edits: [["  fhir_search:", "  fhir_serach:"]],
  },
  {
    kind: "open method",
    slip: "every resource of the server, its configuration too",
    ...at("triage"),
    edits: [
      [
        '  resources/read:\n    require:\n      - { path: args.uri, op: matches, value: "fhir://r4/[A-Za-z0-9/-]{1,80}" }',
        "  resources/read: {}",
      ],
    ],
  },

  // ---- rules that do nothing
  {
    kind: "deny that never runs",
    slip: "`deny_if` of what `require` has refused already",
    ...at("emergency"),
    edits: [
      [
        "    limits:\n      # By calls",
        "    deny_if:\n      - { path: args.resourceType, op: eq, value: Observation }\n    limits:\n      # By calls",
      ],
    ],
  },
  {
    kind: "missing `exists`",
    slip: "`deny_if` on an argument that may be absent",
    ...at("billing"),
    edits: [["          - { path: args.parameters._count, op: exists, value: true }\n", ""]],
  },
  {
    kind: "the same twice",
    slip: "a rule that another says already",
    ...at("research-export"),
    edits: [
      [
        "      - name: paged\n",
        "      - { path: args.parameters._count, op: lte, value: 500 }\n      - name: paged\n",
      ],
    ],
  },

  // ---- form
  {
    kind: "misspelt key",
    slip: "`requires:` would be no rule at all",
    ...at("emergency"),
    edits: [
      ["    require:\n      - name: by-wristband", "    requires:\n      - name: by-wristband"],
    ],
  },
  {
    kind: "key twice",
    slip: "the second `limits` would replace the first",
    ...at("triage"),
    edits: [["    limits:\n      # A nurse", "    limits: []\n    limits:\n      # A nurse"]],
  },
  {
    kind: "patient in a policy",
    slip: "a rule for one patient, by number",
    ...at("triage"),
    edits: [
      [
        "          - { path: args.parameters.subject, op: exists, value: true }",
        "          - { path: args.parameters.patient, op: eq, value: Patient/p-100 }",
      ],
    ],
  },

  // ---- grants
  {
    kind: "grant for a group",
    slip: "a person's grant that names a ward",
    part: "triage",
    file: "grants/triage-bot-7.yaml",
    edits: [
      [
        'principal: { kind: agent, id: "agent:triage-bot-7", responsible: "person:j.rivera" }',
        'principal: { kind: agent, id: "agent:all-nurses" }',
      ],
    ],
  },
  {
    kind: "grant to another policy",
    slip: "a policy that does not exist",
    part: "triage",
    file: "grants/triage-bot-7.yaml",
    edits: [["policy: triage }", "policy: triag }"]],
  },
  {
    kind: "grant that lasts",
    slip: "two years",
    part: "billing",
    file: "grants/billing-agent-2.yaml",
    edits: [["expires: 2027-09-01", "expires: 2028-09-01"]],
  },
  {
    kind: "grant that lasts",
    slip: "the protocol ends with the year, the grant does not",
    part: "research-export",
    file: "grants/cohort-export-1.yaml",
    edits: [["expires: 2027-01-01", "expires: 2027-08-01"]],
  },
  {
    kind: "grant with more",
    slip: "one more code than the protocol has",
    part: "research-export",
    file: "grants/cohort-export-1.yaml",
    edits: [['codes: ["2823-3", "2345-7"]', 'codes: ["2823-3", "2345-7", "55277-8"]']],
  },
  {
    kind: "always open",
    slip: "emergency access that nobody opens",
    part: "emergency",
    file: "grants/er-assist-1.yaml",
    edits: [['breakGlass: { openers: ["person:m.chen", "person:a.okafor"], max: 4h }\n', ""]],
  },
  {
    kind: "wrong purpose",
    slip: "`treatment` under a policy for emergencies",
    part: "emergency",
    file: "grants/er-assist-1.yaml",
    edits: [["purpose: emergency", "purpose: treatment"]],
  },

  // ---- servers, tests and the gate
  {
    kind: "wrong label",
    slip: "a search that is said to carry no patient data",
    part: "lookup",
    file: "servers/ehr.yaml",
    edits: [
      [
        "  fhir_search:\n    effect: read\n    ephi: true",
        "  fhir_search:\n    effect: read\n    ephi: false",
      ],
    ],
  },
  {
    kind: "no agreement",
    slip: "the vendor has not signed yet",
    part: "lookup",
    file: "servers/ehr.yaml",
    edits: [
      [
        "baa: { status: signed, signed: 2026-02-01, expires: 2028-02-01 }",
        "baa: { status: pending }",
      ],
    ],
  },
  {
    kind: "expired skip",
    slip: "a test that was to come back in September",
    part: "emergency",
    file: "tests/emergency-purpose.test.yaml",
    edits: [
      [
        "  - name: no purpose, no chart\n",
        "  - name: no purpose, no chart\n    skip: { reason: while we move, until: 2026-09-30 }\n",
      ],
    ],
  },
  {
    kind: "a test that expects the mistake",
    slip: "the denial was in the way",
    part: "triage",
    file: "tests/triage.test.yaml",
    edits: [
      [
        "    call: { tool: fhir_search, args: { resourceType: Claim, parameters: { patient: p-100 } } }\n    expect: { verdict: deny, rule: /tools/fhir_search/require/0 }",
        "    call: { tool: fhir_search, args: { resourceType: Claim, parameters: { patient: p-100 } } }\n    expect: allow",
      ],
    ],
  },
  {
    kind: "no approvers",
    slip: "nobody can say yes, and then somebody turns it off",
    part: "lookup",
    file: "phiward.yaml",
    edits: [
      [
        "    - { team: privacy-officers, count: 1 }\n    - { team: security-officers, count: 1 }\n",
        "    []\n",
      ],
    ],
  },
  {
    kind: "agreement not demanded",
    slip: "`requireBaa` was switched off for a try",
    part: "lookup",
    file: "phiward.yaml",
    edits: [["requireBaa: true", "requireBaa: false"]],
  },
];
