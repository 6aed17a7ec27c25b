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
  return [...notTested(judged), ...fixturesGone(judged)];
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
