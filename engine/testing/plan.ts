/** Test files → cases that can be run, one by one, against any repository. */
import { parseDay, parseInstant } from "../policy/time.ts";
import type { Matrix, RepeatedCall, TestCase, TestFile } from "../schema/types.ts";
import type { Located, Place, Pointer } from "../source.ts";
import { speaksOfSequence, type Wanted } from "./expect.ts";
import type { CaseResult } from "./report.ts";

export interface TestOptions {
  /** The time of a suite that names none, and what `skip.until` is compared with. */
  readonly now: number;
  /** Only cases whose `suite: name` contains this text. */
  readonly only?: string;
}

/** A case that has to be run, with what it inherits. */
export interface Runnable {
  readonly suite: string;
  readonly name: string;
  readonly place: Place;
  readonly steps: readonly RepeatedCall[];
  readonly wanted: Wanted;
  /** What the steps' calls inherit, the nearest first. */
  readonly from: Partial<TestCase>;
  readonly defaults: NonNullable<TestFile["defaults"]>;
  /** Epoch milliseconds of the first call, where the case does not say. */
  readonly now: number;
}

/** A case to run, or one of which it is known already what becomes of it. */
export type Planned = { readonly run: Runnable } | { readonly settled: CaseResult };

export function planCases(files: readonly Located<TestFile>[], options: TestOptions): Planned[] {
  return files.flatMap((file) => planSuite(file, options));
}

interface Suite {
  readonly file: Located<TestFile>;
  readonly options: TestOptions;
  readonly now: number;
}

function planSuite(file: Located<TestFile>, options: TestOptions): Planned[] {
  const { cases = [], matrix, now } = file.value;
  const suite: Suite = {
    file,
    options,
    now: (now === undefined ? undefined : parseInstant(now)) ?? options.now,
  };
  // A suite whose cases were all removed would otherwise pass for ever.
  if (cases.length === 0 && matrix === undefined) {
    return [settled(suite, "(empty suite)", ["suite"], "failed", "the suite has no case")];
  }
  const planned = [
    ...cases.flatMap((testCase, index) => planCase(suite, testCase, ["cases", index])),
    ...(matrix === undefined ? [] : planMatrix(suite, matrix, {}, ["matrix"])),
  ];
  return planned.filter((one) => {
    const { name } = "run" in one ? one.run : one.settled;
    return `${file.value.suite}: ${name}`.includes(options.only ?? "");
  });
}

function settled(
  { file }: Suite,
  name: string,
  pointer: Pointer,
  status: CaseResult["status"],
  reason: string,
): Planned {
  const { suite } = file.value;
  return { settled: { suite, name, status, reason, place: file.place(pointer) } };
}

function runnable(
  { file, now }: Suite,
  name: string,
  pointer: Pointer,
  of: Pick<Runnable, "steps" | "wanted" | "from">,
): Planned {
  const { suite, defaults = {} } = file.value;
  return { run: { suite, name, place: file.place(pointer), defaults, now, ...of } };
}

function planCase(suite: Suite, testCase: TestCase, at: Pointer): Planned[] {
  const { name, skip, matrix, sequence, call, expect } = testCase;
  if (skip !== undefined) {
    const until = parseDay(skip.until);
    if (until === undefined) {
      const pointer = [...at, "skip", "until"];
      return [settled(suite, name, pointer, "error", `\`until: ${skip.until}\` is no day`)];
    }
    if (suite.options.now < until)
      return [settled(suite, name, at, "skipped", `${skip.reason} (until ${skip.until})`)];
  }
  if (matrix !== undefined)
    return planMatrix(suite, matrix, testCase, [...at, "matrix"], `${name}: `);
  const wanted: Wanted = typeof expect === "string" ? { verdict: expect } : (expect ?? {});
  if (sequence === undefined && speaksOfSequence(wanted)) {
    const reason = "`allowed`, `denied`, `first` and `last` are for a sequence";
    return [settled(suite, name, [...at, "expect"], "error", reason)];
  }
  const steps: RepeatedCall[] = sequence === undefined ? [{ call: call! }] : [sequence].flat();
  return [runnable(suite, name, at, { steps, wanted, from: testCase })];
}

function planMatrix(
  suite: Suite,
  matrix: Matrix,
  from: Partial<TestCase>,
  at: Pointer,
  prefix = "",
): Planned[] {
  return [
    ...Object.entries(matrix.expect).flatMap(([name, allowed]) =>
      matrixProblems(matrix, name, allowed).map((reason) =>
        settled(suite, `${prefix}${name}`, [...at, "expect", name], "error", reason),
      ),
    ),
    ...Object.entries(matrix.calls).flatMap(([name, call]): Planned[] => {
      const pointer = [...at, "calls", name];
      // Such a row would be decided without the grant that it names.
      if ((call.grant ?? call.policy ?? from.policy) !== undefined) {
        const reason = "a matrix asks each of its `grants`: name no other grant or policy";
        return [settled(suite, `${prefix}${name}`, pointer, "error", reason)];
      }
      const allowed = Object.hasOwn(matrix.expect, name) ? matrix.expect[name]! : [];
      return matrix.grants.map((grant) =>
        runnable(suite, `${prefix}${name} × ${grant}`, pointer, {
          steps: [{ call }],
          wanted: { verdict: allowed.includes(grant) ? "allow" : "deny" },
          from: { ...from, grant },
        }),
      );
    }),
  ];
}

/** What a row of `expect` names and the matrix does not have. */
function matrixProblems(matrix: Matrix, name: string, allowed: readonly string[]): string[] {
  return [
    ...(Object.hasOwn(matrix.calls, name)
      ? []
      : [`\`expect\` names a call that \`calls\` does not have: \`${name}\``]),
    ...allowed
      .filter((id) => !matrix.grants.includes(id))
      .map((id) => `\`expect\` names a grant that \`grants\` does not have: \`${id}\``),
  ];
}
