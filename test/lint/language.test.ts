/** Every example of docs/language.md, asked of the decision and of the independent oracle. */
import { describe, expect, it } from "vitest";
import { readyCondition } from "../../engine/decide/condition.ts";
import { decide } from "../../engine/decide/decide.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import type { ReceivedObject } from "../../engine/json/value.ts";
import { compilePolicy } from "../../engine/policy/compile.ts";
import { OPERATORS } from "../../engine/policy/ir.ts";
import { load } from "../../engine/policy/load.ts";
import { type Example, OPERATOR_PAGES, PATH_EXAMPLES } from "../../scripts/language/operators.ts";
import { FILES, STEPS } from "../../scripts/language/order.ts";
import { conditionTruth } from "../oracle/decide.ts";
import { memoryTree } from "../support/tree.ts";

const LETTERS = { true: "T", false: "F", undetermined: "U" } as const;

function judged({ condition, args }: Example): string {
  const { value } = compilePolicy(
    {
      file: "policies/p.yaml",
      value: { version: "1", default: "deny", tools: { t: { require: [condition] } } },
      place: () => ({ file: "policies/p.yaml", line: 1, column: 1 }),
    },
    "p",
  );
  const [entry] = value!.tools.t!.require;
  return readyCondition(entry!.anyOf[0]![0]!).judge({ args: args as ReceivedObject, grant: {} });
}

describe.each(OPERATORS)("%s", (op) => {
  it.each(OPERATOR_PAGES[op].examples.map((one) => [JSON.stringify(one.args), one] as const))(
    "of %s is what the page says",
    (_, example) => {
      expect(judged(example)).toBe(example.is);
      const { condition, args, is } = example;
      expect(conditionTruth(condition as never, args)).toBe(LETTERS[is]);
    },
  );

  it("has an example of each thing that it can be", () => {
    const seen = new Set(OPERATOR_PAGES[op].examples.map(({ is }) => is));
    // `exists` speaks of what is absent; only something on the way makes it undetermined.
    expect(seen.size).toBe(op === "exists" ? 2 : 3);
  });
});

it.each(PATH_EXAMPLES.map((one) => [one.why, one] as const))("a path: %s", (_, example) => {
  expect(judged(example)).toBe(example.is);
});

describe("the order of a decision", () => {
  const asked = STEPS.filter(({ call }) => call !== undefined);

  it.each(asked.map((step) => [step.rule, step] as const))(
    "%s decides its call",
    async (rule, { call }) => {
      const loaded = await load(memoryTree(FILES));
      expect(loaded.findings).toEqual([]);
      const { at = "", method = "tools/call", tool = "", args = {}, ...who } = call!;
      const { decision } = decide(prepare(loaded.repository), {
        ...who,
        method,
        tool,
        args: args as ReceivedObject,
        at: Date.parse(at),
      });
      expect(decision).toMatchObject({ rule, verdict: rule === "" ? "allow" : "deny" });
    },
  );
});
