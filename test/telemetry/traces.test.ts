/** Traces of a running gateway, as a collector gets them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  call,
  initialize,
  legacy,
  modern,
  modernHeaders,
  startWorld,
  type World,
} from "../support/gateway.ts";
import type { Fields } from "../support/upstream.ts";
import { type Collector, startCollector } from "./collector.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;
const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

let collector: Collector;
let world: World;
beforeAll(async () => {
  collector = await startCollector();
  const traces = {
    url: collector.url,
    headers: { authorization: "Bearer of-the-test" },
    sample: 1,
    everyMs: 20,
  };
  world = await startWorld({ overrides: { traces } });
});
afterEach(() => world.upstream.reset());
afterAll(async () => {
  await world.stop();
  await collector.stop();
});

/** A trace of this test's own. */
let traces = 0;
function fresh(): { readonly traceId: string; readonly traceparent: string } {
  const traceId = (++traces).toString(16).padStart(32, "a");
  return { traceId, traceparent: `00-${traceId}-${PARENT}-01` };
}

function inTrace(traceparent: string, tool = "get_patient", args: Fields = { patient_id: "p-1" }) {
  return legacy("tools/call", { name: tool, arguments: args, _meta: { traceparent } });
}

describe("an allowed call", () => {
  test("is a server span within the client's, and a client span within that, as the conventions name them", async () => {
    const from = world.upstream.requests.length;
    const { status } = await world.post(inTrace(TRACEPARENT));
    expect(status).toBe(200);
    const server = await collector.span((s) => s.traceId === TRACE && s.kind === SERVER);
    const client = await collector.span((s) => s.traceId === TRACE && s.kind === CLIENT);
    expect(server).toMatchObject({ name: "tools/call get_patient", parentSpanId: PARENT });
    expect(client).toMatchObject({
      name: "tools/call get_patient",
      parentSpanId: server.spanId,
    });
    expect(server.status.code ?? 0).toBe(0);
    expect(server.attributes).toEqual({
      "mcp.method.name": "tools/call",
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "get_patient",
      "network.transport": "tcp",
      "network.protocol.name": "http",
      "jsonrpc.request.id": "1",
      "phiward.grant": "nurse",
      "phiward.server": "ehr",
      "phiward.verdict": "allow",
      "phiward.reason": "allowed",
      "phiward.ephi": true,
      "phiward.decision": expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(client.attributes).toMatchObject({
      "mcp.method.name": "tools/call",
      "server.address": "127.0.0.1",
      "server.port": world.upstream.port,
    });
    const arrived = await world.upstream.arrival((r) => r.message.method === "tools/call", from);
    const goesOn = `00-${TRACE}-${client.spanId}-01`;
    expect(arrived.message.params?._meta).toEqual({ traceparent: goesOn });
    expect(arrived.headers.traceparent).toBe(goesOn);
    // The record and the trace lead to one another.
    const record = await world.record({ kind: "decision", trace: TRACE });
    expect(record.id).toBe(server.attributes["phiward.decision"]);
    expect(collector.headers[0]?.authorization).toBe("Bearer of-the-test");
  });

  test("takes the trace of a header where the message names none", async () => {
    const { traceId, traceparent } = fresh();
    const headers = {
      ...modernHeaders("tools/call", "get_patient"),
      traceparent,
      tracestate: "a=1",
    };
    const from = world.upstream.requests.length;
    await world.post(
      modern("tools/call", { name: "get_patient", arguments: { patient_id: "p-1" } }),
      { headers },
    );
    const server = await collector.span((s) => s.traceId === traceId && s.kind === SERVER);
    expect(server.attributes["mcp.protocol.version"]).toBe("2026-07-28");
    const arrived = await world.upstream.arrival((r) => r.message.method === "tools/call", from);
    expect(arrived.message.params?._meta).toMatchObject({
      traceparent: expect.stringContaining(traceId),
      // Of the vendors before us, for the next hop.
      tracestate: "a=1",
    });
  });

  test("begins a trace where the client has none, and the record has its id", async () => {
    const { seq } = world.gateway.runtime.log.head;
    await world.post(call("get_patient", { patient_id: "p-1" }));
    const record = await world.record({ kind: "decision" }, seq);
    const { trace } = record as unknown as { trace: string };
    const span = await collector.span((s) => s.traceId === trace && s.kind === SERVER);
    expect(span.parentSpanId ?? "").toBe("");
  });

  test("that the client does not sample is not sent, and its trace goes on", async () => {
    const { traceId } = fresh();
    const from = world.upstream.requests.length;
    await world.post(inTrace(`00-${traceId}-${PARENT}-00`));
    const arrived = await world.upstream.arrival((r) => r.message.method === "tools/call", from);
    expect(arrived.headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    // What comes later has been sent, and it has not.
    const later = fresh();
    await world.post(inTrace(later.traceparent));
    await collector.span((s) => s.traceId === later.traceId && s.kind === SERVER);
    expect(collector.spans().some((s) => s.traceId === traceId)).toBe(false);
  });
});

describe("what fails", () => {
  test.each<[string, string, () => void, Fields, boolean]>([
    [
      "a denied call, as a tool's error",
      "tool_error",
      () => {},
      { tool: "search_patients" },
      false,
    ],
    [
      "a tool's own error",
      "tool_error",
      () => world.upstream.on("tools/call", ({ result }) => result({ isError: true, content: [] })),
      {},
      true,
    ],
    [
      "a server's JSON-RPC error, by its code",
      "-32000",
      () => world.upstream.on("tools/call", ({ error }) => error(-32000, "who is Quillfeather")),
      {},
      true,
    ],
    [
      "a server that breaks off",
      "bad_status",
      () => world.upstream.on("tools/call", ({ raw }) => raw(500, {}, "")),
      {},
      true,
    ],
  ])("%s", async (_, error, prepare, { tool = "get_patient" }, reaches) => {
    prepare();
    const { traceId, traceparent } = fresh();
    await world.post(inTrace(traceparent, tool as string));
    const server = await collector.span((s) => s.traceId === traceId && s.kind === SERVER);
    expect(server.attributes["error.type"]).toBe(error);
    // No description: a server's message may hold anything.
    expect(server.status).toEqual({ code: ERROR });
    const clients = collector.spans().filter((s) => s.traceId === traceId && s.kind === CLIENT);
    expect(clients.map((s) => s.attributes["error.type"])).toEqual(reaches ? [error] : []);
  });

  test("a message of no known form has a span without a name of its own", async () => {
    const { traceId, traceparent } = fresh();
    await world.post(legacy("patients/Quillfeather"), { headers: { traceparent } });
    const span = await collector.span((s) => s.traceId === traceId);
    expect(span).toMatchObject({
      name: "message",
      attributes: { "mcp.method.name": "_OTHER", "error.type": "-32601" },
    });
  });
});

test("nothing that a client or a server wrote leaves in a span, in `tracestate` either", async () => {
  const planted = ["900-12-4471", "MRN-0077-4471", "Quillfeather"];
  const note = planted.join(" ");
  world.upstream.on("tools/call", ({ result }) =>
    result({ content: [{ type: "text", text: note }] }),
  );
  const { traceId, traceparent } = fresh();
  const meta = { traceparent, tracestate: `a=${planted[1]}`, baggage: note, progressToken: note };
  const rows: readonly object[] = [
    call("get_patient", { patient_id: planted[1] }, note),
    call(`find_${planted[2]}`, { [note]: note }),
    legacy(`notes/${planted[2]}`, { a: note }),
    legacy("prompts/get", { name: planted[2], _meta: meta }),
    legacy("resources/read", { uri: `ehr://${planted[1]}`, _meta: meta }, planted[0]),
    legacy("tools/list", { cursor: planted[0], _meta: { ...meta, traceparent: note } }),
    initialize(),
    inTrace(traceparent, "get_patient", { patient_id: planted[1] }),
  ];
  for (const row of rows) {
    for (const as of ["nurse", "scribe"]) {
      await world.post(row, { as, headers: { tracestate: `b=${planted[0]}` } });
    }
  }
  const last = await collector.span((s) => s.traceId === traceId && s.kind === CLIENT);
  expect(last.name).toBe("tools/call get_patient");
  const sent = collector.bodies.join("\n");
  expect(planted.filter((text) => sent.includes(text))).toEqual([]);
  expect(Object.values(world.tokens).filter((token) => sent.includes(token))).toEqual([]);
});

test("a collector that is down costs dropped spans, which are counted, and no call", async () => {
  const gone = await startCollector();
  await gone.stop();
  const traces = { url: gone.url, headers: {}, sample: 1, everyMs: 20 };
  const alone = await startWorld({ overrides: { traces } });
  try {
    const calls = Array.from({ length: 1_200 }, (_, id) =>
      alone.post(call("get_labs", {}, id), { as: "nurse" }),
    );
    const statuses = new Set((await Promise.all(calls)).map(({ status }) => status));
    expect([...statuses]).toEqual([200]);
    const { text } = await alone.http("GET", { path: "/metrics" });
    expect(Number(/^phiward_dropped_spans_total (\d+)/m.exec(text)?.[1])).toBeGreaterThan(0);
  } finally {
    await alone.stop();
  }
});
