/**
 * A small policy repository for comparisons: one hospital server, one policy, one grant. A test says
 * only what differs. Files are written as JSON, which every reader of YAML accepts.
 */
import { compare } from "../../engine/compare/compare.ts";
import type { Diff } from "../../engine/compare/report.ts";
import { pinTool } from "../../engine/policy/compile.ts";
import { type LoadedRepository, load, sound } from "../../engine/policy/load.ts";
import { memoryTree } from "../support/tree.ts";

export type Fields = Readonly<Record<string, unknown>>;
export type Files = Readonly<Record<string, string>>;

export interface RepositoryDocument {
  readonly project?: Fields | undefined;
  readonly policies?: Readonly<Record<string, Fields>>;
  readonly grants?: Readonly<Record<string, Fields>>;
  readonly servers?: Readonly<Record<string, Fields>>;
  /** Server → tool → pinned input schema, or the whole tool object less its digest. */
  readonly locks?: Readonly<Record<string, Readonly<Record<string, Fields>>>>;
  readonly instructions?: string;
  readonly tests?: Readonly<Record<string, Fields>>;
  /** Files as they are. */
  readonly raw?: Files;
}

export const PATIENT = { path: "args.patient", op: "matches", value: "p-[0-9]+" };

export function policy(
  tools: Fields = { read: { require: [PATIENT] } },
  more: Fields = {},
): Fields {
  return { version: "1", default: "deny", tools, ...more };
}

export function grant(more: Fields = {}): Fields {
  return {
    version: "1",
    principal: { kind: "agent", id: "agent:bot", responsible: "person:a.example" },
    purpose: "treatment",
    access: [{ server: "ehr", policy: "lookup" }],
    issued: "2026-09-01",
    expires: "2027-03-01",
    ...more,
  };
}

export const LABELS: Readonly<Record<string, Fields>> = {
  read: { effect: "read", ephi: true, volume: "single", subject: "args.patient" },
  search: { effect: "read", ephi: true, volume: "bulk", subject: "unknown" },
  remove: { effect: "destructive", ephi: true, volume: "single", subject: "args.patient" },
  departments: { effect: "read", ephi: false, volume: "single", subject: "none" },
};

export function server(more: Fields = {}): Fields {
  return {
    version: "1",
    id: "ehr",
    vendor: { name: "Example EHR Inc.", baa: { status: "signed", signed: "2026-01-01" } },
    transport: { type: "http", url: "https://ehr.example.org/mcp" },
    readOnlyCredential: true,
    tools: LABELS,
    ...more,
  };
}

export const PROJECT: Fields = {
  version: "1",
  gate: { scope: "ephi", approvers: [{ team: "privacy-officers", count: 1 }] },
};

export function documents(more: RepositoryDocument = {}): RepositoryDocument {
  return {
    project: PROJECT,
    policies: { lookup: policy() },
    grants: { bot: grant() },
    servers: { ehr: server() },
    ...more,
  };
}

export function lockFile(
  name: string,
  tools: Readonly<Record<string, Fields>>,
  instructions?: string,
): Fields {
  return {
    version: "1",
    server: name,
    ...(instructions === undefined ? {} : { instructions }),
    tools: Object.entries(tools).map(([tool, fields]) => {
      const definition =
        "inputSchema" in fields ? { name: tool, ...fields } : { name: tool, inputSchema: fields };
      return { ...definition, digest: pinTool(definition as never).digest };
    }),
  };
}

export function filesOf(document: RepositoryDocument): Files {
  const { project, locks = {}, raw = {}, instructions } = document;
  const files: Record<string, string> = {};
  const put = (path: string, value: unknown): void => {
    files[path] = JSON.stringify(value, null, 2);
  };
  if (project !== undefined) put("phiward.yaml", project);
  for (const folder of ["policies", "grants", "servers"] as const) {
    for (const [name, value] of Object.entries(document[folder] ?? {}))
      put(`${folder}/${name}.yaml`, value);
  }
  for (const [name, tools] of Object.entries(locks))
    put(`servers/${name}.lock.json`, lockFile(name, tools, instructions));
  for (const [name, value] of Object.entries(document.tests ?? {}))
    put(`tests/${name}.test.yaml`, value);
  return { ...files, ...raw };
}

/** The repository; throws what is wrong with it. */
export async function repository(files: Files): Promise<LoadedRepository> {
  const loaded = await load(memoryTree(files));
  sound(loaded, { tests: true });
  return loaded;
}

export interface Compared {
  readonly base: LoadedRepository;
  readonly head: LoadedRepository;
  readonly diff: Diff;
}

export async function compared(
  base: RepositoryDocument,
  head: RepositoryDocument,
  scope?: "ephi" | "all",
): Promise<Compared> {
  const [before, after] = [await repository(filesOf(base)), await repository(filesOf(head))];
  return { base: before, head: after, diff: compare(before, after, options(scope)) };
}

export function options(scope?: "ephi" | "all"): Parameters<typeof compare>[2] {
  return { base: "base", head: "head", ...(scope === undefined ? {} : { scope }) };
}
