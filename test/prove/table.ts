/** Reads one row of the table in both directions, and says what a prover makes of it. */
import type { Verdict } from "../../engine/prove/prove.ts";
import { PROVER, type Prover } from "./fuzz.ts";
import type { SideDocument } from "./generate.ts";
import type { PairRow } from "./pairs.ts";
import { allows, factsOf, sideOf } from "./sides.ts";

interface Direction {
  readonly from: SideDocument;
  readonly to: SideDocument;
  readonly constants: PairRow["constants"];
}

export interface RowVerdicts {
  readonly expected: readonly string[];
  readonly got: readonly string[];
}

const EXPECTED: Readonly<Record<PairRow["expect"], readonly [string, string]>> = {
  same: ["same", "same"],
  narrower: ["narrower", "broader"],
  broader: ["broader", "narrower"],
  mixed: ["broader", "broader"],
  // What cannot be read blocks in the direction in which it could hide something.
  unknown: ["unknown", "narrower"],
};

export function verdictsOf(
  { base, head, schemas, constants, expect }: PairRow,
  prover: Prover = PROVER,
): RowVerdicts {
  const from: SideDocument = { rules: base, allTools: {}, schema: schemas?.[0] };
  const to: SideDocument = { rules: head, allTools: {}, schema: schemas?.[1] };
  const back = constants === undefined ? undefined : ([constants[1], constants[0]] as const);
  const there = judge({ from, to, constants }, prover);
  return {
    expected: EXPECTED[expect],
    got: [there, judge({ from: to, to: from, constants: back }, prover)],
  };
}

/** The verdict, if its witness replays or its certificate is accepted; otherwise what is wrong. */
function judge(
  { from, to, constants }: Direction,
  { proveTool, checkCertificate }: Prover,
): string {
  const [before, after] = constants ?? [undefined, undefined];
  const base = allows(from);
  const head = allows(to);
  const result: Verdict = proveTool(sideOf(from, before ?? "free"), sideOf(to, after ?? "free"), {
    confirm: (w) => head(w.args, factsOf(w, after)) && !base(w.args, factsOf(w, before)),
  });
  if ("witness" in result) {
    const { witness } = result;
    if (base(witness.args, factsOf(witness, before))) return "base allows the witness";
    if (!head(witness.args, factsOf(witness, after))) return "head denies the witness";
  }
  if ("certificate" in result) return checkCertificate(result.certificate) ?? result.verdict;
  return result.verdict;
}
