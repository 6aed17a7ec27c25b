/** Runs the expectations of tests/*.test.yaml through the decision, in virtual time. */
import type { ReadyRepository } from "../decide/prepare.ts";
import type { TestFile } from "../schema/types.ts";
import type { Located } from "../source.ts";
import { planCases, type TestOptions } from "./plan.ts";
import { type Observer, playCase } from "./play.ts";
import { reportOf, type TestReport } from "./report.ts";

export type { TestOptions } from "./plan.ts";
export type { CaseResult, TestReport } from "./report.ts";

export function runTests(
  repository: ReadyRepository,
  files: readonly Located<TestFile>[],
  options: TestOptions,
  observer?: Observer,
): TestReport {
  return reportOf(
    planCases(files, options).map((planned) =>
      "settled" in planned ? planned.settled : playCase(repository, planned.run, observer),
    ),
  );
}
