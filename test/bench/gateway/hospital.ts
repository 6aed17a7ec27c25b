/** What every contender serves: a record server with 25 tools, its policy, and one allowed call. */
import { lockOf, writeFiles } from "../../support/policy-folder.ts";
import type { Fields, Tool } from "../../support/upstream.ts";

export type Era = "modern" | "legacy";

const KINDS = ["patient", "labs", "notes", "orders", "visits"];
const DEEDS = ["get", "search", "list", "summarize", "count"];

export const TOOLS: readonly Tool[] = DEEDS.flatMap((deed) =>
  KINDS.map((kind) => ({
    name: `${deed}_${kind}`,
    description: `The ${kind} of one patient, as ${deed} has it`,
    inputSchema: {
      type: "object",
      properties: {
        patient_id: { type: "string", minLength: 1, maxLength: 64 },
        ward: { type: "string", enum: ["north", "east", "south"] },
        limit: { type: "integer", minimum: 1, maximum: 200 },
        fields: { type: "array", items: { type: "string" }, maxItems: 20 },
      },
      required: ["patient_id"],
      additionalProperties: false,
    },
  })),
);

const TOOL = "get_labs";
export const GRANT = "ward-agent";

/** Every tool has its arguments, its conditions and a count of different patients. */
const RULES = {
  args: ["patient_id", "ward", "limit", "fields"],
  require: [
    { path: "args.patient_id", op: "matches", value: "[A-Za-z0-9-]{1,64}" },
    { path: "args.ward", op: "in", value: ["north", "east"] },
    { path: "args.limit", op: "lte", value: 100 },
  ],
  limits: [{ counter: "patients", window: "hour", max: 1_000_000, distinct: "subject" }],
};

/** Writes the policy repository whose server is at `origin`. */
export function writeRepository(folder: string, origin: string): void {
  const label = {
    effect: "read",
    ephi: true,
    volume: "single",
    subject: "args.patient_id",
    resultSubjects: ["patient"],
  };
  const each = (value: Fields): Fields =>
    Object.fromEntries(TOOLS.map(({ name }) => [name, value]));
  writeFiles(folder, {
    "phiward.yaml": { version: "1", bundle: { name: "bench" }, subject: { key: "v1" } },
    "servers/ehr.yaml": {
      version: "1",
      id: "ehr",
      vendor: { name: "Example EHR Inc.", baa: { status: "signed", signed: "2026-01-01" } },
      transport: { type: "http", url: `${origin}/mcp` },
      tools: each(label),
    },
    "servers/ehr.lock.json": lockOf("ehr", TOOLS),
    "policies/ward.yaml": { version: "1", default: "deny", tools: each(RULES) },
    [`grants/${GRANT}.yaml`]: {
      version: "1",
      principal: { kind: "agent", id: `agent:${GRANT}`, responsible: "person:a.example" },
      purpose: "treatment",
      justification: "a measurement",
      access: [{ server: "ehr", policy: "ward" }],
      issued: dayText(-1),
      expires: dayText(30),
    },
  });
}

/** So many days from now, as YYYY-MM-DD. */
function dayText(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** The text of call number `id`, about one of a thousand patients. Without `_meta` it is a legacy one. */
export function callText(era: Era, id: number): string {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const args = { patient_id: patientOf(id), ward: "north", limit: 20, fields: ["code", "value"] };
  const params = { name: TOOL, arguments: args, ...(era === "modern" ? { _meta: meta } : {}) };
  return JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params });
}

export function callHeaders(era: Era): Record<string, string> {
  return {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    ...(era === "modern"
      ? { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": TOOL }
      : {}),
  };
}

/** The server's answer to a call: some 320 bytes, with a document as text as servers send them. */
export function answerText(id: number, patient: string): string {
  const document = { patient, code: "2823-3", display: "Potassium", value: 4.2, unit: "mmol/L" };
  const more = { status: "final", issued: "2026-09-01T10:20:00Z", performer: "Example Laboratory" };
  const content = [{ type: "text", text: JSON.stringify({ ...document, ...more }) }];
  const result = { resultType: "complete", content, isError: false };
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}

function patientOf(id: number): string {
  return `p-${1_000_000 + (id % 1_000)}`;
}
