/**
 * What a server asks of a client: sampling, elicitation, roots. Each question needs an entry of its
 * own; without one the server gets an error, and the client never hears of it.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { call, legacy, modern, modernHeaders, startWorld, type World } from "../support/gateway.ts";
import type { Exchange, Rpc } from "../support/upstream.ts";
import { PLANTED } from "./attacks/attack.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(() => world.upstream.reset());

const MESSAGE = call("get_patient", { patient_id: "p-1" }, 41);
const inSession = (as: string, id: string) => ({ as, headers: { "mcp-session-id": id } });

/** Asks the client something in the middle of a call, waits for the answer, and ends the call. */
const asking =
  (question: Rpc) =>
  async ({ id, stream }: Exchange): Promise<void> => {
    const from = world.upstream.requests.length;
    const events = stream();
    events.send({ id: question.id ?? 900, ...question });
    await world.upstream.arrival(({ message }) => message.method === undefined, from);
    events.send({ id: id!, result: { content: [{ type: "text", text: "done" }] } });
    events.end();
  };

const QUESTIONS: readonly Rpc[] = [
  {
    method: "sampling/createMessage",
    params: { maxTokens: 10, messages: [{ role: "user", content: PLANTED }] },
  },
  { method: "elicitation/create", params: { message: PLANTED, requestedSchema: {} } },
  { method: "roots/list" },
];

describe.each(QUESTIONS)("$method", (question) => {
  test("without an entry: the server gets an error, and the client only its answer", async () => {
    const session = await world.session("nurse");
    const { seq } = world.gateway.runtime.log.head;
    const from = world.upstream.requests.length;
    world.upstream.on("tools/call", asking(question));
    const { events, message } = await world.post(MESSAGE, inSession("nurse", session));
    expect(events).toEqual([]);
    expect(message.result).toEqual({ content: [{ type: "text", text: "done" }] });
    const told = await world.upstream.arrival((one) => one.message.error !== undefined, from);
    expect(told.message).toMatchObject({ id: 900, error: { code: 403 } });
    const record = await world.record({ kind: "decision", method: question.method }, seq);
    expect(record).toMatchObject({ verdict: "deny", rule: "(method)", grant: "nurse" });
    expect(JSON.stringify(world.records(seq)) + told.body).not.toContain(PLANTED);
  });

  test("with an entry: it goes through, and its answer goes back, once", async () => {
    const session = await world.session("scribe");
    const { seq } = world.gateway.runtime.log.head;
    const from = world.upstream.requests.length;
    world.upstream.on("tools/call", asking(question));
    const stream = await world.open(MESSAGE, inSession("scribe", session));
    const asked = await stream.next();
    expect(asked).toMatchObject({ method: question.method });
    // Under an id of ours, which is not the server's.
    expect(asked.id).not.toBe(900);
    const answer = { jsonrpc: "2.0", id: asked.id, result: { text: PLANTED } };
    const first = await world.post(answer, inSession("scribe", session));
    expect(first.status).toBe(202);
    const told = await world.upstream.arrival((one) => one.message.result !== undefined, from);
    expect(told.message).toEqual({ jsonrpc: "2.0", id: 900, result: { text: PLANTED } });
    expect((await stream.next()).id).toBe(41);
    const second = await world.post(answer, inSession("scribe", session));
    expect(second.status).toBe(400);
    expect(second.message.error?.data).toEqual({ "phiward/refused": "unasked_response" });
    const answers = world.upstream.requests.slice(from).filter(({ message }) => message.result);
    expect(answers).toHaveLength(1);
    const record = await world.record({ kind: "decision", method: question.method }, seq);
    expect(record).toMatchObject({ verdict: "allow", grant: "scribe" });
    expect(JSON.stringify(world.records(seq))).not.toContain(PLANTED);
  });
});

test("a question beyond what its entry says is denied", async () => {
  const session = await world.session("scribe");
  const { seq } = world.gateway.runtime.log.head;
  const from = world.upstream.requests.length;
  world.upstream.on(
    "tools/call",
    asking({ method: "sampling/createMessage", params: { maxTokens: 501 } }),
  );
  const { events } = await world.post(MESSAGE, inSession("scribe", session));
  expect(events).toEqual([]);
  await world.upstream.arrival((one) => one.message.error !== undefined, from);
  expect(await world.record({ kind: "decision", verdict: "deny" }, seq)).toMatchObject({
    rule: "/methods/sampling~1createMessage/require/0",
  });
});

test("a question that no revision knows is denied, and its name is hashed", async () => {
  const session = await world.session("scribe");
  const { seq } = world.gateway.runtime.log.head;
  const from = world.upstream.requests.length;
  world.upstream.on("tools/call", asking({ method: `ask/${PLANTED}` }));
  const { events } = await world.post(MESSAGE, inSession("scribe", session));
  expect(events).toEqual([]);
  await world.upstream.arrival((one) => one.message.error?.code === 403, from);
  expect(JSON.stringify(world.records(seq))).not.toContain(PLANTED);
});

test("another grant cannot answer, nor can another session of the same grant", async () => {
  const session = await world.session("scribe");
  const other = await world.session("scribe");
  const nurses = await world.session("nurse");
  world.upstream.on("tools/call", asking({ method: "roots/list" }));
  const stream = await world.open(MESSAGE, inSession("scribe", session));
  const { id } = await stream.next();
  const answer = { jsonrpc: "2.0", id, result: { roots: [] } };
  for (const asker of [inSession("nurse", nurses), inSession("scribe", other)]) {
    expect((await world.post(answer, asker)).status).toBe(400);
  }
  expect((await world.post(answer, inSession("scribe", session))).status).toBe(202);
  expect((await stream.next()).id).toBe(41);
});

test("a question outside a session has nobody to answer it", async () => {
  const from = world.upstream.requests.length;
  world.upstream.on("tools/call", asking({ method: "roots/list" }));
  const { events } = await world.post(MESSAGE, { as: "scribe" });
  expect(events).toEqual([]);
  await world.upstream.arrival((one) => one.message.error?.code === 403, from);
});

test("a ping of the server's is answered here", async () => {
  const from = world.upstream.requests.length;
  world.upstream.on("tools/call", asking({ id: "p", method: "ping" }));
  const { events } = await world.post(MESSAGE, { as: "nurse" });
  expect(events).toEqual([]);
  const pong = await world.upstream.arrival((one) => one.message.method === undefined, from);
  expect(pong.message).toEqual({ jsonrpc: "2.0", id: "p", result: {} });
});

test("a question on the GET stream is judged like one in a call", async () => {
  const session = await world.session("scribe");
  const stream = await world.listen(inSession("scribe", session));
  const from = world.upstream.requests.length;
  world.upstream.tell({ id: 5, method: "sampling/createMessage", params: { maxTokens: 9_000 } });
  await world.upstream.arrival((one) => one.message.error?.code === 403, from);
  world.upstream.tell({ id: 6, method: "roots/list" });
  expect((await stream.next()).method).toBe("roots/list");
  stream.close();
});

describe("what a server tells", () => {
  const telling =
    (...notifications: readonly Rpc[]) =>
    ({ id, stream }: Exchange): void => {
      const events = stream();
      for (const one of notifications) events.send(one);
      events.send({ id: id!, result: { content: [] } });
      events.end();
    };
  const LOG = { method: "notifications/message", params: { level: "info", data: PLANTED } };
  const UPDATED = { method: "notifications/resources/updated", params: { uri: PLANTED } };
  const PROGRESS = { method: "notifications/progress", params: { progressToken: 1, progress: 2 } };
  const UNKNOWN = { method: `notifications/${PLANTED}` };

  test.each([
    ["the nurse", "nurse", ["notifications/progress"]],
    [
      "the scribe, whose policy lists logging and subscriptions",
      "scribe",
      ["notifications/message", "notifications/resources/updated", "notifications/progress"],
    ],
  ])("reaches %s only as far as the policy says", async (_, as, expected) => {
    world.upstream.on("tools/call", telling(LOG, UPDATED, UNKNOWN, PROGRESS));
    const { events } = await world.post(MESSAGE, { as });
    expect(events.map(({ method }) => method)).toEqual(expected);
  });
});

describe("rounds of one call in the modern era", () => {
  const required =
    (method: string, params = {}) =>
    ({ result }: Exchange): void =>
      result({
        resultType: "input_required",
        inputRequests: { q: { method, params } },
        requestState: "state-1",
      });
  const ask = (as: string, more: object = {}, id = 1) =>
    world.post(
      modern("tools/call", { name: "get_patient", arguments: { patient_id: "p-1" }, ...more }, id),
      { as, headers: modernHeaders("tools/call", "get_patient") },
    );

  test("a question without an entry ends the call, and the client does not see it", async () => {
    const { seq } = world.gateway.runtime.log.head;
    world.upstream.on("tools/call", required("elicitation/create", { message: PLANTED }));
    const { message, text } = await ask("nurse");
    expect(message.result).toMatchObject({ isError: true });
    expect(text + JSON.stringify(world.records(seq))).not.toContain(PLANTED);
    expect(await world.record({ kind: "decision", verdict: "deny" }, seq)).toMatchObject({
      method: "elicitation/create",
      rule: "(method)",
    });
  });

  test("with its entries the question and the answer go through, under one round", async () => {
    const { seq } = world.gateway.runtime.log.head;
    world.upstream.on("tools/call", required("elicitation/create", { message: "why?" }));
    const question = await ask("scribe");
    expect(question.message.result).toMatchObject({
      resultType: "input_required",
      requestState: "state-1",
    });
    world.upstream.reset();
    const from = world.upstream.requests.length;
    const answers = { q: { action: "accept", content: { text: PLANTED } } };
    const { message } = await ask(
      "scribe",
      { requestState: "state-1", inputResponses: answers },
      2,
    );
    expect(message.result).toMatchObject({ resultType: "complete" });
    expect(world.upstream.requests[from]!.message.params).toMatchObject({
      requestState: "state-1",
      inputResponses: answers,
    });
    const decisions = world
      .records(seq)
      .filter(({ kind }) => kind === "decision") as unknown as Record<string, unknown>[];
    const calls = decisions.filter(({ method }) => method === "tools/call");
    expect(calls.map(({ verdict }) => verdict)).toEqual(["allow", "allow"]);
    expect(calls[1]).toMatchObject({ round: calls[0]!.id });
    expect(JSON.stringify(world.records(seq))).not.toContain(PLANTED);
  });

  test("a server without a state is told by its question", async () => {
    world.upstream.on("tools/call", ({ result }) =>
      result({
        resultType: "input_required",
        inputRequests: { q: { method: "roots/list" } },
      }),
    );
    await ask("scribe");
    world.upstream.reset();
    const answers = { inputResponses: { q: { roots: [] } } };
    expect((await ask("scribe", answers, 2)).message.result).toMatchObject({
      resultType: "complete",
    });
  });
});

test("a task belongs to the grant that got it, which may go on with it", async () => {
  world.upstream.on("tools/call", ({ result }) => result({ task: { taskId: "t-9" } }));
  await world.post(MESSAGE);
  const mine = await world.post(legacy("tasks/get", { taskId: "t-9" }));
  expect(mine.message.result).toEqual({ taskId: "t-9", status: "working" });
});

test("a list of tasks shows only those of the grant", async () => {
  world.upstream.on("tools/call", ({ result }) => result({ task: { taskId: "t-scribe" } }));
  await world.post(MESSAGE, { as: "scribe" });
  world.upstream.on("tasks/list", ({ result }) =>
    result({ tasks: [{ taskId: "t-scribe" }, { taskId: `t-${PLANTED}` }, PLANTED] }),
  );
  const { message } = await world.post(legacy("tasks/list"), { as: "scribe" });
  expect(message.result).toEqual({ tasks: [{ taskId: "t-scribe" }] });
});
