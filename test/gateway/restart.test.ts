/** What a restart keeps: quotas, by way of the log; and what it ends: tokens of a grant, sessions. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, startWorld, type World } from "../support/gateway.ts";
import { readsOf } from "./attacks/attack.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const ask = async (patient: string): Promise<string | undefined> =>
  readsOf(await world.post(call("get_patient", { patient_id: patient }))).why;

test("a restart does not give room that was used", async () => {
  for (let i = 1; i <= 19; i++) await ask(`p-${i}`);
  await world.restart();
  expect(await ask("p-20")).toBeUndefined();
  expect(await ask("p-21")).toBe("/tools/get_patient/limits/0");
  expect(await ask("p-7")).toBeUndefined();
});

test("a session does not outlive the gateway that opened it", async () => {
  const session = await world.session("nurse");
  await world.restart();
  const { status } = await world.post(call("get_patient", { patient_id: "p-1" }), {
    headers: { "mcp-session-id": session },
  });
  expect(status).toBe(404);
});

test("a token does outlive it, until it ends", async () => {
  const token = world.tokens.clerk!;
  await world.restart();
  const { status } = await world.post(call("get_labs", { patient_id: "p-1" }), { token });
  expect(status).toBe(200);
});

test("a clock that was set back denies patient data, and nothing else", async () => {
  await ask("p-1");
  await world.restart();
  world.shiftClock(-120_000);
  expect(await ask("p-1")).toBe("(stale)");
  const wards = await world.post(call("list_wards"));
  expect(readsOf(wards).why).toBeUndefined();
  world.shiftClock(120_000);
  expect(await ask("p-1")).toBeUndefined();
});
