/**
 * Witnesses as test cases, written where such cases stand already. A file keeps every byte that it
 * has; the new cases come after its last one. What was written is run before anybody sees it: every
 * case passes on the original, and the survivors that it was written for are killed.
 */

import { prepare, type ReadyRepository } from "../decide/prepare.ts";
import { PhiwardError } from "../errors.ts";
import type { Json } from "../json/value.ts";
import type { LoadedRepository } from "../policy/load.ts";
import { parse } from "../policy/parse.ts";
import type { TestFile } from "../schema/types.ts";
import { validate } from "../schema/validate.ts";
import type { Located } from "../source.ts";
import { planCases } from "../testing/plan.ts";
import { playCase } from "../testing/play.ts";
import { runTests } from "../testing/run.ts";
import { appendCases, newSuite } from "./append.ts";
import { withMutant } from "./apply.ts";
import { type Fate, fates, type MutateOptions, mutationReport } from "./mutate.ts";
import type { MutationReport } from "./report.ts";
import { type Home, homeOf, type WrittenCase, writtenCase } from "./written-case.ts";

export interface WrittenTests {
  /** The whole new text of each file that changes, by its path. */
  readonly files: ReadonlyMap<string, string>;
  readonly cases: number;
  /** After the cases were written. */
  readonly report: MutationReport;
}

/** `texts`: the test files as they stand, by their paths. */
export function writeTests(
  loaded: LoadedRepository,
  texts: ReadonlyMap<string, string>,
  options: MutateOptions,
): WrittenTests {
  const original = prepare(loaded.repository);
  const before = fates(loaded, options);
  const cases = casesFor(loaded, original, before, texts, options);
  const files = written(cases, texts);
  const tests = reread(loaded, files);
  const failing = runTests(original, tests, options).cases.find(
    ({ status }) => status === "failed" || status === "error",
  );
  if (failing !== undefined)
    throw new PhiwardError("BUG", `a test that was written does not hold: ${failing.reason}`);
  const report = mutationReport(fates({ ...loaded, tests }, options));
  return { files, cases: cases.length, report };
}

type Survived = Extract<Fate, { is: "survived" }>;

/** One case for each survivor that no case before it kills. */
function casesFor(
  loaded: LoadedRepository,
  original: ReadyRepository,
  before: readonly Fate[],
  texts: ReadonlyMap<string, string>,
  options: MutateOptions,
): readonly { readonly home: Home; readonly case: WrittenCase }[] {
  const made: { readonly home: Home; readonly case: WrittenCase }[] = [];
  let left = before.filter((fate): fate is Survived => fate.is === "survived");
  while (left.length > 0) {
    const [first, ...rest] = left as [Survived, ...Survived[]];
    left = rest;
    const home = homeOf(loaded, texts, first.survivor);
    const one = writtenCase(home, first.survivor, (candidate) =>
      notices(original, home, candidate, first, options),
    );
    if (one === undefined) continue;
    made.push({ home, case: one });
    left = left.filter((fate) => !notices(original, home, one, fate, options));
  }
  return made;
}

/** Whether the case holds of the original, and not of the mutant. */
function notices(
  original: ReadyRepository,
  home: Home,
  one: WrittenCase,
  { mutant }: Survived,
  options: MutateOptions,
): boolean {
  const file: Located<TestFile> = {
    file: home.file,
    value: { ...home.head, cases: [one as never] },
    place: () => ({ file: home.file, line: 1, column: 1 }),
  };
  const mutated = withMutant(original, mutant.edit);
  return planCases([file], { now: options.now }).every(
    (planned) =>
      "run" in planned &&
      playCase(original, planned.run).status === "passed" &&
      playCase(mutated, planned.run).status !== "passed",
  );
}

function written(
  cases: readonly { readonly home: Home; readonly case: WrittenCase }[],
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const files = Map.groupBy(cases, ({ home }) => home.file);
  return new Map(
    [...files].map(([file, those]) => {
      const list = those.map((one) => one.case);
      const text = texts.get(file);
      const { head } = those[0]!.home;
      return [file, text === undefined ? newSuite(head, list) : appendCases(text, list)];
    }),
  );
}

/** The test files with the new texts in place of the old. */
function reread(
  loaded: LoadedRepository,
  files: ReadonlyMap<string, string>,
): readonly Located<TestFile>[] {
  const fresh = [...files].map(([file, text]) => readTests(file, text));
  return [...loaded.tests.filter(({ file }) => !files.has(file)), ...fresh].sort((a, b) =>
    a.file < b.file ? -1 : 1,
  );
}

function readTests(file: string, text: string): Located<TestFile> {
  const parsed = parse(file, text);
  const checked =
    "located" in parsed ? validate("tests", parsed.located as Located<Json>) : undefined;
  if (checked?.ok !== true)
    throw new PhiwardError("BUG", `the test file \`${file}\` cannot be read after writing`);
  return checked.located;
}
