/** Runs the expectations of tests/*.test.yaml through the decision, in virtual time. */

import { checkPolicy, hint } from "../calls/calls.ts";
import { type Call, TOOLS_CALL } from "../decide/call.ts";
import { type Decision, decide } from "../decide/decide.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import { PhiwardError } from "../errors.ts";
import type { ReceivedObject } from "../json/value.ts";
import { parseDay, parseDuration, parseInstant } from "../policy/time.ts";
import { MemoryUsage } from "../quota/quota.ts";
import type {
  ExpectedVerdict,
  Matrix,
  RepeatedCall,
  TestCall,
  TestCase,
  TestFile,
} from "../schema/types.ts";
import type { Located, Place, Pointer } from "../source.ts";

export interface CaseResult {
  readonly suite: string;
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped" | "error";
  /** Of the call, or of a sequence's last call; absent where nothing was decided. */
  readonly verdict?: "allow" | "deny";
  readonly rule?: string;
  /** Why the case has this status, or why the call was decided so. */
  readonly reason: string;
  readonly place: Place;
}

export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly errors: number;
  readonly cases: readonly CaseResult[];
}

export interface TestOptions {
  /** The time of a suite that names none, and what `skip.until` is compared with. */
  readonly now: number;
  /** Only cases whose `suite: name` contains this text. */
  readonly only?: string;
}

export function runTests(
  repository: ReadyRepository,
  files: readonly Located<TestFile>[],
  options: TestOptions,
): TestReport {
  const cases = files.flatMap((file) => new Suite(repository, file, options).run());
  const count = (status: CaseResult["status"]): number =>
    cases.filter((c) => c.status === status).length;
  return {
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped"),
    errors: count("error"),
    cases,
  };
}

/** What an expectation asks for, in one form. */
interface Wanted {
  readonly verdict?: "allow" | "deny" | undefined;
  readonly rule?: string | undefined;
  readonly ephi?: boolean | undefined;
  readonly effect?: string | undefined;
  readonly allowed?: number | undefined;
  readonly denied?: number | undefined;
  readonly first?: ExpectedVerdict | undefined;
  readonly last?: ExpectedVerdict | undefined;
}

class Suite {
  readonly #repository: ReadyRepository;
  readonly #file: Located<TestFile>;
  readonly #options: TestOptions;
  readonly #now: number;

  constructor(repository: ReadyRepository, file: Located<TestFile>, options: TestOptions) {
    this.#repository = repository;
    this.#file = file;
    this.#options = options;
    this.#now =
      (file.value.now === undefined ? undefined : parseInstant(file.value.now)) ?? options.now;
  }

  run(): CaseResult[] {
    const { cases = [], matrix, suite } = this.#file.value;
    const results = [
      ...cases.flatMap((testCase, index) => this.#case(testCase, ["cases", index])),
      ...(matrix === undefined ? [] : this.#matrix(matrix, {}, ["matrix"])),
    ];
    // A suite whose cases were all removed would otherwise pass for ever.
    if (cases.length === 0 && matrix === undefined) {
      return [
        this.#result("(empty suite)", ["suite"], {
          status: "failed",
          reason: "the suite has no case",
        }),
      ];
    }
    return results.filter(({ name }) => `${suite}: ${name}`.includes(this.#options.only ?? ""));
  }

  #result(
    name: string,
    pointer: Pointer,
    result: Omit<CaseResult, "suite" | "name" | "place">,
  ): CaseResult {
    return { suite: this.#file.value.suite, name, ...result, place: this.#file.place(pointer) };
  }

  #case(testCase: TestCase, at: Pointer): CaseResult[] {
    const { skip, matrix, sequence, call, expect } = testCase;
    if (skip !== undefined) {
      const until = parseDay(skip.until);
      if (until === undefined) {
        return [
          this.#result(testCase.name, [...at, "skip", "until"], {
            status: "error",
            reason: `\`until: ${skip.until}\` is no day`,
          }),
        ];
      }
      if (this.#options.now < until) {
        return [
          this.#result(testCase.name, at, {
            status: "skipped",
            reason: `${skip.reason} (until ${skip.until})`,
          }),
        ];
      }
    }
    if (matrix !== undefined)
      return this.#matrix(matrix, testCase, [...at, "matrix"], `${testCase.name}: `);
    const wanted: Wanted = typeof expect === "string" ? { verdict: expect } : (expect ?? {});
    const steps: RepeatedCall[] = sequence === undefined ? [{ call: call! }] : [sequence].flat();
    const single = sequence === undefined;
    if (single && (wanted.allowed ?? wanted.denied ?? wanted.first ?? wanted.last) !== undefined) {
      return [
        this.#result(testCase.name, [...at, "expect"], {
          status: "error",
          reason: "`allowed`, `denied`, `first` and `last` are for a sequence",
        }),
      ];
    }
    return [this.#run(testCase.name, testCase, steps, wanted, at)];
  }

  #matrix(matrix: Matrix, from: Partial<TestCase>, at: Pointer, prefix = ""): CaseResult[] {
    const results: CaseResult[] = [];
    for (const [name, allowed] of Object.entries(matrix.expect)) {
      if (!Object.hasOwn(matrix.calls, name)) {
        results.push(
          this.#result(`${prefix}${name}`, [...at, "expect", name], {
            status: "error",
            reason: `\`expect\` names a call that \`calls\` does not have: \`${name}\``,
          }),
        );
      }
      for (const grant of allowed.filter((id) => !matrix.grants.includes(id))) {
        results.push(
          this.#result(`${prefix}${name}`, [...at, "expect", name], {
            status: "error",
            reason: `\`expect\` names a grant that \`grants\` does not have: \`${grant}\``,
          }),
        );
      }
    }
    for (const [name, call] of Object.entries(matrix.calls)) {
      // Such a row would be decided without the grant that it names.
      if ((call.grant ?? call.policy ?? from.policy) !== undefined) {
        results.push(
          this.#result(`${prefix}${name}`, [...at, "calls", name], {
            status: "error",
            reason: "a matrix asks each of its `grants`: name no other grant or policy",
          }),
        );
        continue;
      }
      const allowed: readonly string[] = Object.hasOwn(matrix.expect, name)
        ? matrix.expect[name]!
        : [];
      for (const grant of matrix.grants) {
        const wanted: Wanted = { verdict: allowed.includes(grant) ? "allow" : "deny" };
        results.push(
          this.#run(`${prefix}${name} × ${grant}`, { ...from, grant }, [{ call }], wanted, [
            ...at,
            "calls",
            name,
          ]),
        );
      }
    }
    return results;
  }

  #run(
    name: string,
    from: Partial<TestCase>,
    steps: readonly RepeatedCall[],
    wanted: Wanted,
    at: Pointer,
  ): CaseResult {
    const usage = new MemoryUsage();
    const decisions = new Tally();
    try {
      let time = this.#time(from.at) ?? this.#now;
      for (const { call, repeat = 1, from: first = 1, every = "1s" } of steps) {
        const gap = parseDuration(every);
        const moment = this.#time(call.at);
        if (moment !== undefined) time = moment;
        for (let i = 0; i < repeat; i++) {
          const asked = this.#call(call, from, time, first + i);
          const { decision, charges } = decide(this.#repository, asked, { usage });
          usage.charge(charges);
          decisions.add(asked, decision);
          time += gap;
        }
      }
    } catch (error) {
      if (!(error instanceof PhiwardError)) throw error;
      return this.#result(name, at, { status: "error", reason: `${error.message}: ${error.help}` });
    }
    const last = decisions.last!;
    const problem = mismatch(wanted, decisions);
    return this.#result(name, at, {
      status: problem === undefined ? "passed" : "failed",
      verdict: last.verdict,
      rule: last.rule,
      reason:
        problem === undefined
          ? last.reason
          : withHint(problem, hint(this.#repository, decisions.lastCall!, last)),
    });
  }

  #time(text: string | undefined): number | undefined {
    if (text === undefined) return undefined;
    const at = parseInstant(text);
    if (at === undefined)
      throw new PhiwardError("INVALID_INPUT", `\`${text}\` does not exist`, {
        help: "write a time like 2026-10-01T12:00:00Z",
      });
    return at;
  }

  #call(call: TestCall, from: Partial<TestCase>, at: number, i: number): Call {
    const defaults = this.#file.value.defaults ?? {};
    // The nearest wins: a case that names a policy asks that policy, whatever the defaults say.
    const { grant, policy } =
      [call, from, defaults].find((one) => one.grant !== undefined || one.policy !== undefined) ??
      {};
    const server = call.server ?? from.server ?? defaults.server;
    const method = call.method ?? TOOLS_CALL;
    const tool = call.tool ?? (method === TOOLS_CALL ? defaults.tool : undefined);
    if (tool === undefined && method === TOOLS_CALL) {
      throw new PhiwardError("INVALID_INPUT", "the call names no `tool`", { help: "add `tool:`" });
    }
    const who = policy === undefined ? { grant } : { policy };
    if ("grant" in who && (who.grant === undefined || server === undefined)) {
      throw new PhiwardError(
        "INVALID_INPUT",
        "the case names neither a grant and a server nor a policy",
        { help: "add `grant:` and `server:`, or `policy:`, to the case or to `defaults`" },
      );
    }
    const asked = {
      ...(who as { policy: string } | { grant: string }),
      ...(server === undefined ? {} : { server }),
      method,
      tool: tool ?? "",
      args: substitute(call.args ?? {}, i) as ReceivedObject,
      at,
    };
    checkPolicy(this.#repository, asked);
    return asked;
  }
}

function withHint(problem: string, hint: string | undefined): string {
  return hint === undefined ? problem : `${problem}; ${hint}`;
}

/** Decisions of a sequence, counted; a hundred thousand of them need not be kept. */
class Tally {
  allowed = 0;
  denied = 0;
  first: Decision | undefined;
  last: Decision | undefined;
  lastDenied: Decision | undefined;
  lastCall: Call | undefined;

  add(call: Call, decision: Decision): void {
    this.lastCall = call;
    if (decision.verdict === "allow") this.allowed++;
    else {
      this.denied++;
      this.lastDenied = decision;
    }
    this.first ??= decision;
    this.last = decision;
  }
}

/** `{i}` in the texts of a call becomes the number of the repetition. */
function substitute(value: unknown, i: number): unknown {
  if (typeof value === "string") return value.replaceAll("{i}", String(i));
  if (Array.isArray(value)) return value.map((item) => substitute(item, i));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, substitute(member, i)]),
  );
}

function mismatch(wanted: Wanted, tally: Tally): string | undefined {
  const { allowed, denied, first, last, lastDenied } = tally;
  if (wanted.allowed !== undefined && wanted.allowed !== allowed)
    return `expected ${wanted.allowed} allowed, got ${allowed}`;
  if (wanted.denied !== undefined && wanted.denied !== denied)
    return `expected ${wanted.denied} denied, got ${denied}`;
  // A bare verdict speaks of every call of a sequence; with counts or ends it speaks of the last.
  const counted = (wanted.allowed ?? wanted.denied ?? wanted.first ?? wanted.last) !== undefined;
  if (!counted && wanted.verdict === "allow" && denied > 0)
    return `expected allow, got deny by ${lastDenied!.rule}: ${lastDenied!.reason}`;
  if (!counted && wanted.verdict === "deny" && allowed > 0) return "expected deny, got allow";
  return (
    verdictMismatch("the first call: ", wanted.first, first!) ??
    verdictMismatch("the last call: ", wanted.last, last!) ??
    verdictMismatch("", wanted, last!)
  );
}

function verdictMismatch(
  prefix: string,
  wanted: Wanted | undefined,
  got: Decision,
): string | undefined {
  if (wanted === undefined) return undefined;
  const by = (rule: string | undefined): string =>
    rule === undefined || rule === "" ? "" : ` by ${rule}`;
  if (
    (wanted.verdict !== undefined && wanted.verdict !== got.verdict) ||
    (wanted.rule !== undefined && wanted.rule !== got.rule)
  ) {
    const expected = `${wanted.verdict ?? (wanted.rule === "" ? "allow" : "deny")}${by(wanted.rule)}`;
    return `${prefix}expected ${expected}, got ${got.verdict}${by(got.rule)}${got.verdict === "deny" ? `: ${got.reason}` : ""}`;
  }
  if (wanted.ephi !== undefined && wanted.ephi !== got.ephi)
    return `${prefix}expected ephi ${wanted.ephi}, got ${got.ephi}`;
  if (wanted.effect !== undefined && wanted.effect !== got.effect)
    return `${prefix}expected effect ${wanted.effect}, got ${got.effect}`;
  return undefined;
}
