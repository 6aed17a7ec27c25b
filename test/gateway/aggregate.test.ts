/** All servers of a grant on one path: `/mcp`, with `<server>__<tool>` for names. */
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  call,
  initialize,
  legacy,
  modern,
  modernHeaders,
  startWorld,
  type World,
} from "../support/gateway.ts";

let world: World;
let session: string;
const ALL = { path: "/mcp" };

beforeAll(async () => {
  world = await startWorld({ lab: (ehr) => ({ type: "http", url: `${ehr.origin}/mcp` }) });
  session = await world.session("nurse", "/mcp");
});
afterAll(() => world.stop());

const inSession = () => ({ ...ALL, headers: { "mcp-session-id": session } });

test("the handshake offers what this path can keep, under the gateway's own name", async () => {
  const { message: json, status } = await world.post(initialize(), ALL);
  expect(status).toBe(200);
  const { capabilities, serverInfo, protocolVersion } = json.result as never as {
    capabilities: object;
    serverInfo: { name: string };
    protocolVersion: string;
  };
  expect(serverInfo.name).toBe("phiward");
  expect(protocolVersion).toBe("2025-11-25");
  expect(Object.keys(capabilities)).toContain("tools");
  expect(Object.keys(capabilities)).not.toContain("resources");
});

test("a list names each tool by its server, and only what the grant could call of that server", async () => {
  world.upstream.pageSize = 2;
  const { message: json } = await world.post(legacy("tools/list"), inSession());
  const names = (json.result as { tools: { name: string }[] }).tools.map(({ name }) => name).sort();
  expect(names).toEqual([
    "ehr__get_labs",
    "ehr__get_patient",
    "ehr__list_wards",
    "ehr__update_dose",
    "ehr__write_note",
    "lab__get_patient",
  ]);
});

test("a call goes to the one server that its name says, under the name that the server knows", async () => {
  const from = world.upstream.requests.length;
  const { message: json } = await world.post(
    call("lab__get_patient", { patient_id: "p-1" }),
    inSession(),
  );
  expect(json.error).toBeUndefined();
  const arrived = world.upstream.requests.slice(from);
  expect(arrived.map(({ message }) => message.params?.name)).toEqual(["get_patient"]);
  const records = world.records().filter((r) => r.kind === "decision" && r.tool === "get_patient");
  expect(records.at(-1)).toMatchObject({ server: "lab", verdict: "allow", grant: "nurse" });
});

test("the modern era has the same list and the same calls, and headers that name the whole", async () => {
  const list = await world.post(modern("tools/list"), {
    ...ALL,
    headers: modernHeaders("tools/list"),
  });
  expect(list.message.result).toMatchObject({ resultType: "complete", cacheScope: "private" });
  const from = world.upstream.requests.length;
  const name = "ehr__get_patient";
  const params = { name, arguments: { patient_id: "p-2" } };
  const good = await world.post(modern("tools/call", params), {
    ...ALL,
    headers: modernHeaders("tools/call", name),
  });
  expect(good.message.error).toBeUndefined();
  // What reaches the server says the same in header and body.
  expect(world.upstream.requests[from]!.headers["mcp-name"]).toBe("get_patient");
  const lying = await world.post(modern("tools/call", params), {
    ...ALL,
    headers: modernHeaders("tools/call", "lab__get_patient"),
  });
  expect(lying.status).toBe(400);
  expect(world.upstream.requests.length).toBe(from + 1);
});

test.each([
  ["a server that the grant does not reach", "pharmacy__get_patient"],
  ["a name without a server", "get_patient"],
  ["a server without a name", "ehr__"],
  ["a tool that is not granted there", "lab__get_labs"],
])("%s is refused, and nothing is forwarded", async (_, name) => {
  const from = world.upstream.requests.length;
  const seq = world.records().length;
  const { message: json } = await world.post(call(name, { patient_id: "p-3" }), inSession());
  const denied =
    json.error !== undefined || (json.result as { isError?: boolean }).isError === true;
  expect(denied).toBe(true);
  expect(world.upstream.requests.length).toBe(from);
  // The outcome of a call before may come in between, and a checkpoint.
  const records = world
    .records(seq)
    .filter(({ kind }) => kind === "decision" || kind === "rejected");
  expect(records).toHaveLength(1);
});

test("resources are at the servers' own paths", async () => {
  const from = world.upstream.requests.length;
  const { message: json } = await world.post(
    legacy("resources/read", { uri: "ehr://wards" }),
    inSession(),
  );
  expect(json.error?.code).toBe(-32601);
  expect(world.upstream.requests.length).toBe(from);
});

test("a grant with one server has plain names on the same path", async () => {
  const id = await world.session("clerk", "/mcp");
  const asking = { as: "clerk", path: "/mcp", headers: { "mcp-session-id": id } };
  const { message: json } = await world.post(call("get_patient", { patient_id: "p-4" }), asking);
  expect(json.error).toBeUndefined();
  expect((json.result as { isError?: boolean }).isError ?? false).toBe(false);
});
