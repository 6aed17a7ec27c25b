/** Plays one case through the decision, in virtual time. */
import { checkPolicy, hint } from "../calls/calls.ts";
import { type Call, TOOLS_CALL } from "../decide/call.ts";
import { type Decision, decide, type Tracer } from "../decide/decide.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import { PhiwardError } from "../errors.ts";
import type { ReceivedObject } from "../json/value.ts";
import { parseDuration, parseInstant } from "../policy/time.ts";
import { MemoryUsage } from "../quota/quota.ts";
import type { TestCall } from "../schema/types.ts";
import { mismatch, Tally } from "./expect.ts";
import type { Runnable } from "./plan.ts";
import type { CaseResult } from "./report.ts";

/** Hears what the cases ask, and how it is decided. */
export interface Observer {
  decided(call: Call, decision: Decision): void;
  readonly tracer?: Tracer;
}

export function playCase(
  repository: ReadyRepository,
  planned: Runnable,
  observer?: Observer,
): CaseResult {
  const { suite, name, place, steps, wanted, from } = planned;
  const result = (rest: Omit<CaseResult, "suite" | "name" | "place">): CaseResult => ({
    suite,
    name,
    ...rest,
    place,
  });
  const usage = new MemoryUsage();
  const decisions = new Tally();
  try {
    let time = timeOf(from.at) ?? planned.now;
    for (const { call, repeat = 1, from: first = 1, every = "1s" } of steps) {
      const gap = parseDuration(every);
      time = timeOf(call.at) ?? time;
      for (let i = 0; i < repeat; i++) {
        const asked = askedCall(repository, planned, call, time, first + i);
        const { decision, charges } = decide(
          repository,
          asked,
          // What is expected is what the rules say, also while they are only watched.
          { usage, monitor: "none" },
          observer?.tracer,
        );
        usage.charge(charges);
        decisions.add(asked, decision);
        observer?.decided(asked, decision);
        time += gap;
      }
    }
  } catch (error) {
    if (!(error instanceof PhiwardError)) throw error;
    return result({ status: "error", reason: `${error.message}: ${error.help}` });
  }
  const last = decisions.last!;
  const problem = mismatch(wanted, decisions);
  return result({
    status: problem === undefined ? "passed" : "failed",
    verdict: last.verdict,
    rule: last.rule,
    reason:
      problem === undefined
        ? last.reason
        : withHint(problem, hint(repository, decisions.lastCall!, last)),
  });
}

function withHint(problem: string, hint: string | undefined): string {
  return hint === undefined ? problem : `${problem}; ${hint}`;
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = parseInstant(text);
  if (at === undefined)
    throw new PhiwardError("INVALID_INPUT", `\`${text}\` does not exist`, {
      help: "write a time like 2026-10-01T12:00:00Z",
    });
  return at;
}

function askedCall(
  repository: ReadyRepository,
  { from, defaults }: Runnable,
  call: TestCall,
  at: number,
  i: number,
): Call {
  // The nearest wins: a case that names a policy asks that policy, whatever the defaults say.
  const { grant, policy } =
    [call, from, defaults].find((one) => one.grant !== undefined || one.policy !== undefined) ?? {};
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
  checkPolicy(repository, asked);
  return asked;
}

/** `{i}` in the texts of a call becomes the number of the repetition. */
export function substitute(value: unknown, i: number): unknown {
  if (typeof value === "string") return value.replaceAll("{i}", String(i));
  if (Array.isArray(value)) return value.map((item) => substitute(item, i));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, substitute(member, i)]),
  );
}
