/**
 * Whether head's tests are good enough, as base asks: `gate.coverage` of its phiward.yaml. The whole of
 * head is measured, not what the change touches: a test that is gone is missed where nothing changed.
 */
import { cover } from "../coverage/coverage.ts";
import type { CoverageReport } from "../coverage/report.ts";
import { mutate } from "../mutate/mutate.ts";
import type { MutationReport } from "../mutate/report.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { TestReport } from "../testing/run.ts";
import type { Reason } from "./report.ts";

/** What was measured; absent where base asks for nothing, or the tests do not pass. */
export interface Measured {
  readonly coverage?: CoverageReport;
  readonly mutation?: MutationReport;
}

export function judgeThresholds(
  { project }: LoadedRepository,
  head: LoadedRepository,
  tested: TestReport | undefined,
  now: number,
): { readonly measured: Measured; readonly reasons: readonly Reason[] } {
  const { rules = 0, conditions = 0, mutation = 0 } = project?.value.gate?.coverage ?? {};
  // A case that fails already would seem to notice everything; the gate has failed as it is.
  if (tested === undefined || tested.failed + tested.errors > 0) {
    return { measured: {}, reasons: [] };
  }
  const measured: Measured = {
    ...(rules > 0 || conditions > 0 ? { coverage: cover(head, { now }).coverage } : {}),
    ...(mutation > 0 ? { mutation: mutate(head, { now }) } : {}),
  };
  return {
    measured,
    reasons: [
      ...below("COVERAGE", "coverage of rules", measured.coverage?.rules, rules),
      ...below("COVERAGE", "coverage of conditions", measured.coverage?.conditions, conditions),
      ...below("MUTATION", "mutation score", measured.mutation?.score, mutation),
    ],
  };
}

const HELP = {
  COVERAGE: "`phiward test --coverage` lists what no test exercises; add tests for it",
  MUTATION:
    "`phiward test --mutation` lists the mistakes that no test would notice; `--write-tests` writes the tests",
} as const;

function below(
  code: keyof typeof HELP,
  what: string,
  measured: number | undefined,
  least: number,
): Reason[] {
  if (measured === undefined || measured >= least) return [];
  const message = `the ${what} is ${measured} %, and base asks for ${least} %`;
  return [{ code, message, help: HELP[code], exit: 1 }];
}
