/** A sound change of the policy is in force within a second, whole; what is open is judged by the old one. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeDisk } from "../../engine/audit/disk.ts";
import { call, legacy, modern, modernHeaders, startWorld, type World } from "../support/gateway.ts";
import { policyFiles } from "../support/policy-folder.ts";
import { until } from "../support/until.ts";
import type { Fields, Tool } from "../support/upstream.ts";
import { readsOf } from "./attacks/attack.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const CARE = policyFiles({})["policies/care.yaml"]!;
const care = (tools: Fields): Record<string, Fields> => ({
  "policies/care.yaml": { ...CARE, tools },
});
const labs = async (): Promise<string | undefined> =>
  readsOf(await world.post(call("get_labs", { patient_id: "p-1" }))).why;
const listed = async (): Promise<readonly string[]> => {
  const { message } = await world.post(legacy("tools/list"));
  return (message.result!.tools as readonly Tool[]).map(({ name }) => name);
};

test("a rule that was taken away denies, hides and is named by its bundle", async () => {
  expect(await labs()).toBeUndefined();
  const session = await world.session("nurse");
  const { seq } = world.gateway.runtime.log.head;
  await world.change(care({ get_patient: {} }));
  expect(await labs()).toBe("(not granted)");
  expect(await listed()).toEqual(["get_patient"]);
  // The session was opened under the old policy; its next message is judged by the new one.
  const old = await world.post(call("get_labs", { patient_id: "p-1" }), {
    headers: { "mcp-session-id": session },
  });
  expect(readsOf(old).why).toBe("(not granted)");
  const records = world.records(seq);
  const activated = records.find(({ kind }) => kind === "policy") as { bundle?: Fields };
  const denied = records.find(({ kind }) => kind === "decision") as { bundle?: Fields };
  expect(denied.bundle?.digest).toBe(activated.bundle?.digest);
});

test("a rule that was given allows", async () => {
  await world.change({ "policies/care.yaml": CARE });
  expect(await labs()).toBeUndefined();
});

test("what has no end of its own ends, and is judged anew when it is opened again", async () => {
  const scribes = { as: "scribe", headers: { "mcp-session-id": await world.session("scribe") } };
  const stream = await world.listen(scribes);
  const listening = await world.open(modern("subscriptions/listen", { notifications: {} }), {
    as: "scribe",
    headers: modernHeaders("subscriptions/listen"),
  });
  await world.change(care({ get_patient: {} }));
  await until(() => stream.ended && listening.ended);
  expect((await world.listen(scribes)).status).toBe(200);
  await world.change({ "policies/care.yaml": CARE });
});

test("a comment and another layout change nothing, and are no activation", async () => {
  const { seq } = world.gateway.runtime.log.head;
  const before = world.gateway.runtime.policy.current();
  const path = join(world.folder, "policies/care.yaml");
  writeFileSync(path, `# reviewed again\n${JSON.stringify(CARE)}\n`);
  // The folder is looked at twice a second.
  await sleep(700);
  expect(world.records(seq).filter(({ kind }) => kind === "policy")).toEqual([]);
  expect(world.gateway.runtime.policy.current()).toBe(before);
});

test("a grant that is taken away lets its token in no longer", async () => {
  expect((await world.post(call("get_patient"), { as: "quizzer" })).status).toBe(200);
  const quizzer = policyFiles({})["grants/quizzer.yaml"]!;
  await world.change({ "grants/quizzer.yaml": { ...quizzer, issued: "2026-09-02" } });
  const answer = await world.post(call("get_patient"), { as: "quizzer" });
  expect(readsOf(answer)).toEqual({ status: 401, rpc: 403, why: "orphaned_token" });
});

test("a server that is taken away while a call to it is being recorded gets no call, and the client an answer", async () => {
  const gate = Promise.withResolvers<void>();
  let closed = false;
  const disk = {
    ...nodeDisk,
    async datasync(fd: number) {
      if (closed) await gate.promise;
      return await nodeDisk.datasync(fd);
    },
  };
  const own = await startWorld({
    overrides: { disk },
    lab: (ehr) => ({ type: "http", url: `${ehr.origin}/lab` }),
  });
  try {
    const { seq } = own.gateway.runtime.log.head;
    const before = own.gateway.runtime.policy.current();
    closed = true;
    const waiting = own.post(call("get_patient", { patient_id: "p-1" }), { path: "/mcp/lab" });
    await until(() => own.gateway.runtime.log.head.seq > seq);
    rmSync(join(own.folder, "servers/lab.yaml"));
    rmSync(join(own.folder, "servers/lab.lock.json"));
    own.write({ "grants/nurse.yaml": policyFiles({})["grants/nurse.yaml"]! });
    await until(() => own.gateway.runtime.policy.current() !== before);
    gate.resolve();
    expect(readsOf(await waiting)).toEqual({ status: 502, rpc: -32603, why: "unreachable" });
    expect(await own.outcome(seq)).toMatchObject({ status: "upstream_error" });
    const calls = own.upstream.requests.filter(({ message }) => message.method === "tools/call");
    expect(calls).toEqual([]);
    expect(own.gateway.health.problems()).toEqual([]);
  } finally {
    gate.resolve();
    await own.stop();
  }
});
