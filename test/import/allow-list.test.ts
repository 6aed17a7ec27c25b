import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { prepare } from "../../engine/decide/prepare.ts";
import { importPolicy } from "../../engine/import/import.ts";
import { lost } from "../../engine/import/report.ts";
import { lint } from "../../engine/lint/lint.ts";
import { load } from "../../engine/policy/load.ts";
import { runTests } from "../../engine/testing/run.ts";
import { memoryTree } from "../support/tree.ts";

const OFFERED = new Map([
  ["ehr", ["get_patient", "get_labs", "search_patients", "delete_patient"]],
]);

/** Server → the tools that its policy lists. */
function listed(
  settings: object | string,
  offered = new Map<string, readonly string[]>(),
): unknown {
  const text = typeof settings === "string" ? settings : JSON.stringify(settings);
  const { policies } = importPolicy("settings.json", text, { offered });
  return Object.fromEntries(
    policies.map(({ name, tools }) => [
      name,
      tools
        .filter(({ fate }) => fate !== "denied")
        .map((tool) => tool.name)
        .sort(),
    ]),
  );
}

const claude = (allow: string[], more: object = {}): object => ({
  permissions: { allow, ...more },
});

describe("what an allow-list allows", () => {
  test.for<[title: string, settings: object | string, expected: object]>([
    [
      "a tool by name",
      claude(["mcp__ehr__get_patient", "Bash(ls:*)", "Read"]),
      { ehr: ["get_patient"] },
    ],
    [
      "two servers",
      claude(["mcp__ehr__get_labs", "mcp__lab__order"]),
      { ehr: ["get_labs"], lab: ["order"] },
    ],
    // Deny wins over ask and ask over allow, whatever is the more specific.
    [
      "denied",
      claude(["mcp__ehr__get_labs", "mcp__ehr__x"], { deny: ["mcp__ehr__x"] }),
      { ehr: ["get_labs"] },
    ],
    [
      "asked",
      claude(["mcp__ehr__get_labs", "mcp__ehr__x"], { ask: ["mcp__ehr__x"] }),
      { ehr: ["get_labs"] },
    ],
    [
      "a whole server is denied",
      claude(["mcp__ehr__x", "mcp__lab__y"], { deny: ["mcp__ehr"] }),
      { lab: ["y"] },
    ],
    ["all of MCP is denied", claude(["mcp__ehr__x"], { deny: ["mcp__*"] }), {}],
    ["everything is denied", claude(["mcp__ehr__x"], { deny: ["*"] }), {}],
    // What is said of some arguments is taken for all.
    [
      "denied with arguments",
      claude(["mcp__ehr__x", "mcp__ehr__y"], { deny: ["mcp__ehr__x(id:1)"] }),
      { ehr: ["y"] },
    ],
    ["allowed with arguments", claude(["mcp__ehr__x(id:1)", "mcp__ehr__y"]), { ehr: ["y"] }],
    ["a pattern", claude(["mcp__ehr__get_*"]), { ehr: ["get_labs", "get_patient"] }],
    [
      "a whole server",
      claude(["mcp__ehr"], { deny: ["mcp__ehr__delete_*"] }),
      { ehr: ["get_labs", "get_patient", "search_patients"] },
    ],
    ["every server", claude(["mcp__*", "mcp__ehr__x"]), { ehr: ["x"] }],
    [
      "a server whose name has a blank",
      { ...claude(["mcp__my_ehr__x"]), mcpServers: { "my ehr": {} } },
      { "my-ehr": ["x"] },
    ],
    [
      "VS Code",
      {
        "chat.tools.eligibleForAutoApproval": { "ehr/get_labs": true, "ehr/x": false, fetch: true },
      },
      { ehr: ["get_labs"] },
    ],
    [
      "a tool set",
      '{\n  // the ward\n  "ward": { "tools": ["ehr/get_labs", "fetch",], },\n}',
      { ehr: ["get_labs"] },
    ],
    [
      "lists beside the servers",
      {
        mcpServers: {
          ehr: { command: "x", alwaysAllow: ["a", "b"], disabledTools: ["b"] },
          lab: { autoApprove: ["c"] },
        },
      },
      { ehr: ["a"], lab: ["c"] },
    ],
    [
      "mcp.json",
      { servers: { ehr: { type: "http", url: "https://x.example", tools: ["*"] } } },
      { ehr: ["delete_patient", "get_labs", "get_patient", "search_patients"] },
    ],
    // What is there and what runs unasked are two lists; only what is on both runs unasked.
    [
      "unasked and there",
      { mcpServers: { ehr: { alwaysAllow: ["a", "b"], includeTools: ["b", "c"] } } },
      { ehr: ["b"] },
    ],
    [
      "there, and everything is asked",
      { mcpServers: { ehr: { autoApprove: [], includeTools: ["b"] } } },
      {},
    ],
    ["switched off", { mcpServers: { ehr: { alwaysAllow: ["a"], disabled: true } } }, {}],
    ["not enabled", { mcpServers: { ehr: { alwaysAllow: ["a"], enabled: false } } }, {}],
    [
      "off in the settings",
      { ...claude(["mcp__ehr__a", "mcp__lab__b"]), disabledMcpjsonServers: ["ehr"] },
      { lab: ["b"] },
    ],
    [
      "denied in the settings",
      { ...claude(["mcp__ehr__a", "mcp__lab__b"]), deniedMcpServers: [{ serverName: "ehr" }] },
      { lab: ["b"] },
    ],
    [
      "not let in by the settings",
      { ...claude(["mcp__ehr__a", "mcp__lab__b"]), allowedMcpServers: [{ serverName: "lab" }] },
      { lab: ["b"] },
    ],
  ])("%s", ([, settings, expected]) => {
    expect(listed(settings, OFFERED)).toEqual(expected);
  });

  test("a pattern without the server's list allows nothing, and says so", () => {
    const imported = importPolicy("s.json", JSON.stringify(claude(["mcp__ehr__get_*"])));
    expect(imported.policies).toEqual([]);
    expect(lost(imported)).toBe(true);
    expect(imported.items.map(({ place, outcome }) => [place.column, outcome])).toContainEqual([
      26,
      "denied",
    ]);
  });

  test.for([["{}"], ["[]"], ['{"permissions":{"allow":["Bash"]}}'], ['{"a":1,"a":2}'], ["{"]])(
    "%s is refused",
    ([text]) => {
      expect(() => importPolicy("s.json", text!)).toThrow();
    },
  );
});

test("two servers whose names become one file's keep their own policies", () => {
  expect(listed(claude(["mcp__a_b__x", "mcp__a-b__y"]))).toEqual({ "a-b": ["x"], "a-b-2": ["y"] });
});

test("nothing of a server's settings but names of tools leaves the file", () => {
  const settings = {
    mcpServers: {
      ehr: {
        command: "npx",
        args: ["--api-key", "SECRET-1"],
        env: { TOKEN: "SECRET-2" },
        headers: { Authorization: "SECRET-3" },
        url: "https://SECRET-4.example",
        alwaysAllow: ["get_labs"],
        trust: true,
      },
    },
  };
  expect(JSON.stringify(importPolicy("s.json", JSON.stringify(settings)))).not.toContain("SECRET");
});

test("what is written lints without errors and its tests are green", async () => {
  const { policies } = importPolicy(
    "s.json",
    JSON.stringify(claude(["mcp__ehr__get_labs", "mcp__lab__order"])),
  );
  const loaded = await load(memoryTree(Object.assign({}, ...policies.map(({ files }) => files))));
  expect(loaded.findings).toEqual([]);
  expect(lint(loaded, 0).findings.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(runTests(prepare(loaded.repository), loaded.tests, { now: 0 })).toMatchObject({
    failed: 0,
    errors: 0,
    passed: 4,
  });
});

describe("a file that is made to take for ever", () => {
  test.for([
    ["opened comments", `{"a":1}${"/*".repeat(200_000)}`],
    ["commas", `{"a":[${", ".repeat(200_000)}]}`],
    ["stars", JSON.stringify(claude([`mcp__ehr__${"*a".repeat(5_000)}b`]))],
    [
      "more than a megabyte",
      JSON.stringify(claude(Array.from({ length: 60_000 }, (_, i) => `mcp__e__${i}_tool`))),
    ],
  ] as const)("%s", ([, text]) => {
    const offered = new Map([["ehr", ["a".repeat(256)]]]);
    // Either answer is good; without one the test runs out of time.
    const answer = (): string => {
      try {
        return importPolicy("s.json", text, { offered }).format;
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(["allow-list", "INVALID_INPUT"]).toContain(answer());
  });
});

interface Change {
  readonly beforeAllow: readonly string[] | null;
  readonly afterAllow: readonly string[] | null;
}

describe("real allow-lists", () => {
  const file = join(
    import.meta.dirname,
    "../fixtures/changes/claude-mcp-permission-changes.dev.json",
  );
  const changes: Change[] = JSON.parse(readFileSync(file, "utf8"));

  test.for(changes.map((change, i) => [i, change] as const))(
    "change %i",
    ([, { beforeAllow, afterAllow }]) => {
      for (const allow of [beforeAllow ?? [], afterAllow ?? []]) {
        if (!allow.some((rule) => rule.startsWith("mcp__"))) continue;
        const { policies, items } = importPolicy("s.json", JSON.stringify(claude([...allow])));
        const tools = policies.flatMap((policy) => policy.tools.map(({ name }) => name));
        const asked = allow.filter((rule) => /^mcp__[^*()]+__[^*()]+$/.test(rule));
        // Every tool by its name, and a word about every rule that is none.
        expect(tools).toHaveLength(new Set(asked).size);
        expect(items.length).toBeGreaterThanOrEqual(
          allow.filter((rule) => rule.startsWith("mcp__")).length > asked.length ? 1 : 0,
        );
      }
    },
  );
});
