/** Real clients of both lines of the SDK, through the gateway. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectV1, connectV2, type McpClient } from "../support/mcp-clients.ts";
import { startTargets, type Targets } from "./targets.ts";
import { TOOLS } from "./tools.ts";

let targets: Targets;
beforeAll(async () => {
  targets = await startTargets();
});
afterAll(() => targets?.stop());

const CLIENTS = [
  ["of the first line", "2025-11-25", connectV1],
  ["of the second line, by itself", "2025-11-25", connectV2("legacy")],
  ["of the second line, negotiating", "2026-07-28", connectV2("auto")],
  ["of the second line, pinned", "2026-07-28", connectV2("pinned")],
] as const;

describe.each(CLIENTS)("a client %s", (_, version, connect) => {
  let client: McpClient;
  beforeAll(async () => {
    client = await connect(targets.gateway, targets.token);
  });
  afterAll(() => client?.close());

  test(`speaks ${version} with the server behind the gateway`, () => {
    expect(client.version).toBe(version);
  });

  test("sees every tool of the server", async () => {
    expect([...(await client.toolNames())].sort()).toEqual(Object.keys(TOOLS).sort());
  });

  test("gets a tool's answer", async () => {
    const text = "This is a simple text response for testing.";
    expect(await client.call("test_simple_text", {})).toMatchObject({
      content: [{ type: "text", text }],
    });
  });

  test("is asked something in the middle of a call, and its answer reaches the server", async () => {
    const asked = await client.call("test_elicitation", { message: "Who is there?" });
    const content = JSON.stringify({ username: "nobody", email: "nobody@example.org" });
    expect(asked).toMatchObject({
      content: [{ type: "text", text: `User response: action=accept, content=${content}` }],
    });
    expect(client.asked).toEqual(["Who is there?"]);
  });

  test("gets the answer of a call whose stream the server has closed before", async () => {
    expect(await client.call("test_reconnection", {})).toMatchObject({
      content: [{ type: "text", text: "Answered after the client came back." }],
    });
  });

  test("reads that a tool has failed", async () => {
    expect(await client.call("test_error_handling", {})).toMatchObject({ isError: true });
  });
});

test.each(CLIENTS)("a client %s without a valid token is told so", async (_, __, connect) => {
  await expect(connect(targets.gateway, "phw_unknown")).rejects.toThrow(
    /HTTP 401|token is not known/,
  );
});
