/** Streams pass event by event; cancellation means what each era says it means. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type Asking,
  call,
  modern,
  modernHeaders,
  startWorld,
  type World,
} from "../support/gateway.ts";
import { until } from "../support/until.ts";
import type { EventSender, Exchange, Rpc } from "../support/upstream.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.upstream.reset());
afterAll(() => world.stop());

const ARGS = { patient_id: "p-1" };
const progress = (step: number): Rpc => ({
  method: "notifications/progress",
  params: { progressToken: "tok-1", progress: step },
});
const MODERN_HEADERS = modernHeaders("tools/call", "get_patient");
const modernCall = modern("tools/call", { name: "get_patient", arguments: ARGS });

/** The next call's stream, as soon as it is there. */
function streamOf(): () => Promise<{ events: EventSender; exchange: Exchange }> {
  let found: { events: EventSender; exchange: Exchange } | undefined;
  world.upstream.on("tools/call", (exchange) => {
    found = { events: exchange.stream(), exchange };
  });
  return () => until(() => found);
}

test("an event is received before the next one is sent", async () => {
  const opened = streamOf();
  const reading = world.open(call("get_patient", ARGS));
  const { events, exchange } = await opened();
  events.send(progress(1));
  const stream = await reading;
  expect(stream.headers).toMatchObject({
    "content-type": "text/event-stream",
    "x-accel-buffering": "no",
    "cache-control": "no-store, no-transform",
  });
  expect((await stream.next()).params).toEqual(progress(1).params);
  for (const step of [2, 3, 4]) {
    events.send(progress(step));
    expect((await stream.next()).params).toEqual(progress(step).params);
  }
  events.send({ id: exchange.id!, result: { content: [] } });
  expect(await stream.next()).toMatchObject({ id: 1, result: { content: [] } });
  await until(() => stream.ended);
});

test("line breaks in an event do not end it early", async () => {
  const opened = streamOf();
  const reading = world.open(call("get_patient", ARGS));
  const { events, exchange } = await opened();
  events.sendText(
    ["{", `"jsonrpc":"2.0","id":${exchange.id},`, '"result":{"content":[]}}'].join("\ndata: "),
  );
  const stream = await reading;
  expect(await stream.next()).toMatchObject({ result: { content: [] } });
});

test("a progress token reaches the server and comes back", async () => {
  const { exchange, events, stream } = await (async () => {
    const opened = streamOf();
    const message = call("get_patient", ARGS) as { params: object };
    const params = { ...message.params, _meta: { progressToken: "tok-1" } };
    const reading = world.open({ ...message, params });
    const found = await opened();
    found.events.send(progress(1));
    return { ...found, stream: await reading };
  })();
  expect(exchange.request.message.params?._meta).toEqual({ progressToken: "tok-1" });
  expect((await stream.next()).params?.progressToken).toBe("tok-1");
  events.end();
});

describe("a client that goes away", () => {
  test("has cancelled its call in the modern era", async () => {
    const { seq } = world.gateway.runtime.log.head;
    const opened = streamOf();
    const reading = world.open(modernCall, { headers: MODERN_HEADERS });
    const { events } = await opened();
    events.send(progress(1));
    const stream = await reading;
    await stream.next();
    stream.close();
    await until(() => events.gone);
    expect(await world.outcome(seq)).toMatchObject({ status: "cancelled" });
  });

  test("has not cancelled it in the legacy era, and the outcome is on record", async () => {
    const { seq } = world.gateway.runtime.log.head;
    const opened = streamOf();
    const reading = world.open(call("get_patient", ARGS));
    const { events, exchange } = await opened();
    events.send(progress(1));
    const stream = await reading;
    await stream.next();
    stream.close();
    // So long that a cancellation would have reached the server.
    await sleep(150);
    events.send(progress(2));
    expect(events.gone).toBe(false);
    events.send({ id: exchange.id!, result: { content: [] } });
    expect(await world.outcome(seq)).toMatchObject({ status: "ok" });
  });

  test("can cancel a call in the legacy era by saying so", async () => {
    const session = await world.session("nurse");
    const asking = { headers: { "mcp-session-id": session } };
    const opened = streamOf();
    const reading = world.open(call("get_patient", ARGS, "call-9"), asking);
    const { events } = await opened();
    events.send(progress(1));
    const stream = await reading;
    const from = world.upstream.requests.length;
    const cancelled = {
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: "call-9" },
    };
    expect((await world.post(cancelled, asking)).status).toBe(202);
    const told = await world.upstream.arrival(() => true, from);
    expect(told.message).toEqual(cancelled);
    // The server knows it as its own session's.
    expect(told.headers["mcp-session-id"]).toBe(
      world.upstream.requests.findLast(({ message }) => message.id === "call-9")!.headers[
        "mcp-session-id"
      ],
    );
    events.end();
    await until(() => stream.ended);
  });
});

describe("the GET stream of a session", () => {
  test("carries what the server says unasked, with its place", async () => {
    const session = await world.session("nurse");
    const stream = await world.listen({ headers: { "mcp-session-id": session } });
    expect(stream.status).toBe(200);
    expect(world.upstream.tell({ method: "notifications/prompts/list_changed" })).toBe(1);
    expect((await stream.next()).method).toBe("notifications/prompts/list_changed");
    // Nobody lets this through for the nurse.
    world.upstream.tell({ method: "notifications/message", params: { data: "x" } });
    world.upstream.tell({ method: "notifications/resources/list_changed" });
    expect((await stream.next()).method).toBe("notifications/resources/list_changed");
    stream.close();
  });

  test("ends at the server when its session is ended", async () => {
    const session = await world.session("nurse");
    const asking = { headers: { "mcp-session-id": session } };
    const from = world.upstream.requests.length;
    expect((await world.http("DELETE", asking)).status).toBe(200);
    const told = await world.upstream.arrival(({ http }) => http === "DELETE", from);
    expect(told.headers["mcp-session-id"]).toBeDefined();
    expect((await world.http("GET", asking)).status).toBe(404);
  });

  test.each([
    ["its owner ends the session", (asking: Asking) => world.http("DELETE", asking)],
    ["the session has rested too long", async () => world.shiftClock(31 * 60_000)],
  ])("ends when %s, whatever the server does", async (_, ending) => {
    const session = await world.session("nurse");
    const asking = { headers: { "mcp-session-id": session } };
    const stream = await world.listen(asking);
    await ending(asking);
    await until(() => stream.ended);
  });

  test("is not there when the server does not offer it", async () => {
    world.upstream.on("GET", ({ raw }) => raw(405, {}, ""));
    const session = await world.session("nurse");
    const { status, message } = await world.http("GET", {
      headers: { "mcp-session-id": session },
    });
    expect(status).toBe(405);
    expect(message.error?.data).toEqual({ "phiward/upstream": "not_served" });
  });
});

test("a stop lets a call come to its end, and takes no new one", async () => {
  const own = await startWorld();
  let answer: (() => void) | undefined;
  own.upstream.on("tools/call", ({ result }) => {
    answer = () => result({ content: [] });
  });
  const waiting = own.post(call("get_patient", ARGS));
  await until(() => answer);
  const stopped = own.stop();
  answer!();
  expect((await waiting).message.result).toEqual({ content: [] });
  await expect(own.post(call("get_patient", ARGS))).rejects.toThrow();
  await stopped;
});
