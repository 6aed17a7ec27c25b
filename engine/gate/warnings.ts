/** What a reader of the gate's report should know, and what decides nothing. */
import type { LoadedRepository } from "../policy/load.ts";
import type { TestReport } from "../testing/run.ts";
import type { Warning } from "./report.ts";

export interface Judged {
  readonly base: LoadedRepository;
  readonly head: LoadedRepository;
  readonly test: TestReport | undefined;
}

export function gateWarnings(judged: Judged): Warning[] {
  return [...notTested(judged), ...notMeasured(judged), ...fixturesGone(judged)];
}

function notTested({ test }: Judged): Warning[] {
  if (test === undefined || test.cases.length > 0) return [];
  return [
    {
      code: "NO_TESTS",
      message: "no test says what must stay denied",
      help: "write tests/NAME.test.yaml, so that the next change is held to it",
    },
  ];
}

/** A threshold that nothing measures would look like one that holds. */
function notMeasured({ base }: Judged): Warning[] {
  return Object.entries(base.project?.value.gate?.coverage ?? {})
    .filter(([, least]) => least > 0)
    .map(([what, least]) => ({
      code: "NOT_MEASURED",
      message: `the least coverage of \`${what}\` (${least} %) is not measured yet, so it was not checked`,
      help: "read the tests of the changed rules yourself",
    }));
}

/** Recorded calls that a change removes can no longer show what it gains. */
function fixturesGone({ base, head }: Judged): Warning[] {
  const kept = new Set(head.fixtures.map(({ path }) => path));
  return base.fixtures
    .filter(({ path }) => !kept.has(path))
    .map(({ path }) => ({
      code: "FIXTURE_GONE",
      message: `the recorded calls of \`${path}\` are gone, so they were not replayed`,
      help: "ask why they were removed; the proof does not depend on them",
    }));
}
