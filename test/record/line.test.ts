/** One call → one line with the same verdict, or none, and then why. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFixture } from "../../engine/calls/calls.ts";
import type { Call } from "../../engine/decide/call.ts";
import { readJson } from "../../engine/json/read.ts";
import type { ReceivedObject } from "../../engine/json/value.ts";
import { pseudonymiser } from "../../engine/phi/pseudonymise.ts";
import { sealOf } from "../../engine/phi/seal.ts";
import { vocabularyOf } from "../../engine/phi/vocabulary.ts";
import { type LineWorld, lineWriter } from "../../engine/record/line.ts";
import { simulate } from "../../engine/simulate/simulate.ts";
import { repository } from "./world.ts";

const AT = Date.UTC(2026, 10, 24, 12);
const vocabulary = vocabularyOf({
  repository: repository().source,
  server: "ehr",
  policies: ["care"],
});
const TOOLS = new Set(["get_patient", "query", "request", "note"]);

function world(more: Partial<LineWorld> = {}): LineWorld {
  return {
    repository: repository(),
    vocabulary,
    pseudonymiser: pseudonymiser(Buffer.alloc(32, 3), vocabulary),
    isTool: (name) => TOOLS.has(name),
    raw: false,
    ...more,
  };
}

function call(tool: string, args: ReceivedObject, more: Partial<Call> = {}): Call {
  return { grant: "nurse", server: "ehr", method: "tools/call", tool, args, at: AT, ...more };
}

const sent = (one: Call, i = 0) => ({ id: `c${i}`, call: one, isError: false });

describe("a line has the verdict and the rule of the call as it was sent", () => {
  const limit = { patient_id: "p-100", count: 50 };
  test.each<[what: string, one: Call, rule: string]>([
    ["an id of the right form", call("get_patient", { patient_id: "Patient/p-100" }), ""],
    ["a number at the limit", call("get_patient", limit), ""],
    [
      "a number beyond it",
      call("get_patient", { ...limit, count: 51 }),
      "/tools/get_patient/deny_if/0",
    ],
    [
      "an id of another form",
      call("get_patient", { patient_id: "p 100" }),
      "/tools/get_patient/require/0",
    ],
    ["what the schema lists", call("get_patient", { patient_id: "p-1", view: "full" }), ""],
    ["what it does not", call("get_patient", { patient_id: "p-1", view: "half" }), "(schema)"],
    ["a bound of the schema", call("get_patient", { patient_id: "p-1", count: 501 }), "(schema)"],
    ["a statement that begins well", call("query", { sql: "SELECT a FROM b WHERE c = 'Ada'" }), ""],
    [
      "one that does not",
      call("query", { sql: "UPDATE b SET c = 'Ada'" }),
      "/tools/query/require/0",
    ],
    ["a case of a label", call("request", { method: "GET" }), ""],
    ["another case", call("request", { method: "POST" }), "/tools/request/require/0"],
    [
      "a prefix, a word of a list and one of the grant",
      call("note", { patient_id: "MRN4711", kind: "sodium", ward: "north" }),
      "",
    ],
    [
      "a word that only the sender knows",
      call("note", { patient_id: "MRN4711", kind: "sodium", ward: "south" }),
      "/tools/note/require/2",
    ],
    ["a tool that is none", call("Ada Lovelace", {}), "(default deny)"],
    [
      "a resource",
      call("", { uri: "ehr://mercy/Patient/p-100" }, { method: "resources/read" }),
      "",
    ],
    ["a method that is not listed", call("", {}, { method: "prompts/get" }), "(method)"],
  ])("%s", (_, one, rule) => {
    const line = lineWriter(world())(sent(one));
    if ("skipped" in line) throw new Error(JSON.stringify(line.skipped));
    const read = readFixture("fixtures/x.jsonl", 1, line.text);
    expect(read.outcome).toEqual({ verdict: rule === "" ? "allow" : "deny", rule, isError: false });
    expect(simulate([read], repository(), undefined)).toMatchObject({ unchanged: 1 });
    for (const secret of ["p-100", "p 100", "4711", "Ada", "Lovelace", "south", "mercy", "half"]) {
      expect(line.text).not.toContain(secret);
    }
  });
});

test("limits on patients count in the lines as they counted in the calls", () => {
  const write = lineWriter(world());
  const ids = ["p-1", "p-2", "Patient/p-1", "p-3", "p-4", "p-2"];
  const lines = ids.map((patient_id, i) => write(sent(call("get_patient", { patient_id }), i)));
  const read = lines.map((line, i) =>
    readFixture("fixtures/x.jsonl", i + 1, "text" in line ? line.text : ""),
  );
  const rules = read.map(({ outcome }) => outcome.rule);
  expect(rules).toEqual(["", "", "", "", "/tools/get_patient/limits/0", ""]);
  expect(simulate(read, repository(), undefined)).toMatchObject({ total: 6, unchanged: 6 });
});

test("a verdict that only the sent value has is told by its rules, and not written", () => {
  const one = call("get_patient", { patient_id: "p-100" });
  const wrong = {
    ...world().pseudonymiser,
    args: () => ({ args: { patient_id: "?" }, paths: [], keys: 0 }),
  };
  expect(lineWriter(world({ pseudonymiser: wrong }))(sent(one))).toEqual({
    skipped: {
      why: "verdict",
      tool: "get_patient",
      rule: "",
      replacedRule: "/tools/get_patient/require/0",
    },
  });
});

test("a sent value that stands in a replaced one by chance keeps the line from being written", () => {
  const one = call("get_patient", { patient_id: "p-100", resource: { name: "x" } });
  const args = { patient_id: "a-200", resource: { name: "see p-100" } };
  const unlucky = { ...world().pseudonymiser, args: () => ({ args, paths: [], keys: 0 }) };
  expect(lineWriter(world({ pseudonymiser: unlucky }))(sent(one))).toMatchObject({
    skipped: { why: "value" },
  });
});

test("of any call, nothing that was sent is found in its line", () => {
  const write = lineWriter(world());
  const value = fc.oneof(
    fc.stringMatching(/^[A-Za-z]{1,3}[0-9]{2,6}$/),
    fc.stringMatching(/^(Patient\/)?[a-z0-9-]{3,9}$/),
    fc.stringMatching(/^[A-Z][a-z]{2,7} [A-Z][a-z]{2,9}$/),
    fc.string({ unit: "grapheme", minLength: 3, maxLength: 9 }),
    fc.integer({ min: 10_000 }),
  );
  let written = 0;
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
      const line = write(
        sent(call("get_patient", { patient_id: "x y", resource: { name: values } })),
      );
      if ("skipped" in line) return expect(line.skipped.why).toBe("value");
      written++;
      const made = JSON.parse(line.text).args.resource.name.join("\n");
      for (const one of values.map(String)) {
        // Of the rest nothing can be replaced: it is the structure.
        const somebodys = /[A-Za-z0-9]/.test(one.replace("Patient/", ""));
        if (somebodys && !vocabulary.has(one)) expect(made).not.toContain(one);
      }
    }),
    { numRuns: 200, seed: 20261124 },
  );
  expect(written).toBeGreaterThan(190);
});

test("a long text takes a moment, not minutes", () => {
  const sql = `select ${"Ada Lovelace, ".repeat(20_000)}`;
  expect(lineWriter(world())(sent(call("query", { sql })))).toHaveProperty("verdict", "allow");
}, 30_000);

test("a line beyond what a reader takes is not written", () => {
  const one = call("query", { sql: `select ${"a ".repeat(600_000)}` });
  expect(lineWriter(world())(sent(one))).toMatchObject({ skipped: { why: "size" } });
}, 30_000);

test("the mark of a line holds for its values, its tool and its paths, and for no others", () => {
  const line = lineWriter(world())(sent(call("get_patient", { patient_id: "p-100" })));
  const text = "text" in line ? line.text : "";
  const read = readJson("", text);
  if (!read.ok) throw new Error("no JSON");
  const { tool, args, recorded } = JSON.parse(text);
  expect(recorded).toEqual({
    values: "replaced",
    replaced: ["args.patient_id"],
    seal: sealOf({ tool, args, replaced: recorded.replaced }),
  });
  for (const other of [
    { tool: "query", args, replaced: recorded.replaced },
    { tool, args: { patient_id: "p-100" }, replaced: recorded.replaced },
    { tool, args, replaced: [] },
  ]) {
    expect(sealOf(other)).not.toBe(recorded.seal);
  }
});

test("raw lines say that they are", () => {
  const line = lineWriter(world({ raw: true }))(sent(call("get_patient", { patient_id: "p-100" })));
  expect(JSON.parse("text" in line ? line.text : "")).toMatchObject({
    args: { patient_id: "p-100" },
    recorded: { values: "raw" },
  });
});
