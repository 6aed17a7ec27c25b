import { describe, expect, test } from "vitest";
import { checkCertificate } from "../../engine/prove/certificate.ts";
import { proveTool, type Verdict } from "../../engine/prove/prove.ts";
import { policyOf } from "../support/compile.ts";
import type { SideDocument } from "./generate.ts";
import { bigPolicy, PAIRS, type PairRow } from "./pairs.ts";
import { allows, factsOf, sideOf } from "./sides.ts";

interface Direction {
  readonly from: SideDocument;
  readonly to: SideDocument;
  readonly constants: PairRow["constants"];
}

function directions({ base, head, schemas, constants }: PairRow): readonly [Direction, Direction] {
  const from: SideDocument = { rules: base, allTools: {}, schema: schemas?.[0] };
  const to: SideDocument = { rules: head, allTools: {}, schema: schemas?.[1] };
  const back = constants === undefined ? undefined : ([constants[1], constants[0]] as const);
  return [
    { from, to, constants },
    { from: to, to: from, constants: back },
  ];
}

/** The verdict; a witness has been replayed and a certificate checked on the way. */
function judge({ from, to, constants }: Direction): Verdict["verdict"] {
  const [before, after] = constants ?? [undefined, undefined];
  const base = allows(from);
  const head = allows(to);
  const verdict = proveTool(sideOf(from, before ?? "free"), sideOf(to, after ?? "free"), {
    confirm: (w) => head(w.args, factsOf(w, after)) && !base(w.args, factsOf(w, before)),
  });
  if (verdict.verdict === "broader") {
    const { witness } = verdict;
    expect(base(witness.args, factsOf(witness, before)), "base allows the witness").toBe(false);
    expect(head(witness.args, factsOf(witness, after)), "head allows the witness").toBe(true);
  }
  if ("certificate" in verdict) expect(checkCertificate(verdict.certificate)).toBeUndefined();
  return verdict.verdict;
}

const EXPECTED: Readonly<Record<PairRow["expect"], readonly [string, string]>> = {
  same: ["same", "same"],
  narrower: ["narrower", "broader"],
  broader: ["broader", "narrower"],
  mixed: ["broader", "broader"],
  // What cannot be read blocks in the direction in which it could hide something.
  unknown: ["unknown", "narrower"],
};

describe.each([...new Set(PAIRS.map(({ category }) => category))])("%s", (category) => {
  test.each(PAIRS.filter((row) => row.category === category))("$name: $expect", (row) => {
    const [there, back] = directions(row);
    expect([judge(there), judge(back)]).toEqual(EXPECTED[row.expect]);
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
