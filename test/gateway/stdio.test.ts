/** A server that is a process: one for each session or grant, with no secrets but its own. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, legacy, modern, modernHeaders, startWorld, type World } from "../support/gateway.ts";
import { PINNED } from "../support/policy-folder.ts";
import { until } from "../support/until.ts";
import type { Fields, Rpc } from "../support/upstream.ts";
import { PLANTED, readsOf } from "./attacks/attack.ts";

const SCRIPT = resolve(import.meta.dirname, "../support/stdio-server.ts");

interface Entry {
  readonly pid: number;
  readonly began?: readonly string[];
  readonly message?: Rpc;
  readonly ended?: true;
}

let world: World;
let log = "";

beforeAll(async () => {
  process.env.PHIWARD_TEST_SECRET = "not for servers";
  world = await startWorld({
    overrides: { upstreamTimeoutMs: 1_500 },
    upstreams: { ehr: { headers: {}, env: { EHR_TOKEN: "upstream-secret" } } },
    ehr: (folder) => {
      log = join(folder, "server.log");
      const tools = join(folder, "tools.json");
      writeFileSync(tools, JSON.stringify(PINNED));
      return { type: "stdio", command: [process.execPath, SCRIPT, log, tools] };
    },
  });
});
afterAll(async () => {
  delete process.env.PHIWARD_TEST_SECRET;
  await world.stop();
});

function entries(): readonly Entry[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Entry);
}

const write = (value: string, more: Fields = {}, id: string | number = 1): object =>
  modern(
    "tools/call",
    { name: "write_note", arguments: { patient_id: "p-1", value }, ...more },
    id,
  );
const headers = modernHeaders("tools/call", "write_note");
const send = (value: string, as = "nurse", id: string | number = 1) =>
  world.post(write(value, {}, id), { as, headers });
const textOf = ({ message }: { readonly message: Rpc }): string | undefined =>
  (message.result?.content as readonly { text: string }[] | undefined)?.[0]?.text;

test("the process sees its own secret, and none of the gateway's", async () => {
  await send("hello");
  for (const { began } of entries()) {
    if (began === undefined) continue;
    expect(began).toContain("EHR_TOKEN");
    expect(began).toContain("PATH");
    expect(began).not.toContain("PHIWARD_TEST_SECRET");
  }
});

test("a denied call never reaches it", async () => {
  const before = entries().length;
  const params = { name: "search_patients", arguments: { query: PLANTED } };
  const answer = await world.post(modern("tools/call", params), {
    headers: modernHeaders("tools/call", "search_patients"),
  });
  expect(readsOf(answer).why).toBe("(not granted)");
  await send("hello");
  expect(
    entries()
      .slice(before)
      .map(({ message }) => message?.method),
  ).toEqual(["tools/call"]);
});

describe("who shares a process with whom", () => {
  test("the stateless calls of one grant do; those of another grant do not", async () => {
    const [first, second, clerks] = [
      textOf(await send("hello")),
      textOf(await send("hello")),
      textOf(await send("hello", "clerk")),
    ];
    expect(first).toMatch(/^by \d+$/);
    expect(second).toBe(first);
    expect(clerks).not.toBe(first);
  });

  test("two sessions of one grant do not", async () => {
    const texts: (string | undefined)[] = [];
    for (const id of [await world.session("nurse"), await world.session("nurse")]) {
      const message = call("write_note", { patient_id: "p-1", value: "hello" });
      texts.push(textOf(await world.post(message, { headers: { "mcp-session-id": id } })));
    }
    expect(texts[0]).toMatch(/^by \d+$/);
    expect(texts[1]).not.toBe(texts[0]);
  });

  test("a message of the legacy era must say whose session it is", async () => {
    const answer = await world.post(legacy("tools/list"));
    expect(readsOf(answer)).toEqual({ status: 400, rpc: -32600, why: "session_needed" });
  });

  test("a process ends with its session", async () => {
    const id = await world.session("nurse");
    const message = call("write_note", { patient_id: "p-1", value: "hello" });
    const text = textOf(await world.post(message, { headers: { "mcp-session-id": id } }));
    await world.http("DELETE", { headers: { "mcp-session-id": id } });
    await until(() => entries().some(({ pid, ended }) => ended && `by ${pid}` === text));
  });
});

describe("ids and tokens", () => {
  test("two calls under one id at once each get their own answer", async () => {
    const before = entries().length;
    const answers = await Promise.all([1, 1, 1].map((id) => send("hello", "nurse", id)));
    expect(answers.map(({ message }) => message.id)).toEqual([1, 1, 1]);
    const ids = entries()
      .slice(before)
      .map(({ message }) => message?.id);
    expect(new Set(ids).size).toBe(3);
  });

  test("a progress token comes back as the client's, under an id of ours in between", async () => {
    const message = write("progress", { _meta: { progressToken: "mine" } });
    const { events } = await world.post(message, { headers });
    expect(events).toMatchObject([{ params: { progressToken: "mine", progress: 1 } }]);
    const meta = entries().at(-1)!.message!.params!._meta as Fields;
    expect(meta.progressToken).not.toBe("mine");
  });

  test("progress of a call that is not under way goes nowhere", async () => {
    const message = write("somebody else's progress", { _meta: { progressToken: "mine" } });
    expect((await world.post(message, { headers })).events).toEqual([]);
  });

  test("an answer under another id is nobody's", async () => {
    expect(readsOf(await send("another id")).why).toBe("timeout");
  });

  test("a second answer is nobody's", async () => {
    expect(textOf(await send("two answers"))).toMatch(/^by /);
    expect(textOf(await send("hello"))).toMatch(/^by /);
  });

  test("noise between two messages is no message", async () => {
    expect(textOf(await send("noise"))).toMatch(/^by /);
  });
});

test("a call without an answer is cancelled at the server in time", async () => {
  const { seq } = world.gateway.runtime.log.head;
  const before = entries().length;
  expect(readsOf(await send("silence"))).toEqual({ status: 502, rpc: -32603, why: "timeout" });
  const [asked, told] = await until(() => {
    const got = entries().slice(before);
    return got.length >= 2 && got;
  });
  expect(told!.message).toMatchObject({
    method: "notifications/cancelled",
    params: { requestId: asked!.message!.id },
  });
  expect(await world.outcome(seq)).toMatchObject({ status: "upstream_error" });
});

test("a client that goes away has cancelled its call", async () => {
  const { seq } = world.gateway.runtime.log.head;
  const before = entries().length;
  const stop = new AbortController();
  const waiting = world.post(write("silence"), { headers, signal: stop.signal });
  await until(() => entries().length > before);
  stop.abort();
  await expect(waiting).rejects.toThrow();
  const told = await until(() =>
    entries()
      .slice(before)
      .find(({ message }) => message?.method === "notifications/cancelled"),
  );
  expect(told.message!.params!.requestId).toBe(entries()[before]!.message!.id);
  expect(await world.outcome(seq)).toMatchObject({ status: "cancelled" });
});

test("a process that dies ends its call, and the next call gets another", async () => {
  const died = await send("exit");
  expect(readsOf(died).why).toBe("broken");
  expect(textOf(await send("hello"))).toMatch(/^by /);
});
