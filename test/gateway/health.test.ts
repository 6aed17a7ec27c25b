/** What operators and their tools read: alive, ready, metrics, and how this resource is to be called. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, startWorld, type World } from "../support/gateway.ts";
import { PLANTED } from "./attacks/attack.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.post(call("get_patient", { patient_id: PLANTED }));
  await world.post(call("search_patients", { query: PLANTED }));
  await world.post("[]");
  await world.session("nurse");
});
afterAll(() => world.stop());

const get = (path: string) => world.http("GET", { path, as: "nobody" });

test("/healthz says that the process lives", async () => {
  const { status, message } = await get("/healthz");
  expect({ status, message }).toEqual({ status: 200, message: { status: "alive" } });
});

test("/readyz says that calls are served, and what should not be forgotten", async () => {
  const { status, message } = await get("/readyz");
  expect(status).toBe(200);
  expect(message).toEqual({
    status: "ready",
    problems: [],
    notes: ["development: the policy is not signed"],
  });
});

test("/metrics counts by names of the registry and our own codes alone", async () => {
  const { text, headers } = await get("/metrics");
  expect(headers["content-type"]).toMatch(/^text\/plain/);
  expect(text).toContain('phiward_decisions_total{server="ehr",verdict="allow",code="allowed"} 1');
  expect(text).toContain(
    'phiward_decisions_total{server="ehr",verdict="deny",code="default_deny"} 1',
  );
  expect(text).toContain('phiward_refusals_total{code="batch"} 1');
  expect(text).toMatch(/^phiward_ready 1$/m);
  expect(text).toMatch(/^phiward_sessions 1$/m);
  expect(text).toMatch(/^phiward_audit_head [1-9]/m);
  expect(text).not.toContain(PLANTED);
  const labels = [...text.matchAll(/([a-z]+)="([^"]*)"/g)].map(([, name]) => name);
  expect([...new Set(labels)].sort()).toEqual([
    "code",
    "le",
    "phase",
    "server",
    "status",
    "verdict",
  ]);
});

test("the resource's metadata name it as the client called it", async () => {
  const { message } = await get("/.well-known/oauth-protected-resource/mcp/ehr");
  expect(message).toEqual({
    resource: `http://127.0.0.1:${world.port}/mcp/ehr`,
    bearer_methods_supported: ["header"],
  });
});

test.each(["/healthz", "/readyz", "/metrics"])(
  "%s answers no page of another name",
  async (path) => {
    const { status } = await world.http("GET", {
      path,
      as: "nobody",
      headers: { host: "evil.example" },
    });
    expect(status).toBe(403);
  },
);

test.each(["/", "/admin", "/mcp/ehr/../../readyz", "/readyz/"])("%s is nothing", async (path) => {
  expect((await get(path)).status).toBe(404);
});

test("a client without a token is told where to read how to get in", async () => {
  const { status, headers } = await world.post(call("get_patient"), { as: "nobody" });
  expect(status).toBe(401);
  expect(headers["www-authenticate"]).toBe(
    `Bearer resource_metadata="http://127.0.0.1:${world.port}/.well-known/oauth-protected-resource/mcp/ehr"`,
  );
});
