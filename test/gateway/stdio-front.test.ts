/** One client on standard input and output: each line is read as strictly as a body of HTTP. */
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { revokeTokens } from "../../engine/grant/revoke.ts";
import { call, initialize, legacy, modern, startWorld, type World } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import type { Rpc } from "../support/upstream.ts";
import { PLANTED } from "./attacks/attack.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

interface Client {
  /** Writes a line as it is. */
  line(text: string | Buffer): void;
  send(message: object): void;
  /** The next line that comes; rejects when none does. */
  next(): Promise<Rpc>;
  readonly pending: readonly string[];
  /** Ends the input; resolves when everything is answered. */
  end(): Promise<void>;
}

function client(token: string | undefined): Client {
  const input = new PassThrough();
  const output = new PassThrough();
  const served = world.gateway.serveStdio({ input, output, token, server: "ehr" });
  const pending: string[] = [];
  let rest = "";
  output.on("data", (chunk) => {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop()!;
    pending.push(...lines);
  });
  return {
    pending,
    line: (text) => void input.write(Buffer.concat([Buffer.from(text), Buffer.from("\n")])),
    send: (message) => void input.write(`${JSON.stringify(message)}\n`),
    next: async () => JSON.parse(await until(() => pending.shift())) as Rpc,
    end: async () => {
      input.end();
      await served;
    },
  };
}

const CALL = JSON.stringify(call("get_patient", { patient_id: PLANTED }, "c-1"));

test.each<[string, string | Buffer, string]>([
  ["two `params`", CALL.replace('"params":', '"params":{},"params":'), "duplicate_key"],
  ["a batch", `[${CALL}]`, "batch"],
  ["bytes that are no UTF-8", Buffer.from([0x7b, 0xc3, 0x28, 0x7d]), "bad_utf8"],
  ["half of a surrogate pair", CALL.replace(PLANTED, "\\ud800"), "surrogate"],
  ["a byte order mark", `\uFEFF${CALL}`, "bad_json"],
  ["two documents on one line", `${CALL}${CALL}`, "bad_json"],
  ["66 levels", `${"[".repeat(66)}${"]".repeat(66)}`, "too_deep"],
  ["a method that is none", JSON.stringify(legacy(`patients/${PLANTED}`)), "unknown_method"],
  ["an answer that nobody asked for", '{"jsonrpc":"2.0","id":1,"result":{}}', "session_needed"],
])("%s is refused and recorded, and nothing is forwarded", async (_, text, code) => {
  const { seq } = world.gateway.runtime.log.head;
  const reached = world.upstream.requests.length;
  const one = client(world.tokens.nurse);
  one.line(text);
  const { error } = await one.next();
  expect(error?.data).toEqual({ "phiward/refused": code });
  await one.end();
  expect(one.pending).toEqual([]);
  expect(world.upstream.requests).toHaveLength(reached);
  const records = world.records(seq);
  expect(records).toContainEqual(
    expect.objectContaining({ kind: "rejected", code, transport: "stdio", grant: "nurse" }),
  );
  expect(JSON.stringify([records, error])).not.toContain(PLANTED);
});

test("a line beyond 4 MiB ends the connection, and is on record", async () => {
  const { seq } = world.gateway.runtime.log.head;
  const one = client(world.tokens.nurse);
  one.line(" ".repeat(4 * 1024 * 1024 + 1));
  expect((await one.next()).error?.data).toEqual({ "phiward/refused": "too_large" });
  await world.record({ kind: "rejected", code: "too_large" }, seq);
});

test.each([
  ["no token", undefined, "no_token"],
  ["a token that nobody issued", `phw_${"A".repeat(43)}`, "unknown_token"],
])("with %s every message is refused, under its id", async (_, token, code) => {
  const reached = world.upstream.requests.length;
  const one = client(token);
  one.line(CALL);
  const { id, error } = await one.next();
  expect(id).toBe("c-1");
  expect(error?.data).toEqual({ "phiward/refused": code });
  await one.end();
  expect(world.upstream.requests).toHaveLength(reached);
});

test("a revoked token stops the next line", async () => {
  const one = client(world.tokens.clerk);
  one.line(CALL);
  expect((await one.next()).result).toBeDefined();
  const change = { at: world.now(), random: () => new Uint8Array(16) };
  await world.gateway.tokens.change(revokeTokens(({ grant }) => grant === "clerk", change));
  one.line(CALL);
  expect((await one.next()).error?.data).toEqual({ "phiward/refused": "revoked_token" });
  await one.end();
});

test("a session is the connection's: what follows the handshake belongs to it, and nobody waits for a notification's answer", async () => {
  const one = client(world.tokens.nurse);
  one.send(initialize());
  expect((await one.next()).result).toMatchObject({ protocolVersion: "2025-11-25" });
  one.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  const from = world.upstream.requests.length;
  one.line(CALL);
  expect(await one.next()).toMatchObject({ id: "c-1", result: { content: [{ text: "done" }] } });
  const told = await world.upstream.arrival(({ message }) => message.id === "c-1", from);
  expect(told.headers["mcp-session-id"]).toBeDefined();
  // What the server says unasked comes without being asked for.
  await until(() => world.upstream.tell({ method: "notifications/prompts/list_changed" }) > 0);
  expect((await one.next()).method).toBe("notifications/prompts/list_changed");
  await one.end();
});

test("a handshake that is answered by a stream opens the session as well", async () => {
  const one = client(world.tokens.nurse);
  world.upstream.on("initialize", ({ id, stream }) => {
    const events = stream();
    events.send({ id: id!, result: { protocolVersion: "2025-11-25", capabilities: {} } });
    events.end();
  });
  const { sessions } = world.gateway.runtime;
  const before = sessions.size;
  one.send(initialize());
  await one.next();
  world.upstream.reset();
  const { seq } = world.gateway.runtime.log.head;
  one.line(CALL);
  expect((await one.next()).result).toBeDefined();
  expect(sessions.size).toBe(before + 1);
  const record = await world.record({ kind: "decision", method: "tools/call" }, seq);
  expect(record).toHaveProperty("session");
  await one.end();
});

test("after an automatic logoff the client may shake hands again", async () => {
  const one = client(world.tokens.nurse);
  one.send(initialize());
  await one.next();
  world.shiftClock(31 * 60_000);
  one.line(CALL);
  expect((await one.next()).error?.data).toEqual({ "phiward/refused": "no_session" });
  one.send(initialize());
  expect((await one.next()).result).toBeDefined();
  one.line(CALL);
  expect((await one.next()).result).toBeDefined();
  await until(() => world.upstream.tell({ method: "notifications/prompts/list_changed" }) > 0);
  expect((await one.next()).method).toBe("notifications/prompts/list_changed");
  await one.end();
});

test("a new policy judges the stream of unasked messages anew, and it goes on", async () => {
  const one = client(world.tokens.nurse);
  one.send(initialize());
  await one.next();
  const heard = async (): Promise<string | undefined> => {
    await until(() => world.upstream.tell({ method: "notifications/prompts/list_changed" }) > 0);
    return (await one.next()).method;
  };
  expect(await heard()).toBe("notifications/prompts/list_changed");
  const from = world.upstream.requests.length;
  await world.change({ "policies/asking.yaml": { version: "1", default: "deny" } });
  await world.upstream.arrival(({ http }) => http === "GET", from);
  expect(await heard()).toBe("notifications/prompts/list_changed");
  await one.end();
});

test("the modern era needs no headers here, and its arguments are mirrored for the server", async () => {
  const one = client(world.tokens.nurse);
  const from = world.upstream.requests.length;
  const wards = { name: "list_wards", arguments: { region: "Süd", floor: 3 } };
  one.send(modern("tools/call", wards));
  expect((await one.next()).result).toMatchObject({ resultType: "complete" });
  expect(world.upstream.requests[from]!.headers).toMatchObject({
    "mcp-method": "tools/call",
    "mcp-name": "list_wards",
    "mcp-param-region": `=?base64?${Buffer.from("Süd").toString("base64")}?=`,
    "mcp-param-floor": "3",
  });
  await one.end();
});
