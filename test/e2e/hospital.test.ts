/**
 * The whole path with nothing simulated: MCP clients of both SDK lines, the built program, the
 * `fhir-mcp-server` package over stdio, and a FHIR store that lists every request that reached it.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../../engine/audit/read.ts";
import { mcpServerCommand } from "../../examples/hospital/ehr/start.ts";
import { type Store, startStore } from "../../examples/hospital/ehr/store.ts";
import { until } from "../support/until.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = join(ROOT, "dist/cli/bin.js");
/** A synthetic patient of the store. */
const PATIENT = "S6535936";
const READ = {
  name: "fhir_search",
  arguments: {
    resourceType: "Observation",
    parameters: { patient: `Patient/${PATIENT}`, code: "2823-3" },
  },
};
const DELETE = { name: "fhir_delete", arguments: { resourceType: "Patient", id: PATIENT } };

let store: Store;
let folder: string;
let gateway: ChildProcess;
let ready: { url: string; tokens: Record<string, string>; state: string };

beforeAll(async () => {
  store = await startStore();
  folder = mkdtempSync(join(tmpdir(), "phiward-e2e-"));
  cpSync(join(ROOT, "examples/hospital"), join(folder, "policy"), { recursive: true });
  const server = join(folder, "policy/servers/ehr.yaml");
  const command = JSON.stringify(mcpServerCommand(store.url));
  const text = readFileSync(server, "utf8");
  writeFileSync(
    server,
    text.replace(/command: \[.*\]/, () => `command: ${command}`),
  );
  const args = ["gateway", "--dev", join(folder, "policy"), "--state", join(folder, "state")];
  gateway = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await new Promise<[string]>((resolve) =>
    createInterface({ input: gateway.stdout! }).once("line", (first) => resolve([first])),
  );
  ready = JSON.parse(line);
});

afterAll(async () => {
  const ended = new Promise((resolve) => gateway.once("exit", resolve));
  gateway.kill("SIGTERM");
  await ended;
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

function phiward(args: readonly string[], input = ""): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [PROGRAM, ...args], (error, out) =>
      resolve({ code: Number(error?.code ?? 0), out }),
    );
    child.stdin!.end(input);
  });
}

const headers = (grant: string) => ({ authorization: `Bearer ${ready.tokens[grant]}` });

async function connectV1(grant: string): Promise<ClientV1> {
  const client = new ClientV1({ name: "v1", version: "1" });
  await client.connect(
    new HttpV1(new URL(ready.url), { requestInit: { headers: headers(grant) } }) as never,
  );
  return client;
}

async function connectV2(grant: string): Promise<ClientV2> {
  const client = new ClientV2(
    { name: "v2", version: "1" },
    { versionNegotiation: { mode: "auto" } },
  );
  await client.connect(
    new HttpV2(new URL(ready.url), { requestInit: { headers: headers(grant) } }),
  );
  return client;
}

async function connectStdio(grant: string): Promise<ClientV1> {
  const client = new ClientV1({ name: "v1-stdio", version: "1" });
  const state = join(folder, "stdio-state");
  const args = ["gateway", "--dev", join(folder, "policy"), "--stdio", "--grant", grant];
  await client.connect(
    new StdioV1({
      command: process.execPath,
      args: [PROGRAM, ...args, "--state", state],
      stderr: "ignore",
    }),
  );
  return client;
}

interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: typeof READ | typeof DELETE): Promise<{ isError?: unknown; content?: unknown }>;
  close(): Promise<void>;
}

describe.each<[string, (grant: string) => Promise<AnyClient>]>([
  ["a client of the v1 SDK", connectV1 as never],
  ["a client of the v2 SDK", connectV2 as never],
  ["a client on stdio", connectStdio as never],
])("%s", (_, connect) => {
  test("sees only what its grant could call, reads, and cannot delete", async () => {
    const client = await connect("lookup-bot-3");
    const before = store.requests.length;
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["fhir_search"]);
    const read = await client.callTool(READ);
    expect(read.isError ?? false).toBe(false);
    expect(JSON.stringify(read.content)).toContain("Bundle");
    const denied = await client.callTool(DELETE);
    expect(denied.isError).toBe(true);
    expect(JSON.stringify(denied.content)).toMatch(/^\[\{"type":"text","text":"\[POLICY DENIED\] /);
    await client.close();
    const reached = store.requests.slice(before);
    expect(reached.filter(({ path }) => path === "Observation")).toHaveLength(1);
    expect(reached.filter(({ method }) => method !== "GET")).toEqual([]);
  });
});

test("both are in the log, and no identifier is", () => {
  const records = [...readRecords(join(ready.state, "audit"))];
  const calls = records.filter((record) => record.kind === "decision" && record.tool !== "");
  expect(calls.map((call) => call.kind === "decision" && [call.tool, call.verdict])).toEqual([
    ["fhir_search", "allow"],
    ["fhir_delete", "deny"],
    ["fhir_search", "allow"],
    ["fhir_delete", "deny"],
  ]);
  for (const file of readdirSync(ready.state, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const bytes = readFileSync(join(file.parentPath, file.name));
    expect(bytes.includes(PATIENT), `${file.name} holds a patient's id`).toBe(false);
  }
});

test("`audit who` finds both by the patient, typed or piped", async () => {
  const who = ["audit", "who", "--state", ready.state, "--format", "json"];
  const { code, out } = await phiward([...who, "--patient", "-"], `Patient/${PATIENT}\n`);
  expect(code).toBe(0);
  expect(out).not.toContain(PATIENT);
  const found = JSON.parse(out) as { accesses: { tool: string; verdict: string }[] };
  const tools = new Set(found.accesses.map(({ tool, verdict }) => `${tool} ${verdict}`));
  expect(tools).toEqual(new Set(["fhir_search allow", "fhir_delete deny"]));
  expect((await phiward(["audit", "verify", "--state", ready.state])).code).toBe(0);
});

test("a revocation refuses the next message and ends the open stream", async () => {
  const client = await connectV1("lookup-bot-3");
  const session = (client.transport as HttpV1).sessionId!;
  const stream = await fetch(ready.url, {
    headers: { ...headers("lookup-bot-3"), accept: "text/event-stream", "mcp-session-id": session },
  });
  expect(stream.status).toBe(200);
  const ended = stream.text();
  const revoke = ["token", "revoke", "--grant", "lookup-bot-3", "--by", "person:m.chen"];
  const { code } = await phiward([...revoke, "--state", ready.state]);
  expect(code).toBe(0);
  const before = store.requests.length;
  await expect(client.callTool(READ)).rejects.toThrow();
  await ended;
  expect(store.requests.length).toBe(before);
  await client.close().catch(() => {});
  // The gateway records what the command line did when it next looks into its inbox.
  const told = (): string[] =>
    [...readRecords(join(ready.state, "audit"))].map((record) =>
      record.kind === "admin" ? record.action : record.kind === "rejected" ? record.code : "",
    );
  await until(() => told().includes("token.revoked"));
  expect(told()).toContain("revoked_token");
});
