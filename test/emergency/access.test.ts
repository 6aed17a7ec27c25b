/** Emergency access from end to end: dormant, opened by a person, marked in every record, closed, reviewed. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DecisionRecord } from "../../engine/audit/record.ts";
import { HOUR, MINUTE } from "../../engine/policy/time.ts";
import { call, EHR, legacy, type World } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import {
  close,
  emergencies,
  list,
  nightFile,
  open,
  REASON,
  signReview,
  startWard,
} from "./world.ts";

let world: World;
let seq = 0;
beforeAll(async () => {
  world = await startWard();
});
beforeEach(() => {
  seq = world.gateway.runtime.log.head.seq;
});
afterEach(async () => {
  await close(world);
  world.upstream.reset();
});
afterAll(() => world.stop());

const read = () => world.post(call("get_patient", { patient_id: "p-1" }), { as: "night" });
const isDenied = ({ text }: { text: string }) => text.includes("[POLICY DENIED]");
const idOf = ({ text }: { text: string }): string =>
  (JSON.parse(text) as { opened: { id: string } }).opened.id;

/** Wait for the sweep. */
const closed = (by: object = {}) => world.record({ action: "emergency.closed", ...by }, seq);

test("dormant, opened by a named person, marked in every record, closed by itself, reviewed", async () => {
  expect(isDenied(await read())).toBe(true);
  expect(await world.record({ kind: "decision" }, seq)).toMatchObject({
    verdict: "deny",
    rule: "(dormant)",
  });
  expect(world.records(seq).some((record) => "emergency" in record)).toBe(false);

  const answer = await open(world);
  expect(answer.status).toBe(201);
  const id = idOf(answer);
  const opening = { id, grant: "night", openedBy: "person:m.example", reason: REASON };
  expect(JSON.parse(answer.text)).toMatchObject({ opened: opening });

  expect(isDenied(await read())).toBe(false);
  expect(isDenied(await world.post(call("search_patients"), { as: "night" }))).toBe(true);
  // The allowed call and the denied one alike; nobody else's.
  await world.post(call("get_patient", { patient_id: "p-1" }), { as: "nurse" });
  const decisions = world
    .records(seq)
    .filter((record): record is DecisionRecord => record.kind === "decision")
    .slice(1);
  expect(decisions.map(({ grant, verdict, emergency }) => [grant, verdict, emergency])).toEqual([
    ["night", "allow", id],
    ["night", "deny", id],
    ["nurse", "allow", undefined],
  ]);

  world.shiftClock(HOUR);
  expect(isDenied(await read())).toBe(true);
  await closed();
  expect(
    emergencies(world, seq).map(({ action, by, grant, principal, details }) => [
      action,
      by,
      grant,
      principal,
      details?.opening,
      details?.reason,
    ]),
  ).toEqual([
    ["emergency.opened", "person:m.example", "night", "agent:night", id, REASON],
    ["emergency.closed", undefined, "night", "agent:night", id, "time"],
  ]);

  const awaiting = async () =>
    (JSON.parse((await list(world)).text) as { awaitingReview: { id: string }[] }).awaitingReview;
  expect((await awaiting()).map((one) => one.id)).toContain(id);
  signReview(world, id);
  await world.record({ action: "review.emergency" }, seq);
  await until(() => !world.gateway.runtime.emergency.awaitingReview().some((one) => one.id === id));
  expect((await awaiting()).map((one) => one.id)).not.toContain(id);
});

test("what is open stays open after a restart, and no longer than it was meant to", async () => {
  const id = idOf(await open(world));
  await world.restart();
  seq = world.gateway.runtime.log.head.seq;
  expect(isDenied(await read())).toBe(false);
  expect(await world.record({ kind: "decision" }, seq)).toMatchObject({ emergency: id });
  await world.gateway.stop();
  world.shiftClock(HOUR);
  await world.restart();
  expect(isDenied(await read())).toBe(true);
  expect(await closed()).toMatchObject({ details: { opening: id, reason: "time" } });
});

test("a clock that is set back gives nobody more time", async () => {
  await open(world);
  expect(isDenied(await read())).toBe(false);
  world.shiftClock(-2 * HOUR);
  expect(isDenied(await read())).toBe(true);
  await closed();
  world.shiftClock(2 * HOUR);
  expect(isDenied(await read())).toBe(true);
});

test("any opener closes it earlier, and then it is not open", async () => {
  const id = idOf(await open(world));
  expect((await close(world, { as: "deputy" })).status).toBe(200);
  expect(isDenied(await read())).toBe(true);
  expect(await closed({ by: "person:d.example" })).toMatchObject({
    details: { opening: id, reason: "person" },
  });
  expect((await close(world)).status).toBe(404);
});

test("it is opened once: a second opening is refused and changes nothing", async () => {
  await open(world, { body: { reason: REASON, for: "10m" } });
  const again = await open(world, { as: "deputy", body: { reason: REASON, for: "4h" } });
  expect([again.status, again.message]).toEqual([
    409,
    { error: { code: "already_open", message: "the grant is open already" } },
  ]);
  world.shiftClock(10 * MINUTE);
  expect(isDenied(await read())).toBe(true);
});

test("two who open it at once: both are on record, one opening is in force", async () => {
  const answers = await Promise.all([open(world), open(world, { as: "deputy" })]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect(isDenied(await read())).toBe(false);
  expect(world.gateway.runtime.emergency.inForce(world.now()).size).toBe(1);
});

test("what is under way ends with the opening, and its session too", async () => {
  await open(world, { body: { reason: REASON, for: "10m" } });
  const session = { "mcp-session-id": await world.session("night") };
  const stream = world.listen({ as: "night", headers: session });
  const { gateway } = world;
  await until(() => gateway.runtime.streams.size === 1);
  world.shiftClock(10 * MINUTE);
  await until(() => gateway.runtime.streams.size === 0);
  await until(() => gateway.runtime.sessions.size === 0);
  (await stream.catch(() => undefined))?.close?.();
  const next = await world.post(legacy("tools/list"), { as: "night", path: EHR, headers: session });
  expect(next.status).toBe(404);
});

test("a policy that names the opener no longer closes it at once", async () => {
  const id = idOf(await open(world));
  const night = nightFile();
  await world.change({
    "grants/night.yaml": { ...night, breakGlass: { openers: ["person:d.example"], max: "4h" } },
  });
  expect(isDenied(await read())).toBe(true);
  expect(await closed()).toMatchObject({ details: { opening: id, reason: "policy" } });
  await world.change({ "grants/night.yaml": night });
  expect(isDenied(await read())).toBe(true);
});
