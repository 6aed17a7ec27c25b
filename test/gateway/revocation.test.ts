/** A revocation stops the next message, and what is open, within a second. */
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openTokenStore } from "../../engine/grant/file-store.ts";
import { issueToken } from "../../engine/grant/issue.ts";
import { revokeTokens } from "../../engine/grant/revoke.ts";
import {
  call,
  EHR,
  initialize,
  modern,
  modernHeaders,
  startWorld,
  type World,
} from "../support/gateway.ts";
import { until } from "../support/until.ts";
import type { EventSender } from "../support/upstream.ts";

/** More than the second that is promised, for a machine that is busy. */
const SOON_MS = 2_500;

let world: World;
let token = "";
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(async () => {
  const { repository } = world.gateway.runtime.policy.current()!;
  const grant = repository.grants.get("scribe")!.source;
  const plan = issueToken(grant, undefined, { at: world.now(), random: randomBytes });
  token = (await world.gateway.tokens.change(plan)).token;
});
afterEach(() => world.upstream.reset());
afterAll(() => world.stop());

/** As another process does it: `phiward token revoke`. */
async function revoke(): Promise<void> {
  const store = openTokenStore(world.state);
  const newest = store.list().at(-1)!;
  await store.change(
    revokeTokens(({ id }) => id === newest.id, { at: world.now(), random: randomBytes }),
  );
}

async function session(): Promise<string> {
  const { headers } = await world.post(initialize(), { token });
  return headers["mcp-session-id"]!;
}

test("the next message is refused, in its session too", async () => {
  const id = await session();
  const asking = { token, headers: { "mcp-session-id": id } };
  expect((await world.post(call("get_patient", { patient_id: "p-1" }), asking)).status).toBe(200);
  await revoke();
  const { status, headers, message } = await world.post(call("get_patient"), asking);
  expect(status).toBe(401);
  expect(message.error?.data).toEqual({ "phiward/refused": "revoked_token" });
  expect(headers["www-authenticate"]).toMatch(
    /^Bearer resource_metadata="http:\/\/127\.0\.0\.1:\d+\/\.well-known\/oauth-protected-resource\/mcp\/ehr", error="invalid_token"$/,
  );
});

test("an open GET stream ends", async () => {
  const stream = await world.listen({ token, headers: { "mcp-session-id": await session() } });
  expect(stream.status).toBe(200);
  expect(stream.ended).toBe(false);
  await revoke();
  await until(() => stream.ended, SOON_MS);
  // What the server says from now on reaches nobody.
  world.upstream.tell({ method: "notifications/tools/list_changed" });
  expect(stream.pending).toEqual([]);
});

test.each([
  ["legacy", () => call("get_patient", { patient_id: "p-1" }), {}],
  [
    "modern",
    () => modern("tools/call", { name: "get_patient", arguments: { patient_id: "p-1" } }),
    modernHeaders("tools/call", "get_patient"),
  ],
] as const)("a stream in the middle of a call ends, %s", async (_, message, headers) => {
  const { seq } = world.gateway.runtime.log.head;
  let sender: EventSender | undefined;
  world.upstream.on("tools/call", ({ stream }) => {
    sender = stream();
    sender.send({ method: "notifications/progress", params: { progressToken: 1, progress: 1 } });
  });
  const stream = await world.open(message(), { token, headers });
  expect((await stream.next()).method).toBe("notifications/progress");
  await revoke();
  await until(() => stream.ended, SOON_MS);
  // The server is told as well: nobody waits for its answer.
  await until(() => sender?.gone === true, SOON_MS);
  sender?.send({ method: "notifications/progress", params: { progressToken: 1, progress: 2 } });
  expect(stream.pending.filter(({ method }) => method !== undefined)).toEqual([]);
  expect(await world.outcome(seq)).toMatchObject({ status: "cancelled" });
});

test("a call that has no answer yet ends with an error", async () => {
  world.upstream.on("tools/call", () => {});
  const from = world.upstream.requests.length;
  const waiting = world.post(call("get_patient", { patient_id: "p-1" }), { token });
  await world.upstream.arrival(({ message }) => message.method === "tools/call", from);
  await revoke();
  const { message } = await waiting;
  expect(message.error?.data).toEqual({ "phiward/upstream": "cancelled" });
});

test("the revocation itself is on record, once", async () => {
  const { seq } = world.gateway.runtime.log.head;
  await revoke();
  const record = await world.record({ kind: "admin", action: "token.revoked" }, seq);
  expect(record).toMatchObject({ grant: "scribe", principal: "agent:scribe" });
  await world.post(call("get_patient"), { token, path: EHR });
  const revocations = world
    .records(seq)
    .filter((one) => one.kind === "admin" && one.action === "token.revoked");
  expect(revocations).toHaveLength(1);
});
