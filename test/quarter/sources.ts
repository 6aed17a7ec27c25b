/** The hospital's policy repository at each of its releases: that of the example, and more of it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pinTool } from "../../engine/policy/compile.ts";
import { AUDITORS, CAST, CLINICS, type Member } from "./cast.ts";

export type Sources = Readonly<Record<string, string>>;

const EXAMPLE = join(import.meta.dirname, "../../examples/hospital");

/** What differs from release to release. */
export interface Revision {
  /** Searches must ask for short pages. */
  readonly shortPages: boolean;
  /** Grants that are gone. */
  readonly without: readonly string[];
  /** The definition of `get_report` that is pinned. */
  readonly report: string;
}

export function sourcesOf({ shortPages, without, report }: Revision): Sources {
  const lookup = example("policies/lookup.yaml");
  return {
    "phiward.yaml": SETTINGS,
    "servers/ehr.yaml": example("servers/ehr.yaml"),
    "servers/ehr.lock.json": example("servers/ehr.lock.json"),
    "servers/imaging.yaml": IMAGING,
    "servers/imaging.lock.json": lock("imaging", imagingTools(report)),
    "servers/scheduling.yaml": SCHEDULING,
    "servers/scheduling.lock.json": lock("scheduling", SCHEDULING_TOOLS),
    ...Object.fromEntries(
      readdirSync(join(EXAMPLE, "policies")).map((name) => [
        `policies/${name}`,
        example(`policies/${name}`),
      ]),
    ),
    "policies/lookup.yaml": shortPages ? lookup.replace(BEFORE, SHORT_PAGES + BEFORE) : lookup,
    "policies/imaging.yaml": IMAGING_POLICY,
    "policies/booking.yaml": BOOKING_POLICY,
    ...Object.fromEntries(
      CAST.filter(({ id }) => !without.includes(id)).map((member) => [
        `grants/${member.id}.yaml`,
        grantText(member),
      ]),
    ),
    ...Object.fromEntries(AUDITORS.map((one) => [`grants/${one.id}.yaml`, auditorText(one)])),
  };
}

function example(path: string): string {
  return readFileSync(join(EXAMPLE, path), "utf8");
}

const SETTINGS = `# St. Elsewhere is an invented hospital; its agents and people are invented too.
version: "1"
bundle: { name: st-elsewhere-agents }
subject: { key: "v1" }
requireBaa: true
gate:
  scope: ephi
  approvers:
    - { team: privacy-officers, count: 1 }
    - { team: security-officers, count: 1 }
`;

const BEFORE = "    deny_if:\n      # More search parameters narrow";
const SHORT_PAGES = `      - name: short-pages
        conditions:
          - { path: args.parameters._count, op: type, value: integer }
          - { path: args.parameters._count, op: lte, value: 20 }
        on_deny: Give \`_count\` as a number up to 20.
`;

const IMAGING = `version: "1"
id: imaging
description: Studies and reports of radiology
vendor:
  name: Example Imaging Ltd.
  baa: { status: signed, signed: 2026-02-01, expires: 2028-02-01 }
transport:
  type: http
  url: https://imaging.example.org/mcp
readOnlyCredential: true
tools:
  find_studies:
    effect: read
    ephi: true
    volume: bulk
    subject: unknown
    resultSubjects: ["studies[*].patient"]
  get_report: { effect: read, ephi: true, volume: single, subject: args.patient_id }
  export_studies: { effect: read, ephi: true, volume: bulk, subject: unknown }
  list_modalities: { effect: read, ephi: false, volume: single, subject: none }
`;

const SCHEDULING = `version: "1"
id: scheduling
description: Appointments of the clinics
vendor:
  name: Example Scheduling Inc.
  baa: { status: signed, signed: 2026-02-01, expires: 2026-12-31 }
transport:
  type: http
  url: https://scheduling.example.org/mcp
readOnlyCredential: false
tools:
  find_slots: { effect: read, ephi: false, volume: single, subject: none }
  book_appointment: { effect: write, ephi: true, volume: single, subject: args.patient_id }
  cancel_appointment: { effect: write, ephi: true, volume: single, subject: args.patient_id }
`;

const IMAGING_POLICY = `version: "1"
description: Reports of one patient, and studies of one day
default: deny
tools:
  find_studies:
    args: [day, modality, page]
    require:
      - { path: args.day, op: matches, value: '\\d{4}-\\d{2}-\\d{2}' }
    limits:
      - { counter: pages, window: hour, max: 120, scope: grant }
  get_report:
    args: [patient_id, study]
    require:
      - { path: args.patient_id, op: matches, value: "[A-Za-z0-9-]{1,64}" }
    limits:
      - { counter: patients, window: hour, max: 60, scope: grant, distinct: subject }
  list_modalities: {}
`;

const BOOKING_POLICY = `version: "1"
description: Appointments of one patient at a time
default: deny
tools:
  find_slots:
    args: [clinic, day]
  book_appointment:
    args: [patient_id, clinic, slot]
    require:
      - { path: args.patient_id, op: matches, value: "[A-Za-z0-9-]{1,64}" }
  cancel_appointment:
    args: [patient_id, slot]
    require:
      - { path: args.patient_id, op: matches, value: "[A-Za-z0-9-]{1,64}" }
`;

interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
}

function tool(name: string, description: string, args: readonly string[]): Tool {
  const properties = Object.fromEntries(args.map((arg) => [arg, { type: "string" }]));
  return { name, description, inputSchema: { type: "object", properties } };
}

function imagingTools(report: string): readonly Tool[] {
  return [
    tool("find_studies", "Lists the studies of one day", ["day", "modality", "page"]),
    tool("get_report", report, ["patient_id", "study"]),
    tool("export_studies", "Exports studies as a file", ["query"]),
    tool("list_modalities", "Lists what studies can be made", []),
  ];
}

const SCHEDULING_TOOLS = [
  tool("find_slots", "Lists free appointments", ["clinic", "day"]),
  tool("book_appointment", "Books an appointment", ["patient_id", "clinic", "slot"]),
  tool("cancel_appointment", "Cancels an appointment", ["patient_id", "slot"]),
];

function lock(server: string, tools: readonly Tool[]): string {
  const pinned = tools.map((one) => ({ ...one, digest: pinTool(one as never).digest }));
  return `${JSON.stringify({ version: "1", server, tools: pinned }, null, 2)}\n`;
}

function grantText({ id, role, principal, responsible, clinic, n }: Member): string {
  const { kind, purpose, access } = role;
  const whose = responsible === undefined ? "" : `, responsible: "${responsible}"`;
  const place = CLINICS[clinic]!;
  const lines = [
    'version: "1"',
    `id: ${id}`,
    `principal: { kind: ${kind}, id: "${principal}"${whose} }`,
    `purpose: ${purpose}`,
    `justification: ${role.name} of ${place}, ticket SEC-${1000 + n}`,
    "access:",
    ...Object.entries(access).map(
      ([server, policy]) => `  - { server: ${server}, policy: ${policy} }`,
    ),
    ...attributesOf(role.name, place),
    "issued: 2026-04-01",
    "expires: 2027-04-01",
    ...(role.name === "er-assist" ? BREAK_GLASS : []),
    // A few have never been looked at again.
    ...(n % 9 === 0 ? [] : ['lastReview: { on: 2026-06-15, by: "person:m.chen" }']),
  ];
  return `${lines.join("\n")}\n`;
}

const BREAK_GLASS = ['breakGlass: { openers: ["person:a.okafor", "person:m.chen"], max: 4h }'];

function attributesOf(role: string, place: string): readonly string[] {
  switch (role) {
    case "triage":
      return ["attributes:", `  clinics: [Location/${place}]`];
    case "billing":
      return ["attributes:", `  departments: [Organization/${place}]`];
    case "cohort":
      return ["attributes:", "  protocol: IRB-2026-014", '  codes: ["2823-3", "2345-7"]'];
    default:
      return ["attributes:", `  clinic: ${place}`];
  }
}

function auditorText({ id, principal, audit }: (typeof AUDITORS)[number]): string {
  return `version: "1"
id: ${id}
principal: { kind: person, id: "${principal}" }
purpose: operations
justification: Activity review, 45 CFR 164.308(a)(1)(ii)(D)
access:
  - { audit: ${audit} }
issued: 2026-04-01
expires: 2027-04-01
lastReview: { on: 2026-06-15, by: "${id === "security-officer" ? "person:m.chen" : "person:s.park"}" }
`;
}
