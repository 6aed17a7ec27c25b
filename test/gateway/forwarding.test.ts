/** What reaches the server is what was judged, byte for byte; and nothing of the client's but that. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  call,
  EHR,
  initialize,
  legacy,
  modern,
  modernHeaders,
  startWorld,
  type World,
} from "../support/gateway.ts";
import type { Arrived } from "../support/upstream.ts";

const SECRET = "Bearer upstream-secret";

let world: World;
beforeAll(async () => {
  world = await startWorld({
    upstreams: { ehr: { headers: { authorization: SECRET }, env: {} } },
  });
});
afterAll(() => world.stop());

/** The one request that reached the server meanwhile. */
async function arrivalOf(send: () => Promise<{ readonly status: number }>): Promise<Arrived> {
  const from = world.upstream.requests.length;
  const { status } = await send();
  expect(status).toBe(200);
  const arrived = world.upstream.requests.slice(from);
  expect(arrived).toHaveLength(1);
  return arrived[0]!;
}

describe("a text that nobody judges arrives as it was written", () => {
  test.each([
    ["a number beyond every double", "1e999"],
    ["zero with a sign", "-0"],
    ["a number between two doubles", "9007199254740993"],
    ["a whole number with a fraction", "1.0"],
    ["a number with many digits", "0.1000000000000000000000000000000001"],
    ["a number with an exponent in capitals", "1E+05"],
    ["an escaped letter", '"\\u0041\\u00e9"'],
    ["letters beyond the basic plane", '"👩🏽‍⚕️ 李"'],
    ["an escaped pair", '"\\ud83d\\ude00"'],
    ["an escaped slash", '"\\/"'],
    ["keys in no order", '{"b":1,"a":2,"10":3,"9":4}'],
    ["a key that is a prototype's", '{"constructor":1,"toString":2}'],
    ["empty things", '[{},[],"",null,false]'],
  ])("%s", async (_, value) => {
    const text = `{ "jsonrpc": "2.0", "id": 7,\n\t"method":"tools/call","params":{"name":"write_note","arguments":{"patient_id":"p-1","value":${value}}} }\r\n`;
    const { body } = await arrivalOf(() => world.post(text));
    expect(body).toBe(text);
  });
});

test.each([
  ["a whole number with a fraction is that number", "1.0"],
  ["zero with a sign is zero", "-0"],
  ["an exponent is a spelling", "1e2"],
])("a dose that a condition can judge is allowed: %s", async (_, dose) => {
  const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"update_dose","arguments":{"patient_id":"p-1","dose":${dose}}}}`;
  const { body } = await arrivalOf(() => world.post(text));
  expect(body).toBe(text);
});

test("the deepest text that is read goes through", async () => {
  const value = `${"[".repeat(61)}${"]".repeat(61)}`;
  const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"write_note","arguments":{"patient_id":"p-1","value":${value}}}}`;
  expect((await arrivalOf(() => world.post(text))).body).toBe(text);
});

describe("headers", () => {
  const MESSAGE = call("get_patient", { patient_id: "p-1" });

  test("the client's credential and cookies stay here, and the host's credential goes along", async () => {
    const { headers } = await arrivalOf(() =>
      world.post(MESSAGE, {
        headers: {
          cookie: "session=secret",
          "proxy-authorization": "Basic c2VjcmV0",
          "x-forwarded-for": "198.51.100.7",
          "user-agent": "client/1",
          "mcp-param-region": "north",
        },
      }),
    );
    expect(headers.authorization).toBe(SECRET);
    expect(Object.keys(headers).sort()).toEqual([
      "accept",
      "authorization",
      "connection",
      "content-length",
      "content-type",
      "host",
    ]);
    expect(headers.host).toBe(new URL(world.upstream.origin).host);
  });

  test("the gateway's session id never reaches the server, nor the server's the client", async () => {
    const id = await world.session("nurse");
    const { headers } = await arrivalOf(() =>
      world.post(MESSAGE, { headers: { "mcp-session-id": id } }),
    );
    expect(headers["mcp-session-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers["mcp-session-id"]).not.toBe(id);
  });

  test("a second handshake stays within its session, and the server's new id stays here", async () => {
    const id = await world.session("nurse");
    const asking = { headers: { "mcp-session-id": id } };
    const first = await arrivalOf(() => world.post(MESSAGE, asking));
    const again = await world.post(initialize(), asking);
    expect(again.status).toBe(200);
    expect(again.headers["mcp-session-id"]).toBeUndefined();
    const second = await arrivalOf(() => world.post(MESSAGE, asking));
    expect(second.headers["mcp-session-id"]).not.toBe(first.headers["mcp-session-id"]);
    expect(second.headers["mcp-session-id"]).not.toBe(id);
  });

  test("a session id means nothing in the modern era", async () => {
    const { headers } = await arrivalOf(() =>
      world.post(modern("tools/list"), {
        headers: { ...modernHeaders("tools/list"), "mcp-session-id": "anything" },
      }),
    );
    expect(headers["mcp-session-id"]).toBeUndefined();
  });

  test("a name in base64 is read, and goes on in the plain spelling", async () => {
    const name = `=?base64?${Buffer.from("get_patient").toString("base64")}?=`;
    const params = { name: "get_patient", arguments: { patient_id: "p-1" } };
    const { headers } = await arrivalOf(() =>
      world.post(modern("tools/call", params), { headers: modernHeaders("tools/call", name) }),
    );
    expect(headers["mcp-name"]).toBe("get_patient");
  });

  test("mirrored arguments go on when they agree, and one that nobody asked for untouched", async () => {
    const params = { name: "list_wards", arguments: { region: "Süd", floor: 2 } };
    const region = `=?base64?${Buffer.from("Süd").toString("base64")}?=`;
    const { headers } = await arrivalOf(() =>
      world.post(modern("tools/call", params), {
        headers: {
          ...modernHeaders("tools/call", "list_wards"),
          "mcp-param-region": region,
          "mcp-param-floor": "2",
          "mcp-param-colour": "green",
        },
      }),
    );
    expect(headers).toMatchObject({
      "mcp-method": "tools/call",
      "mcp-name": "list_wards",
      "mcp-param-region": region,
      "mcp-param-floor": "2",
      "mcp-param-colour": "green",
    });
  });
});

test.each([
  ["localhost", "localhost"],
  ["another spelling of it", "LOCALHOST:8420"],
  ["IPv6 loopback with a port", "[::1]:8420"],
  ["another port, which a proxy may have", "127.0.0.1:9"],
])("a host that may be called by is let in: %s", async (_, host) => {
  await arrivalOf(() => world.post(legacy("tools/list"), { headers: { host } }));
});

test("a page of this machine may call, and the scheme of a token has no capitals of its own", async () => {
  await arrivalOf(() =>
    world.post(legacy("tools/list"), {
      headers: {
        origin: "http://localhost:5173",
        authorization: `bearer ${world.tokens.nurse}`,
      },
    }),
  );
});

test("a notification that the policy lists goes through within what it says", async () => {
  const from = world.upstream.requests.length;
  const { status } = await world.post({
    jsonrpc: "2.0",
    method: "notifications/ward",
    params: { ward: "north" },
  });
  expect(status).toBe(202);
  expect(world.upstream.requests.slice(from).map(({ message }) => message.method)).toEqual([
    "notifications/ward",
  ]);
});

test("a second request on one connection shows a token of its own", async () => {
  const body = JSON.stringify(call("get_patient", { patient_id: "p-1" }));
  const head = (token: string): string =>
    `POST ${EHR} HTTP/1.1\r\nHost: 127.0.0.1\r\n${token}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const from = world.upstream.requests.length;
  const answers = await world.pipeline(
    2,
    head(`Authorization: Bearer ${world.tokens.nurse}\r\n`) + head(""),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 401]);
  expect(world.upstream.requests.slice(from)).toHaveLength(1);
});
