/** The prover against Z3, which shares with it neither code nor method. */
import { expect, test } from "vitest";
import { agreeWithZ3 } from "../z3/agreement.ts";

test("on 1,000 random pairs that Z3 decides, both say the same", async () => {
  const from = Math.floor(Math.random() * 2 ** 31);
  const result = await agreeWithZ3({ from, decided: 1_000, milliseconds: 5_000 });
  const { problems, ...figures } = result;
  console.log(JSON.stringify({ from, ...figures }));
  expect(problems).toEqual([]);
  for (const verdict of ["same", "narrower", "broader"]) {
    expect(result.verdicts[verdict] ?? 0, verdict).toBeGreaterThan(50);
  }
});
