/** What an editor is told about a place of a text. */
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { decide } from "../../engine/decide/decide.ts";
import { explain } from "../../engine/decide/explain.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import { cursorAt } from "../../engine/editor/cursor.ts";
import { definitions } from "../../engine/editor/definition.ts";
import { hover } from "../../engine/editor/hover.ts";
import { orderOf } from "../../engine/editor/order.ts";
import { findingsByFile, view } from "../../engine/editor/view.ts";
import { load } from "../../engine/policy/load.ts";
import { FILES, POLICY, STEPS } from "../../scripts/language/order.ts";
import { memoryTree } from "../support/tree.ts";

/** The cursor on the first character of a piece of the text. */
function on(text: string, piece: string) {
  const before = text.slice(0, text.indexOf(piece)).split("\n");
  return cursorAt(text, before.length, before.at(-1)!.length + 1);
}

describe("what stands at a place", () => {
  const TEXT = 'a:\n  - b: "x"\n    c: [y, z]\n# note\nd: {e: 1}\n';
  const rows: [
    piece: string,
    pointer: (string | number)[],
    part: string,
    text: string | undefined,
  ][] = [
    ["a:", ["a"], "key", "a"],
    ["b:", ["a", 0, "b"], "key", "b"],
    ['"x"', ["a", 0, "b"], "value", "x"],
    ["z]", ["a", 0, "c", 1], "value", "z"],
    ["e:", ["d", "e"], "key", "e"],
  ];
  it.each(rows)("at %s", (piece, pointer, part, text) => {
    expect(on(TEXT, piece)).toMatchObject({ pointer, part, text });
  });

  it("is found in a text that is only half written", () => {
    expect(on("a:\n  b: [x,\n", "b:")).toMatchObject({ pointer: ["a", "b"], part: "key" });
  });

  it("is the whole document behind its end, and nothing in an empty text", () => {
    expect(cursorAt("a: 1\n", 99, 1)).toMatchObject({ pointer: [], part: "value" });
    expect(cursorAt("", 1, 1)).toBeUndefined();
  });
});

async function shown(piece: string): Promise<string> {
  const loaded = await load(memoryTree(FILES));
  return hover(loaded, "policies/lookup.yaml", on(POLICY, piece)!.pointer) ?? "";
}

describe("a rule says what it does, and when its turn comes", () => {
  const rows: [piece: string, says: string[]][] = [
    [
      "get_patient_record:",
      [
        "is judged in this order",
        "1. `/tools/get_patient_record/args`",
        "6. `/tools/get_patient_record/limits/0`",
      ],
    ],
    ["new_tool:", ["is judged in this order", "1. `/all_tools/require/0`"]],
    [
      "{ path: args.patient_id, op: matches",
      ["denies unless `args.patient_id matches", "Step 2 of 6"],
    ],
    [
      "args.patient_id, op: in",
      [
        "denies if `args.patient_id in",
        "Step 3 of 6",
        "after `/tools/get_patient_record/require/0`",
      ],
    ],
    ["{ counter:", ["20 different patients an hour for each grant", "Step 6 of 6"]],
    ["{ path: args.reason, op: length_gte", ["every tool of the policy"]],
    [
      "args: [patient_id",
      ["denies a call with any argument but `patient_id`, `reason`", "Step 1 of 6"],
    ],
    ["default:", ["What happens to a tool that `tools` does not list."]],
  ];
  it.each(rows)("%s", async (piece, says) => {
    const text = await shown(piece);
    for (const part of says) expect(text).toContain(part);
  });

  it("and a hidden one, that it is", async () => {
    const text = POLICY.replace("  new_tool: {}", "  transfer_patient: {}");
    const loaded = await load(memoryTree({ ...FILES, "policies/lookup.yaml": text }));
    const { pointer } = on(text, "transfer_patient: {}")!;
    expect(hover(loaded, "policies/lookup.yaml", pointer)).toContain("is hidden");
  });

  it("in the order in which the decision takes its steps", async () => {
    const loaded = await load(memoryTree(FILES));
    const ready = prepare(loaded.repository);
    const policy = loaded.policies.get("lookup")!.compiled!;
    const order = orderOf(policy, "tools", "get_patient_record");
    const { call } = STEPS.at(-1)!;
    const asked = {
      grant: call!.grant!,
      server: "ehr",
      method: "tools/call",
      tool: call!.tool!,
      args: call!.args as never,
      at: Date.parse(call!.at!),
    };
    expect(decide(ready, asked).decision.verdict).toBe("allow");
    const steps = explain(ready, asked).trace.map(({ rule }) => rule);
    expect(steps.filter((rule) => rule.startsWith("/"))).toEqual(order);
  });
});

describe("a name leads to what it names", () => {
  const grant = FILES["grants/bot.yaml"]!;
  const server = FILES["servers/ehr.yaml"]!;
  const test = stringify({
    defaults: { grant: "bot", policy: "lookup" },
    cases: [{ call: { tool: "search_patients" } }],
  });
  const rows: [title: string, file: string, text: string, piece: string, places: string[]][] = [
    [
      "a tool of a policy",
      "policies/lookup.yaml",
      POLICY,
      "get_patient_record:",
      ["servers/ehr.lock.json:5"],
    ],
    [
      "a hidden one",
      "policies/lookup.yaml",
      POLICY,
      "transfer_patient",
      ["servers/ehr.lock.json:6"],
    ],
    ["one that no server has", "policies/lookup.yaml", POLICY, "new_tool:", []],
    ["a label", "servers/ehr.yaml", server, "get_patient_record:", ["servers/ehr.lock.json:5"]],
    ["a server of a grant", "grants/bot.yaml", grant, "ehr,", ["servers/ehr.yaml:1"]],
    ["a policy of a grant", "grants/bot.yaml", grant, "lookup }", ["policies/lookup.yaml:1"]],
    ["a grant of a test", "tests/a.test.yaml", test, "bot", ["grants/bot.yaml:1"]],
    ["a tool of a test", "tests/a.test.yaml", test, "search_patients", ["servers/ehr.lock.json:7"]],
    ["a purpose, which names nothing", "grants/bot.yaml", grant, "treatment", []],
  ];
  it.each(rows)("%s", async (_, file, text, piece, places) => {
    const loaded = await load(memoryTree(FILES));
    const found = definitions(loaded, file, on(text, piece)!);
    expect(found.map((place) => `${place.file}:${place.line}`)).toEqual(places);
  });
});

describe("texts that are not saved", () => {
  it("are judged in place of the files, and files that are not there yet too", async () => {
    const unsaved = new Map([
      ["policies/lookup.yaml", POLICY.replace("get_patient_record:", "get_patient_recrod:")],
      ["policies/new.yaml", "version: 2\n"],
    ]);
    const found = findingsByFile(await view(memoryTree(FILES), unsaved), Date.UTC(2026, 9, 1));
    expect(found.get("policies/lookup.yaml")!.map(({ rule }) => rule)).toContain("unknown-tool");
    expect(found.get("policies/new.yaml")![0]!.severity).toBe("error");
  });

  it("may be the first ones of a repository", async () => {
    const loaded = await view(memoryTree({}), new Map());
    expect(findingsByFile(loaded, 0).size).toBe(0);
  });
});
