import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TOOLS_CALL } from "../../engine/decide/call.ts";
import { decide } from "../../engine/decide/decide.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import type { JsonObject } from "../../engine/json/value.ts";
import { lint } from "../../engine/lint/lint.ts";
import { pinTool } from "../../engine/policy/compile.ts";
import { load, sound } from "../../engine/policy/load.ts";
import { starterFiles } from "../../engine/starter/starter.ts";
import { runTests } from "../../engine/testing/run.ts";
import { memoryTree } from "../support/tree.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const WHO = "person:j.rivera";

const TOOLS = [
  tool("find", {
    patient: { type: "string" },
    status: { enum: ["active", "ended"] },
    count: { type: "integer" },
    parameters: { type: "object" },
    ids: { type: "array", items: { type: "string" } },
    exact: { type: "boolean" },
  }),
  tool("terms", { query: { type: "string" } }),
  tool("erase", { patient: { type: "string" } }),
];

function tool(name: string, properties: JsonObject): JsonObject {
  return { name, description: name, inputSchema: { type: "object", properties } };
}

const SERVER = `version: "1"
id: ehr
vendor: { name: Example EHR Inc., baa: { status: signed, signed: 2026-02-01 } }
transport: { type: http, url: https://ehr.example.org/mcp }
tools:
  find: { effect: read, ephi: true, volume: single, subject: args.patient }
  terms: { effect: read, ephi: false, volume: single, subject: none }
  erase: { effect: destructive, ephi: true, volume: single, subject: args.patient }
`;
const CATALOGUE = {
  "phiward.yaml": `version: "1"\nbundle: { name: starter }\ngate: { approvers: [{ login: m-chen, count: 1 }] }\n`,
  "servers/ehr.yaml": SERVER,
  "servers/ehr.lock.json": JSON.stringify({
    version: "1",
    server: "ehr",
    tools: TOOLS.map((one) => ({ ...one, digest: pinTool(one).digest })),
  }),
};

interface Recorded {
  readonly tool?: string;
  readonly args: object;
  readonly grant?: string;
  readonly at?: string;
  readonly verdict?: "allow" | "deny";
}

function fixtures(calls: readonly Recorded[]): string {
  return calls
    .map(({ tool = "find", args, grant = "bot", at = "2026-11-20T10:00:00Z", verdict }, index) =>
      JSON.stringify({
        v: 1,
        id: `c${index}`,
        at,
        grant,
        server: "ehr",
        tool,
        args,
        ...(verdict === undefined ? {} : { outcome: { verdict } }),
      }),
    )
    .map((line) => `${line}\n`)
    .join("");
}

async function startFrom(calls?: readonly Recorded[]) {
  const files: Record<string, string> = { ...CATALOGUE };
  if (calls !== undefined) files["fixtures/recorded.jsonl"] = fixtures(calls);
  const report = await starterFiles(memoryTree(files), {
    now: NOW,
    responsible: WHO,
    ...(calls === undefined ? {} : { recorded: "fixtures/**/*.jsonl" }),
  });
  const loaded = await load(memoryTree({ ...files, ...report.files }));
  const ready = prepare(sound(loaded, { tests: true }));
  const allows = (policy: string, name: string, args: object): boolean =>
    decide(ready, {
      policy,
      server: "ehr",
      method: TOOLS_CALL,
      tool: name,
      args: args as never,
      at: NOW,
    }).decision.verdict === "allow";
  return { report, loaded, ready, allows };
}

describe("from recorded calls", () => {
  test("each kind of agent gets its own policy, with what it did and nothing else", async () => {
    const { report, allows } = await startFrom([
      { args: { patient: "p-1", status: "active" } },
      { args: { patient: "p-2", status: "active" } },
      { tool: "terms", args: { query: "asthma" }, grant: "coder" },
    ]);
    expect(report.policies.map(({ name }) => name)).toEqual(["bot", "coder"]);
    expect(report.recorded).toEqual({ calls: 3, allowed: 3 });
    expect(allows("bot", "find", { patient: "p-7", status: "active" })).toBe(true);
    for (const args of [
      { patient: "p-7", status: "ended" },
      { patient: "p-7" },
      { status: "active" },
      { patient: "p-7,p-8", status: "active" },
      { patient: "p-7", status: "active", count: 1 },
    ]) {
      expect({ args, allowed: allows("bot", "find", args) }).toEqual({ args, allowed: false });
    }
    expect(allows("bot", "terms", { query: "asthma" })).toBe(false);
    expect(allows("coder", "find", { patient: "p-1", status: "active" })).toBe(false);
    expect(allows("bot", "erase", { patient: "p-1" })).toBe(false);
  });

  test("what was denied is no reason to allow", async () => {
    const { report, allows } = await startFrom([
      { args: { patient: "p-1" }, verdict: "allow" },
      { args: { patient: "everybody and more" }, verdict: "deny" },
      { tool: "erase", args: { patient: "p-1" }, verdict: "deny" },
    ]);
    expect(report.recorded).toEqual({ calls: 1, allowed: 1 });
    expect(allows("bot", "find", { patient: "everybody and more" })).toBe(false);
    expect(allows("bot", "erase", { patient: "p-1" })).toBe(false);
  });

  test("the busiest hour is the limit, in different patients", async () => {
    const { report } = await startFrom([
      { args: { patient: "p-1" }, at: "2026-11-20T10:00:00Z" },
      { args: { patient: "p-2" }, at: "2026-11-20T10:30:00Z" },
      { args: { patient: "p-2" }, at: "2026-11-20T10:40:00Z" },
      { args: { patient: "p-3" }, at: "2026-11-20T11:00:00Z" },
    ]);
    expect(report.files["policies/bot.yaml"]).toContain(
      "{ counter: patients, window: hour, max: 2, scope: grant, distinct: subject }",
    );
  });

  test("objects, lists, numbers and truth are as wide as they were seen", async () => {
    const { allows } = await startFrom([
      {
        args: {
          patient: "p-1",
          count: 5,
          exact: true,
          ids: ["a1", "b2"],
          parameters: { code: "A" },
        },
      },
      { args: { patient: "p-2", count: 9, exact: true, ids: ["c3"], parameters: { code: "B" } } },
    ]);
    const call = { patient: "p-3", count: 7, exact: true, ids: ["d4"], parameters: { code: "C" } };
    expect(allows("bot", "find", call)).toBe(true);
    for (const changed of [
      { count: 4 },
      { count: 10 },
      { count: 7.5 },
      { exact: false },
      { ids: [] },
      { ids: ["a1", "b2", "c3"] },
      { ids: ["a1", "long"] },
      { parameters: {} },
      { parameters: { code: "AB" } },
      { parameters: "code" },
    ]) {
      expect({ changed, allowed: allows("bot", "find", { ...call, ...changed }) }).toEqual({
        changed,
        allowed: false,
      });
    }
  });

  test("what stood together stays together", async () => {
    const { allows } = await startFrom([
      { args: { parameters: { family: "Aa", given: "Bb" } } },
      { args: { parameters: { id: "1" } } },
    ]);
    expect(allows("bot", "find", { parameters: { family: "Cc", given: "Dd" } })).toBe(true);
    expect(allows("bot", "find", { parameters: { id: "2" } })).toBe(true);
    expect(allows("bot", "find", { parameters: { family: "Cc" } })).toBe(false);
    expect(allows("bot", "find", { parameters: {} })).toBe(false);
  });

  test("long numbers are counted and not named: they can be a patient's", async () => {
    const { report } = await startFrom([
      { args: { count: 4711_0815 } },
      { args: { count: 4711_0999 } },
    ]);
    expect(report.files["policies/bot.yaml"]).toContain("op: lt, value: 100000000");
    expect(report.files["policies/bot.yaml"]).not.toContain("4711");
  });

  test("whatever was recorded is allowed, and no value of it is written anywhere", async () => {
    const value = fc.oneof(
      fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 12 }),
      fc.integer({ min: -20_000, max: 99_999 }),
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.boolean(),
      fc.constant(null),
    );
    const args = fc.record(
      {
        patient: fc.stringMatching(/^[A-Z]{2}[a-z]{4}[0-9]{4}$/),
        parameters: fc.dictionary(fc.constantFrom("a", "b", "code"), value, { maxKeys: 3 }),
        ids: fc.array(fc.stringMatching(/^[a-z]{5,8}$/), { maxLength: 3 }),
        exact: fc.boolean(),
      },
      { requiredKeys: ["patient"] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(args, { minLength: 1, maxLength: 3 }), async (all) => {
        const { report, loaded, ready } = await startFrom(all.map((one) => ({ args: one })));
        expect(report.recorded).toEqual({ calls: all.length, allowed: all.length });
        const written = Object.values(report.files).join("\n");
        for (const { patient, ids = [] } of all) {
          for (const word of [patient, ...ids]) expect(written.includes(word)).toBe(false);
        }
        const errors = lint(loaded, NOW).findings.filter(({ severity }) => severity === "error");
        expect(errors).toEqual([]);
        expect(runTests(ready, loaded.tests, { now: NOW })).toMatchObject({ failed: 0, errors: 0 });
      }),
      // Each run makes mutants and their tests, and shrinking would repeat that for minutes.
      { numRuns: 12, endOnFailure: true, interruptAfterTimeLimit: 20_000 },
    );
  });

  test.each<[string, Recorded[], string]>([
    ["nothing allowed", [{ args: {}, verdict: "deny" }], "there is nothing to make a policy of"],
    [
      "a tool without a pin",
      [{ tool: "other", args: {} }],
      "for a tool that is not pinned: `other`",
    ],
  ])("%s is an error with a remedy", async (_, calls, message) => {
    await expect(startFrom(calls)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      help: expect.any(String),
    });
  });
});

test("a server without the agreement that the project demands is an error with a remedy", async () => {
  const files = {
    ...CATALOGUE,
    "servers/ehr.yaml": SERVER.replace(/baa: .* }/, "baa: { status: none } }"),
    "fixtures/recorded.jsonl": fixtures([{ args: { patient: "p-1" } }]),
  };
  const asked = starterFiles(memoryTree(files), {
    now: NOW,
    responsible: WHO,
    recorded: "fixtures/**/*.jsonl",
    beside: { "phiward.yaml": `${CATALOGUE["phiward.yaml"]}requireBaa: true\n` },
  });
  await expect(asked).rejects.toMatchObject({
    message: expect.stringContaining("no business associate agreement in force"),
    help: expect.stringContaining("servers/ehr.yaml"),
  });
});

describe("from the catalogue alone", () => {
  test("labels say which tools a kind of agent needs; nothing destructive or bulk is among them", async () => {
    const { report, loaded, ready, allows } = await startFrom();
    expect(report.policies.map(({ name, tools }) => [name, tools])).toEqual([
      ["ehr-reference", 1],
      ["ehr-reader", 1],
    ]);
    expect(allows("ehr-reader", "find", { patient: "p-1" })).toBe(true);
    expect(allows("ehr-reader", "find", { patient: "p-1,p-2" })).toBe(false);
    expect(allows("ehr-reader", "erase", { patient: "p-1" })).toBe(false);
    expect(lint(loaded, NOW).findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(runTests(ready, loaded.tests, { now: NOW })).toMatchObject({ failed: 0, errors: 0 });
  });
});
