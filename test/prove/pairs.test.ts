import { describe, expect, test } from "vitest";
import { checkCertificate } from "../../engine/prove/certificate.ts";
import { proveTool, type Verdict } from "../../engine/prove/prove.ts";
import { policyOf } from "../support/compile.ts";
import { bigPolicy, PAIRS } from "./pairs.ts";
import { verdictsOf } from "./table.ts";

describe.each([...new Set(PAIRS.map(({ category }) => category))])("%s", (category) => {
  test.each(PAIRS.filter((row) => row.category === category))("$name: $expect", (row) => {
    const { expected, got } = verdictsOf(row);
    expect(got).toEqual(expected);
  });
});

test("the table is as large as it claims to be", () => {
  expect(PAIRS.length).toBeGreaterThanOrEqual(100);
  expect(new Set(PAIRS.map(({ name }) => name)).size).toBe(PAIRS.length);
});

describe("200 tools with 20 conditions each", () => {
  const plain = policyOf(bigPolicy(200, 20, "plain"));
  const tools = Object.keys(plain.tools);
  const compare = (document: object): readonly Verdict["verdict"][] => {
    const head = policyOf(document);
    return tools.map((tool) => {
      const verdict = proveTool(
        { policy: plain, target: { tool }, grant: "free" },
        { policy: head, target: { tool }, grant: "free" },
      );
      if ("certificate" in verdict) expect(checkCertificate(verdict.certificate)).toBeUndefined();
      return verdict.verdict;
    });
  };

  test("unchanged", () => {
    expect(new Set(compare(bigPolicy(200, 20, "plain")))).toEqual(new Set(["same"]));
  });

  test("all rewritten", () => {
    expect(new Set(compare(bigPolicy(200, 20, "rewritten")))).toEqual(new Set(["same"]));
  });

  test("all rewritten, and one tool loosened", () => {
    const verdicts = compare(bigPolicy(200, 20, "rewritten", 137));
    expect(
      verdicts.flatMap((verdict, i) => (verdict === "same" ? [] : [[tools[i], verdict]])),
    ).toEqual([["tool_137", "broader"]]);
  });
});
