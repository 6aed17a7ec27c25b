/** A small policy repository in a folder: a hospital's record server, five grants, three policies. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scan } from "../../engine/catalog/scan.ts";
import type { JsonObject } from "../../engine/json/value.ts";
import type { Fields, Tool } from "./upstream.ts";

/** What the server offered when it was reviewed. */
export const PINNED: readonly Tool[] = [
  {
    name: "get_patient",
    description: "One patient's record",
    inputSchema: {
      type: "object",
      properties: { patient_id: { type: "string" }, fields: { type: "array" } },
      required: ["patient_id"],
      additionalProperties: false,
    },
  },
  { name: "search_patients", inputSchema: { type: "object" } },
  { name: "secret_report", inputSchema: { type: "object" } },
  { name: "get_labs", description: "Lab results", inputSchema: { type: "object" } },
  {
    name: "update_dose",
    inputSchema: {
      type: "object",
      properties: { patient_id: { type: "string" }, dose: {} },
      required: ["patient_id"],
    },
  },
  // Nothing is said of `value`, and no policy looks at it.
  {
    name: "write_note",
    inputSchema: {
      type: "object",
      properties: { patient_id: { type: "string" }, value: {} },
      required: ["patient_id"],
    },
  },
  {
    name: "list_wards",
    inputSchema: {
      type: "object",
      properties: {
        region: { type: "string", "x-mcp-header": "Region" },
        floor: { type: "integer", "x-mcp-header": "Floor" },
        open: { type: "boolean", "x-mcp-header": "Open" },
      },
    },
  },
];

/** In the policy, and offered; but nobody has pinned it. */
export const UNPINNED: Tool = { name: "new_tool", inputSchema: { type: "object" } };

const SERVER_TOOLS = {
  get_patient: {
    effect: "read",
    ephi: true,
    volume: "single",
    subject: "args.patient_id",
    resultSubjects: ["patients[*].id"],
  },
  search_patients: { effect: "read", ephi: true, volume: "bulk" },
  secret_report: { effect: "read", ephi: true, volume: "bulk" },
  get_labs: { effect: "read", ephi: true, volume: "single", subject: "args.patient_id" },
  update_dose: { effect: "write", ephi: true, volume: "single", subject: "args.patient_id" },
  write_note: { effect: "write", ephi: true, volume: "single", subject: "args.patient_id" },
  list_wards: { effect: "read", ephi: false, volume: "single", subject: "none" },
  new_tool: { effect: "read", ephi: true, volume: "single", subject: "args.patient_id" },
};

/** What the nurse and the clerk may do. */
const CARE = {
  version: "1",
  default: "deny",
  hide: ["secret_report"],
  tools: {
    get_patient: {
      limits: [{ counter: "patients", window: "hour", max: 20, distinct: "subject" }],
    },
    get_labs: {},
    update_dose: { require: [{ path: "args.dose", op: "lte", value: 100 }] },
    write_note: {},
    list_wards: {},
    secret_report: {},
    new_tool: {},
  },
  methods: {
    "resources/read": {
      require: [{ path: "args.uri", op: "matches", value: "ehr://(wards|wards/[a-z]+)" }],
    },
    "tasks/get": {},
    "tasks/cancel": {},
    // No method of MCP; the policy says what it may say.
    "notifications/ward": { require: [{ path: "args.ward", op: "eq", value: "north" }] },
  },
};

/** Everything that a server may ask and tell, for one that is meant to converse. */
const CONVERSATION = {
  version: "1",
  default: "deny",
  tools: { get_patient: {}, write_note: {} },
  methods: {
    "sampling/createMessage": {
      require: [{ path: "args.maxTokens", op: "lte", value: 500 }],
      limits: [{ counter: "questions", window: "hour", max: 100 }],
    },
    "elicitation/create": {},
    "roots/list": {},
    inputResponses: {},
    "prompts/get": { require: [{ path: "args.name", op: "eq", value: "handover" }] },
    "completion/complete": {},
    "logging/setLevel": {},
    "resources/subscribe": {},
    "subscriptions/listen": {},
    "tasks/get": {},
    "tasks/list": {},
  },
};

/** A server may ask, but the policy says nothing of answers. */
const ASKING = {
  version: "1",
  default: "deny",
  tools: { get_patient: {} },
  methods: { "elicitation/create": {} },
};

/** The days from which and until which grants are valid. */
export interface Life {
  readonly issued: string;
  readonly expires: string;
}

const LIFE: Life = { issued: "2026-09-01", expires: "2027-03-01" };

/** For a program whose clock is the machine's. `at`: epoch milliseconds. */
export function lifeAround(at: number): Life {
  const day = (days: number): string => new Date(at + days * 86_400_000).toISOString().slice(0, 10);
  return { issued: day(-30), expires: day(30) };
}

function grant(principal: string, access: readonly object[], more: Fields = {}): Fields {
  return {
    version: "1",
    principal: { kind: "agent", id: `agent:${principal}`, responsible: "person:a.example" },
    purpose: "treatment",
    justification: "a test",
    access,
    ...more,
  };
}

function grants(lab: readonly object[]): Record<string, Fields> {
  const care = { server: "ehr", policy: "care" };
  return {
    nurse: grant("nurse", [care, ...lab]),
    clerk: grant("clerk", [care]),
    scribe: grant("scribe", [{ server: "ehr", policy: "conversation" }]),
    quizzer: grant("quizzer", [{ server: "ehr", policy: "asking" }]),
    night: grant("night", [care], {
      purpose: "emergency",
      breakGlass: { openers: ["person:m.example"], max: "4h" },
    }),
  };
}

/** Where each server is reached. */
export type Transports = Readonly<Record<string, Fields>>;

/**
 * The files of the repository, by path. `ehr` is every grant's server; `lab` is there when its
 * transport is given, and only the nurse's grant reaches it.
 */
export function policyFiles(transports: Transports, life: Life = LIFE): Record<string, Fields> {
  const lab = transports.lab === undefined ? [] : [{ server: "lab", policy: "asking" }];
  return {
    "phiward.yaml": { version: "1", bundle: { name: "ward-test" }, subject: { key: "v1" } },
    ...Object.fromEntries(
      Object.entries(transports).flatMap(([id, transport]) => serverFiles(id, transport)),
    ),
    "policies/care.yaml": CARE,
    "policies/conversation.yaml": CONVERSATION,
    "policies/asking.yaml": ASKING,
    ...Object.fromEntries(
      Object.entries(grants(lab)).map(([id, file]) => [`grants/${id}.yaml`, { ...file, ...life }]),
    ),
  };
}

function serverFiles(id: string, transport: Fields): [string, Fields][] {
  const server = {
    version: "1",
    id,
    vendor: { name: "Example EHR Inc.", baa: { status: "signed", signed: "2026-01-01" } },
    transport,
    tools: SERVER_TOOLS,
  };
  return [
    [`servers/${id}.yaml`, server],
    [`servers/${id}.lock.json`, lockOf(id, PINNED)],
  ];
}

/** The lock as `scan` writes it. */
export function lockOf(server: string, tools: readonly Tool[], instructions?: string): Fields {
  const list = {
    tools: tools as unknown as readonly JsonObject[],
    ...(instructions === undefined ? {} : { instructions }),
  };
  return scan(server, list, {}).lock as unknown as Fields;
}

export function writeFiles(folder: string, files: Readonly<Record<string, Fields>>): void {
  for (const [path, value] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    // JSON is YAML.
    writeFileSync(join(folder, path), `${JSON.stringify(value, null, 2)}\n`);
  }
}
