/**
 * The order of a decision, told by calls: docs/language.md shows each with the rule that decides it,
 * and a test asks the decision.
 */
import { lockText } from "../../engine/lint/examples.ts";
import type { Files } from "../../engine/lint/rule.ts";

export interface Step {
  /** As the log names the rule. */
  readonly rule: string;
  readonly when: string;
  /** A call that it decides; absent where no file says so, but the engine that runs. */
  readonly call?: Asked;
}

export interface Asked {
  readonly grant?: string;
  readonly server?: string;
  readonly method?: string;
  readonly tool?: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly at?: string;
}

const STRING = { type: "string" };

export const POLICY = `version: "1"
default: deny
hide: [transfer_patient]
all_tools:
  require:
    - { path: args.reason, op: length_gte, value: 3 }
  deny_if:
    - { path: args.reason, op: contains, value: test }
tools:
  get_patient_record:
    args: [patient_id, reason]
    require:
      - { path: args.patient_id, op: matches, value: "p-[0-9]+" }
    deny_if:
      - { path: args.patient_id, op: in, value: [p-0] }
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
  new_tool: {}
`;

export const FILES: Files = {
  "phiward.yaml": 'version: "1"\nrequireBaa: true\n',
  "policies/lookup.yaml": POLICY,
  "servers/ehr.yaml": `version: "1"
id: ehr
vendor: { name: Example EHR Inc., baa: { status: signed, signed: 2026-02-01, expires: 2026-12-01 } }
tools:
  get_patient_record: { effect: read, ephi: true, volume: single, subject: args.patient_id }
`,
  "servers/ehr.lock.json": lockText("ehr", [
    {
      name: "get_patient_record",
      inputSchema: {
        type: "object",
        properties: { patient_id: STRING, reason: STRING, ward: STRING },
        required: ["patient_id"],
        additionalProperties: false,
      },
    },
    { name: "transfer_patient", inputSchema: { type: "object" } },
    { name: "search_patients", inputSchema: { type: "object" } },
  ]),
  "servers/pharmacy.yaml": `version: "1"
id: pharmacy
vendor: { name: Example Pharmacy Ltd., baa: { status: not_required } }
`,
  "grants/bot.yaml": `version: "1"
principal: { kind: agent, id: "agent:bot", responsible: "person:j.rivera" }
purpose: treatment
access: [{ server: ehr, policy: lookup }]
issued: 2026-09-01
expires: 2027-03-01
`,
};

/** A call that is allowed; the others differ from it in one thing. */
const GOOD: Asked = {
  grant: "bot",
  server: "ehr",
  tool: "get_patient_record",
  args: { patient_id: "p-100", reason: "triage" },
  at: "2026-10-01T12:00:00Z",
};
const but = (change: Asked): Asked => ({ ...GOOD, ...change });
const args = (change: Readonly<Record<string, unknown>>): Asked =>
  but({ args: { ...GOOD.args, ...change } });

export const STEPS: readonly Step[] = [
  { rule: "(no grant)", when: "no such grant, or no token of one", call: but({ grant: "nobody" }) },
  {
    rule: "(expired)",
    when: "from the day on which the grant expires",
    call: but({ at: "2027-03-01T00:00:00Z" }),
  },
  {
    rule: "(not yet valid)",
    when: "before the day on which it is issued",
    call: but({ at: "2026-08-31T23:59:59Z" }),
  },
  { rule: "(revoked)", when: "the grant was revoked, by whoever runs the engine" },
  { rule: "(dormant)", when: "an emergency grant that nobody has opened" },
  { rule: "(halted)", when: "an emergency stop is in force" },
  {
    rule: "(stale)",
    when: "the policy in force is older than it may be, and the call may touch patient data",
  },
  { rule: "(unknown server)", when: "no such server", call: but({ server: "elsewhere" }) },
  {
    rule: "(no baa)",
    when: "the project demands an agreement, none is in force, and the call may touch patient data",
    call: but({ at: "2026-12-01T00:00:00Z" }),
  },
  {
    rule: "(no policy)",
    when: "the grant has no policy for the server",
    call: but({ server: "pharmacy", tool: "list_stock" }),
  },
  {
    rule: "(method)",
    when: "a method that the policy does not list; `default` says nothing of methods",
    call: but({ method: "resources/read", args: { uri: "fhir://Patient/p-100" } }),
  },
  { rule: "(hidden)", when: "a tool under `hide`", call: but({ tool: "transfer_patient" }) },
  {
    rule: "(default deny)",
    when: "a tool that the policy does not list; with `default: allow`, one that is not labelled `ephi: false`",
    call: but({ tool: "search_patients" }),
  },
  {
    rule: "(quarantined)",
    when: "a tool that is not pinned, or differs from its pin",
    call: but({ tool: "new_tool" }),
  },
  {
    rule: "(schema)",
    when: "arguments that the pinned input schema does not accept",
    call: args({ patient_id: 100 }),
  },
  {
    rule: "/tools/get_patient_record/args",
    when: "an argument that `args` does not list",
    call: args({ ward: "north" }),
  },
  {
    rule: "/tools/get_patient_record/require/0",
    when: "an entry of `require` that is not true",
    call: args({ patient_id: "*" }),
  },
  {
    rule: "/tools/get_patient_record/deny_if/0",
    when: "an entry of `deny_if` that is not false",
    call: args({ patient_id: "p-0" }),
  },
  {
    rule: "/all_tools/require/0",
    when: "the same of `all_tools`, after the tool's own",
    call: but({ args: { patient_id: "p-100" } }),
  },
  {
    rule: "/all_tools/deny_if/0",
    when: "the same of `all_tools`, after the tool's own",
    call: args({ reason: "a test" }),
  },
  {
    rule: "/tools/get_patient_record/limits/0",
    when: "a limit, of the tool and then of `all_tools`: all are taken together, or none is",
  },
  { rule: "(audit unavailable)", when: "the record of the call cannot be written" },
  { rule: "(store unavailable)", when: "the quota of the call cannot be counted" },
  { rule: "(quota unavailable)", when: "it is not known what was used" },
  { rule: "", when: "an allowed call has no rule", call: GOOD },
];
