/** Whoever is to be told of an opening is told: signed, again until they take it, after a restart too. */
import { createHmac } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { webhookKey } from "../../engine/emergency/announcement.ts";
import { HOUR } from "../../engine/policy/time.ts";
import type { World } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { close, open, REASON, startWard } from "./world.ts";

const SECRET = `whsec_${Buffer.from("a key of thirty-two bytes, really").toString("base64")}`;

interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function startReceiver() {
  const deliveries: Delivery[] = [];
  let status = 204;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      deliveries.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
      response.writeHead(status, status === 307 ? { location: "/elsewhere" } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    deliveries,
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?ward=1`),
    answer(next: number): void {
      status = next;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** As a receiver does it (Standard Webhooks 1.0): over the bytes that arrived. */
function isGenuine({ headers, body }: Delivery, key: Uint8Array = webhookKey(SECRET)): boolean {
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const signature = createHmac("sha256", key).update(signed).digest("base64");
  return headers["webhook-signature"] === `v1,${signature}`;
}

let receiver: Awaited<ReturnType<typeof startReceiver>>;
let world: World;
beforeEach(async () => {
  receiver = await startReceiver();
  const webhook = { url: receiver.url, key: webhookKey(SECRET) };
  world = await startWard({ overrides: { webhook } });
});
afterEach(async () => {
  await world.stop();
  await receiver.stop();
});

const outbox = (): readonly string[] => {
  const folder = join(world.state, "announcements");
  return existsSync(folder) ? readdirSync(folder) : [];
};
const readiness = async (): Promise<{ status: string; notes: readonly string[] }> => {
  const { text } = await world.http("GET", { path: "/readyz" });
  return JSON.parse(text) as { status: string; notes: readonly string[] };
};

test("an opening and its end are told, with signatures that a receiver can check", async () => {
  await open(world);
  await until(() => receiver.deliveries.length === 1);
  await close(world, { as: "deputy" });
  await until(() => receiver.deliveries.length === 2);
  expect(receiver.deliveries.map((one) => isGenuine(one))).toEqual([true, true]);
  expect(isGenuine(receiver.deliveries[0]!, webhookKey("another key of some thirty bytes"))).toBe(
    false,
  );
  const [opened, closed] = receiver.deliveries.map(({ body }) => JSON.parse(body));
  expect(opened).toEqual({
    type: "emergency.opened",
    timestamp: expect.stringMatching(/^2026-10-01T12:1/),
    data: {
      opening: opened.data.opening,
      grant: "night",
      node: "dev",
      by: "person:m.example",
      reason: REASON,
      until: expect.stringMatching(/^2026-10-01T13:1/),
    },
  });
  expect(closed).toMatchObject({
    type: "emergency.closed",
    data: { opening: opened.data.opening, by: "person:d.example", closedFor: "person" },
  });
  expect(receiver.deliveries[0]!.headers["webhook-id"]).toBe(opened.data.opening);
  await until(() => outbox().length === 0);
});

test("a receiver that fails stops nobody; it is told again, in order, until it takes the message", async () => {
  receiver.answer(500);
  expect((await open(world)).status).toBe(201);
  await until(() => receiver.deliveries.length >= 1);
  const { status, notes } = await readiness();
  expect(status).toBe("ready");
  expect(notes).toContain("the webhook for emergency access does not take messages: HTTP 500");
  const metrics = (await world.http("GET", { path: "/metrics" })).text;
  expect(metrics).toContain("phiward_emergency_undelivered 1");
  expect(metrics).toContain("phiward_emergency_open 1");
  receiver.answer(200);
  // A new message does not overtake the one before.
  await close(world);
  await until(() => outbox().length === 0);
  const ids = receiver.deliveries.map(({ headers }) => headers["webhook-id"]);
  expect(new Set(ids).size).toBe(2);
  expect(ids.at(-1)).not.toBe(ids[0]);
  expect(receiver.deliveries.every((one) => isGenuine(one))).toBe(true);
  expect((await readiness()).notes.join()).not.toContain("webhook");
});

test("what was not taken is sent after a restart, under the same id", async () => {
  receiver.answer(503);
  await open(world);
  await until(() => receiver.deliveries.length >= 1);
  await world.gateway.stop();
  expect(outbox()).toHaveLength(1);
  receiver.answer(200);
  const before = receiver.deliveries.length;
  await world.restart();
  await until(() => outbox().length === 0);
  const { headers } = receiver.deliveries[before]!;
  expect(headers["webhook-id"]).toBe(receiver.deliveries[0]!.headers["webhook-id"]);
  world.shiftClock(HOUR);
  await until(() => receiver.deliveries.at(-1)!.body.includes('"closedFor":"time"'));
});

test("a redirect is not followed: the message is for one receiver", async () => {
  receiver.answer(307);
  await open(world);
  await until(() => receiver.deliveries.length >= 1);
  await until(() => world.gateway.health.notes().some((note) => note.includes("HTTP 307")));
  expect(receiver.deliveries.some(({ headers }) => headers["webhook-id"] === undefined)).toBe(
    false,
  );
  expect(outbox()).toHaveLength(1);
});
