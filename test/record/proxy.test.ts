/** The recorder between clients and a server of both eras: it changes nothing, and hears everything. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkFixtures } from "../../engine/calls/fixtures.ts";
import { nodeHost } from "../../engine/host/host.ts";
import { patientDataInFixtures } from "../../engine/lint/patient-data.ts";
import { load } from "../../engine/policy/load.ts";
import {
  type RecordOptions,
  type RunningRecorder,
  startRecorder,
} from "../../engine/record/index.ts";
import { type Connect, connectV1, connectV2 } from "../support/mcp-clients.ts";
import { startUpstream, type TestUpstream } from "../support/upstream.ts";
import { FILES } from "./world.ts";

const AT = Date.UTC(2026, 10, 24, 12);
/** Neither pinned nor in a policy: the server's own list makes its name known. */
const TOOLS = ["get_patient", "query", "brand_new"].map((name) => ({
  name,
  inputSchema: { type: "object" },
}));

let root: string;
let folder: string;
let upstream: TestUpstream;
const open: RunningRecorder[] = [];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "phiward-proxy-"));
  folder = join(root, "policy");
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  upstream = await startUpstream({ tools: TOOLS });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
  await upstream.stop();
  rmSync(root, { recursive: true, force: true });
});

async function start(more: Partial<RecordOptions> = {}): Promise<RunningRecorder> {
  const running = await startRecorder({
    folder,
    server: "ehr",
    grant: undefined,
    target: { url: `${upstream.origin}/mcp` },
    output: undefined,
    state: undefined,
    config: undefined,
    raw: false,
    maxCalls: 100,
    host: { ...nodeHost, now: () => AT },
    ...more,
  });
  open.push(running);
  return running;
}

const linesOf = (file: string): Record<string, never>[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

describe.each<[string, Connect]>([
  ["a client of the first line", connectV1],
  ["one of the second, in the era with sessions", connectV2("legacy")],
  ["one of the second, in the era without", connectV2("pinned")],
])("%s", (_, connect) => {
  test("sees the server as it is, what the policy denies too, and each call is a line", async () => {
    const running = await start();
    const client = await connect(await running.listen(0), "none");
    expect(await client.toolNames()).toEqual(TOOLS.map(({ name }) => name));
    const seen = upstream.requests.length;
    await client.call("get_patient", { patient_id: "p-100", count: 51 });
    await client.call("brand_new", { note: "Ada Lovelace" });
    await client.close();
    const arrived = upstream.requests
      .slice(seen)
      .flatMap(({ message }) => (message.method === "tools/call" ? [message.params] : []));
    expect(arrived).toMatchObject([
      { name: "get_patient", arguments: { patient_id: "p-100", count: 51 } },
      { name: "brand_new", arguments: { note: "Ada Lovelace" } },
    ]);
    const { file, ...report } = await running.stop();
    expect(report).toMatchObject({ calls: 2, written: 2, denied: 2 });
    expect(linesOf(file)).toMatchObject([
      { tool: "get_patient", outcome: { rule: "/tools/get_patient/deny_if/0", isError: false } },
      { tool: "brand_new", outcome: { rule: "(default deny)" } },
    ]);
    expect(readFileSync(file, "utf8")).not.toMatch(/p-100|Lovelace/);
  });
});

test("a client that starts it as a program gets the server's answers on standard output", async () => {
  const running = await start();
  const [input, output] = [new PassThrough(), new PassThrough()];
  const served = running.serveStdio(input, output);
  const ask = (message: object): void =>
    void input.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const initialize = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "t", version: "1" },
  };
  ask({ id: 1, method: "initialize", params: initialize });
  ask({ method: "notifications/initialized" });
  ask({ id: 2, method: "tools/call", params: { name: "query", arguments: { sql: "select 1" } } });
  input.end();
  await served;
  const answers = String(output.read())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.map(({ id }) => id)).toEqual([1, 2]);
  expect(await running.stop()).toMatchObject({ calls: 1, written: 1, allowed: 1 });
});

test("a call that is never answered is a line without an outcome of the server", async () => {
  let asked = false;
  upstream.on("tools/call", () => {
    asked = true;
  });
  const running = await start();
  const client = await connectV1(await running.listen(0), "none");
  void client.call("query", { sql: "select 1" }).catch(() => {});
  await expect.poll(() => asked).toBe(true);
  const { file, written } = await running.stop();
  await client.close().catch(() => {});
  expect(written).toBe(1);
  expect(linesOf(file)).toMatchObject([{ tool: "query" }]);
  expect(linesOf(file)[0]!.outcome).toEqual({ verdict: "allow", rule: "" });
}, 20_000);

test("calls beyond the number that was asked for pass, and are only counted", async () => {
  const running = await start({ maxCalls: 1 });
  const client = await connectV1(await running.listen(0), "none");
  for (let i = 0; i < 3; i++) await client.call("query", { sql: "select 1" });
  await client.close();
  expect(await running.stop()).toMatchObject({ calls: 3, written: 1, beyondLimit: 2 });
});

test("a raw file is its owner's, says so in its name and lines, and lint refuses it", async () => {
  const running = await start({ raw: true });
  const client = await connectV1(await running.listen(0), "none");
  await client.call("get_patient", { patient_id: "p-100" });
  await client.close();
  const { file } = await running.stop();
  expect(file).toMatch(/\.raw\.jsonl$/);
  const tree = nodeHost.folder(folder);
  expect(await checkFixtures(tree)).toEqual([]);
  const suppress = [{ rule: "raw-recording", reason: "no", until: "2027-03-01" }];
  const project = { ...JSON.parse(FILES["phiward.yaml"]!), suppress };
  writeFileSync(join(folder, "phiward.yaml"), JSON.stringify(project));
  const { findings } = await patientDataInFixtures(tree, await load(tree), AT);
  expect(findings).toMatchObject([{ rule: "raw-recording", severity: "error" }]);
});

describe("refused before anything is started", () => {
  test.each<[what: string, more: () => Partial<RecordOptions>, message: RegExp]>([
    ["a key within the repository", () => ({ state: join(folder, "state") }), /within the policy/],
    ["a file that exists", () => ({ output: join(folder, "phiward.yaml") }), /cannot be made/],
    ["a server that nobody knows", () => ({ server: "her" }), /unknown server `her`/],
    ["a grant that nobody knows", () => ({ grant: "nurse-2" }), /unknown grant `nurse-2`/],
  ])("%s", async (_, more, message) => {
    await expect(start(more())).rejects.toThrow(message);
    expect(upstream.requests).toEqual([]);
    expect(existsSync(join(folder, "fixtures"))).toBe(false);
  });
});
