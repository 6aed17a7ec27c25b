/** When something that the gateway stands on fails, everything is denied, and says why. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Disk, nodeDisk } from "../../engine/audit/disk.ts";
import { call, legacy, modern, modernHeaders, startWorld, type World } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { PLANTED, readsOf } from "./attacks/attack.ts";

const MESSAGE = call("get_patient", { patient_id: PLANTED });

/** A disk that is full as soon as somebody says so. */
function fillingDisk(): { readonly disk: Disk; full: boolean } {
  const state = {
    full: false,
    disk: {
      ...nodeDisk,
      write(fd, bytes, position) {
        if (state.full) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
        return nodeDisk.write(fd, bytes, position);
      },
    } satisfies Disk as Disk,
  };
  return state;
}

describe("an audit log that cannot be written", () => {
  const filling = fillingDisk();
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ overrides: { disk: filling.disk } });
    expect((await world.post(MESSAGE)).message.result?.isError).toBeUndefined();
    filling.full = true;
  });
  afterAll(() => world.stop());

  test.each([
    ["a tool call", MESSAGE, {}],
    ["a list", legacy("tools/list"), {}],
    ["a resource", legacy("resources/read", { uri: "ehr://wards" }), {}],
    [
      "a call of the modern era",
      modern("tools/call", { name: "get_patient", arguments: { patient_id: PLANTED } }),
      modernHeaders("tools/call", "get_patient"),
    ],
  ])("%s is denied, and nothing is forwarded", async (_, message, headers) => {
    const reached = world.upstream.requests.length;
    const answer = await world.post(message, { headers });
    expect(answer.status).toBe(200);
    expect(readsOf(answer).why).toBe("(audit unavailable)");
    expect(world.upstream.requests).toHaveLength(reached);
    expect(answer.text).not.toContain(PLANTED);
  });

  test("so is a handshake, and no session is left behind", async () => {
    const reached = world.upstream.requests.length;
    const answer = await world.post(legacy("initialize", { protocolVersion: "2025-11-25" }));
    expect(readsOf(answer).why).toBe("(audit unavailable)");
    expect(answer.headers["mcp-session-id"]).toBeUndefined();
    expect(world.upstream.requests).toHaveLength(reached);
    expect(world.gateway.runtime.sessions.size).toBe(0);
  });

  test("a notification is not forwarded either", async () => {
    const reached = world.upstream.requests.length;
    const message = { jsonrpc: "2.0", method: "notifications/roots/list_changed" };
    expect((await world.post(message)).status).toBe(503);
    expect(world.upstream.requests).toHaveLength(reached);
  });

  test("what is refused or denied anyway still is", async () => {
    expect((await world.post("[]")).status).toBe(400);
    expect((await world.post(MESSAGE, { as: "nobody" })).status).toBe(401);
    const denied = await world.post(call("search_patients"));
    expect(denied.text).toContain("decision not recorded");
  });

  test("operators are told", async () => {
    const { status, message } = await world.http("GET", { path: "/readyz", as: "nobody" });
    expect(status).toBe(503);
    expect(message).toMatchObject({
      status: "denying",
      problems: ["the audit log cannot be written: everything is denied"],
    });
    const metrics = await world.http("GET", { path: "/metrics", as: "nobody" });
    expect(metrics.text).toMatch(/^phiward_ready 0$/m);
  });

  test("after a restart with room on the disk it serves again, with the quota as it was", async () => {
    filling.full = false;
    // It never comes back by itself: after a failed write nobody knows what is on the disk.
    expect(readsOf(await world.post(MESSAGE)).why).toBe("(audit unavailable)");
    await world.restart();
    const { seq } = world.gateway.runtime.log.head;
    for (let i = 1; i <= 19; i++) {
      const answer = await world.post(call("get_patient", { patient_id: `p-${i}` }));
      expect(readsOf(answer).why).toBeUndefined();
    }
    // The calls that were never made took nothing; the one before took one.
    const last = await world.post(call("get_patient", { patient_id: "p-20" }));
    expect(readsOf(last).why).toBe("/tools/get_patient/limits/0");
    expect(world.records(seq).length).toBeGreaterThan(19);
  });
});

describe("a token store", () => {
  let world: World;
  let path = "";
  let sound = "";
  beforeAll(async () => {
    world = await startWorld();
    path = join(world.state, "tokens.json");
    sound = readFileSync(path, "utf8");
  });
  afterEach(async () => {
    writeFileSync(path, sound);
    await until(() => world.gateway.tokens.problem === undefined);
    expect((await world.post(MESSAGE)).status).toBe(200);
  });
  afterAll(() => world.stop());

  test.each([
    ["is no JSON", "{"],
    ["is of another version", '{"version":"9","tokens":[]}'],
    ["is cut off", () => sound.slice(0, -20)],
    ["holds what is no token", () => JSON.stringify({ version: "1", tokens: [PLANTED] })],
  ])("that %s lets nobody in", async (_, text) => {
    const { seq } = world.gateway.runtime.log.head;
    const reached = world.upstream.requests.length;
    writeFileSync(path, typeof text === "string" ? text : text());
    const { status, message } = await world.post(MESSAGE);
    expect(status).toBe(503);
    expect(message.error?.data).toEqual({ "phiward/refused": "store_unavailable" });
    expect(world.upstream.requests).toHaveLength(reached);
    await world.record({ kind: "rejected", code: "store_unavailable" }, seq);
    const ready = await world.http("GET", { path: "/readyz", as: "nobody" });
    expect(ready.status).toBe(503);
    expect(ready.message).toMatchObject({
      problems: ["grant tokens cannot be checked: everything is denied"],
    });
  });
});
