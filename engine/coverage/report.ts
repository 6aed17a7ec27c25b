/** What the tests were seen to exercise: one value, from which every format is rendered. */
import type { Truth } from "../decide/truth.ts";
import type { Place, Pointer } from "../source.ts";
import { percent } from "../testing/percent.ts";

export interface CoveredRule {
  readonly policy: string;
  /**
   * As a decision names it: `/tools/t/require/0`, `(default deny)`. A tool or method by itself,
   * `/tools/t`, is covered by a call that is allowed.
   */
  readonly rule: string;
  readonly place: Place;
  readonly pointer: Pointer;
  /** How many calls it decided. */
  readonly decided: number;
}

export interface CoveredCondition {
  readonly policy: string;
  readonly rule: string;
  readonly condition: string;
  readonly place: Place;
  readonly pointer: Pointer;
  /** How often it was seen to have each value. */
  readonly seen: Readonly<Record<Truth, number>>;
  /** The values that it is proved never to have where it is judged. */
  readonly impossible: readonly Truth[];
  /** The values that it can have, and that no test shows. */
  readonly missing: readonly Truth[];
}

export interface CoverageReport {
  /** Per cent of the rules that were seen to decide. */
  readonly rules: number;
  /** Per cent of the values that the conditions can have. */
  readonly conditions: number;
  readonly coveredRules: readonly CoveredRule[];
  readonly coveredConditions: readonly CoveredCondition[];
}

export const TRUTHS: readonly Truth[] = ["true", "false", "undetermined"];

export function summed(
  coveredRules: readonly CoveredRule[],
  coveredConditions: readonly CoveredCondition[],
): CoverageReport {
  const possible = coveredConditions.map(({ impossible }) => TRUTHS.length - impossible.length);
  const open = coveredConditions.map(({ missing }) => missing.length);
  const [all, unseen] = [sum(possible), sum(open)];
  return {
    rules: percent(coveredRules.filter(({ decided }) => decided > 0).length, coveredRules.length),
    conditions: percent(all - unseen, all),
    coveredRules,
    coveredConditions,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
