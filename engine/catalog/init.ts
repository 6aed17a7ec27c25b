/** The first files of a policy repository: small enough to read in a minute, and green. */
import type { JsonObject } from "../json/value.ts";
import { pinTool } from "../policy/compile.ts";
import { DAY, formatDay } from "../policy/time.ts";

export interface InitOptions {
  readonly name: string;
  readonly now: number;
  /** GitHub teams or logins that exist, as `team:NAME` or `login:NAME`; may be empty. */
  readonly approvers: readonly string[];
}

/** Path → text, at most seven. */
export function initialFiles({
  name,
  now,
  approvers,
}: InitOptions): Readonly<Record<string, string>> {
  const issued = formatDay(now);
  const grant = GRANT.replaceAll("{issued}", issued).replace(
    "{expires}",
    formatDay(now + 180 * DAY),
  );
  const tests = TESTS.replace("{now}", `${issued}T12:00:00Z`);
  return {
    "phiward.yaml": headed("project", ".", project(name, approvers)),
    "servers/ehr.yaml": headed("server", "..", SERVER.replaceAll("{signed}", issued)),
    "servers/ehr.lock.json": lock(),
    "policies/lookup.yaml": headed("policy", "..", POLICY),
    "grants/lookup-bot.yaml": headed("grant", "..", grant),
    "tests/lookup.test.yaml": headed("tests", "..", tests),
    ".github/workflows/phiward.yml": WORKFLOW,
  };
}

/** With the line by which editors find the schema, beside which phiward is installed. */
function headed(format: string, root: string, text: string): string {
  return `# yaml-language-server: $schema=${root}/node_modules/phiward/schemas/${format}.schema.json\n${text}`;
}

/** In quotes: `2026` and `null` are good names, and something else than a text without them. */
function project(name: string, approvers: readonly string[]): string {
  const list = approvers.map((approver) => {
    const [kind, who] = approver.split(":");
    return `    - { ${kind}: ${JSON.stringify(who)}, count: 1 }\n`;
  });
  const group =
    list.length > 0
      ? `  approvers:\n${list.join("")}`
      : "  # Who may approve a change that widens access. Until somebody is named here, none can.\n  # approvers:\n  #   - { team: privacy-officers, count: 1 }\n  approvers: []\n";
  return `version: "1"
bundle: { name: ${JSON.stringify(name)} }
subject: { key: "v1" }
requireBaa: true
gate:
  scope: ephi
${group}`;
}

const SERVER = `# One upstream MCP server: replace it with yours, then run
#   phiward scan --from tools-list.json --server ehr
version: "1"
id: ehr
description: FHIR facade of the EHR
vendor: { name: Example EHR Inc., baa: { status: signed, signed: {signed} } }
transport: { type: http, url: https://ehr.example.org/mcp }
tools:
  get_patient_record: { effect: read, ephi: true, volume: single, subject: args.patient_id }
  search_patients: { effect: read, ephi: true, volume: bulk }
  list_departments: { effect: read, ephi: false, volume: single, subject: none }
`;

const POLICY = `# What the lookup agent may do: read one patient's record at a time, and nothing else.
version: "1"
description: one record by id, at most twenty patients an hour
default: deny
tools:
  get_patient_record:
    args: [patient_id]
    require:
      - { path: args.patient_id, op: matches, value: '[A-Za-z0-9-]{1,64}' }
    limits:
      - { counter: patients, window: hour, max: 20, scope: grant, distinct: subject }
    on_deny: ask for one patient by id
  list_departments: {}
`;

const GRANT = `version: "1"
principal: { kind: agent, id: "agent:lookup-bot", responsible: "person:j.rivera" }
purpose: treatment
justification: replace with the ticket that asked for this access
access:
  - { server: ehr, policy: lookup }
issued: {issued}
expires: {expires}
lastReview: { on: {issued}, by: "person:m.chen" }
`;

const TESTS = `version: "1"
suite: the lookup agent reads one record
now: {now}
defaults: { grant: lookup-bot, server: ehr }
cases:
  - name: a single lookup is allowed
    call: { tool: get_patient_record, args: { patient_id: p-100 } }
    expect: allow
  - name: a bulk search is not
    call: { tool: search_patients, args: { query: smith } }
    expect: { verdict: deny, rule: "(default deny)" }
  - name: a list of ids is not an id
    call: { tool: get_patient_record, args: { patient_id: "p-100,p-101" } }
    expect: { verdict: deny, rule: /tools/get_patient_record/require/0 }
  - name: the twenty-first patient within an hour is too many
    sequence: { repeat: 21, every: 1s, call: { tool: get_patient_record, args: { patient_id: "p-{i}" } } }
    expect: { allowed: 20, last: { verdict: deny, rule: /tools/get_patient_record/limits/0 } }
`;

const WORKFLOW = `# Lints and tests every pull request that touches the policies.
name: phiward
on:
  pull_request:
  push: { branches: [main] }
permissions:
  contents: read
jobs:
  policies:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with: { persist-credentials: false }
      - uses: actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0
        with: { node-version: 24 }
      - run: npx --yes phiward lint
      - run: npx --yes phiward test
`;

const STRING = { type: "string" };

function tool(
  name: string,
  description: string,
  properties: JsonObject,
  required: string[],
): JsonObject {
  return {
    name,
    description,
    inputSchema: { type: "object", properties, required, additionalProperties: false },
  };
}

function lock(): string {
  const tools = [
    tool("get_patient_record", "Reads one patient's record", { patient_id: STRING }, [
      "patient_id",
    ]),
    tool("list_departments", "Lists the hospital's departments", {}, []),
    tool("search_patients", "Searches patients by free text", { query: STRING }, ["query"]),
  ].map((definition) => ({ ...definition, digest: pinTool(definition).digest }));
  return `${JSON.stringify({ version: "1", server: "ehr", tools }, null, 2)}\n`;
}
