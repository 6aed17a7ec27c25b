/** A small repository with every kind of question that a policy can ask of a value. */
import { prepare, type ReadyRepository } from "../../engine/decide/prepare.ts";
import { load, sound } from "../../engine/policy/load.ts";
import { lockOf } from "../support/policy-folder.ts";
import { memoryTree } from "../support/tree.ts";

const TOOLS = [
  {
    name: "get_patient",
    inputSchema: {
      type: "object",
      properties: {
        patient_id: { type: "string" },
        view: { enum: ["summary", "full"] },
        count: { type: "integer", maximum: 500 },
        resource: { type: "object" },
      },
    },
  },
  { name: "query", inputSchema: { type: "object", properties: { sql: { type: "string" } } } },
  { name: "request", inputSchema: { type: "object", properties: { method: { type: "string" } } } },
  { name: "note", inputSchema: { type: "object" } },
  { name: "ask", inputSchema: { type: "object" } },
];

export const FILES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    "phiward.yaml": { version: "1", bundle: { name: "record-test" } },
    "servers/ehr.yaml": {
      version: "1",
      id: "ehr",
      vendor: { name: "Example EHR Inc.", baa: { status: "signed", signed: "2026-01-01" } },
      transport: { type: "http", url: "http://127.0.0.1:9/mcp" },
      tools: {
        get_patient: { effect: "read", ephi: true, volume: "single", subject: "args.patient_id" },
        query: { effect: "read", ephi: true, volume: "bulk" },
        request: {
          effect: { by: "args.method", cases: { GET: "read", POST: "write" } },
          ephi: true,
          volume: "single",
        },
        ask: { effect: "read", ephi: true, volume: "single", subject: "none" },
        note: { effect: "write", ephi: true, volume: "single", subject: "args.patient_id" },
      },
    },
    "servers/ehr.lock.json": lockOf("ehr", TOOLS),
    "policies/care.yaml": {
      version: "1",
      default: "deny",
      tools: {
        get_patient: {
          require: [
            { path: "args.patient_id", op: "matches", value: "(Patient/)?[A-Za-z0-9-]{1,20}" },
          ],
          deny_if: [
            {
              conditions: [
                { path: "args.count", op: "exists", value: true },
                { path: "args.count", op: "gt", value: 50 },
              ],
            },
          ],
          limits: [{ counter: "patients", window: "hour", max: 3, distinct: "subject" }],
        },
        ask: { require: [{ path: "args.a", op: "exists", value: true }] },
        query: { require: [{ path: "args.sql", op: "regex", value: "(?i)^select" }] },
        request: { require: [{ path: "args.method", op: "in", value: ["GET"] }] },
        note: {
          require: [
            { path: "args.patient_id", op: "starts_with", value: "MRN" },
            { path: "args.kind", op: "in", value: ["potassium", "sodium"] },
            { path: "args.ward", op: "in", value_from: "grant.wards" },
          ],
        },
      },
      methods: { "resources/read": { require: [{ path: "args.uri", op: "exists", value: true }] } },
    },
    "grants/nurse.yaml": {
      version: "1",
      id: "nurse",
      principal: { kind: "agent", id: "agent:nurse", responsible: "person:a.example" },
      purpose: "treatment",
      justification: "a test",
      access: [{ server: "ehr", policy: "care" }],
      attributes: { wards: ["north", "east"] },
      issued: "2026-09-01",
      expires: "2027-03-01",
    },
  }).map(([path, value]) => [path, JSON.stringify(value)]),
);

const ready = prepare(sound(await load(memoryTree(FILES))));

export const repository = (): ReadyRepository => ready;
