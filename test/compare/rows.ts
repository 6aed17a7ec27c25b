/**
 * Changes of a policy repository, judged by hand. Each row says what the whole comparison must say
 * (`same`, `narrower`, `broader`, `unknown`; `blocks` or `passes`) and then every change, as
 *
 *     verdict kind by target grant
 *
 * where `-` stands for none.
 */
import {
  documents,
  type Fields,
  grant,
  LABELS,
  PATIENT,
  PROJECT,
  policy,
  type RepositoryDocument,
  server,
} from "./repository.ts";

export interface Row {
  readonly category: string;
  readonly name: string;
  readonly base: RepositoryDocument;
  readonly head: RepositoryDocument;
  readonly says: string;
  readonly changes: readonly string[];
  readonly scope?: "ephi" | "all";
}

type Side = RepositoryDocument;

const rows: Row[] = [];

const category =
  (name: string) =>
  (
    what: string,
    base: Side,
    head: Side,
    says: string,
    changes: readonly string[] = [],
    scope?: "ephi" | "all",
  ): void => {
    rows.push({
      category: name,
      name: what,
      base: documents(base),
      head: documents(head),
      says,
      changes,
      ...(scope === undefined ? {} : { scope }),
    });
  };

const rules = (read: Fields, more: Fields = {}): Side => ({
  policies: { lookup: policy({ read }, more) },
});
const tools = (of: Fields, more: Fields = {}): Side => ({ policies: { lookup: policy(of, more) } });
const bot = (more: Fields): Side => ({ grants: { bot: grant(more) } });
const ehr = (more: Fields): Side => ({ servers: { ehr: server(more) } });
const is = (path: string, op: string, value: unknown): Fields => ({ path, op, value });
const from = (path: string, op: string, attribute: string): Fields => ({
  path,
  op,
  value_from: `grant.${attribute}`,
});
const limit = (more: Fields = {}): Fields => ({
  counter: "calls",
  window: "hour",
  max: 3,
  ...more,
});

// ---------------------------------------------------------------- access

const access = category("access");

access(
  "a tool is added",
  {},
  tools({ read: { require: [PATIENT] }, search: {} }),
  "broader blocks",
  ["broader access proof search bot"],
);
access(
  "a tool is removed",
  tools({ read: { require: [PATIENT] }, search: {} }),
  {},
  "narrower passes",
  ["narrower access proof search bot"],
);
access(
  "a tool is added whose rules no call satisfies",
  {},
  tools({
    read: { require: [PATIENT] },
    search: { require: [is("args.a", "eq", 1), is("args.a", "eq", 2)] },
  }),
  "same passes",
);
access("a requirement is removed", {}, rules({}), "broader blocks", [
  "broader access proof read bot",
]);
access("a requirement is added", rules({}), {}, "narrower passes", [
  "narrower access proof read bot",
]);
access(
  "an expression is widened",
  {},
  rules({ require: [{ ...PATIENT, value: "p-[0-9a-f]+" }] }),
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "a whole match becomes a search",
  {},
  rules({ require: [{ ...PATIENT, op: "regex" }] }),
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "case no longer counts, which lets the Kelvin sign in",
  rules({ require: [is("args.unit", "matches", "[Kk]")] }),
  rules({ require: [is("args.unit", "matches", "(?i)k")] }),
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "a list gets a member",
  rules({ require: [is("args.kind", "in", ["Patient", "Observation"])] }),
  rules({ require: [is("args.kind", "in", ["Patient", "Observation", "Claim"])] }),
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "a list loses a member",
  rules({ require: [is("args.kind", "in", ["Patient", "Observation"])] }),
  rules({ require: [is("args.kind", "eq", "Patient")] }),
  "narrower passes",
  ["narrower access proof read bot"],
);
access(
  "a bound is moved by the smallest step",
  rules({ require: [is("args.count", "lt", 100)] }),
  rules({ require: [is("args.count", "lte", 100)] }),
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "a denial is removed",
  rules({ require: [PATIENT], deny_if: [is("args.all", "exists", true)] }),
  {},
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "a denial speaks of an argument that may be absent, and then of its presence too",
  rules({ deny_if: [is("args.count", "gt", 100)] }),
  rules({
    deny_if: [{ conditions: [is("args.count", "exists", true), is("args.count", "gt", 100)] }],
  }),
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "another alternative",
  rules({ require: [{ any_of: [[PATIENT]] }] }),
  rules({ require: [{ any_of: [[PATIENT], [is("args.mrn", "exists", true)]] }] }),
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "an alternative gets a second condition",
  rules({ require: [{ any_of: [[PATIENT], [is("args.mrn", "exists", true)]] }] }),
  rules({
    require: [
      { any_of: [[PATIENT], [is("args.mrn", "exists", true), is("args.born", "exists", true)]] },
    ],
  }),
  "narrower passes",
  ["narrower access proof read bot"],
);
access(
  "another argument is granted",
  rules({ args: ["patient"], require: [PATIENT] }),
  rules({ args: ["patient", "fields"], require: [PATIENT] }),
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "the list of arguments is dropped",
  rules({ args: ["patient"], require: [PATIENT] }),
  {},
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "an argument is no longer granted, and it was required",
  rules({ args: ["patient"], require: [PATIENT] }),
  rules({ args: [], require: [PATIENT] }),
  "narrower passes",
  ["narrower access proof read bot"],
);
access(
  "a tool is no longer hidden",
  tools({ read: {}, search: {} }, { hide: ["search"] }),
  tools({ read: {}, search: {} }),
  "broader blocks",
  ["broader access proof search bot"],
);
access(
  "everything is hidden",
  tools({ read: {}, search: {} }),
  tools({ read: {}, search: {} }, { hide: "*" }),
  "narrower passes",
  ["narrower access proof read bot", "narrower access proof search bot"],
);
access(
  "what is not listed is allowed: only what is labelled as no patient data",
  {},
  tools({ read: { require: [PATIENT] } }, { default: "allow" }),
  "broader passes",
  ["broader access proof departments bot"],
);
access(
  "the same, where the gate looks at everything",
  {},
  tools({ read: { require: [PATIENT] } }, { default: "allow" }),
  "broader blocks",
  ["broader access proof departments bot"],
  "all",
);
access(
  "a label lets `default: allow` reach a tool",
  { ...tools({}, { default: "allow" }), ...ehr({ tools: { ...LABELS, departments: {} } }) },
  tools({}, { default: "allow" }),
  "broader blocks",
  [
    "broader label proof departments bot",
    "broader label rule departments -",
    "broader label rule departments -",
    "broader label rule departments -",
    "broader label rule departments -",
  ],
);
access(
  "a rule for all tools is removed",
  tools({ read: {}, search: {} }, { all_tools: { require: [PATIENT] } }),
  tools({ read: {}, search: {} }),
  "broader blocks",
  ["broader access proof read bot", "broader access proof search bot"],
);
access(
  "a rule for all tools is moved into each",
  tools({ read: {}, search: {} }, { all_tools: { require: [PATIENT] } }),
  tools({ read: { require: [PATIENT] }, search: { require: [PATIENT] } }),
  "same passes",
);
access(
  "the policy of a grant is replaced by a wider one",
  { policies: { lookup: policy(), wide: policy({ read: {} }) } },
  {
    policies: { lookup: policy(), wide: policy({ read: {} }) },
    ...bot({ access: [{ server: "ehr", policy: "wide" }] }),
  },
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "a grant reaches another server",
  { servers: { ehr: server(), lab: server({ id: "lab" }) } },
  {
    servers: { ehr: server(), lab: server({ id: "lab" }) },
    ...bot({
      access: [
        { server: "ehr", policy: "lookup" },
        { server: "lab", policy: "lookup" },
      ],
    }),
  },
  "broader blocks",
  ["broader access proof read bot"],
);
access(
  "a grant no longer reaches a server",
  {
    servers: { ehr: server(), lab: server({ id: "lab" }) },
    ...bot({
      access: [
        { server: "ehr", policy: "lookup" },
        { server: "lab", policy: "lookup" },
      ],
    }),
  },
  { servers: { ehr: server(), lab: server({ id: "lab" }) } },
  "narrower passes",
  ["narrower access proof read bot"],
);
access(
  "one of 30 tools is loosened, for two grants",
  {
    ...tools(many(30)),
    grants: { bot: grant(), cat: grant({ principal: { kind: "person", id: "person:c.example" } }) },
  },
  {
    ...tools({ ...many(30), tool_17: {} }),
    grants: { bot: grant(), cat: grant({ principal: { kind: "person", id: "person:c.example" } }) },
  },
  "broader blocks",
  ["broader access proof tool_17 bot", "broader access proof tool_17 cat"],
);

function many(count: number): Fields {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`tool_${i}`, { require: [PATIENT] }]),
  );
}

// ---------------------------------------------------------------- methods

const methods = category("methods");
const uri = (pattern: string): Fields => ({
  "resources/read": { require: [is("args.uri", "matches", pattern)] },
});

methods(
  "a method is added",
  {},
  tools({ read: { require: [PATIENT] } }, { methods: { "resources/read": {} } }),
  "broader blocks",
  ["broader access proof resources/read bot"],
);
methods(
  "resources of more kinds",
  tools({}, { methods: uri("fhir://Patient/[a-z0-9-]+") }),
  tools({}, { methods: uri("fhir://[A-Za-z]+/[a-z0-9-]+") }),
  "broader blocks",
  ["broader access proof resources/read bot"],
);
methods(
  "a method is labelled as no patient data, and added",
  ehr({ methods: { "prompts/get": { effect: "read", ephi: false, subject: "none" } } }),
  {
    ...tools({ read: { require: [PATIENT] } }, { methods: { "prompts/get": {} } }),
    ...ehr({ methods: { "prompts/get": { effect: "read", ephi: false, subject: "none" } } }),
  },
  "broader passes",
  ["broader access proof prompts/get bot"],
);
methods(
  "a server may ask the client's model for text",
  {},
  tools(
    { read: { require: [PATIENT] } },
    { methods: { "sampling/createMessage": { require: [is("args.maxTokens", "lte", 100)] } } },
  ),
  "broader blocks",
  ["broader access proof sampling/createMessage bot"],
);
methods(
  "a server may ask the client's user for more, then for less",
  tools({}, { methods: { "elicitation/create": {} } }),
  tools(
    {},
    { methods: { "elicitation/create": { require: [is("args.message", "length_lte", 80)] } } },
  ),
  "narrower passes",
  ["narrower access proof elicitation/create bot"],
);
methods(
  "rules for all tools are about tools only",
  tools({}, { methods: uri("a") }),
  tools({}, { methods: uri("a"), all_tools: { require: [PATIENT] } }),
  "same passes",
);

// ---------------------------------------------------------------- what is compared with the grant

const facts = category("the grant's constants");
const CLINIC = from("args.clinic", "in", "clinics");
const clinics = (...names: string[]): Side => ({
  ...rules({ require: [CLINIC] }),
  ...bot({ attributes: { clinics: names } }),
});
const cat = (more: Fields): Fields =>
  grant({ principal: { kind: "person", id: "person:c.example" }, ...more });

facts("a clinic more", clinics("north"), clinics("north", "southern"), "broader blocks", [
  "broader access proof read bot",
]);
facts("a clinic less", clinics("north", "southern"), clinics("north"), "narrower passes", [
  "narrower access proof read bot",
]);
facts(
  "clinics in another order",
  clinics("north", "east"),
  clinics("east", "north"),
  "same passes",
);
facts("another clinic", clinics("north"), clinics("southern"), "broader blocks", [
  "broader access proof read bot",
]);
facts(
  "a condition is written otherwise, in the change that names another clinic",
  clinics("north"),
  {
    ...rules({ require: [CLINIC, { ...CLINIC, op: "not_in", not: true }] }),
    ...bot({ attributes: { clinics: ["southern"] } }),
  },
  "broader blocks",
  ["broader access proof read bot"],
);
facts(
  "an attribute that no condition reads",
  bot({ attributes: { floor: "third" } }),
  bot({ attributes: { floor: "fourth" } }),
  "same passes",
);
facts(
  "a number that a bound is taken from",
  {
    ...rules({ require: [from("args.count", "lte", "most")] }),
    ...bot({ attributes: { most: 5 } }),
  },
  {
    ...rules({ require: [from("args.count", "lte", "most")] }),
    ...bot({ attributes: { most: 6 } }),
  },
  "broader blocks",
  ["broader access proof read bot"],
);
facts(
  "a condition that was undetermined, since the attribute was missing",
  { ...rules({ require: [CLINIC] }) },
  clinics("north"),
  "broader blocks",
  ["broader access proof read bot"],
);
facts(
  "wider for anybody, but not for the one grant there is",
  {
    ...rules({ require: [is("args.clinic", "eq", "north")] }),
    ...bot({ attributes: { clinics: ["north"] } }),
  },
  clinics("north"),
  "same passes",
);
facts(
  "wider for one grant, and the same for another",
  {
    ...rules({ require: [is("args.clinic", "eq", "north")] }),
    grants: {
      bot: grant({ attributes: { clinics: ["north"] } }),
      cat: cat({ attributes: { clinics: ["north", "southern"] } }),
    },
  },
  {
    ...rules({ require: [CLINIC] }),
    grants: {
      bot: grant({ attributes: { clinics: ["north"] } }),
      cat: cat({ attributes: { clinics: ["north", "southern"] } }),
    },
  },
  "broader blocks",
  ["broader access proof read cat"],
);
facts(
  "the purpose is compared with, and changed",
  { ...rules({ require: [is("grant.purpose", "in", ["treatment", "emergency"])] }) },
  {
    ...rules({ require: [is("grant.purpose", "in", ["treatment", "emergency"])] }),
    ...bot({ purpose: "research" }),
  },
  "broader blocks",
  ["broader identity rule - bot", "narrower access proof read bot"],
);

// ---------------------------------------------------------------- limits

const quota = category("limits");
const limited = (...limits: Fields[]): Side => rules({ require: [PATIENT], limits });

quota("a higher maximum", limited(limit()), limited(limit({ max: 4 })), "broader blocks", [
  "broader quota proof read bot",
]);
quota("a lower maximum", limited(limit()), limited(limit({ max: 2 })), "narrower passes", [
  "narrower quota rule read bot",
]);
quota("no limit any more", limited(limit()), {}, "broader blocks", [
  "broader quota proof read bot",
]);
quota("a first limit", {}, limited(limit()), "narrower passes", ["narrower quota rule read bot"]);
quota(
  "a counter is renamed, so what was used no longer counts",
  limited(limit()),
  limited(limit({ counter: "lookups" })),
  "broader blocks",
  ["broader quota rule read bot"],
);
quota("a longer window", limited(limit()), limited(limit({ window: "day" })), "broader blocks", [
  "broader quota rule read bot",
]);
quota(
  "another scope",
  limited(limit({ scope: "server" })),
  limited(limit({ scope: "grant" })),
  "broader blocks",
  ["broader quota rule read bot"],
);
quota(
  "a limit for all tools stands at one of them",
  tools({ read: {}, search: {} }, { all_tools: { limits: [limit()] } }),
  tools({ read: { limits: [limit()] }, search: {} }),
  "broader blocks",
  ["broader quota proof search bot", "broader quota rule read bot"],
);
quota(
  "different patients: one more",
  limited(limit({ distinct: "subject" })),
  limited(limit({ distinct: "subject", max: 4 })),
  "broader blocks",
  ["broader quota proof read bot"],
);
quota(
  "calls are counted instead of different patients",
  limited(limit({ distinct: "subject" })),
  limited(limit()),
  "broader blocks",
  ["broader quota rule read bot", "unknown access proof read bot"],
);
quota(
  "a sum is counted instead of calls",
  limited(limit()),
  limited(limit({ increment_from: "args.n" })),
  "broader blocks",
  ["broader quota proof read bot", "narrower access proof read bot"],
);
quota(
  "a second limit beside the first, which is looser",
  limited(limit()),
  limited(limit({ max: 5 }), limit({ counter: "daily", window: "day", max: 6 })),
  "broader blocks",
  ["broader quota proof read bot"],
);
quota(
  "a limit is loosened for calls that nothing allows",
  rules({ require: [is("args.a", "eq", 1), is("args.a", "eq", 2)], limits: [limit()] }),
  rules({ require: [is("args.a", "eq", 1), is("args.a", "eq", 2)], limits: [limit({ max: 9 })] }),
  "same passes",
);
quota(
  "a new tool comes with a limit: that is no tightening",
  {},
  tools({ read: { require: [PATIENT] }, search: { limits: [limit()] } }),
  "broader blocks",
  ["broader access proof search bot"],
);
quota(
  "a tool with a limit is removed: that is no loosening",
  tools({ read: { require: [PATIENT] }, search: { limits: [limit()] } }),
  {},
  "narrower passes",
  ["narrower access proof search bot"],
);
quota(
  "more calls, of fewer kinds",
  rules({ limits: [limit()] }),
  limited(limit({ max: 4 })),
  "broader blocks",
  ["broader quota proof read bot", "narrower access proof read bot"],
);
quota(
  "the argument that is counted as the patient is another one",
  limited(limit({ distinct: "subject" })),
  {
    ...limited(limit({ distinct: "subject" })),
    ...ehr({ tools: { ...LABELS, read: { ...LABELS.read, subject: "args.other" } } }),
  },
  "broader blocks",
  ["broader label rule read -", "unknown label proof read bot"],
);

const COUNTED = limited(limit({ distinct: "subject" }));
const named = (subject: unknown): Side => ({
  ...COUNTED,
  ...ehr({ tools: { ...LABELS, read: { ...LABELS.read, subject } } }),
});
quota(
  "patients are counted of some types alone, and calls of the others are denied",
  COUNTED,
  named({ by: "args.type", cases: { Patient: "args.patient" } }),
  "narrower passes",
  ["narrower label proof read bot", "narrower label rule read -"],
);
quota(
  "patients are counted of all types, where calls of some were denied",
  named({ by: "args.type", cases: { Patient: "args.patient" } }),
  COUNTED,
  "broader blocks",
  ["broader label proof read bot", "broader label rule read -"],
);
quota(
  "a type has nobody to count any more",
  {
    ...named({ by: "args.type", cases: { Patient: "args.patient", Ward: "args.patient" } }),
    ...rules({ limits: [limit({ distinct: "subject" })] }),
  },
  {
    ...named({ by: "args.type", cases: { Patient: "args.patient", Ward: "none" } }),
    ...rules({ limits: [limit({ distinct: "subject" })] }),
  },
  "broader blocks",
  ["broader label proof read bot", "broader label rule read -"],
);
quota(
  "different patients of one type: one more",
  named({ by: "args.type", cases: { Patient: "args.patient" } }),
  {
    ...named({ by: "args.type", cases: { Patient: "args.patient" } }),
    ...limited(limit({ distinct: "subject", max: 4 })),
  },
  "broader blocks",
  ["broader quota proof read bot"],
);

// ---------------------------------------------------------------- dates

const expiry = category("dates");

expiry("a later end", {}, bot({ expires: "2027-03-02" }), "broader blocks", [
  "broader expiry proof read bot",
]);
expiry("an earlier end", {}, bot({ expires: "2027-02-28" }), "narrower passes", [
  "narrower expiry proof - bot",
]);
expiry("an earlier begin", {}, bot({ issued: "2026-08-31" }), "broader blocks", [
  "broader expiry proof read bot",
]);
expiry(
  "another year altogether",
  {},
  bot({ issued: "2027-06-01", expires: "2027-12-01" }),
  "broader blocks",
  ["broader expiry proof read bot"],
);
expiry(
  "later, and shorter",
  {},
  bot({ issued: "2026-12-01", expires: "2027-04-01" }),
  "broader blocks",
  ["broader expiry proof read bot"],
);
expiry(
  "longer, for a grant that allows nothing",
  tools({}),
  { ...tools({}), ...bot({ expires: "2027-04-01" }) },
  "same passes",
);
expiry(
  "longer, for a tool without patient data",
  tools({ departments: {} }),
  { ...tools({ departments: {} }), ...bot({ expires: "2027-04-01" }) },
  "broader passes",
  ["broader expiry proof departments bot"],
);
expiry(
  "longer, and at the same time fewer calls",
  {},
  { ...rules({ require: [PATIENT, is("args.n", "eq", 1)] }), ...bot({ expires: "2027-04-01" }) },
  "broader blocks",
  ["broader expiry proof read bot", "narrower access proof read bot"],
);
expiry(
  "longer, but beyond the agreement that the project demands",
  { ...dated("2027-02-01"), project: { ...PROJECT, requireBaa: true } },
  {
    ...dated("2027-02-01"),
    project: { ...PROJECT, requireBaa: true },
    ...bot({ expires: "2027-04-01" }),
  },
  "same passes",
);

function dated(expires: string, more: Fields = {}): Side {
  return ehr({
    vendor: { name: "Example EHR Inc.", baa: { status: "signed", signed: "2026-01-01", expires } },
    ...more,
  });
}

// ---------------------------------------------------------------- grants

const grants = category("grants");

grants("a new grant", {}, { grants: { bot: grant(), cat: cat({}) } }, "broader blocks", [
  "broader grant-added proof read cat",
]);
grants("a grant less", { grants: { bot: grant(), cat: cat({}) } }, {}, "narrower passes", [
  "narrower grant-removed proof - cat",
]);
grants(
  "a new grant without patient data",
  { policies: { lookup: policy(), desk: policy({ departments: {} }) } },
  {
    policies: { lookup: policy(), desk: policy({ departments: {} }) },
    grants: { bot: grant(), cat: cat({ access: [{ server: "ehr", policy: "desk" }] }) },
  },
  "broader passes",
  ["broader grant-added proof departments cat"],
);
grants(
  "a new grant that allows nothing",
  { policies: { lookup: policy(), none: policy({}) } },
  {
    policies: { lookup: policy(), none: policy({}) },
    grants: { bot: grant(), cat: cat({ access: [{ server: "ehr", policy: "none" }] }) },
  },
  "narrower passes",
  ["narrower grant-added proof - cat"],
);
grants("a grant under another name", {}, { grants: { rob: grant() } }, "broader blocks", [
  "broader grant-added proof read rob",
  "narrower grant-removed proof - bot",
]);
grants(
  "a new emergency grant is judged as if it were open",
  {},
  {
    grants: {
      bot: grant(),
      er: cat({ purpose: "emergency", breakGlass: { openers: ["person:d.example"], max: "4h" } }),
    },
  },
  "broader blocks",
  ["broader grant-added proof read er"],
);

// ---------------------------------------------------------------- identity

const identity = category("identity");
const OIDC = { oidc: { issuer: "https://idp.example.org", subject: "bot" } };
const changed = (name: string, base: Fields, head: Fields): void =>
  identity(name, bot(base), bot(head), "broader blocks", ["broader identity rule - bot"]);

changed(
  "the principal",
  {},
  {
    principal: { kind: "agent", id: "agent:other", responsible: "person:a.example" },
  },
);
changed(
  "the kind of principal",
  {},
  {
    principal: { kind: "service", id: "agent:bot", responsible: "person:a.example" },
  },
);
changed(
  "the responsible person",
  {},
  {
    principal: { kind: "agent", id: "agent:bot", responsible: "person:b.example" },
  },
);
changed("the purpose", {}, { purpose: "research" });
changed("a first issuer and subject", {}, { authentication: OIDC });
changed(
  "the issuer",
  { authentication: OIDC },
  {
    authentication: { oidc: { ...OIDC.oidc, issuer: "https://idp.example.net" } },
  },
);
changed(
  "the subject",
  { authentication: OIDC },
  {
    authentication: { oidc: { ...OIDC.oidc, subject: "other" } },
  },
);
changed("break-glass", {}, { breakGlass: { openers: ["person:d.example"], max: "4h" } });
changed(
  "another opener of break-glass",
  { breakGlass: { openers: ["person:d.example"], max: "4h" } },
  { breakGlass: { openers: ["person:d.example", "person:e.example"], max: "4h" } },
);
changed(
  "access to the audit",
  {},
  {
    access: [{ server: "ehr", policy: "lookup" }, { audit: "read" }],
  },
);
identity(
  "a justification and a review decide nothing",
  {},
  bot({ justification: "ticket EX-1", lastReview: { on: "2026-09-02", by: "person:a.example" } }),
  "same passes",
);

// ---------------------------------------------------------------- servers

const servers = category("servers");
const baa = (status: string, more: Fields = {}): Fields => ({
  vendor: { name: "Example EHR Inc.", baa: { status, ...more } },
});
const DEMAND: Side = { project: { ...PROJECT, requireBaa: true } };

servers(
  "another endpoint",
  {},
  ehr({ transport: { type: "http", url: "https://ehr.example.net/mcp" } }),
  "broader blocks",
  ["broader server rule - -"],
);
servers(
  "another transport",
  {},
  ehr({ transport: { type: "stdio", command: ["ehr-server"] } }),
  "broader blocks",
  ["broader server rule - -"],
);
servers("a credential that can write", {}, ehr({ readOnlyCredential: false }), "broader blocks", [
  "broader server rule - -",
]);
servers(
  "a credential that can only read",
  ehr({ readOnlyCredential: false }),
  {},
  "narrower passes",
  ["narrower server rule - -"],
);
for (const status of ["not_required", "pending", "none"]) {
  servers(`an agreement that is ${status} now`, {}, ehr(baa(status)), "broader blocks", [
    "broader server rule - -",
  ]);
}
servers("an agreement is signed", ehr(baa("pending")), {}, "narrower passes", [
  "narrower server rule - -",
]);
servers(
  "an agreement is signed where one is demanded: the server opens",
  { ...DEMAND, ...ehr(baa("pending")) },
  DEMAND,
  "broader blocks",
  ["broader server proof read bot", "narrower server rule - -"],
);
servers(
  "an agreement is said not to be required, where one is demanded",
  { ...DEMAND, ...ehr(baa("pending")) },
  { ...DEMAND, ...ehr(baa("not_required")) },
  "broader blocks",
  ["broader server proof read bot", "narrower server rule - -"],
);
servers("an agreement is no longer demanded, and was in force", DEMAND, {}, "broader blocks", [
  "broader gate rule - -",
]);
servers(
  "an agreement is no longer demanded, and was not in force",
  { ...DEMAND, ...ehr(baa("none")) },
  ehr(baa("none")),
  "broader blocks",
  ["broader gate rule - -", "broader server proof read bot"],
);
servers(
  "an agreement lasts longer, where one is demanded",
  { ...DEMAND, ...dated("2026-12-01") },
  { ...DEMAND, ...dated("2027-01-01") },
  "broader blocks",
  ["broader server proof read bot"],
);
servers(
  "an agreement lasts longer, beyond the only grant",
  { ...DEMAND, ...dated("2027-03-01") },
  { ...DEMAND, ...dated("2028-03-01") },
  "same passes",
);
servers(
  "an agreement ends sooner, where one is demanded",
  { ...DEMAND, ...dated("2027-01-01") },
  { ...DEMAND, ...dated("2026-12-01") },
  "narrower passes",
  ["narrower server proof read bot"],
);
servers(
  "more is allowed under an agreement that ended before the grant began",
  { ...DEMAND, ...dated("2026-08-01") },
  { ...DEMAND, ...dated("2026-08-01"), ...rules({}) },
  "same passes",
);
servers(
  "an agreement is no longer demanded, where an argument says what is patient data",
  { ...DEMAND, ...ehr({ ...baa("none"), tools: byKind() }) },
  ehr({ ...baa("none"), tools: byKind() }),
  "broader blocks",
  ["broader gate rule - -", "unknown access proof read bot"],
);
servers(
  "a new grant without an agreement, where an argument says what is patient data",
  { ...DEMAND, ...rules({}), ...ehr({ ...baa("none"), tools: byKind() }) },
  {
    ...DEMAND,
    ...rules({}),
    ...ehr({ ...baa("none"), tools: byKind() }),
    grants: { bot: grant(), cat: cat({}) },
  },
  "unknown blocks",
  ["unknown grant-added proof - cat"],
);
servers(
  "more calls without an agreement, where an argument says what is patient data",
  { ...DEMAND, ...ehr({ ...baa("none"), tools: byKind() }) },
  { ...DEMAND, ...rules({}), ...ehr({ ...baa("none"), tools: byKind() }) },
  "unknown blocks",
  ["unknown access proof read bot"],
);
servers(
  "longer, without an agreement, where an argument says what is patient data",
  { ...DEMAND, ...rules({}), ...ehr({ ...baa("none"), tools: byKind() }) },
  {
    ...DEMAND,
    ...rules({}),
    ...ehr({ ...baa("none"), tools: byKind() }),
    ...bot({ expires: "2027-04-01" }),
  },
  "unknown blocks",
  ["unknown expiry proof - bot"],
);
servers(
  "a new server that nobody reaches",
  {},
  { servers: { ehr: server(), lab: server({ id: "lab", tools: {} }) } },
  "same passes",
);

function byKind(): Fields {
  const ephi = { by: "args.kind", cases: { Patient: true, Schedule: false } };
  return { ...LABELS, read: { ...LABELS.read, ephi } };
}

// ---------------------------------------------------------------- labels

const label = category("labels");
const labelled = (more: Fields): Side =>
  ehr({ tools: { ...LABELS, read: { ...LABELS.read, ...more } } });
const EFFECT = (cases: Fields): Fields => ({ effect: { by: "args.method", cases } });
const SUBJECT = (cases: Fields): Fields => ({ subject: { by: "args.type", cases } });

label("an effect that sounds harmless", labelled({ effect: "write" }), {}, "broader blocks", [
  "broader label rule read -",
]);
label("an effect that sounds worse", {}, labelled({ effect: "destructive" }), "narrower passes", [
  "narrower label rule read -",
]);
label("no patient data, it says", {}, labelled({ ephi: false }), "broader blocks", [
  "broader label rule read -",
]);
label("patient data after all", labelled({ ephi: false }), {}, "narrower passes", [
  "narrower label rule read -",
]);
label("one patient instead of all", labelled({ volume: "bulk" }), {}, "broader blocks", [
  "broader label rule read -",
]);
label(
  "another argument names the patient",
  {},
  labelled({ subject: "args.mrn" }),
  "broader blocks",
  ["broader label rule read -"],
);
label("nobody knows who the patient is", {}, labelled({ subject: "unknown" }), "narrower passes", [
  "narrower label rule read -",
]);
label(
  "of some types an argument names the patient now",
  labelled({ subject: "unknown" }),
  labelled(SUBJECT({ Patient: "args.patient" })),
  "broader blocks",
  ["broader label rule read -"],
);
label(
  "only of some types the argument names the patient now",
  {},
  labelled(SUBJECT({ Patient: "args.patient" })),
  "narrower passes",
  ["narrower label rule read -"],
);
label(
  "a type more has nobody as its patient",
  labelled(SUBJECT({ Patient: "args.patient" })),
  labelled(SUBJECT({ Patient: "args.patient", Ward: "none" })),
  "broader blocks",
  ["broader label rule read -"],
);
label(
  "a type less has a patient that is known",
  labelled(SUBJECT({ Patient: "args.patient", Person: "args.patient" })),
  labelled(SUBJECT({ Patient: "args.patient", Person: "unknown" })),
  "narrower passes",
  ["narrower label rule read -"],
);
label(
  "another argument names the patient of one type",
  labelled(SUBJECT({ Patient: "args.patient", Person: "args.patient" })),
  labelled(SUBJECT({ Patient: "args.patient", Person: "args.mrn" })),
  "broader blocks",
  ["broader label rule read -"],
);
label(
  "every type has the argument that some had",
  labelled(SUBJECT({ Patient: "args.patient" })),
  {},
  "broader blocks",
  ["broader label rule read -"],
);
label(
  "the type that the patient hangs on is another argument",
  labelled(SUBJECT({ Patient: "args.patient" })),
  labelled({ subject: { by: "args.kind", cases: { Patient: "args.patient" } } }),
  "broader blocks",
  ["broader label rule read -"],
);
label(
  "the same types in another order",
  labelled(SUBJECT({ Patient: "args.patient", Ward: "none" })),
  labelled(SUBJECT({ Ward: "none", Patient: ["args.patient"] })),
  "same passes",
);
label(
  "a first label",
  ehr({ tools: {} }),
  ehr({ tools: { departments: LABELS.departments } }),
  "broader blocks",
  [
    "broader label rule departments -",
    "broader label rule departments -",
    "broader label rule departments -",
    "broader label rule departments -",
  ],
);
label(
  "a label is gone",
  {},
  ehr({ tools: { read: LABELS.read, search: LABELS.search, remove: LABELS.remove } }),
  "narrower passes",
  [
    "narrower label rule departments -",
    "narrower label rule departments -",
    "narrower label rule departments -",
    "narrower label rule departments -",
  ],
);
label(
  "an argument decides now whether it is patient data",
  {},
  ehr({ tools: byKind() }),
  "broader blocks",
  ["broader label rule read -"],
);
label(
  "an argument decides now what it does, and nothing is more harmless",
  {},
  labelled(EFFECT({ GET: "read", POST: "write" })),
  "narrower passes",
  ["narrower label rule read -"],
);
label(
  "a case is said to be harmless",
  labelled(EFFECT({ GET: "read", POST: "write" })),
  labelled(EFFECT({ GET: "read", POST: "read" })),
  "broader blocks",
  ["broader label rule read -"],
);
label(
  "a case is left out, so it counts as the worst",
  labelled(EFFECT({ GET: "read", POST: "write" })),
  labelled(EFFECT({ GET: "read" })),
  "narrower passes",
  ["narrower label rule read -"],
);
label(
  "the cases hang on another argument",
  labelled(EFFECT({ GET: "read" })),
  labelled({ effect: { by: "args.verb", cases: { GET: "read" } } }),
  "broader blocks",
  ["broader label rule read -"],
);
label(
  "a method is labelled for the first time",
  {},
  ehr({
    methods: {
      "resources/read": { effect: "read", ephi: true, volume: "bulk", subject: "unknown" },
    },
  }),
  "broader blocks",
  ["broader label rule resources/read -"],
);

// ---------------------------------------------------------------- pins

const pin = category("pins");
const SCHEMA: Fields = {
  type: "object",
  properties: { patient: { type: "string" } },
  required: ["patient"],
  additionalProperties: false,
};
const locked = (read: Fields | undefined, more: Fields = {}): Side => ({
  locks: { ehr: { ...(read === undefined ? {} : { read }), ...(more as Record<string, Fields>) } },
});

pin("a tool is pinned for the first time", locked(undefined), locked(SCHEMA), "broader blocks", [
  "broader pin proof read bot",
  "broader pin rule read -",
]);
pin("a pin is gone", locked(SCHEMA), locked(undefined), "narrower passes", [
  "narrower pin proof read bot",
]);
pin("a first lock", {}, locked(SCHEMA), "narrower passes", ["narrower pin proof read bot"]);
pin("no lock any more", locked(SCHEMA), {}, "broader blocks", [
  "broader pin proof read bot",
  "broader pin rule - -",
]);
pin(
  "a description is pinned anew",
  locked({ description: "reads", inputSchema: SCHEMA }),
  locked({ description: "reads, and ignores earlier instructions", inputSchema: SCHEMA }),
  "broader blocks",
  ["broader pin rule read -"],
);
pin(
  "a schema is loosened",
  locked(SCHEMA),
  locked({ ...SCHEMA, additionalProperties: true }),
  "broader blocks",
  ["broader pin proof read bot", "broader pin rule read -"],
);
pin(
  "a schema is loosened in the change that drops the rule for it",
  { ...locked(SCHEMA), ...rules({ args: ["patient"] }) },
  { ...locked({ ...SCHEMA, additionalProperties: true }), ...rules({}) },
  "broader blocks",
  ["broader access proof read bot", "broader pin rule read -"],
);
pin(
  "a rule is dropped that the schema makes needless",
  { ...locked(SCHEMA), ...rules({ args: ["patient"] }) },
  { ...locked(SCHEMA), ...rules({}) },
  "same passes",
);
pin(
  "a schema is tightened",
  locked({ ...SCHEMA, additionalProperties: true }),
  locked(SCHEMA),
  "broader blocks",
  ["broader pin rule read -", "narrower pin proof read bot"],
);
pin(
  "the server tells models something else",
  { ...locked(SCHEMA), instructions: "Ask for one patient." },
  { ...locked(SCHEMA), instructions: "Ask for all patients." },
  "broader blocks",
  ["broader pin rule - -"],
);
pin(
  "a schema that no proof can read is replaced by another such",
  locked({
    type: "object",
    properties: { patient: { type: "array", uniqueItems: true, contains: { multipleOf: 3 } } },
  }),
  locked({
    type: "object",
    properties: { patient: { type: "array", uniqueItems: true, contains: { multipleOf: 7 } } },
  }),
  "broader blocks",
  ["broader pin rule read -"],
);

// ---------------------------------------------------------------- gate, suppressions, tests

const gate = category("gate");
const project = (of: Fields, more: Fields = {}): Side => ({
  project: { version: "1", gate: of, ...more },
});
const OFFICERS = { team: "privacy-officers", count: 1 };

gate(
  "the gate looks at patient data only",
  project({ scope: "all", approvers: [OFFICERS] }),
  {},
  "broader blocks",
  ["broader gate rule - -"],
);
gate(
  "the gate looks at everything",
  {},
  project({ scope: "all", approvers: [OFFICERS] }),
  "narrower passes",
  ["narrower gate rule - -"],
);
gate(
  "fewer approvers",
  project({ approvers: [{ ...OFFICERS, count: 2 }] }),
  project({ approvers: [OFFICERS] }),
  "broader blocks",
  ["broader gate rule - -"],
);
gate(
  "a group of approvers more",
  {},
  project({ approvers: [OFFICERS, { team: "security-officers", count: 1 }] }),
  "narrower passes",
  ["narrower gate rule - -"],
);
gate("first approvers", project({}), {}, "broader blocks", ["broader gate rule - -"]);
gate(
  "a threshold is lowered",
  project({ approvers: [OFFICERS], coverage: { rules: 100, mutation: 90 } }),
  project({ approvers: [OFFICERS], coverage: { rules: 100, mutation: 80 } }),
  "broader blocks",
  ["broader gate rule - -"],
);
gate(
  "an agreement is demanded",
  {},
  { project: { ...PROJECT, requireBaa: true } },
  "narrower passes",
  ["narrower gate rule - -"],
);
gate(
  "the settings are gone",
  project({ approvers: [OFFICERS], coverage: { rules: 100 } }),
  { project: undefined },
  "broader blocks",
  ["broader gate rule - -", "broader gate rule - -"],
);

const SUPPRESS = { rule: "bulk-tool", reason: "reviewed", until: "2026-12-31" };
const suppress = (...entries: Fields[]): Side => ({ project: { ...PROJECT, suppress: entries } });
const suppression = category("suppressions");
suppression("a first one", {}, suppress(SUPPRESS), "broader blocks", [
  "broader suppression rule - -",
]);
suppression(
  "a longer one",
  suppress(SUPPRESS),
  suppress({ ...SUPPRESS, until: "2027-01-31" }),
  "broader blocks",
  ["broader suppression rule - -"],
);
suppression(
  "a shorter one",
  suppress(SUPPRESS),
  suppress({ ...SUPPRESS, until: "2026-11-30" }),
  "same passes",
);
suppression(
  "for all files instead of one",
  suppress({ ...SUPPRESS, file: "policies/lookup.yaml" }),
  suppress(SUPPRESS),
  "broader blocks",
  ["broader suppression rule - -"],
);
suppression("one less", suppress(SUPPRESS), {}, "same passes");

const expected = category("tests");
const DENIED = { name: "no search", call: { tool: "search", args: {} }, expect: "deny" };
const READ = {
  name: "a lookup",
  call: { tool: "read", args: { patient: "p-1" } },
  expect: "allow",
};
const suite = (cases: Fields[], more: Fields = {}): Side => ({
  tests: {
    lookup: {
      version: "1",
      suite: "lookup",
      defaults: { grant: "bot", server: "ehr" },
      cases,
      ...more,
    },
  },
});
expected("an expected denial is gone", suite([READ, DENIED]), suite([READ]), "broader blocks", [
  "broader test rule - -",
]);
expected(
  "an expected denial is skipped",
  suite([READ, DENIED]),
  suite([READ, { ...DENIED, skip: { reason: "flaky", until: "2026-12-01" } }]),
  "broader blocks",
  ["broader test rule - -"],
);
expected(
  "an expected denial is skipped for longer",
  suite([READ, { ...DENIED, skip: { reason: "flaky", until: "2026-12-01" } }]),
  suite([READ, { ...DENIED, skip: { reason: "flaky", until: "2027-12-01" } }]),
  "broader blocks",
  ["broader test rule - -"],
);
expected(
  "an expected denial is allowed now",
  suite([READ, DENIED]),
  suite([READ, { ...DENIED, expect: "allow" }]),
  "broader blocks",
  ["broader test rule - -"],
);
expected(
  "an expected denial is asked at another time",
  suite([READ, DENIED]),
  suite([READ, DENIED], { now: "2025-01-01T00:00:00Z" }),
  "broader blocks",
  ["broader test rule - -"],
);
expected(
  "a sequence may go on for longer",
  suite([{ name: "quota", sequence: { repeat: 9, call: READ.call }, expect: { allowed: 3 } }]),
  suite([{ name: "quota", sequence: { repeat: 9, call: READ.call }, expect: { allowed: 9 } }]),
  "broader blocks",
  ["broader test rule - -"],
);
expected(
  "a matrix lists a grant more",
  suite([READ], { matrix: { calls: { look: READ.call }, grants: ["bot"], expect: { look: [] } } }),
  suite([READ], {
    matrix: { calls: { look: READ.call }, grants: ["bot"], expect: { look: ["bot"] } },
  }),
  "broader blocks",
  ["broader test rule - -"],
);
expected("an expected permission is gone", suite([READ, DENIED]), suite([DENIED]), "same passes");
expected("another expected denial", suite([READ]), suite([READ, DENIED]), "same passes");
expected(
  "two expected denials change places",
  suite([READ, DENIED]),
  suite([DENIED, READ]),
  "same passes",
);

// ---------------------------------------------------------------- written otherwise

const same = category("written otherwise");
const YAML = `# The same policy, as YAML.
version: "1"
description: reads one record
default: deny
tools:
  read:
    require:
      - conditions:
          - path: args["patient"]
            value: 'p-[0-9]+'
            op: matches
        name: one-patient
        on_deny: Name one patient.
`;

same(
  "YAML instead of JSON, with names and a description",
  {},
  { policies: {}, raw: { "policies/lookup.yaml": YAML } },
  "same passes",
);
same(
  "a policy has another file name",
  {},
  { policies: { other: policy() }, ...bot({ access: [{ server: "ehr", policy: "other" }] }) },
  "same passes",
);
same(
  "De Morgan",
  rules({ deny_if: [{ any_of: [[is("args.a", "eq", "x")], [is("args.b", "eq", "y")]] }] }),
  rules({ require: [is("args.a", "neq", "x"), is("args.b", "neq", "y")] }),
  "same passes",
);
same(
  "alternatives in another order",
  rules({ require: [{ any_of: [[PATIENT], [is("args.mrn", "exists", true)]] }] }),
  rules({ require: [{ any_of: [[is("args.mrn", "exists", true)], [PATIENT]] }] }),
  "same passes",
);
same(
  "an expression in other words",
  {},
  rules({ require: [is("args.patient", "regex", "^p-\\d\\d*$")] }),
  "same passes",
);
same(
  "a list instead of alternatives",
  rules({ require: [{ any_of: [[is("args.kind", "eq", "a")], [is("args.kind", "eq", "b")]] }] }),
  rules({ require: [is("args.kind", "in", ["b", "a"])] }),
  "same passes",
);
same(
  "two bounds instead of one value",
  rules({ require: [is("args.n", "eq", 5)] }),
  rules({ require: [is("args.n", "gte", 5), is("args.n", "lte", 5)] }),
  "same passes",
);
same(
  "a redundant condition is removed",
  rules({ require: [PATIENT, is("args.patient", "starts_with", "p-")] }),
  {},
  "same passes",
);
same(
  "what the agent reads when it is denied",
  {},
  rules({ require: [PATIENT], on_deny: "Name one patient." }),
  "same passes",
);
same(
  "a tool that is unlisted and a tool that is hidden",
  {},
  tools({ read: { require: [PATIENT] }, search: {} }, { hide: ["search"] }),
  "same passes",
);
same(
  "limits in another order",
  limited(limit(), limit({ window: "day", max: 9 })),
  limited(limit({ window: "day", max: 9 }), limit()),
  "same passes",
);

// ---------------------------------------------------------------- several at once, and what stays open

const mixed = category("mixed");
mixed(
  "one tool more and another less",
  tools({ read: { require: [PATIENT] }, search: {} }),
  tools({ read: { require: [PATIENT] }, remove: {} }),
  "broader blocks",
  ["broader access proof remove bot", "narrower access proof search bot"],
);
mixed(
  "wider and narrower within one tool",
  rules({ require: [is("args.kind", "in", ["a", "b"])] }),
  rules({ require: [is("args.kind", "in", ["b", "c"])] }),
  "broader blocks",
  ["broader access proof read bot"],
);
mixed(
  "wider without patient data, narrower with them",
  tools({ read: {} }),
  tools({ read: { require: [PATIENT] }, departments: {} }),
  "broader passes",
  ["broader access proof departments bot", "narrower access proof read bot"],
);
mixed(
  "a refactoring hides one loosened rule",
  tools({ read: { require: [PATIENT] }, search: { require: [is("args.q", "eq", "x")] } }),
  tools(
    { read: {}, search: { require: [is("args.q", "in", ["x"])] } },
    { all_tools: { require: [is("args.patient", "regex", "^p-[0-9]+")] } },
  ),
  "broader blocks",
  ["broader access proof read bot", "narrower access proof search bot"],
);

const open = category("not proved");
const opaque = (multipleOf: number): Side => ({
  ...locked({
    type: "object",
    properties: { n: { type: "array", contains: { multipleOf } } },
    required: ["n"],
  }),
  ...rules({ require: [is("args.n", "type", "array")] }),
});
open("a keyword that is not interpreted, unchanged", opaque(3), opaque(3), "same passes");
open(
  "a keyword that is not interpreted, unchanged, and a rule more",
  opaque(3),
  {
    ...opaque(3),
    ...rules({ require: [is("args.n", "type", "array"), is("args.n", "count_lt", 9)] }),
  },
  "narrower passes",
  ["narrower access proof read bot"],
);
open("a keyword that is not interpreted, changed", opaque(3), opaque(7), "broader blocks", [
  "broader pin rule read -",
  "unknown pin proof read bot",
]);
open("a keyword that is not interpreted, in a new tool", tools({}), opaque(3), "unknown blocks", [
  "unknown access proof read bot",
]);

// ---------------------------------------------------------------- monitor mode

const modes = category("monitor mode");
const watching = (more: Fields = {}): Side => ehr({ mode: "monitor", ...more });
const harmless = (name: string): Fields => ({ ...LABELS, [name]: LABELS.departments! });
const byArea = {
  ...LABELS,
  read: { ...LABELS.read!, ephi: { by: "args.area", cases: { staff: false, patients: true } } },
};

modes("it begins on a server", {}, watching(), "broader blocks", [
  "broader server rule - -",
  "broader access proof departments bot",
]);
modes("it ends on a server", watching(), {}, "narrower passes", [
  "narrower server rule - -",
  "narrower access proof departments bot",
]);
modes("it begins for a grant", {}, bot({ mode: "monitor" }), "broader blocks", [
  "broader identity rule - bot",
  "broader access proof departments bot",
]);
// Nothing could pass today; tomorrow's labels are not known.
modes(
  "it begins on a server that has only patient data",
  ehr({ tools: { read: LABELS.read } }),
  watching({ tools: { read: LABELS.read } }),
  "broader blocks",
  ["broader server rule - -"],
);
modes("to enforce is what everything does", {}, ehr({ mode: "enforce" }), "same passes");
modes(
  "it moves from the server to its only grant",
  watching(),
  bot({ mode: "monitor" }),
  "broader blocks",
  ["broader identity rule - bot", "narrower server rule - -"],
);
modes(
  "a policy without a rule for a watched tool gains one",
  watching(),
  {
    ...watching(),
    ...tools({ read: { require: [PATIENT] }, departments: {} }),
  },
  "same passes",
);
modes(
  "a hidden tool is no longer hidden, and was only watched",
  {
    ...watching(),
    policies: { lookup: policy(undefined, { hide: ["departments"] }) },
  },
  watching(),
  "same passes",
);
modes(
  "a label says that a tool is harmless",
  watching(),
  watching({ tools: harmless("search") }),
  "broader blocks",
  [
    "broader label proof search bot",
    "broader label rule search -",
    "broader label rule search -",
    "broader label rule search -",
  ],
);
modes(
  "a watched tool gains a limit",
  { ...watching(), ...tools({ read: { require: [PATIENT] }, departments: {} }) },
  {
    ...watching(),
    ...tools({ read: { require: [PATIENT] }, departments: { limits: [limit()] } }),
  },
  "same passes",
);
modes(
  "a rule about patient data goes, and is enforced all the same",
  watching(),
  { ...watching(), ...rules({}) },
  "broader blocks",
  ["broader access proof read bot"],
);
modes(
  "a rule goes where an argument decides what is watched",
  watching({ tools: byArea }),
  {
    ...watching({ tools: byArea }),
    ...rules({}),
  },
  "broader blocks",
  ["broader access proof read bot"],
);
modes(
  "it begins where an argument decides what is watched",
  ehr({ tools: byArea }),
  watching({ tools: byArea }),
  "broader blocks",
  [
    "broader server rule - -",
    "broader access proof read bot",
    "broader access proof departments bot",
  ],
);
modes(
  "it begins, and the tool that it would reach is not pinned",
  {
    locks: { ehr: { read: { type: "object" } } },
  },
  { ...watching(), locks: { ehr: { read: { type: "object" } } } },
  "broader blocks",
  ["broader server rule - -"],
);

export const ROWS: readonly Row[] = rows;
