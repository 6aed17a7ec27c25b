/** Quotas of patients: reserved before the call, kept when it reached the server, and told by nobody's session. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { call, modern, modernHeaders, START, startWorld, type World } from "../support/gateway.ts";
import type { Answer } from "../support/http-client.ts";
import { startUpstream } from "../support/upstream.ts";
import { readsOf } from "./attacks/attack.ts";

const LIMIT = "/tools/get_patient/limits/0";
const HOUR = 3_600_000;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
/** The next hour has room again. */
afterEach(() => {
  world.upstream.reset();
  world.shiftClock(HOUR - ((world.now() - START) % HOUR));
});

const ask = (patient: string, session?: string): Promise<Answer> =>
  world.post(
    call("get_patient", { patient_id: patient }),
    session === undefined ? {} : { headers: { "mcp-session-id": session } },
  );

/** The rules by which the calls were denied; undefined for one that was allowed. */
async function verdicts(patients: readonly string[], session?: string) {
  const found: (string | undefined)[] = [];
  for (const patient of patients) found.push(readsOf(await ask(patient, session)).why);
  return found;
}

const some = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `p-${from + i}`);
const allowed = (count: number): undefined[] => Array.from({ length: count });

test("the twenty-first patient of an hour is denied, spread over two sessions and both eras", async () => {
  const first = await world.session("nurse");
  const second = await world.session("nurse");
  expect(await verdicts(some(1, 10), first)).toEqual(allowed(10));
  expect(await verdicts(some(11, 20), second)).toEqual(allowed(10));
  const reached = world.upstream.requests.length;
  expect(await verdicts(["p-21"], first)).toEqual([LIMIT]);
  expect(await verdicts(["p-21"], second)).toEqual([LIMIT]);
  const params = { name: "get_patient", arguments: { patient_id: "p-21" } };
  const answer = await world.post(modern("tools/call", params), {
    headers: modernHeaders("tools/call", "get_patient"),
  });
  expect(readsOf(answer).why).toBe(LIMIT);
  expect(world.upstream.requests).toHaveLength(reached);
  // A patient who was counted is not counted twice, however the name is written.
  expect(await verdicts(["p-1", "Patient/p-20"], second)).toEqual(allowed(2));
});

test("forty calls at once get no more room than one after the other", async () => {
  const answers = await Promise.all(some(100, 139).map((patient) => ask(patient)));
  const denied = answers.filter((answer) => readsOf(answer).why === LIMIT);
  expect(denied).toHaveLength(20);
});

test("denied calls take nothing", async () => {
  for (const patient of some(200, 230)) {
    // The pinned schema does not take it.
    await world.post(call("get_patient", { patient_id: patient, other: 1 }));
  }
  expect(await verdicts(some(300, 320))).toEqual([...allowed(20), LIMIT]);
});

test("a call whose tool fails keeps what it took", async () => {
  world.upstream.on("tools/call", ({ result }) => result({ isError: true, content: [] }));
  await verdicts(some(400, 419));
  world.upstream.reset();
  expect(await verdicts(["p-420"])).toEqual([LIMIT]);
});

test("a call that the server may have seen keeps what it took", async () => {
  world.upstream.on("tools/call", ({ raw }) => raw(500, {}, ""));
  await verdicts(some(500, 519));
  world.upstream.reset();
  expect(await verdicts(["p-520"])).toEqual([LIMIT]);
});

test("a client's number for a patient never stands in a record", () => {
  expect(JSON.stringify(world.records())).not.toMatch(/p-[0-9]{2,}/);
});

describe("a server that is down", () => {
  test("gives back what a call took, and says so in the record", async () => {
    await world.upstream.stop();
    const { seq } = world.gateway.runtime.log.head;
    const answers = await verdicts(some(600, 625));
    // Not one of them meets the limit, because none of them reached the server.
    expect(answers).toEqual(Array.from({ length: 26 }, () => "unreachable"));
    expect(await world.outcome(seq)).toMatchObject({
      status: "upstream_error",
      refunded: true,
    });
    const again = await startUpstream({ port: world.upstream.port });
    expect(await verdicts(some(700, 720))).toEqual([...allowed(20), LIMIT]);
    await again.stop();
  });
});
