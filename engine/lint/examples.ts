/** The repository that the rules' examples start from: one server, one policy, one grant. */
import type { JsonObject } from "../json/value.ts";
import { pinTool } from "../policy/compile.ts";

export const GRANT = `version: "1"
principal: { kind: agent, id: "agent:lookup-bot", responsible: "person:j.rivera" }
purpose: treatment
access:
  - { server: ehr, policy: lookup }
issued: 2026-09-01
expires: 2027-03-01
lastReview: { on: 2026-09-01, by: "person:m.chen" }
`;

export const SERVER = `version: "1"
id: ehr
vendor: { name: Example EHR Inc., baa: { status: signed, signed: 2026-02-01 } }
tools:
  get_patient_record: { effect: read, ephi: true, volume: single, subject: args.patient_id }
  search_patients: { effect: read, ephi: true, volume: bulk, subject: unknown }
  delete_patient: { effect: destructive, ephi: true, volume: single, subject: args.patient_id }
  list_departments: { effect: read, ephi: false, volume: single, subject: none }
`;

const STRING = { type: "string" };

export const LOCK = lockText("ehr", [
  {
    name: "get_patient_record",
    inputSchema: {
      type: "object",
      properties: { patient_id: STRING, fields: { type: "array", items: STRING } },
      required: ["patient_id"],
      additionalProperties: false,
    },
  },
  {
    name: "search_patients",
    inputSchema: {
      type: "object",
      properties: { query: STRING, limit: { type: "integer" } },
      required: ["query"],
    },
  },
  {
    name: "delete_patient",
    inputSchema: {
      type: "object",
      properties: { patient_id: STRING },
      required: ["patient_id"],
      additionalProperties: false,
    },
  },
  { name: "list_departments", inputSchema: { type: "object", additionalProperties: false } },
]);

/** A lock, with one tool a line so that a page stays readable. */
export function lockText(server: string, tools: readonly JsonObject[]): string {
  const lines = tools.map(
    (tool) => `    ${JSON.stringify({ ...tool, digest: pinTool(tool).digest })}`,
  );
  return `{\n  "version": "1",\n  "server": "${server}",\n  "tools": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

/** Everything but the policy. */
export const REGISTRY = {
  "grants/lookup-bot.yaml": GRANT,
  "servers/ehr.yaml": SERVER,
  "servers/ehr.lock.json": LOCK,
} as const;
