/** The program itself: `phiward gateway --dev`, from its line of readiness to its end. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecords } from "../../engine/audit/read.ts";
import { call, EHR } from "../support/gateway.ts";
import { exchange } from "../support/http-client.ts";
import { type Program, startProgram } from "../support/program.ts";
import { PLANTED, readsOf } from "./attacks/attack.ts";

let program: Program;
beforeAll(async () => {
  program = await startProgram();
});
afterAll(() => program.dispose());

const post = (message: object, token = program.ready.tokens.nurse!) =>
  exchange({
    port: program.port,
    method: "POST",
    path: EHR,
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(message),
  });

test("its one line says where it is, and a token for each grant", () => {
  const { output, ready } = program;
  expect(output.trimEnd().split("\n")).toHaveLength(1);
  expect(ready.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
  const grants = ["clerk", "night", "nurse", "quizzer", "scribe"];
  expect(Object.keys(ready.tokens).sort()).toEqual(grants);
});

test("an allowed call reaches the server, and a denied one does not", async () => {
  const { upstream } = program;
  const from = upstream.requests.length;
  const allowed = await post(call("get_patient", { patient_id: PLANTED }));
  expect(allowed.message.result).toEqual({ content: [{ type: "text", text: "done" }] });
  const denied = await post(call("search_patients", { query: PLANTED }));
  expect(readsOf(denied).why).toBe("(not granted)");
  expect(readsOf(await post(call("get_patient"), "phw_nobody")).status).toBe(401);
  expect(upstream.requests.slice(from)).toHaveLength(1);
});

test("its state is its owner's alone, and holds no token", () => {
  const { state, tokens } = program.ready;
  expect(statSync(state).mode & 0o077).toBe(0);
  const kept = readFileSync(join(state, "tokens.json"), "utf8");
  for (const token of Object.values(tokens)) expect(kept).not.toContain(token);
});

test("it ends in peace, with everything on record and nothing said that it should not say", async () => {
  expect(await program.end()).toBe(0);
  expect(program.errors).not.toContain(PLANTED);
  expect(program.errors).not.toMatch(/error|phw_/i);
  const records = [...readRecords(join(program.ready.state, "audit"))];
  expect(records.every(({ dev }) => dev === true)).toBe(true);
  const actions = records.flatMap((one) => (one.kind === "admin" ? [one.action] : []));
  expect(actions).toContain("gateway.started");
  expect(actions).toContain("gateway.stopped");
  expect(records.at(-1)!.kind).toBe("checkpoint");
  expect(JSON.stringify(records)).not.toContain(PLANTED);
});
