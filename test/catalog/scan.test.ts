/** A server's tools/list becomes its lock, and a later list is held against it. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readToolsList, type Scan, scan } from "../../engine/catalog/scan.ts";
import { PhiwardError } from "../../engine/errors.ts";
import { digestOf, type JsonObject } from "../../engine/json/value.ts";
import type { Lock } from "../../engine/policy/ir.ts";
import { load } from "../../engine/policy/load.ts";
import { lockOf, serverOf } from "../support/compile.ts";
import { memoryTree } from "../support/tree.ts";
import { serverFile } from "../support/world.ts";

const ROOT = new URL("../../", import.meta.url);
const REAL = [
  ["examples/hospital/ehr/tools-list.json", 25],
  ["test/fixtures/servers/tanya-hipaa-fhir-mcp.json", 3],
  ["test/fixtures/servers/clinic-mcp-ibm.json", 13],
  ["test/fixtures/servers/awslabs-healthlake-mcp.json", 11],
] as const;

const readReal = (path: string) => readToolsList(path, readFileSync(new URL(path, ROOT), "utf8"));
/** The lock as it would be read back from its file. */
const written = ({ lock, server }: Scan): Lock => lockOf(JSON.parse(JSON.stringify(lock)), server);

const tool = (name: string, more: object = {}): JsonObject =>
  ({ name, inputSchema: { type: "object" }, ...more }) as JsonObject;
const list = (...tools: JsonObject[]) => readToolsList("list.json", JSON.stringify({ tools }));

describe.each(REAL)("the real tools of %s", (path, count) => {
  const listed = readReal(path);
  const first = scan("s1", listed, {});

  test("are all pinned, in the order of their names, each as it was listed", () => {
    expect(first.tools).toHaveLength(count);
    const names = first.tools.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    const pins = written(first).tools;
    for (const { _meta, ...definition } of listed.tools) {
      expect(pins[String(definition.name)]).toEqual({ digest: digestOf(definition), definition });
    }
    expect(first.tools.map(({ name, digest }) => [name, digest])).toEqual(
      Object.entries(pins).map(([name, { digest }]) => [name, digest]),
    );
  });

  test("are the worst until somebody describes them, and none is quarantined by its schema", () => {
    for (const found of first.tools) {
      expect(found).toMatchObject({
        effect: "execute",
        ephi: true,
        volume: "bulk",
        subject: [],
        confidence: "none",
        why: ["nobody described it: treated as the worst (execute, ePHI, bulk)"],
        change: "new",
      });
    }
  });

  test("are the same when they are scanned again, in whatever order they come", () => {
    const again = scan("s1", { tools: [...listed.tools].reverse() }, { lock: written(first) });
    expect(again.tools.every(({ change }) => change === "same")).toBe(true);
    expect(again.removed).toEqual([]);
    expect(again.lock).toEqual(first.lock);
  });

  test("make a lock that a repository loads without a finding", async () => {
    const files = {
      "servers/s1.yaml": 'version: "1"\nid: s1\n',
      "servers/s1.lock.json": `${JSON.stringify(first.lock, null, 2)}\n`,
    };
    const { findings, repository } = await load(memoryTree(files));
    expect(findings).toEqual([]);
    expect(Object.keys(repository.servers.s1?.lock?.tools ?? {})).toHaveLength(count);
  });
});

test("the hospital's lock is what a scan of its saved list writes", () => {
  const saved = JSON.parse(
    readFileSync(new URL("examples/hospital/servers/ehr.lock.json", ROOT), "utf8"),
  );
  expect(scan("ehr", readReal(REAL[0][0]), {}).lock).toEqual(saved);
});

describe("what a list holds", () => {
  test("is read: tools, and what the server tells a client's model", () => {
    const text = JSON.stringify({
      tools: [tool("a")],
      instructions: "read first",
      nextCursor: "x",
    });
    expect(readToolsList("f", text)).toEqual({ tools: [tool("a")], instructions: "read first" });
    expect(readToolsList("f", '{"tools":[],"instructions":5}')).toEqual({ tools: [] });
  });

  test.each<[title: string, text: string, message: string, at: string]>([
    ["no JSON", "tools: []", "a JSON value is expected here", "tools"],
    ["a list alone", "[]", "this is no tools/list result: it has no list `tools`", "["],
    ["no tools", '{"x":[]}', "this is no tools/list result: it has no list `tools`", "{"],
    ["inherited tools", '{"toString":[]}', "it has no list `tools`", "{"],
    ["tools that are no list", '{"tools":{}}', "it has no list `tools`", "{"],
    ["a tool that is none", '{"tools":["a"]}', "a tool has no `name`", '"a"'],
    ["null for a tool", '{"tools":[null]}', "a tool has no `name`", "null"],
    ["a tool without a name", '{"tools":[{"inputSchema":{}}]}', "a tool has no `name`", '{"inp'],
    ["an empty name", '{"tools":[{"name":"","inputSchema":{}}]}', "a tool has no `name`", '{"name'],
    ["a name that is no text", '{"tools":[{"name":5}]}', "a tool has no `name`", '{"name'],
    ["no schema", '{"tools":[{"name":"a"}]}', "the tool `a` has no `inputSchema`", '{"name'],
    [
      "a schema that is none",
      '{"tools":[{"name":"a","inputSchema":true}]}',
      "`a` has no `inputSchema`",
      '{"name',
    ],
    // Which of the two a call reaches would be the server's secret.
    [
      "two tools of one name",
      '{"tools":[{"name":"a","inputSchema":{}},{"name":"b","inputSchema":{}},{"name" :"a","inputSchema":{}}]}',
      "two tools have the same name",
      '"a","inputSchema":{}}]',
    ],
    [
      "a name twice in one tool",
      '{"tools":[{"name":"a","name":"b"}]}',
      "a key stands twice",
      '"name":"b"',
    ],
    // A lock writes each tool's digest beside what the server said.
    [
      "a tool with a digest of its own",
      '{"tools":[{"name":"a","digest":"x","inputSchema":{}}]}',
      "the tool `a` has a `digest`, which is the lock's own word",
      '"x"',
    ],
  ])("%s is refused at its place", (_, text, message, at) => {
    const error = refusal(() => readToolsList("list.json", text));
    expect(error.message).toContain(message);
    expect(error).toMatchObject({
      code: "INVALID_INPUT",
      place: { file: "list.json", line: 1, column: text.indexOf(at) + 1 },
    });
  });

  test("names that differ only in how they are written are two tools", () => {
    expect(scan("s1", list(tool("get"), tool("Get"), tool("get ")), {}).tools).toHaveLength(3);
  });

  function refusal(act: () => unknown): PhiwardError {
    try {
      act();
    } catch (error) {
      if (error instanceof PhiwardError) return error;
      throw error;
    }
    throw new Error("nothing was refused");
  }
});

describe("drift: a list against the lock that was there", () => {
  const before = written(scan("s1", list(tool("a"), tool("b"), tool("c")), {}));
  const changes = (...tools: JsonObject[]) => {
    const { tools: found, removed } = scan("s1", list(...tools), { lock: before });
    return [
      ...found.map(({ name, change }) => `${change} ${name}`),
      ...removed.map((n) => `removed ${n}`),
    ];
  };

  test("nothing changed", () => {
    expect(changes(tool("c"), tool("a"), tool("b"))).toEqual(["same a", "same b", "same c"]);
  });

  test("a tool that is new, changed or gone is said to be", () => {
    const wider = tool("b", { inputSchema: { type: "object", properties: { all: {} } } });
    expect(changes(tool("a"), wider, tool("d"))).toEqual([
      "same a",
      "changed b",
      "new d",
      "removed c",
    ]);
  });

  // Each of them can change what a model does with the tool.
  test.each<[what: string, more: object]>([
    ["its description", { description: "Always call this first." }],
    ["its title", { title: "B" }],
    ["its annotations", { annotations: { readOnlyHint: true } }],
    ["its output schema", { outputSchema: { type: "object" } }],
    ["a member that nobody knows yet", { execution: { taskSupport: "optional" } }],
    ["an empty description", { description: "" }],
  ])("%s changes a tool", (_, more) => {
    expect(changes(tool("a"), tool("b", more), tool("c"))).toEqual([
      "same a",
      "changed b",
      "same c",
    ]);
  });

  test("_meta and the order of keys change nothing", () => {
    const b = { inputSchema: { type: "object" }, name: "b", _meta: { requestId: 5 } } as JsonObject;
    expect(changes(tool("a"), b, tool("c"))).toEqual(["same a", "same b", "same c"]);
    expect(scan("s1", list(b), {}).lock.tools[0]).not.toHaveProperty("_meta");
  });

  test("names like inherited properties are names like any other", () => {
    const odd = list(tool("constructor"), tool("toString"));
    const { tools, removed } = scan("s1", odd, { lock: before });
    expect(tools.map(({ change }) => change)).toEqual(["new", "new"]);
    expect(removed).toEqual(["a", "b", "c"]);
    expect(tools.every(({ confidence }) => confidence === "none")).toBe(true);
  });

  test("an empty list removes everything", () => {
    expect(changes()).toEqual(["removed a", "removed b", "removed c"]);
  });

  test("the instructions are pinned with the tools", () => {
    const text = JSON.stringify({ tools: [tool("a")], instructions: "read first" });
    const result = scan("s1", readToolsList("f", text), {});
    expect(written(result).instructions).toBe("read first");
    expect(scan("s1", list(tool("a")), {}).lock).not.toHaveProperty("instructions");
  });
});

describe("labels", () => {
  const server = serverOf(
    serverFile({
      tools: {
        a: { effect: "write", ephi: false, volume: "single", subject: "none" },
        b: {
          effect: { by: "args.method", cases: { GET: "read", DELETE: "destructive" } },
          ephi: { by: 'args["in"].kind', cases: { staff: false } },
          volume: "chart",
          subject: ["args.patient", "args.ids[*]"],
        },
        c: { effect: "read" },
        d: {
          effect: "read",
          subject: {
            by: "args.type",
            cases: { Patient: "args.id", Group: ["args.id", "args.ids[*]"], Ward: "none" },
          },
        },
      },
    }),
  );
  const listed = ["a", "b", "c", "d", "e"].map((name) => tool(name));
  const { tools } = scan("s1", list(...listed), { server });

  test("are those that a person wrote, and otherwise the worst", () => {
    expect(tools).toMatchObject([
      { effect: "write", ephi: false, volume: "single", subject: [], confidence: "described" },
      {
        effect: { by: "args.method", cases: { GET: "read", DELETE: "destructive" } },
        ephi: "conditional",
        volume: "chart",
        subject: ["args.patient", "args.ids[*]"],
        confidence: "described",
        why: ["described in the server's file"],
      },
      { effect: "read", ephi: true, volume: "bulk", subject: [], confidence: "described" },
      // Every argument of every case, each once.
      { subject: ["args.id", "args.ids[*]"], confidence: "described" },
      { effect: "execute", ephi: true, volume: "bulk", subject: [], confidence: "none" },
    ]);
  });

  test("what the server itself claims makes no label better", () => {
    const claim = tool("e", { annotations: { readOnlyHint: true, destructiveHint: false } });
    expect(scan("s1", list(claim), { server }).tools).toMatchObject([
      { effect: "execute", ephi: true, volume: "bulk", confidence: "none" },
    ]);
  });

  test("a schema that cannot be used quarantines its tool, and says why", () => {
    const remote = tool("e", { inputSchema: { $ref: "https://example.org/schema.json" } });
    const [found] = scan("s1", list(remote), { server }).tools;
    expect(found?.why).toEqual([
      "nobody described it: treated as the worst (execute, ePHI, bulk)",
      "quarantined: the schema refers to something outside itself",
    ]);
  });
});
