/**
 * What a server answers: whatever two readers may read differently, or is no answer to the call, does
 * not reach the client. The call was made, so its record has an outcome.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  call,
  initialize,
  modern,
  modernHeaders,
  startWorld,
  type World,
} from "../support/gateway.ts";
import { until } from "../support/until.ts";
import type { Exchange, Fields } from "../support/upstream.ts";
import { PLANTED, type Reads, readsOf } from "./attacks/attack.ts";

const SECRET = "Bearer upstream-secret";

let world: World;
/** Another origin, which must never hear of us. */
let trap: Server;
let trapUrl = "";
let trapped = 0;

beforeAll(async () => {
  trap = createServer((_, response) => {
    trapped++;
    response.end();
  });
  await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
  trapUrl = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/`;
  world = await startWorld({
    overrides: { upstreamTimeoutMs: 1_500 },
    upstreams: { ehr: { headers: { authorization: SECRET }, env: {} } },
  });
});
afterAll(async () => {
  await world.stop();
  trap.close();
});
afterEach(() => world.upstream.reset());

const MESSAGE = call("get_patient", { patient_id: "p-1" });
const TYPE = { "content-type": "application/json" };
const TEXT = [{ type: "text", text: PLANTED }];

const json = (body: string) => (exchange: Exchange) => exchange.raw(200, TYPE, body);
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (exchange: Exchange) =>
    exchange.raw(code, { "content-type": "text/html", ...headers }, `<p>${PLANTED}</p>`);
const events =
  (...texts: readonly string[]) =>
  ({ stream }: Exchange): void => {
    const sender = stream();
    for (const text of texts) sender.sendText(text);
    sender.end();
  };
const answer = (id: unknown, result: Fields = { content: TEXT }): string =>
  JSON.stringify({ jsonrpc: "2.0", id, result });
const redirect = (code: number) => (exchange: Exchange) =>
  exchange.raw(code, { location: trapUrl }, "");

const bad = (why: string): Reads => ({ status: 502, rpc: -32603, why });
const BAD = bad("bad_message");
/** The stream is open before anybody knows how it ends. */
const inStream = (why: string): Reads => ({ status: 200, rpc: -32603, why });

interface Row {
  readonly title: string;
  readonly answers: (exchange: Exchange) => void;
  readonly reads: Reads;
}

const HOSTILE: readonly Row[] = [
  { title: "an answer to another call", answers: json(answer(2)), reads: BAD },
  { title: "an answer whose id is the text of ours", answers: json(answer("1")), reads: BAD },
  { title: "an answer without an id", answers: json(answer(undefined)), reads: BAD },
  {
    title: "an error for another call",
    answers: json(`{"jsonrpc":"2.0","id":2,"error":{"code":1,"message":"${PLANTED}"}}`),
    reads: BAD,
  },
  { title: "a batch of answers", answers: json(`[${answer(1)}]`), reads: BAD },
  {
    title: "two results",
    answers: json(`{"jsonrpc":"2.0","id":1,"result":{},"result":{"content":"${PLANTED}"}}`),
    reads: BAD,
  },
  {
    title: "two contents, one in capitals",
    answers: json(`{"jsonrpc":"2.0","id":1,"result":{"content":[],"Content":"${PLANTED}"}}`),
    reads: BAD,
  },
  {
    title: "a result and an error",
    answers: json(`{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"${PLANTED}"}}`),
    reads: BAD,
  },
  {
    title: "a question in place of the answer",
    answers: json('{"jsonrpc":"2.0","id":1,"method":"roots/list"}'),
    reads: BAD,
  },
  {
    title: "half of a surrogate pair",
    answers: json(`{"jsonrpc":"2.0","id":1,"result":{"content":"\\ud800${PLANTED}"}}`),
    reads: BAD,
  },
  {
    title: "65 levels",
    answers: json(
      `{"jsonrpc":"2.0","id":1,"result":{"content":${"[".repeat(63)}${"]".repeat(63)}}}`,
    ),
    reads: BAD,
  },
  { title: "a byte order mark", answers: json(`\uFEFF${answer(1)}`), reads: BAD },
  { title: "an empty body", answers: json(""), reads: BAD },
  {
    title: "a kind of result that nobody knows",
    answers: json(answer(1, { resultType: "partial", content: TEXT })),
    reads: BAD,
  },
  {
    title: "input requests that are none",
    answers: json(answer(1, { resultType: "input_required", inputRequests: [PLANTED] })),
    reads: BAD,
  },
  {
    title: "an input request without a method",
    answers: json(
      answer(1, { resultType: "input_required", inputRequests: { a: { params: {} } } }),
    ),
    reads: BAD,
  },
  { title: "a page", answers: status(200), reads: bad("bad_status") },
  { title: "a page of its own error", answers: status(500), reads: bad("bad_status") },
  {
    title: "nothing to say to a request",
    answers: ({ raw }) => raw(202, {}, ""),
    reads: bad("bad_status"),
  },
  {
    title: "it does not take our credential",
    answers: status(401, { "www-authenticate": `Bearer realm="${PLANTED}"` }),
    reads: bad("refused_credential"),
  },
  { title: "it forbids the call", answers: status(403), reads: bad("refused_credential") },
  { title: "it sends the call to another origin", answers: redirect(302), reads: bad("redirect") },
  {
    title: "it sends the call and its body to another origin",
    answers: redirect(307),
    reads: bad("redirect"),
  },
  {
    title: "it sends the call to another origin for good",
    answers: redirect(308),
    reads: bad("redirect"),
  },
  {
    title: "an answer beyond 16 MiB",
    answers: json(answer(1, { content: "x".repeat(16 * 1024 * 1024) })),
    reads: bad("too_large"),
  },
  {
    title: "an answer that breaks off",
    answers: ({ stream }) => stream().end(),
    reads: { status: 200, rpc: -32603, why: "broken" },
  },
  { title: "no answer in time", answers: () => {}, reads: bad("timeout") },
  {
    title: "an event that is an answer to another call",
    answers: events(answer(2)),
    reads: inStream("bad_message"),
  },
  {
    title: "an event with a key twice",
    answers: events(`{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":"${PLANTED}"}}`),
    reads: inStream("bad_message"),
  },
  { title: "an event that is no JSON", answers: events(PLANTED), reads: inStream("bad_message") },
];

describe.each(HOSTILE)("$title", ({ answers, reads }) => {
  test("does not reach the client, and is an upstream's error in the log", async () => {
    const { seq } = world.gateway.runtime.log.head;
    world.upstream.on("tools/call", answers);
    const answered = await world.post(MESSAGE);
    expect(readsOf(answered)).toEqual(reads);
    expect(answered.message.id).toBe(1);
    const outcome = await world.outcome(seq);
    expect(outcome).toMatchObject({ status: "upstream_error", resultSubjects: [] });
    const said = answered.text + JSON.stringify(answered.headers);
    expect(said + JSON.stringify(world.records(seq))).not.toContain(PLANTED);
    expect(said).not.toContain("upstream-secret");
  });
});

test("no redirect was ever followed", () => {
  expect(trapped).toBe(0);
});

test("after its answer a stream has nothing more to say to this client", async () => {
  world.upstream.on(
    "tools/call",
    events(
      answer(1, { content: [] }),
      answer(1),
      `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"${PLANTED}"}}`,
    ),
  );
  const { message, text } = await world.post(MESSAGE);
  expect(message.result).toEqual({ content: [] });
  expect(text).not.toContain(PLANTED);
});

test("an answer that comes beside a call, to a question nobody asked, is dropped", async () => {
  const id = await world.session("nurse");
  const stream = await world.listen({ headers: { "mcp-session-id": id } });
  await until(() => world.upstream.tell({ id: 1, result: { content: TEXT } }) > 0);
  world.upstream.tell({ method: "notifications/tools/list_changed" });
  expect((await stream.next()).method).toBe("notifications/tools/list_changed");
  stream.close();
});

test("a tool's own error goes through, and is told apart in the log", async () => {
  const { seq } = world.gateway.runtime.log.head;
  world.upstream.on("tools/call", ({ result }) => result({ isError: true, content: TEXT }));
  const { text } = await world.post(MESSAGE);
  expect(text).toContain(PLANTED);
  expect(await world.outcome(seq)).toMatchObject({ status: "tool_error" });
  expect(JSON.stringify(world.records(seq))).not.toContain(PLANTED);
});

test("an error of the protocol goes through with its code", async () => {
  world.upstream.on("tools/call", ({ error }) => error(-32602, "no such patient"));
  const { message } = await world.post(MESSAGE);
  expect(message.error).toMatchObject({ code: -32602, message: "no such patient" });
});

test("what the result says of patients is recorded by pseudonym", async () => {
  const { seq } = world.gateway.runtime.log.head;
  world.upstream.on("tools/call", ({ result }) =>
    result({ content: [], structuredContent: { patients: [{ id: PLANTED }, { id: "p-1" }] } }),
  );
  await world.post(MESSAGE);
  const outcome = await world.outcome(seq);
  const [decision] = world.records(seq).filter(({ kind }) => kind === "decision");
  const { resultSubjects } = outcome;
  const { subjects } = decision as unknown as { subjects: readonly string[] };
  expect(resultSubjects).toHaveLength(2);
  // The patient that the call named is the same one in the result.
  expect(resultSubjects).toContain(subjects[0]);
  expect(JSON.stringify(outcome)).not.toContain(PLANTED);
});

test("the modern era is held to the same", async () => {
  world.upstream.on("tools/call", json(answer(9)));
  const params = { name: "get_patient", arguments: { patient_id: "p-1" } };
  const answered = await world.post(modern("tools/call", params), {
    headers: modernHeaders("tools/call", "get_patient"),
  });
  expect(readsOf(answered)).toEqual(BAD);
});

describe("a handshake that the server does not agree to opens no session", () => {
  const hello = { protocolVersion: "2025-11-25", capabilities: {} };
  test.each<[string, (exchange: Exchange) => void]>([
    ["an error", ({ error }) => error(-32602, "no")],
    ["an answer to another call", json(answer(9, hello))],
    ["an error in a stream", events('{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}')],
    ["an answer to another call, in a stream", events(answer(9, hello))],
    ["a stream that breaks off", ({ stream }) => stream().end()],
    ["nothing to say", ({ raw }) => raw(202, {}, "")],
  ])("%s", async (_, answers) => {
    const { sessions } = world.gateway.runtime;
    const before = sessions.size;
    world.upstream.on("initialize", answers);
    const { headers, message } = await world.post(initialize());
    expect(message.error).toBeDefined();
    expect(sessions.size).toBe(before);
    // A stream has told its id already; it is worth nothing.
    const id = headers["mcp-session-id"] ?? "none";
    const { status } = await world.post(MESSAGE, { headers: { "mcp-session-id": id } });
    expect(status).toBe(404);
  });
});
