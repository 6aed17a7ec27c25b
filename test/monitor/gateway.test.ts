/** Monitor mode in a running gateway: what passes is recorded as what would have been denied. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { call, EHR, legacy, startWorld, type World } from "../support/gateway.ts";
import type { Fields } from "../support/upstream.ts";

const STRICT = {
  version: "1",
  default: "deny",
  tools: { get_patient: { require: [{ path: "args.patient_id", op: "eq", value: "p-1" }] } },
};

/** The server in monitor mode, under a policy that lists one tool with patient data. */
const watching = (files: Record<string, Fields>): Record<string, Fields> => ({
  ...files,
  "servers/ehr.yaml": { ...files["servers/ehr.yaml"], mode: "monitor" },
  "policies/care.yaml": STRICT,
});

let world: World;
let seq = 0;
beforeAll(async () => {
  world = await startWorld({ overrides: { dev: false }, files: watching });
});
beforeEach(() => {
  seq = world.gateway.runtime.log.head.seq;
});
afterEach(() => world.upstream.reset());
afterAll(() => world.stop());

const isDenied = ({ text }: { text: string }): boolean => text.includes("[POLICY DENIED]");

test("a call without patient data passes, and its record names the rule that would have denied it", async () => {
  const answer = await world.post(call("list_wards", { floor: 1 }));
  expect(isDenied(answer)).toBe(false);
  const record = await world.record({ kind: "decision" }, seq);
  expect(record).toMatchObject({
    verdict: "allow",
    monitor: true,
    rule: "(default deny)",
    code: "default_deny",
    ephi: false,
    quota: [],
  });
  expect(await world.outcome(seq)).toMatchObject({ status: "ok" });
  const metrics = (await world.http("GET", { path: "/metrics" })).text;
  expect(metrics).toMatch(/phiward_monitored_total\{server="ehr",code="default_deny"\} 1/);
});

test.each([
  [
    "patient data that no rule lets through",
    call("get_patient", { patient_id: "p-2" }),
    "/tools/get_patient/require/0",
  ],
  [
    "a tool with patient data that the policy does not list",
    call("get_labs", { patient_id: "p-1" }),
    "(default deny)",
  ],
  ["a tool that nobody pinned", call("new_tool", {}), "(default deny)"],
  ["arguments that are not of the pinned form", call("list_wards", { floor: "first" }), "(schema)"],
])("%s is denied as ever", async (_, message, rule) => {
  const before = world.upstream.requests.length;
  expect(isDenied(await world.post(message))).toBe(true);
  const record = await world.record({ kind: "decision" }, seq);
  expect(record).toMatchObject({ verdict: "deny", rule });
  expect(record).not.toHaveProperty("monitor");
  expect(world.upstream.requests.length).toBe(before);
});

test("the list shows what may be called now, and nothing more", async () => {
  const id = await world.session("nurse");
  const { message } = await world.post(legacy("tools/list"), {
    path: EHR,
    headers: { "mcp-session-id": id },
  });
  const tools = (message.result as { tools: { name: string }[] }).tools.map(({ name }) => name);
  expect(tools.sort()).toEqual(["get_patient", "list_wards"]);
});

test("on a development gateway patient data passes too, and each record says so", async () => {
  const dev = await startWorld({ files: watching });
  try {
    expect(isDenied(await dev.post(call("get_labs", { patient_id: "p-1" })))).toBe(false);
    expect(await dev.record({ kind: "decision", tool: "get_labs" })).toMatchObject({
      verdict: "allow",
      monitor: true,
      ephi: true,
      dev: true,
    });
  } finally {
    await dev.stop();
  }
});

test("a change back to enforcing counts from the next message on", async () => {
  const { "servers/ehr.yaml": watched } = watchedServer();
  await world.change({ "servers/ehr.yaml": { ...watched, mode: "enforce" } });
  expect(isDenied(await world.post(call("list_wards", {})))).toBe(true);
});

function watchedServer(): Record<"servers/ehr.yaml", Fields> {
  const { source } = world.gateway.runtime.policy.current()!.repository.servers.get("ehr")!;
  return {
    "servers/ehr.yaml": {
      version: "1",
      id: "ehr",
      vendor: { name: "Example EHR Inc.", baa: { status: "signed", signed: "2026-01-01" } },
      transport: source.transport,
      tools: { list_wards: { effect: "read", ephi: false, volume: "single", subject: "none" } },
    },
  };
}
