/**
 * Coverage of policies: which rules the tests saw decide, and which values they saw each condition
 * have. What no call can show is not asked for: that is proved, see possible.ts.
 */
import { prepare, type ReadyRepository } from "../decide/prepare.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { Touches } from "../testing/changed.ts";
import { runTests, type TestOptions, type TestReport } from "../testing/run.ts";
import { type ConditionPart, type Parts, partsOf, type RulePart } from "./parts.ts";
import { isPossible } from "./possible.ts";
import { type Recording, recording } from "./record.ts";
import {
  type CoverageReport,
  type CoveredCondition,
  type CoveredRule,
  summed,
  TRUTHS,
} from "./report.ts";

export interface CoverOptions extends TestOptions {
  /** Which parts of the policies are asked about; all of them when absent. */
  readonly touches?: Touches;
}

/** Runs the tests, and says what they exercised. */
export function cover(
  loaded: LoadedRepository,
  options: CoverOptions,
): { readonly test: TestReport; readonly coverage: CoverageReport } {
  const repository = prepare(loaded.repository);
  const heard = recording(repository);
  const test = runTests(repository, loaded.tests, options, heard);
  const { rules, conditions } = touchedParts(loaded, repository, options.touches);
  return {
    test,
    coverage: summed(
      rules.map((part) => coveredRule(part, heard)),
      conditions.map((part) => coveredCondition(repository, part, heard)),
    ),
  };
}

function touchedParts(
  { policies }: LoadedRepository,
  repository: ReadyRepository,
  touches: Touches = () => true,
): Parts {
  const parts = [...policies].flatMap(([name, file]) => {
    const ready = repository.policies.get(name);
    return ready === undefined ? [] : [partsOf(file, ready)];
  });
  const touched = ({ place, pointer }: RulePart): boolean => touches(place.file, pointer);
  return {
    rules: parts.flatMap(({ rules }) => rules).filter(touched),
    conditions: parts.flatMap(({ conditions }) => conditions).filter(touched),
  };
}

function coveredRule(part: RulePart, heard: Recording): CoveredRule {
  return { ...part, decided: heard.decisions(part.policy, part.rule) };
}

function coveredCondition(
  repository: ReadyRepository,
  part: ConditionPart,
  heard: Recording,
): CoveredCondition {
  const { policy, rule, condition, place, pointer } = part;
  const seen = heard.seen(part.ready);
  const unseen = TRUTHS.filter((truth) => seen[truth] === 0);
  const missing = unseen.filter((truth) => isPossible(repository, part, truth));
  const impossible = unseen.filter((truth) => !missing.includes(truth));
  return { policy, rule, condition, place, pointer, seen, impossible, missing };
}
