/**
 * Mutation testing: would a test notice if somebody made a small mistake?
 *
 *     for each mutant      what a slip of the hand would make of a policy, a grant or a label
 *       a test fails       killed
 *       no test fails      the prover is asked for a call that tells it from the original
 *         there is none    equivalent: no mistake at all, and not counted
 *         a call           survived, with the call that a test should make
 *         no answer        survived, and said to be unproved
 *
 * The same input gives the same report; nothing is drawn at random.
 */
import { prepare, type ReadyRepository } from "../decide/prepare.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { Touches } from "../testing/changed.ts";
import { percent } from "../testing/percent.ts";
import { planCases, type TestOptions } from "../testing/plan.ts";
import { suiteTime } from "../testing/suite-time.ts";
import { withMutant } from "./apply.ts";
import { type Difference, differ } from "./differ.ts";
import { type Killers, killerOf, killersOf } from "./kill.ts";
import type { Mutant } from "./mutant.ts";
import { mutantsOf } from "./mutants.ts";
import type { MutationReport, Survivor } from "./report.ts";

export interface MutateOptions extends TestOptions {
  /** Which parts of the files are mutated; all of them when absent. */
  readonly touches?: Touches;
  /** Hears how many mutants were tried, of how many. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** For suites without a time: any will do, but for the clock's, with which the report would change. */
const TIMELESS = Date.UTC(2000, 0, 1);

export type Fate =
  | { readonly is: "killed" }
  | { readonly is: "equivalent" }
  | { readonly is: "survived"; readonly mutant: Mutant; readonly survivor: Survivor };

export function mutate(loaded: LoadedRepository, options: MutateOptions): MutationReport {
  return mutationReport(fates(loaded, options));
}

export function fates(loaded: LoadedRepository, options: MutateOptions): readonly Fate[] {
  const { touches = () => true, onProgress = () => {} } = options;
  const original = prepare(loaded.repository);
  const killers = killersOf(original, planCases(loaded.tests, options));
  const mutants = mutantsOf(loaded).filter(({ place, pointer }) => touches(place.file, pointer));
  const now = suiteTime(loaded.tests) ?? TIMELESS;
  return mutants.map((mutant, index) => {
    const fate = fateOf(original, killers, mutant, now);
    onProgress(index + 1, mutants.length);
    return fate;
  });
}

function fateOf(original: ReadyRepository, killers: Killers, mutant: Mutant, now: number): Fate {
  const mutated = withMutant(original, mutant.edit);
  if (killerOf(killers, mutant.edit, mutated) !== undefined) return { is: "killed" };
  const difference = differ(original, mutated, mutant.edit, now);
  if (difference.is === "none") return { is: "equivalent" };
  return { is: "survived", mutant, survivor: survivorOf(mutant, difference) };
}

function survivorOf(
  { mutation, place }: Mutant,
  difference: Exclude<Difference, { is: "none" }>,
): Survivor {
  if (difference.is === "unknown") return { mutation, place, unproved: difference.why };
  const { witness, expected, mutant } = difference;
  return { mutation, place, witness, expected, mutant };
}

export function mutationReport(all: readonly Fate[]): MutationReport {
  const count = (is: Fate["is"]): number => all.filter((fate) => fate.is === is).length;
  const survivors = all
    .flatMap((fate) => (fate.is === "survived" ? [fate.survivor] : []))
    .sort(
      ({ place: a }, { place: b }) =>
        (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
    );
  const [killed, survived] = [count("killed"), count("survived")];
  return {
    killed,
    survived,
    equivalent: count("equivalent"),
    unproved: survivors.filter(({ unproved }) => unproved !== undefined).length,
    score: percent(killed, killed + survived),
    survivors,
  };
}
