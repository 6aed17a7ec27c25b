/** A verdict that has read a replaced value is marked; one that only asked whether it is there is not. */
import { expect, test } from "vitest";
import { readFixture } from "../../engine/calls/calls.ts";
import { plain } from "../../engine/render/paint.ts";
import { simulateText } from "../../engine/render/simulate.ts";
import { simulate } from "../../engine/simulate/simulate.ts";
import { repository } from "../record/world.ts";

function judged(tool: string, args: object, replaced: readonly string[], verdict = "allow") {
  const line = {
    v: 1,
    id: "c1",
    at: "2026-11-24T12:00:00Z",
    grant: "nurse",
    server: "ehr",
    tool,
    args,
    outcome: { verdict },
    recorded: { values: "replaced", replaced },
  };
  return simulate(
    [readFixture("fixtures/x.jsonl", 3, JSON.stringify(line))],
    repository(),
    undefined,
  );
}

test.each<[what: string, tool: string, args: object, replaced: string[], read: string[]]>([
  [
    "a pattern reads its value",
    "get_patient",
    { patient_id: "p-1" },
    ["args.patient_id"],
    ["args.patient_id"],
  ],
  [
    "a value of which nothing is asked is not read",
    "get_patient",
    { patient_id: "p-1", resource: { id: "x" } },
    ["args.resource.id"],
    [],
  ],
  ["whether a value is there says nothing of it", "ask", { a: "x" }, ["args.a"], []],
  // `exists` is asked first, and `gt` after it.
  [
    "a bound reads its number",
    "get_patient",
    { patient_id: "p-1", count: 4 },
    ["args.count"],
    ["args.count"],
  ],
  [
    "a path stands for all that is below it",
    "get_patient",
    { patient_id: "p-1", count: 4 },
    ["args"],
    ["args"],
  ],
  [
    "a schema that refuses may have read anything",
    "get_patient",
    { patient_id: 4 },
    ["args.patient_id"],
    ["args.patient_id"],
  ],
  ["a tool that is not listed is denied by its name", "other", { a: "x" }, ["args.a"], []],
])("%s", (_, tool, args, replaced, read) => {
  const { marked } = judged(tool, args, replaced);
  expect(marked.byPath.map(({ path }) => path)).toEqual(read);
  expect(marked.calls).toBe(read.length === 0 ? 0 : 1);
});

test("the mark names the line, the verdict and the path, in text too", () => {
  const simulation = judged("get_patient", { patient_id: "p-1" }, ["args.patient_id"], "deny");
  expect(simulation.marked.first).toEqual([
    {
      id: "c1",
      grant: "nurse",
      server: "ehr",
      method: "tools/call",
      tool: "get_patient",
      verdict: "allow",
      rule: "",
      paths: ["args.patient_id"],
      file: "fixtures/x.jsonl",
      line: 3,
    },
  ]);
  expect(simulation.gained[0]?.readReplaced).toEqual(["args.patient_id"]);
  const text = simulateText(simulation, undefined, plain);
  expect(text).toContain("(read a replaced value)");
  expect(text).toContain("1 verdict read a replaced value, and may differ for what was sent:");
});
